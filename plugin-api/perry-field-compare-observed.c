/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-compare-observed.h"

#include <string.h>

#include "plugin-api/perry-spec-problems.h"

#define MAX_VALUE_CHARS 120

gboolean
perry_field_has_facet (const PerryObservation *observation, PerryFacet facet, GString *reason)
{
  const char *missing = perry_observation_get_missing_reason (observation, facet);

  if (missing != NULL)
    g_string_append_printf (reason, "%s: %s", perry_facet_to_string (facet), missing);
  return missing == NULL;
}

static PerryVerdict G_GNUC_PRINTF (3, 4)
decide (PerryVerdict verdict, GString *reason, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_string_append_vprintf (reason, format, args);
  va_end (args);
  return verdict;
}

static gboolean
all_equal (const gint64 ids[4])
{
  return ids[0] == ids[1] && ids[0] == ids[2] && ids[0] == ids[3];
}

static void
append_ids (GString *value, const gint64 ids[4])
{
  for (int i = 0; i < (all_equal (ids) ? 1 : 4); i++)
    {
      if (i > 0)
        g_string_append_c (value, ' ');
      if (ids[i] == PERRY_OBSERVED_NOT_MAPPED)
        g_string_append (value, "(not mapped)");
      else
        g_string_append_printf (value, "%" G_GINT64_FORMAT, ids[i]);
    }
}

static gboolean
has_member (const char *members, const char *name)
{
  g_auto (GStrv) names = g_strsplit (members, ",", -1);

  return g_strv_contains ((const char *const *) names, name);
}

/* The name that the container's account files give to the user's part of @user. */
static char *
find_user_name (const PerryObservation *observation, const char *user)
{
  g_auto (GStrv) lines = g_strsplit (observation->passwd != NULL ? observation->passwd : "", "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) fields = g_strsplit (*line, ":", -1);

      if (g_strv_length (fields) >= 4 && (g_str_equal (fields[0], user) || g_str_equal (fields[2], user)))
        return g_strdup (fields[0]);
    }
  return NULL;
}

/* Whether a user has @group by the container's account files. They count where the spec names no group. */
static gboolean
is_group_of_user (const PerryObservation *observation, const char *user, gint64 group)
{
  g_autofree char *name = strchr (user, ':') == NULL ? find_user_name (observation, user) : NULL;
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, group);
  g_auto (GStrv) lines = g_strsplit (observation->group != NULL ? observation->group : "", "\n", -1);

  for (char **line = lines; name != NULL && *line != NULL; line++)
    {
      g_auto (GStrv) fields = g_strsplit (*line, ":", -1);

      if (g_strv_length (fields) >= 4 && g_str_equal (fields[2], number) && has_member (fields[3], name))
        return TRUE;
    }
  return FALSE;
}

gboolean
perry_field_lookup_group (const PerryObservation *observation, const char *group, gint64 *ret_gid)
{
  g_auto (GStrv) lines = g_strsplit (observation->group != NULL ? observation->group : "", "\n", -1);
  guint64 number;

  if (g_ascii_string_to_unsigned (group, 10, 0, G_MAXUINT32, &number, NULL))
    {
      *ret_gid = (gint64) number;
      return TRUE;
    }
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) fields = g_strsplit (*line, ":", -1);

      if (g_strv_length (fields) >= 3 && g_str_equal (fields[0], group) &&
          g_ascii_string_to_unsigned (fields[2], 10, 0, G_MAXUINT32, &number, NULL))
        {
          *ret_gid = (gint64) number;
          return TRUE;
        }
    }
  return FALSE;
}

static gboolean
was_added (const PerryContainerSpec *asked, const PerryObservation *observation, gint64 group)
{
  g_autofree const char **groups = perry_container_spec_get_strv (asked, PERRY_FIELD_GROUP_ADD);
  gint64 gid;

  for (gsize i = 0; groups != NULL && groups[i] != NULL; i++)
    if (perry_field_lookup_group (observation, groups[i], &gid) && gid == group)
      return TRUE;
  return FALSE;
}

/* Whether a group was asked for by a name whose number nobody could look up, because the file was not read. */
static gboolean
has_unread_group (const PerryContainerSpec *asked, const PerryObservation *observation)
{
  g_autofree const char **groups = perry_container_spec_get_strv (asked, PERRY_FIELD_GROUP_ADD);
  gint64 gid;

  for (gsize i = 0; observation->group == NULL && groups != NULL && groups[i] != NULL; i++)
    if (!perry_field_lookup_group (observation, groups[i], &gid))
      return TRUE;
  return FALSE;
}

