/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-observation.h"

#include <string.h>

static const char *const moment_names[] = {
  [PERRY_MOMENT_BEFORE_EXEC] = "before-exec",
  [PERRY_MOMENT_BEFORE_START] = "before-start",
  [PERRY_MOMENT_RUNNING] = "running",
  [PERRY_MOMENT_AT_EXEC] = "at-exec",
};

static const char *const facet_names[PERRY_N_FACETS] = {
  [PERRY_FACET_IDS] = "ids",
  [PERRY_FACET_GROUPS] = "groups",
  [PERRY_FACET_CAPS] = "capabilities",
  [PERRY_FACET_NO_NEW_PRIVS] = "no-new-privileges",
  [PERRY_FACET_SECCOMP] = "seccomp",
  [PERRY_FACET_MOUNTS] = "mounts",
  [PERRY_FACET_NAMESPACES] = "namespaces",
  [PERRY_FACET_MEMORY] = "memory",
  [PERRY_FACET_MEMORY_SWAP] = "memory-swap",
  [PERRY_FACET_PIDS] = "pids",
  [PERRY_FACET_CPU] = "cpu",
  [PERRY_FACET_RLIMITS] = "rlimits",
  [PERRY_FACET_APPARMOR] = "apparmor",
  [PERRY_FACET_SELINUX] = "selinux",
  [PERRY_FACET_INTERFACES] = "interfaces",
  [PERRY_FACET_CWD] = "cwd",
  [PERRY_FACET_EXE] = "exe",
  [PERRY_FACET_CMDLINE] = "cmdline",
  [PERRY_FACET_HOSTNAME] = "hostname",
  [PERRY_FACET_ACCOUNTS] = "accounts",
  [PERRY_FACET_ROUTES] = "routes",
  [PERRY_FACET_RUNTIME] = "runtime",
  [PERRY_FACET_DEVICES] = "devices",
};

static const char *const namespace_names[PERRY_N_NAMESPACES] = {
  [PERRY_NAMESPACE_MNT] = "mnt",   [PERRY_NAMESPACE_PID] = "pid",       [PERRY_NAMESPACE_NET] = "net",
  [PERRY_NAMESPACE_IPC] = "ipc",   [PERRY_NAMESPACE_UTS] = "uts",       [PERRY_NAMESPACE_USER] = "user",
  [PERRY_NAMESPACE_CGROUP] = "cgroup",
};

const char *
perry_moment_to_string (PerryMoment moment)
{
  return (guint) moment < G_N_ELEMENTS (moment_names) ? moment_names[moment] : "unknown";
}

gboolean
perry_moment_is_of_workload (PerryMoment moment)
{
  return moment == PERRY_MOMENT_RUNNING || moment == PERRY_MOMENT_AT_EXEC;
}

const char *
perry_facet_to_string (PerryFacet facet)
{
  return (guint) facet < PERRY_N_FACETS ? facet_names[facet] : "unknown";
}

const char *
perry_namespace_kind_to_string (PerryNamespaceKind kind)
{
  return (guint) kind < PERRY_N_NAMESPACES ? namespace_names[kind] : "unknown";
}

PerryObservation *
perry_observation_new (PerryMoment moment, gint pid)
{
  PerryObservation *observation = g_new0 (PerryObservation, 1);

  observation->moment = moment;
  observation->pid = pid;
  for (int i = 0; i < 4; i++)
    {
      observation->uid[i] = observation->host_uid[i] = PERRY_OBSERVED_UNKNOWN;
      observation->gid[i] = observation->host_gid[i] = PERRY_OBSERVED_UNKNOWN;
    }
  observation->groups = g_array_new (FALSE, FALSE, sizeof (gint64));
  observation->no_new_privs = PERRY_OBSERVED_UNKNOWN;
  observation->seccomp_mode = PERRY_OBSERVED_UNKNOWN;
  observation->seccomp_filters = PERRY_OBSERVED_UNKNOWN;
  observation->mounts = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_observed_mount_free);
  observation->memory_max = PERRY_OBSERVED_UNKNOWN;
  observation->memory_swap_max = PERRY_OBSERVED_UNKNOWN;
  observation->pids_max = PERRY_OBSERVED_UNKNOWN;
  observation->cpu_quota_us = PERRY_OBSERVED_UNKNOWN;
  observation->cpu_period_us = PERRY_OBSERVED_UNKNOWN;
  observation->rlimits = g_array_new (FALSE, FALSE, sizeof (PerryObservedRlimit));
  observation->devices = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_observed_device_free);
  for (int facet = 0; facet < PERRY_N_FACETS; facet++)
    observation->missing[facet] = g_strdup ("not read");
  return observation;
}

