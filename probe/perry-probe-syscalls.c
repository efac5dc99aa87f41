/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/perry-probe.h"

#include "probe/perry-probe-json.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Every attempt below is made in a child of its own and is chosen so that it changes nothing outside that child even
 * where it is allowed: the permission check comes first, then the kernel finds an argument that it has to refuse. So
 * any error but a refusal (EPERM, EACCES, ENOSYS, a signal) means that the call got past the filter and the
 * capabilities.
 */

#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#define PATIENCE_MS 2000
#define UNKNOWN_FLAG 0x4000

typedef struct {
  const char *name;
  long (*attempt) (long argument);
  long argument;
} Attempt;

static long
try_unshare (long flags)
{
  return syscall (SYS_unshare, flags);
}

static long
try_clone (long flags)
{
  long pid = syscall (SYS_clone, flags | SIGCHLD, 0L, 0L, 0L, 0L);

  if (pid == 0)
    _exit (0);
  return pid;
}

/* A size of 0 is refused with EINVAL by a kernel that lets the call through. */
static long
try_clone3 (long ignored)
{
  return syscall (SYS_clone3, NULL, 0L);
}

/* An unknown file system type: looked up only after the permission check. */
static long
try_mount (long ignored)
{
  return syscall (SYS_mount, "none", "/", "perry-probe-absent", 0L, NULL);
}

/* MNT_EXPIRE is refused for the root. */
static long
try_umount2 (long ignored)
{
  return syscall (SYS_umount2, "/", (long) MNT_EXPIRE);
}

static long
try_pivot_root (long ignored)
{
  return syscall (SYS_pivot_root, "/", "/");
}

static long
try_chroot (long ignored)
{
  return syscall (SYS_chroot, "/");
}