/* Groups beyond the user's own give access that was not asked for; missing ones take some away. */
static PerryVerdict
compare_groups (const PerryContainerSpec *asked, const PerryObservation *observation, const char *user, gint64 gid,
                GString *reason)
{
  if (!perry_field_has_facet (observation, PERRY_FACET_GROUPS, reason))
    return PERRY_VERDICT_UNPROVEN;

  for (guint i = 0; i < observation->groups->len; i++)
    {
      gint64 group = g_array_index (observation->groups, gint64, i);

      if (group == PERRY_OBSERVED_NOT_MAPPED)
        return decide (PERRY_VERDICT_UNPROVEN, reason, "it keeps a supplementary group that has no number in it");
      if (group == gid || is_group_of_user (observation, user, group) || was_added (asked, observation, group))
        continue;
      if (has_unread_group (asked, observation))
        return decide (PERRY_VERDICT_UNPROVEN, reason, "the container's group file was not read, so supplementary group %"
                       G_GINT64_FORMAT " may be one that was added by its name", group);
      return decide (PERRY_VERDICT_DIFFERS, reason, "supplementary group %" G_GINT64_FORMAT " was not asked for", group);
    }
  return PERRY_VERDICT_PROVEN;
}

/* Who executes a file with a set-user-ID or set-group-ID bit gets the file's id as all but the real one, unless
 * no-new-privileges forbids it. */
static gboolean
may_come_from_file (const PerryObservation *observation, const gint64 ids[4], gint64 wanted)
{
  return perry_moment_is_of_workload (observation->moment) && observation->no_new_privs != 1 && ids[0] == wanted;
}

PerryVerdict
perry_field_compare_observed_user (const PerryContainerSpec *asked, const PerryObservation *observation,
                                   const PerryCompareContext *context, GString *value, GString *reason)
{
  const char *user = perry_container_spec_get_string (asked, PERRY_FIELD_USER);
  gboolean gid_known;
  gint64 uid;
  gint64 gid = 0;

  if (!perry_field_has_facet (observation, PERRY_FACET_IDS, reason))
    return PERRY_VERDICT_UNPROVEN;
  append_ids (value, observation->uid);
  g_string_append_c (value, ':');
  append_ids (value, observation->gid);

  gid_known = perry_observation_lookup_user (observation, user, &uid, &gid);
  if (!gid_known && !perry_observation_lookup_user (observation, user, &uid, NULL))
    {
      if (!perry_field_has_facet (observation, PERRY_FACET_ACCOUNTS, reason))
        return PERRY_VERDICT_UNPROVEN;
      return decide (PERRY_VERDICT_UNPROVEN, reason, "the container's account files do not have “%s”", user);
    }

  if (!all_equal (observation->uid) || observation->uid[0] != uid)
    {
      /* A program that runs as root may have become somebody else by itself. */
      if (uid == 0 && observation->moment == PERRY_MOMENT_RUNNING)
        return decide (PERRY_VERDICT_UNPROVEN, reason, "the workload may have changed its user itself");
      if (may_come_from_file (observation, observation->uid, uid))
        return decide (PERRY_VERDICT_UNPROVEN, reason, "the executed file may have a set-user-ID bit");
      return decide (PERRY_VERDICT_DIFFERS, reason, "the user is not %" G_GINT64_FORMAT, uid);
    }
  if (!gid_known)
    {
      g_string_append (reason, "the group: ");
      perry_field_has_facet (observation, PERRY_FACET_ACCOUNTS, reason);
      return PERRY_VERDICT_UNPROVEN;
    }
  if (!all_equal (observation->gid) || observation->gid[0] != gid)
    {
      if (uid == 0 && observation->moment == PERRY_MOMENT_RUNNING)
        return decide (PERRY_VERDICT_UNPROVEN, reason, "the workload may have changed its group itself");
      if (may_come_from_file (observation, observation->gid, gid))
        return decide (PERRY_VERDICT_UNPROVEN, reason, "the executed file may have a set-group-ID bit");
      return decide (PERRY_VERDICT_DIFFERS, reason, "the group is not %" G_GINT64_FORMAT, gid);
    }
  return compare_groups (asked, observation, user, gid, reason);
}