void
perry_observation_free (PerryObservation *observation)
{
  if (observation == NULL)
    return;
  g_array_unref (observation->groups);
  g_ptr_array_unref (observation->mounts);
  g_array_unref (observation->rlimits);
  g_ptr_array_unref (observation->devices);
  g_free (observation->apparmor_profile);
  g_free (observation->apparmor_mode);
  g_free (observation->selinux_label);
  g_strfreev (observation->interfaces);
  g_free (observation->cwd);
  g_free (observation->exe);
  g_strfreev (observation->cmdline);
  g_free (observation->hostname);
  g_free (observation->passwd);
  g_free (observation->group);
  g_free (observation->default_route);
  g_free (observation->gateway_route);
  for (int facet = 0; facet < PERRY_N_FACETS; facet++)
    g_free (observation->missing[facet]);
  g_free (observation);
}

void
perry_observed_mount_free (PerryObservedMount *mount)
{
  if (mount == NULL)
    return;
  g_free (mount->mount_point);
  g_free (mount->fs_type);
  g_free (mount->source);
  g_free (mount->root);
  g_strfreev (mount->options);
  g_strfreev (mount->super_options);
  g_free (mount);
}

void
perry_observed_device_free (PerryObservedDevice *device)
{
  if (device == NULL)
    return;
  g_free (device->target);
  g_free (device->access);
  g_free (device->access_reason);
  g_free (device);
}

void
perry_observation_set_missing (PerryObservation *observation, PerryFacet facet, const char *reason)
{
  char *copy;

  g_return_if_fail (observation != NULL);
  g_return_if_fail ((guint) facet < PERRY_N_FACETS);

  copy = g_strdup (reason);
  g_free (observation->missing[facet]);
  observation->missing[facet] = copy;
}

const char *
perry_observation_get_missing_reason (const PerryObservation *observation, PerryFacet facet)
{
  g_return_val_if_fail (observation != NULL, NULL);
  g_return_val_if_fail ((guint) facet < PERRY_N_FACETS, NULL);

  return observation->missing[facet];
}

gboolean
perry_observation_is_empty (const PerryObservation *observation)
{
  g_return_val_if_fail (observation != NULL, TRUE);

  for (int facet = 0; facet < PERRY_N_FACETS; facet++)
    if (observation->missing[facet] == NULL)
      return FALSE;
  return TRUE;
}

const PerryObservedMount *
perry_observation_find_mount (const PerryObservation *observation, const char *mount_point)
{
  g_return_val_if_fail (observation != NULL, NULL);
  g_return_val_if_fail (mount_point != NULL, NULL);

  for (guint i = observation->mounts->len; i > 0; i--)
    {
      const PerryObservedMount *mount = g_ptr_array_index (observation->mounts, i - 1);

      if (strcmp (mount->mount_point, mount_point) == 0)
        return mount;
    }
  return NULL;
}

gboolean
perry_observed_mount_is_read_only (const PerryObservedMount *mount)
{
  g_return_val_if_fail (mount != NULL, FALSE);

  return g_strv_contains ((const char *const *) mount->options, "ro") ||
         g_strv_contains ((const char *const *) mount->super_options, "ro");
}

static const char *
find_option (const char *const *options, const char *name)
{
  gsize length = strlen (name);

  for (; *options != NULL; options++)
    {
      if (strncmp (*options, name, length) != 0)
        continue;
      if ((*options)[length] == '\0')
        return *options + length;
      if ((*options)[length] == '=')
        return *options + length + 1;
    }
  return NULL;
}

