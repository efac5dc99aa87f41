/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/integration/escape.h"

/* Files of the kernel, of the host, of the image, and programs that make one another user. */

void
escape_make_writable (const char *folder)
{
  mount (NULL, folder, NULL, MS_REMOUNT | MS_BIND, NULL);
  mount (NULL, folder, NULL, MS_REMOUNT, NULL);
}

static int
open_for_writing (const char *folder, const char *path)
{
  escape_make_writable (folder);
  return escape_answer (open (path, O_WRONLY | O_CLOEXEC));
}

/* What is there. */
static int
write_core_pattern (void)
{
  static const char path[] = "/proc/sys/kernel/core_pattern";
  char text[256];
  int from = open (path, O_RDONLY | O_CLOEXEC);
  ssize_t length = read (from, text, sizeof text);
  int to;

  escape_make_writable ("/proc/sys");
  to = open (path, O_WRONLY | O_CLOEXEC);
  if (length <= 0 || to < 0)
    return errno;
  return escape_answer (write (to, text, (size_t) length));
}

static int open_sysctl (void) { return open_for_writing ("/proc/sys", "/proc/sys/kernel/panic"); }
static int open_sysctl_of_network (void) { return open_for_writing ("/proc/sys", "/proc/sys/net/ipv4/ip_forward"); }
static int open_sysrq (void) { return open_for_writing ("/proc/sysrq-trigger", "/proc/sysrq-trigger"); }
static int open_sys (void) { return open_for_writing ("/sys", "/sys/kernel/mm/transparent_hugepage/enabled"); }

static int
open_cgroup (void)
{
  static const char *const paths[] = { "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory.max",
                                       "/sys/fs/cgroup/cgroup.procs" };
  static const char *const folders[] = { "/sys/fs/cgroup/memory", "/sys/fs/cgroup", "/sys/fs/cgroup" };
  int error = ENOENT;

  for (unsigned i = 0; i < 3 && error == ENOENT; i++)
    error = open_for_writing (folders[i], paths[i]);
  return error;
}

static int
make_device (mode_t type, unsigned major, unsigned minor)
{
  unlink ("/tmp/device");
  return escape_answer (mknod ("/tmp/device", type | 0600, makedev (major, minor)));
}

static int make_memory_device (void) { return make_device (S_IFCHR, 1, 1); }
static int make_disk_device (void) { return make_device (S_IFBLK, 254, 0); }

/* /dev/full: a device that containers may have, on a file system that may have none. */
static int
open_device (void)
{
  mount (NULL, "/tmp", NULL, MS_REMOUNT | MS_BIND, NULL);
  if (make_device (S_IFCHR, 1, 7) != 0)
    return errno;
  return escape_answer (open ("/tmp/device", O_RDWR));
}

static int
create (const char *path)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  int error = escape_answer (fd);

  if (fd >= 0)
    unlink (path);
  return error;
}

static int write_root (void) { return create ("/perry-escape"); }
static int write_image (void) { return escape_answer (open ("/bin/busybox", O_WRONLY | O_APPEND)); }
static int write_volume (void) { return create (ESCAPE_DIR "/made"); }
static int write_dev (void) { return create ("/dev/perry-escape"); }

static int
write_through_symlink (void)
{
  if (symlink ("/etc/perry-escape", "/tmp/link") < 0)
    return errno;
  return create ("/tmp/link");
}

static int
write_through_root_of_process (void)
{
  return create ("/proc/self/root/perry-escape");
}

static int
rename_into_root (void)
{
  int fd = open ("/tmp/moved", O_WRONLY | O_CREAT, 0600);
  int error;

  close (fd);
  error = escape_answer (rename ("/tmp/moved", "/perry-moved"));
  if (error == EXDEV)
    error = escape_answer (mkdir ("/perry-moved", 0700));
  return error;
}

static int
change_mode_of_image (void)
{
  return escape_answer (chmod ("/bin/busybox", 0755));
}

static int
give_away (void)
{
  int fd = open ("/tmp/given", O_WRONLY | O_CREAT, 0600);

  return escape_answer (fchown (fd, 4711, 4711));
}

static int
make_setuid (void)
{
  int fd = open ("/tmp/program", O_WRONLY | O_CREAT, 0700);

  if (fchown (fd, 0, 0) < 0)
    return errno;
  return escape_answer (fchmod (fd, 04755));
}

static int become_root (void) { return escape_answer (setresuid (0, 0, 0)); }

/* As nobody, runs a program that has a right of its own, and asks it whether it got that. */
static int
run_as_nobody (const char *program, const char *question)
{
  int status = 0;
  pid_t child = fork ();

  if (child == 0)
    {
      if (getuid () == 0 && (setresgid (65534, 65534, 65534) < 0 || setresuid (65534, 65534, 65534) < 0))
        _exit (errno);
      execl (program, program, question, NULL);
      _exit (errno);
    }
  waitpid (child, &status, 0);
  return WIFEXITED (status) ? WEXITSTATUS (status) : EINTR;
}

static int run_setuid (void) { return run_as_nobody (ESCAPE_DIR "/setuid", "--is-root"); }
static int run_with_capability (void) { return run_as_nobody (ESCAPE_DIR "/capable", "--may-listen-raw"); }

const EscapeAttempt escape_files[] = {
  { "core-pattern", write_core_pattern },
  { "proc-sys", open_sysctl },
  { "proc-sys-net", open_sysctl_of_network },
  { "sysrq", open_sysrq },
  { "sys", open_sys },
  { "cgroup-limit", open_cgroup },
  { "mknod-memory", make_memory_device },
  { "mknod-disk", make_disk_device },
  { "device", open_device },
  { "write-root", write_root },
  { "write-image", write_image },
  { "write-volume", write_volume },
  { "write-dev", write_dev },
  { "symlink", write_through_symlink },
  { "proc-root", write_through_root_of_process },
  { "rename", rename_into_root },
  { "chmod", change_mode_of_image },
  { "chown", give_away },
  { "make-setuid", make_setuid },
  { "setuid", become_root },
  { "setuid-program", run_setuid },
  { "file-capability", run_with_capability },
  { NULL, NULL },
};