PerryVerdict
perry_field_compare_observed_workdir (const PerryContainerSpec *asked, const PerryObservation *observation,
                                      const PerryCompareContext *context, GString *value, GString *reason)
{
  const char *workdir = perry_container_spec_get_string (asked, PERRY_FIELD_WORKDIR);

  if (!perry_field_has_facet (observation, PERRY_FACET_CWD, reason))
    return PERRY_VERDICT_UNPROVEN;
  perry_spec_append_escaped (value, observation->cwd, MAX_VALUE_CHARS);
  if (g_str_equal (observation->cwd, workdir))
    return PERRY_VERDICT_PROVEN;
  if (observation->moment == PERRY_MOMENT_RUNNING)
    return decide (PERRY_VERDICT_UNPROVEN, reason, "the workload may have changed its directory itself");
  /* The kernel shows a path without symbolic links; only the root is never the end of one. */
  if (g_str_equal (observation->cwd, "/"))
    return decide (PERRY_VERDICT_DIFFERS, reason, "the working directory is the root");
  return decide (PERRY_VERDICT_UNPROVEN, reason, "the path may lead through a symbolic link");
}

typedef struct {
  PerryLinuxCapabilities bounding;
  PerryLinuxCapabilities added; /* what `cap_add` alone asks for */
  PerryLinuxCapabilities known; /* what can be compared: with `ALL`, a kernel may know more than libcap */
} AskedCapabilities;

static AskedCapabilities
get_asked_capabilities (const PerryContainerSpec *asked, const PerryCompareContext *context)
{
  g_autofree const char **names = perry_container_spec_get_strv (asked, PERRY_FIELD_CAP_ADD);
  gboolean adds_all = names != NULL && g_strv_contains (names, "ALL");
  gboolean all = adds_all || perry_container_spec_get_boolean (asked, PERRY_FIELD_PRIVILEGED);
  AskedCapabilities result = { .known = G_MAXUINT64 };

  result.bounding = perry_container_spec_get_capabilities (asked, context->default_capabilities);
  result.added = perry_linux_capabilities_from_names (names) & result.bounding;
  if (all)
    result.known = perry_linux_capabilities_all ();
  /* `ALL` and `privileged` mean what the engine's own process has to give. */
  if (all && context->grantable_capabilities != 0)
    {
      result.bounding &= context->grantable_capabilities;
      result.added &= context->grantable_capabilities;
    }
  return result;
}

static PerryVerdict
compare_set (const PerryObservation *observation, const char *name, PerryLinuxCapabilities wanted,
             PerryLinuxCapabilities found, GString *reason)
{
  g_autofree char *missing = perry_linux_capabilities_to_text (wanted & ~found);
  g_autofree char *extra = perry_linux_capabilities_to_text (found & ~wanted);

  if (wanted == found)
    return PERRY_VERDICT_PROVEN;
  if ((found & ~wanted) != 0)
    return decide (PERRY_VERDICT_DIFFERS, reason, "the %s set has %s beyond what was asked for", name, extra);
  if (observation->moment == PERRY_MOMENT_RUNNING)
    return decide (PERRY_VERDICT_UNPROVEN, reason, "the %s set lacks %s, which the workload may have given up", name,
                   missing);
  return decide (PERRY_VERDICT_DIFFERS, reason, "the %s set lacks %s", name, missing);
}

static PerryVerdict
compare_subset (const char *name, PerryLinuxCapabilities allowed, PerryLinuxCapabilities found, GString *reason)
{
  g_autofree char *extra = perry_linux_capabilities_to_text (found & ~allowed);

  if ((found & ~allowed) == 0)
    return PERRY_VERDICT_PROVEN;
  return decide (PERRY_VERDICT_DIFFERS, reason, "the %s set has %s beyond what was asked for", name, extra);
}

/* A file can give capabilities to who executes it, from the bounding set alone, unless no-new-privileges forbids it. */
static gboolean
has_capabilities_of_file (const PerryObservation *observation, PerryLinuxCapabilities bounding,
                          PerryLinuxCapabilities active)
{
  PerryLinuxCapabilities found = observation->cap_effective | observation->cap_permitted;

  return perry_moment_is_of_workload (observation->moment) && observation->no_new_privs != 1 &&
         (found & ~active) != 0 && (found & ~bounding) == 0;
}

/* Effective and permitted: for root what the bounding set has; for others what `cap_add` names, where the engine makes
 * that effective, and nothing otherwise. */
