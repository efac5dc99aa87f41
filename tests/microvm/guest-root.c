/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/microvm/guest-init.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define MAX_FILES 32

/* Files of the host that the container gets copies of; open, because they are out of sight in the new root. */
static int files[MAX_FILES];

void
guest_make_directories (const char *path)
{
  char part[4096];

  for (const char *end = path; end != NULL;)
    {
      end = strchr (end + 1, '/');
      snprintf (part, sizeof part, "%.*s", end != NULL ? (int) (end - path) : (int) strlen (path), path);
      if (mkdir (part, 0755) != 0 && errno != EEXIST)
        guest_fail ("making the directory %s", part);
    }
}

void
guest_mount (const char *source, const char *where, const char *type, unsigned long flags, const char *data)
{
  guest_make_directories (where);
  if (mount (source, where, type, flags, data) != 0)
    guest_fail ("mounting %s at %s", type, where);
}

void
guest_write_file (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  if (fd < 0 || write (fd, text, strlen (text)) < 0)
    guest_fail ("writing %s to %s", text, path);
  close (fd);
}

/* The image is only read; what mount points and an unlimited root need is in memory. */
static void
assemble_root (void)
{
  guest_mount ("/dev/vda", "/lower", "erofs", MS_RDONLY, NULL);
  guest_mount ("tmpfs", "/rw", "tmpfs", 0, "mode=755");
  guest_make_directories ("/rw/upper");
  guest_make_directories ("/rw/work");
  guest_mount ("overlay", "/root", "overlay", 0, "lowerdir=/lower,upperdir=/rw/upper,workdir=/rw/work");
}

static void
open_files (void)
{
  char path[32];

  for (int i = 0; i < MAX_FILES; i++)
    {
      snprintf (path, sizeof path, "/files/%d", i);
      files[i] = open (path, O_RDONLY | O_CLOEXEC);
    }
}

/* From here on every path is one of the container's, links of the image's included. */
static void
change_root (void)
{
  if (chdir ("/root") != 0 || mount (".", "/", NULL, MS_MOVE, NULL) != 0 || chroot (".") != 0 || chdir ("/") != 0)
    guest_fail ("changing to the container's root");
}

static void
add_device (const char *name, unsigned minor_of_memory)
{
  char path[32];
  dev_t number = strcmp (name, "tty") == 0 ? makedev (5, 0) : makedev (1, minor_of_memory);

  snprintf (path, sizeof path, "/dev/%s", name);
  if ((mknod (path, S_IFCHR | 0666, number) != 0 && errno != EEXIST) || chmod (path, 0666) != 0)
    guest_fail ("making %s", path);
}

static void
add_link (const char *target, const char *path)
{
  if (symlink (target, path) != 0 && errno != EEXIST)
    guest_fail ("making %s", path);
}

/* What the OCI runtime specification calls the default devices. */
static void
fill_dev (void)
{
  add_device ("null", 3);
  add_device ("zero", 5);
  add_device ("full", 7);
  add_device ("random", 8);
  add_device ("urandom", 9);
  add_device ("tty", 0);
  add_link ("/proc/self/fd", "/dev/fd");
  add_link ("/proc/self/fd/0", "/dev/stdin");
  add_link ("/proc/self/fd/1", "/dev/stdout");
  add_link ("/proc/self/fd/2", "/dev/stderr");
  add_link ("pts/ptmx", "/dev/ptmx");
}

/* A record is the type, the flags, the data (`-` for none) and the mount point. */
static void
mount_record (const char *record)
{
  char type[32], data[1024];
  unsigned long flags;
  int where = 0;

  if (sscanf (record, "%31s %lu %1023s %n", type, &flags, data, &where) != 3 || record[where] != '/')
    {
      errno = EINVAL;
      guest_fail ("the mount %s", record);
    }
  guest_mount (type, record + where, type, flags, strcmp (data, "-") == 0 ? NULL : data);
  if (strcmp (record + where, "/dev") == 0)
    fill_dev ();
}

/* A record is the file's number and where it belongs. */
static void
copy_file (const char *record)
{
  char data[4096], directory[4096];
  int number, where = 0, to;
  ssize_t n;

  if (sscanf (record, "%d %n", &number, &where) != 1 || number < 0 || number >= MAX_FILES || record[where] != '/')
    {
      errno = EINVAL;
      guest_fail ("the file %s", record);
    }
  snprintf (directory, sizeof directory, "%s", record + where);
  *strrchr (directory, '/') = '\0';
  if (directory[0] != '\0')
    guest_make_directories (directory);
  to = open (record + where, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (to < 0)
    guest_fail ("making %s", record + where);
  while ((n = read (files[number], data, sizeof data)) > 0)
    if (write (to, data, (size_t) n) != n)
      guest_fail ("writing %s", record + where);
  close (to);
}

/* In their order, because one can be in another. */
static void
mount_all (const GuestConfig *config)
{
  const char *end = config->text + config->length;

  for (const char *record = config->text; record < end; record += strlen (record) + 1)
    if (strncmp (record, "mount ", 6) == 0)
      mount_record (record + 6);
    else if (strncmp (record, "file ", 5) == 0)
      copy_file (record + 5);
}

/* A record is the name with dots and the value. */
static void
set_sysctl (const char *record)
{
  const char *value = strchr (record, ' ');
  char path[256];

  snprintf (path, sizeof path, "/proc/sys/%.*s", (int) strcspn (record, " "), record);
  for (char *dot = strchr (path, '.'); dot != NULL; dot = strchr (dot, '.'))
    *dot = '/';
  guest_write_file (path, value != NULL ? value + 1 : "");
}

static void
make_read_only (const char *path)
{
  if (mount (path, path, NULL, MS_BIND | MS_REC, NULL) != 0)
    {
      if (errno == ENOENT)
        return;
      guest_fail ("binding %s", path);
    }
  if (mount (NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
    guest_fail ("making %s read-only", path);
}

static void
mask (const char *path)
{
  struct stat info;

  if (stat (path, &info) != 0)
    return;
  if (S_ISDIR (info.st_mode))
    guest_mount ("tmpfs", path, "tmpfs", MS_RDONLY, "size=0k");
  else if (mount ("/dev/null", path, NULL, MS_BIND, NULL) != 0)
    guest_fail ("masking %s", path);
}

static void
restrict_paths (const GuestConfig *config)
{
  const char *path = NULL;

  while ((path = guest_config_next (config, "sysctl", path)) != NULL)
    set_sysctl (path);
  while ((path = guest_config_next (config, "read_only_path", path)) != NULL)
    make_read_only (path);
  while ((path = guest_config_next (config, "masked_path", path)) != NULL)
    mask (path);
  if (guest_config_number (config, "read_only_root", 0) != 0 &&
      mount (NULL, "/", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) != 0)
    guest_fail ("making the root read-only");
}

void
guest_enter_root (const GuestConfig *config)
{
  const char *name = guest_config_next (config, "hostname", NULL);
  const char *cwd = guest_config_next (config, "cwd", NULL);

  if (unshare (CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP) != 0)
    guest_fail ("making namespaces");
  if (name != NULL && sethostname (name, strlen (name)) != 0)
    guest_fail ("setting the host's name");
  assemble_root ();
  open_files ();
  change_root ();
  mount_all (config);
  guest_make_directories (cwd);
  restrict_paths (config);
}
