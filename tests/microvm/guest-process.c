/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/microvm/guest-init.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The most that a kernel can have; it refuses those that it does not know. */
#define MAX_CAPABILITY 63

static void
limit_resources (const GuestConfig *config)
{
  for (const char *record = NULL; (record = guest_config_next (config, "rlimit", record)) != NULL;)
    {
      unsigned long long soft, hard;
      struct rlimit limit;
      int resource;

      errno = EINVAL;
      if (sscanf (record, "%d %llu %llu", &resource, &soft, &hard) != 3)
        guest_fail ("the limit %s", record);
      limit.rlim_cur = (rlim_t) soft;
      limit.rlim_max = (rlim_t) hard;
      if (setrlimit ((__rlimit_resource_t) resource, &limit) != 0)
        guest_fail ("the limit %s", record);
    }
}

static void
drop_bounding (unsigned long long bounding)
{
  for (unsigned long capability = 0; capability <= MAX_CAPABILITY; capability++)
    if ((bounding >> capability & 1) == 0 && prctl (PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EINVAL)
      guest_fail ("dropping capability %lu", capability);
}

static void
set_capabilities (const GuestConfig *config)
{
  struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
  unsigned long long effective = guest_config_number (config, "effective", 0);
  unsigned long long permitted = guest_config_number (config, "permitted", 0);
  unsigned long long inheritable = guest_config_number (config, "inheritable", 0);
  unsigned long long ambient = guest_config_number (config, "ambient", 0);
  struct __user_cap_data_struct sets[2];

  for (int i = 0; i < 2; i++)
    sets[i] = (struct __user_cap_data_struct){ .effective = (__u32) (effective >> 32 * i),
                                               .permitted = (__u32) (permitted >> 32 * i),
                                               .inheritable = (__u32) (inheritable >> 32 * i) };
  if (syscall (SYS_capset, &header, sets) != 0)
    guest_fail ("setting the capabilities");
  for (unsigned long capability = 0; capability <= MAX_CAPABILITY; capability++)
    if ((ambient >> capability & 1) != 0 && prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0)
      guest_fail ("raising capability %lu", capability);
}

static void
take_ids (const GuestConfig *config)
{
  uid_t uid = (uid_t) guest_config_number (config, "uid", 0);
  gid_t gid = (gid_t) guest_config_number (config, "gid", 0);
  char **names = guest_config_list (config, "group");
  size_t n = 0;
  gid_t *groups;

  while (names[n] != NULL)
    n++;
  groups = calloc (n + 1, sizeof *groups);
  if (groups == NULL)
    guest_fail ("the groups");
  for (size_t i = 0; i < n; i++)
    groups[i] = (gid_t) strtoul (names[i], NULL, 10);
  /* else a process that opens /dev/stdout anew may not */
  for (int fd = 0; fd < 3; fd++)
    if (fchown (fd, uid, gid) != 0)
      guest_fail ("the streams");
  if (setgroups (n, groups) != 0 || setresgid (gid, gid, gid) != 0 || setresuid (uid, uid, uid) != 0)
    guest_fail ("becoming user %u, group %u", uid, gid);
  free (groups);
  free (names);
}

void
guest_become (const GuestConfig *config)
{
  const char *cwd = guest_config_next (config, "cwd", NULL);

  limit_resources (config);
  drop_bounding (guest_config_number (config, "bounding", 0));
  if (setsid () < 0 || prctl (PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
    guest_fail ("preparing for another user");
  take_ids (config);
  set_capabilities (config);
  umask ((mode_t) guest_config_number (config, "umask", 0022));
  if (chdir (cwd) != 0)
    guest_fail ("changing to the directory %s", cwd);
  if (guest_config_number (config, "no_new_privileges", 0) != 0 && prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    guest_fail ("no new privileges");
}