static PerryVerdict
compare_active_sets (const AskedCapabilities *wanted, const PerryObservation *observation,
                     const PerryCompareContext *context, GString *reason)
{
  PerryLinuxCapabilities effective = observation->cap_effective & wanted->known;
  PerryLinuxCapabilities permitted = observation->cap_permitted & wanted->known;
  PerryLinuxCapabilities active = observation->uid[1] == 0 ? wanted->bounding : wanted->added;
  PerryVerdict verdict;

  if (observation->uid[1] != 0 && effective == 0 && permitted == 0 && !context->ambient_for_users)
    return PERRY_VERDICT_PROVEN;
  if (observation->uid[1] != 0 && has_capabilities_of_file (observation, wanted->bounding, active))
    return decide (PERRY_VERDICT_UNPROVEN, reason, "the executed file may have capabilities of its own");
  verdict = compare_set (observation, "effective", active, effective, reason);
  if (verdict != PERRY_VERDICT_PROVEN)
    return verdict;
  return compare_set (observation, "permitted", active, permitted, reason);
}

PerryVerdict
perry_field_compare_observed_capabilities (const PerryContainerSpec *asked, const PerryObservation *observation,
                                           const PerryCompareContext *context, GString *value, GString *reason)
{
  AskedCapabilities wanted = get_asked_capabilities (asked, context);
  g_autofree char *bounding = NULL;
  g_autofree char *effective = NULL;
  PerryVerdict verdict;

  if (!perry_field_has_facet (observation, PERRY_FACET_CAPS, reason))
    return PERRY_VERDICT_UNPROVEN;
  bounding = perry_linux_capabilities_to_text (observation->cap_bounding & wanted.known);
  effective = perry_linux_capabilities_to_text (observation->cap_effective & wanted.known);
  g_string_append (value, bounding);
  if (!g_str_equal (bounding, effective))
    g_string_append_printf (value, " (effective: %s)", effective);

  verdict = compare_set (observation, "bounding", wanted.bounding, observation->cap_bounding & wanted.known, reason);
  if (verdict == PERRY_VERDICT_PROVEN)
    verdict = compare_subset ("inheritable", wanted.bounding, observation->cap_inheritable & wanted.known, reason);
  if (verdict == PERRY_VERDICT_PROVEN)
    verdict = compare_subset ("ambient", wanted.bounding, observation->cap_ambient & wanted.known, reason);
  if (verdict != PERRY_VERDICT_PROVEN)
    return verdict;

  if (!perry_field_has_facet (observation, PERRY_FACET_IDS, reason))
    return PERRY_VERDICT_UNPROVEN;
  return compare_active_sets (&wanted, observation, context, reason);
}

PerryVerdict
perry_field_compare_observed_seccomp (const PerryContainerSpec *asked, const PerryObservation *observation,
                                      const PerryCompareContext *context, GString *value, GString *reason)
{
  const char *profile = perry_container_spec_get_string (asked, PERRY_FIELD_SECCOMP);
  gboolean wanted = !g_str_equal (profile, "unconfined");

  if (!perry_field_has_facet (observation, PERRY_FACET_SECCOMP, reason))
    return PERRY_VERDICT_UNPROVEN;
  g_string_append_printf (value, "mode %" G_GINT64_FORMAT, observation->seccomp_mode);
  if (observation->seccomp_filters > 0)
    g_string_append_printf (value, ", %" G_GINT64_FORMAT " %s", observation->seccomp_filters,
                            observation->seccomp_filters == 1 ? "filter" : "filters");

  if (observation->seccomp_mode == 0 && observation->seccomp_pending)
    return decide (PERRY_VERDICT_UNPROVEN, reason, "the runtime may load its filter after this moment");
  if (observation->seccomp_mode == (wanted ? 2 : 0))
    return PERRY_VERDICT_PROVEN;
  if (!wanted && observation->moment == PERRY_MOMENT_RUNNING)
    return decide (PERRY_VERDICT_UNPROVEN, reason, "the workload may have loaded a filter itself");
  return decide (PERRY_VERDICT_DIFFERS, reason, wanted ? "no filter is loaded" : "a filter is loaded");
}

