/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts the real crun where /sys/fs/cgroup holds version 1 and, beside it, a `unified` tree with a controller in it:
 * crun refuses that mixture, and works once the tree is out of its sight. Only this process's own mount namespace is
 * changed. Built under the name `crun`, because Podman decides by that name what the runtime can do.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define UNIFIED "/sys/fs/cgroup/unified"
#ifndef CRUN_PATH
#define CRUN_PATH "/usr/bin/crun"
#endif

static int
hide_unified (void)
{
  if (unshare (CLONE_NEWNS) != 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    return -1;
  if (umount2 (UNIFIED, MNT_DETACH) == 0)
    return 0;
  /* A mount that was locked by a user namespace can only be covered. */
  return mount ("none", UNIFIED, "tmpfs", MS_RDONLY, NULL);
}

int
main (int argc, char **argv)
{
  if (access (UNIFIED, F_OK) == 0 && hide_unified () != 0)
    fprintf (stderr, "crun: hiding %s: %s\n", UNIFIED, strerror (errno));
  execv (CRUN_PATH, argv);
  fprintf (stderr, "crun: starting %s: %s\n", CRUN_PATH, strerror (errno));
  return 127;
}