const char *
perry_observed_mount_get_option (const PerryObservedMount *mount, const char *option)
{
  const char *value;

  g_return_val_if_fail (mount != NULL, NULL);
  g_return_val_if_fail (option != NULL, NULL);

  value = find_option ((const char *const *) mount->options, option);
  return value != NULL ? value : find_option ((const char *const *) mount->super_options, option);
}

PerryNamespaceRelation
perry_observation_compare_namespace (const PerryObservation *observation, PerryNamespaceKind kind)
{
  g_return_val_if_fail (observation != NULL, PERRY_NAMESPACE_UNKNOWN);
  g_return_val_if_fail ((guint) kind < PERRY_N_NAMESPACES, PERRY_NAMESPACE_UNKNOWN);

  if (observation->namespaces[kind] == 0 || observation->own_namespaces[kind] == 0)
    return PERRY_NAMESPACE_UNKNOWN;
  return observation->namespaces[kind] == observation->own_namespaces[kind] ? PERRY_NAMESPACE_SHARED
                                                                            : PERRY_NAMESPACE_OTHER;
}

const PerryObservedRlimit *
perry_observation_find_rlimit (const PerryObservation *observation, const char *name)
{
  g_return_val_if_fail (observation != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  for (guint i = 0; i < observation->rlimits->len; i++)
    {
      const PerryObservedRlimit *rlimit = &g_array_index (observation->rlimits, PerryObservedRlimit, i);

      if (strcmp (rlimit->name, name) == 0)
        return rlimit;
    }
  return NULL;
}

/* (gid_t) -1 and (uid_t) -1 mean "no change" to the kernel, so they are no ids. */
static gboolean
parse_id (const char *text, gint64 *ret_id)
{
  guint64 id;

  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32 - 1, &id, NULL))
    return FALSE;
  *ret_id = (gint64) id;
  return TRUE;
}

/* Finds the first line of a colon-separated file whose first field is @key or whose third field is the number
 * @key: the engines take the first match of either kind, and a user can be called `1000`. */
static GStrv
find_account (const char *text, const char *key, guint n_fields)
{
  g_auto (GStrv) lines = NULL;
  gint64 wanted = -1;
  gboolean numeric = parse_id (key, &wanted);

  if (text == NULL)
    return NULL;

  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) fields = g_strsplit (*line, ":", -1);
      gint64 id;

      if (g_strv_length (fields) < n_fields || !parse_id (fields[2], &id))
        continue;
      if (strcmp (fields[0], key) == 0 || (numeric && id == wanted))
        return g_steal_pointer (&fields);
    }
  return NULL;
}

static gboolean
lookup_user_part (const PerryObservation *observation, const char *name, gint64 *ret_uid, gint64 *ret_gid)
{
  g_auto (GStrv) account = find_account (observation->passwd, name, 4);

  *ret_gid = 0;
  if (account == NULL)
    return parse_id (name, ret_uid);
  return parse_id (account[2], ret_uid) && parse_id (account[3], ret_gid);
}

static gboolean
lookup_group_part (const PerryObservation *observation, const char *name, gint64 *ret_gid)
{
  g_auto (GStrv) account = find_account (observation->group, name, 3);

  return parse_id (account != NULL ? account[2] : name, ret_gid);
}

gboolean
perry_observation_lookup_user (const PerryObservation *observation, const char *user, gint64 *uid, gint64 *gid)
{
  g_auto (GStrv) parts = NULL;
  gint64 found_uid;
  gint64 found_gid;

  g_return_val_if_fail (observation != NULL, FALSE);
  g_return_val_if_fail (user != NULL, FALSE);

  parts = g_strsplit (user, ":", -1);
  if (g_strv_length (parts) < 1 || g_strv_length (parts) > 2 || *parts[0] == '\0')
    return FALSE;
  if (!lookup_user_part (observation, parts[0], &found_uid, &found_gid))
    return FALSE;
  if (parts[1] == NULL && gid != NULL && observation->passwd == NULL)
    return FALSE;
  if (parts[1] != NULL && !lookup_group_part (observation, parts[1], &found_gid))
    return FALSE;

  if (uid != NULL)
    *uid = found_uid;
  if (gid != NULL)
    *gid = found_gid;
  return TRUE;
}