PerryVerdict
perry_field_compare_observed_no_new_privileges (const PerryContainerSpec *asked, const PerryObservation *observation,
                                                const PerryCompareContext *context, GString *value, GString *reason)
{
  gboolean wanted = perry_container_spec_get_boolean (asked, PERRY_FIELD_NO_NEW_PRIVILEGES);
  gboolean found = observation->no_new_privs == 1;

  if (!perry_field_has_facet (observation, PERRY_FACET_NO_NEW_PRIVS, reason))
    return PERRY_VERDICT_UNPROVEN;
  g_string_append (value, found ? "true" : "false");
  if (wanted == found)
    return PERRY_VERDICT_PROVEN;
  if (found && observation->moment == PERRY_MOMENT_RUNNING)
    return decide (PERRY_VERDICT_UNPROVEN, reason, "the workload may have set the bit itself");
  return decide (PERRY_VERDICT_DIFFERS, reason, "the bit is %s", found ? "set" : "not set");
}

/* The kernel changes a process's label when it executes the workload, so an earlier look shows the runtime's own. */
static gboolean
shows_label (const PerryObservation *observation, GString *reason)
{
  if (perry_moment_is_of_workload (observation->moment))
    return TRUE;
  g_string_append (reason, "the label changes when the workload is executed");
  return FALSE;
}

PerryVerdict
perry_field_compare_observed_apparmor (const PerryContainerSpec *asked, const PerryObservation *observation,
                                       const PerryCompareContext *context, GString *value, GString *reason)
{
  const char *wanted = perry_container_spec_get_string (asked, PERRY_FIELD_APPARMOR);

  if (!perry_field_has_facet (observation, PERRY_FACET_APPARMOR, reason))
    return PERRY_VERDICT_UNPROVEN;
  perry_spec_append_escaped (value, observation->apparmor_profile, MAX_VALUE_CHARS);
  if (observation->apparmor_mode != NULL)
    {
      g_string_append (value, " (");
      perry_spec_append_escaped (value, observation->apparmor_mode, MAX_VALUE_CHARS);
      g_string_append (value, ")");
    }

  if (!shows_label (observation, reason))
    return PERRY_VERDICT_UNPROVEN;
  if (!g_str_equal (observation->apparmor_profile, wanted))
    return decide (PERRY_VERDICT_DIFFERS, reason, "another profile is in force");
  if (!g_str_equal (wanted, "unconfined") && g_strcmp0 (observation->apparmor_mode, "enforce") != 0)
    return decide (PERRY_VERDICT_DIFFERS, reason, "the profile is not enforced");
  return PERRY_VERDICT_PROVEN;
}

/* Compares `disable` with the type that the process got. */
static PerryVerdict
compare_disabled_label (const char *type, GString *reason)
{
  static const char *const open_types[] = { "spc_t", "unconfined_t", NULL };
  static const char *const container_types[] = { "container_t", "svirt_lxc_net_t", "container_init_t", NULL };

  if (g_strv_contains (open_types, type))
    return PERRY_VERDICT_PROVEN;
  if (g_strv_contains (container_types, type))
    return decide (PERRY_VERDICT_DIFFERS, reason, "the process is confined as a container");
  return decide (PERRY_VERDICT_UNPROVEN, reason, "it is not known whether this type is confined");
}

PerryVerdict
perry_field_compare_observed_selinux (const PerryContainerSpec *asked, const PerryObservation *observation,
                                      const PerryCompareContext *context, GString *value, GString *reason)
{
  static const char *const keys[] = { "user:", "role:", "type:", "level:" };
  g_autofree const char **options = perry_container_spec_get_strv (asked, PERRY_FIELD_SELINUX);
  g_auto (GStrv) parts = NULL;

  if (!perry_field_has_facet (observation, PERRY_FACET_SELINUX, reason))
    return PERRY_VERDICT_UNPROVEN;
  perry_spec_append_escaped (value, observation->selinux_label, MAX_VALUE_CHARS);
  if (!shows_label (observation, reason))
    return PERRY_VERDICT_UNPROVEN;

  /* The level is last because it may contain colons itself. */
  parts = g_strsplit (observation->selinux_label, ":", G_N_ELEMENTS (keys));
  if (g_strv_length (parts) < 3)
    return decide (PERRY_VERDICT_UNPROVEN, reason, "the label is not user:role:type:level");
  for (gsize i = 0; options[i] != NULL; i++)
    {
      if (g_str_equal (options[i], "disable"))
        return compare_disabled_label (parts[2], reason);
      for (guint k = 0; k < G_N_ELEMENTS (keys); k++)
        if (g_str_has_prefix (options[i], keys[k]) &&
            (k >= g_strv_length (parts) || !g_str_equal (options[i] + strlen (keys[k]), parts[k])))
          return decide (PERRY_VERDICT_DIFFERS, reason, "the label does not have %s", options[i]);
    }
  return PERRY_VERDICT_PROVEN;
}