static long
try_setns (long ignored)
{
  int fd = open ("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);

  return fd < 0 ? -1 : syscall (SYS_setns, fd, (long) CLONE_NEWUTS);
}

static long
try_fsopen (long ignored)
{
  return syscall (SYS_fsopen, "tmpfs", 0L);
}

static long
try_open_tree (long ignored)
{
  return syscall (SYS_open_tree, (long) AT_FDCWD, "/", 0L);
}

static long
try_move_mount (long ignored)
{
  return syscall (SYS_move_mount, -1L, "", -1L, "", 0L);
}

static long
try_name_to_handle_at (long ignored)
{
  struct { struct file_handle head; unsigned char bytes[MAX_HANDLE_SZ]; } handle = {
    .head.handle_bytes = MAX_HANDLE_SZ,
  };
  int mount_id;

  return syscall (SYS_name_to_handle_at, (long) AT_FDCWD, "/", &handle, &mount_id, 0L);
}

static long
try_open_by_handle_at (long ignored)
{
  struct { struct file_handle head; unsigned char bytes[8]; } handle = {
    .head = { .handle_bytes = 8, .handle_type = 1 },
  };
  int fd = open ("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  return fd < 0 ? -1 : syscall (SYS_open_by_handle_at, fd, &handle, (long) O_RDONLY);
}

static long
try_keyctl (long ignored)
{
  return syscall (SYS_keyctl, (long) KEYCTL_GET_KEYRING_ID, (long) KEY_SPEC_SESSION_KEYRING, 0L);
}

static long
try_add_key (long ignored)
{
  return syscall (SYS_add_key, "user", "perry-probe", "x", 1L, (long) KEY_SPEC_PROCESS_KEYRING);
}

static long
try_request_key (long ignored)
{
  return syscall (SYS_request_key, "user", "perry-probe-absent", NULL, 0L);
}

static long
try_ptrace (long ignored)
{
  return syscall (SYS_ptrace, (long) PTRACE_TRACEME, 0L, 0L, 0L);
}

static long
try_process_vm_readv (long ignored)
{
  return syscall (SYS_process_vm_readv, (long) getpid (), NULL, 0L, NULL, 0L, 0L);
}

static long
try_bpf (long ignored)
{
  union bpf_attr attributes;

  memset (&attributes, 0, sizeof attributes);
  attributes.map_type = BPF_MAP_TYPE_ARRAY;
  attributes.key_size = 4;
  attributes.value_size = 4;
  attributes.max_entries = 1;
  return syscall (SYS_bpf, (long) BPF_MAP_CREATE, &attributes, sizeof attributes);
}

static long
try_perf_event_open (long ignored)
{
  struct perf_event_attr attributes;

  memset (&attributes, 0, sizeof attributes);
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.size = sizeof attributes;
  attributes.config = PERF_COUNT_SW_TASK_CLOCK;
  attributes.exclude_kernel = 1;
  return syscall (SYS_perf_event_open, &attributes, 0L, -1L, -1L, 0L);
}

static long
try_userfaultfd (long ignored)
{
  return syscall (SYS_userfaultfd, (long) O_CLOEXEC | 1L /* user mode only */);
}

static long
try_io_uring_setup (long ignored)
{
  struct io_uring_params parameters;

  memset (&parameters, 0, sizeof parameters);
  return syscall (SYS_io_uring_setup, 1L, &parameters);
}

/* The permission is checked before the magic numbers. */
static long
try_reboot (long ignored)
{
  return syscall (SYS_reboot, 0L, 0L, 0L, NULL);
}

static long
try_swapon (long ignored)
{
  return syscall (SYS_swapon, NULL, 0L);
}

static long
try_swapoff (long ignored)
{
  return syscall (SYS_swapoff, NULL);
}

static long
try_init_module (long ignored)
{
  return syscall (SYS_init_module, NULL, 0L, NULL);
}

static long
try_finit_module (long ignored)
{
  return syscall (SYS_finit_module, -1L, "", 0L);
}

static long
try_delete_module (long ignored)
{
  return syscall (SYS_delete_module, "perry_probe_absent", (long) O_NONBLOCK);
}

/* No segments would unload a loaded kernel; an unknown flag and too many segments are refused. */
static long
try_kexec_load (long ignored)
{
  return syscall (SYS_kexec_load, 0L, ~0UL, NULL, (long) UNKNOWN_FLAG);
}

static long
try_syslog (long ignored)
{
  return syscall (SYS_syslog, 10L /* size of the buffer */, NULL, 0L);
}

/* NULL would switch a running accounting off; a directory is refused. */
static long
try_acct (long ignored)
{
  return syscall (SYS_acct, "/");
}

static long
try_settimeofday (long ignored)
{
  return syscall (SYS_settimeofday, NULL, NULL);
}

static long
try_sethostname (long ignored)
{
  return syscall (SYS_sethostname, NULL, -1L);
}

static long
try_mknod (long ignored)
{
  char path[64];
  long result;
  int error;

  snprintf (path, sizeof path, "/dev/shm/.perry-probe-node-%d", (int) getpid ());
  result = syscall (SYS_mknodat, (long) AT_FDCWD, path, (long) S_IFCHR | 0600L, (long) makedev (1, 3));
  error = errno;
  if (result == 0)
    unlink (path);
  errno = error;
  return result;
}

static long
try_personality (long persona)
{
  return syscall (SYS_personality, persona);
}

static long
try_setuid (long id)
{
  return syscall (SYS_setuid, id);
}

static long
try_setgroups (long ignored)
{
  return syscall (SYS_setgroups, 0L, NULL);
}

static long
try_socket (long family)
{
  return socket ((int) family, (family == AF_ALG ? SOCK_SEQPACKET : family == AF_VSOCK ? SOCK_STREAM : SOCK_RAW) |
                 SOCK_CLOEXEC, family == AF_INET ? 1 /* ICMP */ : 0);
}

static long
try_setpriority (long value)
{
  return setpriority (PRIO_PROCESS, 0, (int) value);
}

static const Attempt attempts[] = {
  { "acct", try_acct },
  { "add_key", try_add_key },
  { "bpf", try_bpf },
  { "chroot", try_chroot },
  { "clone:user", try_clone, CLONE_NEWUSER },
  { "clone3", try_clone3 },
  { "delete_module", try_delete_module },
  { "finit_module", try_finit_module },
  { "fsopen", try_fsopen },
  { "init_module", try_init_module },
  { "io_uring_setup", try_io_uring_setup },
  { "kexec_load", try_kexec_load },
  { "keyctl", try_keyctl },
  { "mknod", try_mknod },
  { "mount", try_mount },
  { "move_mount", try_move_mount },
  { "name_to_handle_at", try_name_to_handle_at },
  { "open_by_handle_at", try_open_by_handle_at },
  { "open_tree", try_open_tree },
  { "perf_event_open", try_perf_event_open },
  { "personality:read-implies-exec", try_personality, READ_IMPLIES_EXEC },
  { "pivot_root", try_pivot_root },
  { "process_vm_readv", try_process_vm_readv },
  { "ptrace", try_ptrace },
  { "reboot", try_reboot },
  { "request_key", try_request_key },
  { "setgroups", try_setgroups },
  { "sethostname", try_sethostname },
  { "setns", try_setns },
  { "setpriority", try_setpriority, -5 },
  { "settimeofday", try_settimeofday },
  { "setuid:0", try_setuid, 0 },
  { "socket:alg", try_socket, AF_ALG },
  { "socket:icmp", try_socket, AF_INET },
  { "socket:packet", try_socket, AF_PACKET },
  { "socket:vsock", try_socket, AF_VSOCK },
  { "swapoff", try_swapoff },
  { "swapon", try_swapon },
  { "syslog", try_syslog },
  { "umount2", try_umount2 },
  { "unshare:cgroup", try_unshare, CLONE_NEWCGROUP },
  { "unshare:ipc", try_unshare, CLONE_NEWIPC },
  { "unshare:mount", try_unshare, CLONE_NEWNS },
  { "unshare:net", try_unshare, CLONE_NEWNET },
  { "unshare:pid", try_unshare, CLONE_NEWPID },
  { "unshare:time", try_unshare, CLONE_NEWTIME },
  { "unshare:user", try_unshare, CLONE_NEWUSER },
  { "unshare:uts", try_unshare, CLONE_NEWUTS },
  { "userfaultfd", try_userfaultfd },
};

static void
attempt_in_child (const Attempt *attempt, int fd)
{
  int error;

  errno = 0;
  error = attempt->attempt (attempt->argument) < 0 ? errno : 0;
  _exit (write (fd, &error, sizeof error) == sizeof error ? 0 : 1);
}

/* Tells a child that was killed by the filter from one that only ended without an answer. */
static void
describe_end (pid_t child, char *text, size_t size)
{
  int status = 0;

  kill (child, SIGKILL);
  while (waitpid (child, &status, 0) < 0 && errno == EINTR)
    ;
  if (WIFSIGNALED (status) && WTERMSIG (status) == SIGSYS)
    snprintf (text, size, "SIGSYS");
  else
    snprintf (text, size, "no-answer");
}

static void
try_one (const Attempt *attempt, char *text, size_t size)
{
  int ends[2];
  int error = 0;
  struct pollfd waiting;
  pid_t child;
  ssize_t got = -1;

  snprintf (text, size, "not-tried");
  if (pipe2 (ends, O_CLOEXEC) != 0)
    return;
  child = fork ();
  if (child == 0)
    attempt_in_child (attempt, ends[1]);
  close (ends[1]);
  if (child < 0)
    {
      close (ends[0]);
      return;
    }
  waiting = (struct pollfd) { .fd = ends[0], .events = POLLIN };
  if (poll (&waiting, 1, PATIENCE_MS) > 0)
    got = read (ends[0], &error, sizeof error);
  close (ends[0]);
  if (got != sizeof error)
    {
      describe_end (child, text, size);
      return;
    }
  while (waitpid (child, NULL, 0) < 0 && errno == EINTR)
    ;
  snprintf (text, size, "%s", probe_error_name (error));
}

static bool
is_refusal (const char *result)
{
  static const char *const refusals[] = { "EPERM", "EACCES", "ENOSYS", "SIGSYS" };

  for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
    if (strcmp (result, refusals[i]) == 0)
      return true;
  return false;
}

void
probe_report_syscalls (void)
{
  enum { N_ATTEMPTS = sizeof attempts / sizeof attempts[0] };
  static char results[N_ATTEMPTS][24];

  /* What is buffered would be written by the children once more. */
  fflush (stdout);
  for (size_t i = 0; i < N_ATTEMPTS; i++)
    try_one (&attempts[i], results[i], sizeof results[i]);
  probe_json_open_object ("syscalls");
  for (size_t i = 0; i < N_ATTEMPTS; i++)
    probe_json_add_string (attempts[i].name, results[i]);
  probe_json_close ();
  probe_json_open_array ("denied_syscalls");
  for (size_t i = 0; i < N_ATTEMPTS; i++)
    if (is_refusal (results[i]))
      probe_json_add_string (NULL, attempts[i].name);
  probe_json_close ();
}
