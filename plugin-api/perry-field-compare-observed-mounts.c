/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-compare-observed.h"

#include <string.h>
#include <unistd.h>

#include "plugin-api/perry-field-value.h"
#include "plugin-api/perry-spec-problems.h"

#define MAX_PATH_CHARS 80
#define TMPFS_DEFAULT_MODE "1777"

static gboolean
is_at_or_below (const char *path, const char *directory)
{
  gsize length = strlen (directory);

  return strncmp (path, directory, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

static gboolean
was_asked_for (GPtrArray *mounts, const char *path)
{
  for (guint i = 0; i < mounts->len; i++)
    {
      const PerryMount *mount = g_ptr_array_index (mounts, i);

      if (is_at_or_below (path, mount->target))
        return TRUE;
    }
  return FALSE;
}

/* A writable mount that nobody asked for, outside of the kernel's own file systems and what runtimes mount below
 * /dev. */
static const char *
find_writable_mount (const PerryContainerSpec *asked, const PerryObservation *observation)
{
  static const char *const own[] = { "/dev", "/proc", "/sys" };
  g_autoptr (GPtrArray) mounts = perry_container_spec_dup_mounts (asked);

  for (guint i = 0; i < observation->mounts->len; i++)
    {
      const PerryObservedMount *mount = g_ptr_array_index (observation->mounts, i);
      gboolean allowed = g_str_equal (mount->mount_point, "/") || was_asked_for (mounts, mount->mount_point);

      for (guint k = 0; k < G_N_ELEMENTS (own); k++)
        allowed = allowed || is_at_or_below (mount->mount_point, own[k]);
      if (!allowed && !perry_observed_mount_is_read_only (mount))
        return mount->mount_point;
    }
  return NULL;
}

PerryVerdict
perry_field_compare_observed_read_only (const PerryContainerSpec *asked, const PerryObservation *observation,
                                        const PerryCompareContext *context, GString *value, GString *reason)
{
  gboolean wanted = perry_container_spec_get_boolean (asked, PERRY_FIELD_READ_ONLY);
  const PerryObservedMount *root;
  const char *writable;
  gboolean found;

  if (!perry_field_has_facet (observation, PERRY_FACET_MOUNTS, reason))
    return PERRY_VERDICT_UNPROVEN;
  root = perry_observation_find_mount (observation, "/");
  if (root == NULL)
    {
      g_string_append (reason, "the mount table has no root");
      return PERRY_VERDICT_UNPROVEN;
    }

  found = perry_observed_mount_is_read_only (root);
  g_string_append (value, found ? "ro" : "rw");
  if (found != wanted)
    {
      g_string_append_printf (reason, "the root file system is %s", found ? "read-only" : "writable");
      return PERRY_VERDICT_DIFFERS;
    }

  writable = wanted ? find_writable_mount (asked, observation) : NULL;
  if (writable == NULL)
    return PERRY_VERDICT_PROVEN;
  perry_spec_append_escaped (reason, writable, MAX_PATH_CHARS);
  g_string_append (reason, " is writable and was not asked for");
  return PERRY_VERDICT_DIFFERS;
}

/* The kernel rounds a tmpfs up to whole pages. */
static gboolean
equal_tmpfs_size (gint64 wanted, gint64 found)
{
  gint64 page = sysconf (_SC_PAGESIZE);

  return found >= wanted && found - wanted < page;
}

/* An option with a value, as the file system shows it. The verdict is UNPROVEN where the kernel does not show it. */
static PerryVerdict
compare_value_option (const PerryObservation *observation, const PerryObservedMount *mount, const char *option)
{
  gsize length = strcspn (option, "=");
  g_autofree char *name = g_strndup (option, length);
  const char *wanted = option + length + 1;
  const char *found = perry_observed_mount_get_option (mount, name);
  gboolean is_id = g_str_equal (name, "uid") || g_str_equal (name, "gid");
  gint64 left;
  gint64 right;

  if (g_str_equal (name, "mode"))
    return g_ascii_strtoull (wanted, NULL, 8) ==
           g_ascii_strtoull (found != NULL ? found : TMPFS_DEFAULT_MODE, NULL, 8)
             ? PERRY_VERDICT_PROVEN : PERRY_VERDICT_DIFFERS;
  /* The mount table shows ids as the host numbers them. */
  if (is_id && perry_observation_compare_namespace (observation, PERRY_NAMESPACE_USER) != PERRY_NAMESPACE_SHARED)
    return PERRY_VERDICT_UNPROVEN;
  if (is_id && found == NULL)
    found = "0";
  if (found == NULL)
    return g_str_equal (name, "size") ? PERRY_VERDICT_DIFFERS : PERRY_VERDICT_UNPROVEN;
  if (!perry_field_parse_size (wanted, &left) || !perry_field_parse_size (found, &right))
    return PERRY_VERDICT_UNPROVEN;
  if (g_str_equal (name, "size"))
    return equal_tmpfs_size (left, right) ? PERRY_VERDICT_PROVEN : PERRY_VERDICT_DIFFERS;
  return left == right ? PERRY_VERDICT_PROVEN : PERRY_VERDICT_DIFFERS;
}

static gboolean
has_propagation (const PerryObservedMount *mount, const char *option)
{
  if (g_str_has_suffix (option, "shared"))
    return mount->shared;
  if (g_str_has_suffix (option, "slave"))
    return mount->slave && !mount->shared;
  return !mount->shared && !mount->slave;
}

static gboolean
is_propagation (const char *option)
{
  static const char *const words[] = { "rprivate", "private", "rslave", "slave", "rshared", "shared", NULL };

  return g_strv_contains (words, option);
}

/* What engines mount into every container, whatever the spec has at or above these paths. */
static gboolean
is_the_engines (const char *path)
{
  static const char *const own[] = { "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/run/.containerenv",
                                     "/run/secrets", NULL };

  return g_strv_contains (own, path) || is_at_or_below (path, "/dev");
}

/* Whether @point lies below @target and belongs to no other mount of the spec. */
static gboolean
came_with (GPtrArray *asked, const char *point, const char *target)
{
  if (!is_at_or_below (point, target) || g_str_equal (point, target) || is_the_engines (point))
    return FALSE;
  for (guint i = 0; i < asked->len; i++)
    {
      const PerryMount *mount = g_ptr_array_index (asked, i);

      if (!g_str_equal (mount->target, target) && is_at_or_below (mount->target, target) &&
          is_at_or_below (point, mount->target))
        return FALSE;
    }
  return TRUE;
}

/* What came with the mount at @target and is not as @option says: with `bind`, whatever came. @ret_certain says that it
 * is not the host's doing: a mount that is private there cannot become a slave. */
static const PerryObservedMount *
find_mount_below (GPtrArray *asked, const PerryObservation *observation, const char *target, const char *option,
                  gboolean *ret_certain)
{
  const PerryObservedMount *doubtful = NULL;

  for (guint i = 0; i < observation->mounts->len; i++)
    {
      const PerryObservedMount *mount = g_ptr_array_index (observation->mounts, i);

      if (!came_with (asked, mount->mount_point, target) ||
          (is_propagation (option) && has_propagation (mount, option)))
        continue;
      *ret_certain = !g_str_equal (option, "rslave") || mount->shared;
      if (*ret_certain)
        return mount;
      doubtful = mount;
    }
  return doubtful;
}

/* The options that say something of what is mounted below, too: that there is nothing, or that all of it is so. */
static gboolean
is_of_what_is_below (const char *option)
{
  static const char *const words[] = { "bind", "rprivate", "rslave", "rshared", NULL };

  return g_strv_contains (words, option);
}

/* @reason may hold a doubt, which a difference replaces. */
static PerryVerdict
compare_below (const PerryMount *wanted, GPtrArray *asked, const PerryObservation *observation, const char *option,
               GString *reason)
{
  gboolean certain = TRUE;
  const PerryObservedMount *below = find_mount_below (asked, observation, wanted->target, option, &certain);
  g_autofree char *target = perry_spec_quote (wanted->target);
  g_autofree char *point = below != NULL ? perry_spec_quote (below->mount_point) : NULL;

  if (below == NULL)
    return PERRY_VERDICT_PROVEN;
  if (certain && observation->moment != PERRY_MOMENT_RUNNING)
    {
      g_string_printf (reason, "%s is mounted without %s: %s %s", target, option, point,
                       is_propagation (option) ? "below it is not so" : "came with it");
      return PERRY_VERDICT_DIFFERS;
    }
  if (reason->len == 0 && certain)
    g_string_append_printf (reason, "%s: the workload may have mounted %s itself", target, point);
  else if (reason->len == 0)
    g_string_append_printf (reason, "%s: %s below it is private, which it is where the host's own is", target, point);
  return PERRY_VERDICT_UNPROVEN;
}

static PerryVerdict
compare_option (const PerryObservation *observation, const PerryObservedMount *mount, const char *option)
{
  if (strchr (option, '=') != NULL)
    return compare_value_option (observation, mount, option);
  if (g_str_equal (option, "bind"))
    return PERRY_VERDICT_PROVEN; /* of the mount itself it says nothing */
  if (is_propagation (option))
    return has_propagation (mount, option) ? PERRY_VERDICT_PROVEN : PERRY_VERDICT_DIFFERS;
  if (g_str_equal (option, "exec") || g_str_equal (option, "suid") || g_str_equal (option, "dev"))
    {
      g_autofree char *contrary = g_strconcat ("no", option, NULL);

      return perry_observed_mount_get_option (mount, contrary) == NULL ? PERRY_VERDICT_PROVEN : PERRY_VERDICT_DIFFERS;
    }
  if (g_str_equal (option, "nosuid") || g_str_equal (option, "nodev") || g_str_equal (option, "noexec"))
    return perry_observed_mount_get_option (mount, option) != NULL ? PERRY_VERDICT_PROVEN : PERRY_VERDICT_DIFFERS;
  return PERRY_VERDICT_UNPROVEN;
}

/* Compares one mount; @reason is empty before, and after only where it is proven. */
static PerryVerdict
compare_mount (const PerryMount *wanted, GPtrArray *asked, const PerryObservation *observation, GString *reason)
{
  const PerryObservedMount *found = perry_observation_find_mount (observation, wanted->target);
  g_autofree char *target = perry_spec_quote (wanted->target);
  gboolean is_tmpfs = found != NULL && g_str_equal (found->fs_type, "tmpfs");
  gboolean read_only;

  if (found == NULL || (wanted->type == PERRY_MOUNT_TMPFS && !is_tmpfs))
    {
      g_string_append_printf (reason, "%s is not mounted at %s",
                              wanted->type == PERRY_MOUNT_TMPFS ? "a tmpfs" : "nothing asked for", target);
      return PERRY_VERDICT_DIFFERS;
    }
  /* A file system that is read-only by itself is no difference for a mount that was asked to be writable. */
  read_only = wanted->read_only ? perry_observed_mount_is_read_only (found)
                                : g_strv_contains ((const char *const *) found->options, "ro");
  if (read_only != wanted->read_only)
    {
      g_string_append_printf (reason, "%s is %s", target, read_only ? "read-only" : "writable");
      return PERRY_VERDICT_DIFFERS;
    }
  for (char **option = wanted->options; *option != NULL; option++)
    {
      PerryVerdict verdict = compare_option (observation, found, *option);

      if (verdict == PERRY_VERDICT_DIFFERS)
        g_string_printf (reason, "%s is mounted without %s", target, *option);
      else if (verdict == PERRY_VERDICT_PROVEN && is_of_what_is_below (*option))
        verdict = compare_below (wanted, asked, observation, *option, reason);
      if (verdict == PERRY_VERDICT_DIFFERS)
        return verdict;
      if (verdict == PERRY_VERDICT_UNPROVEN && reason->len == 0)
        g_string_append_printf (reason, "%s: the mount table does not show %s", target, *option);
    }
  return reason->len > 0 ? PERRY_VERDICT_UNPROVEN : PERRY_VERDICT_PROVEN;
}

static void
append_mount (GString *value, const char *target, const PerryObservedMount *mount)
{
  if (value->len > 0)
    g_string_append (value, ", ");
  perry_spec_append_escaped (value, target, MAX_PATH_CHARS);
  g_string_append_c (value, ' ');
  if (mount == NULL)
    {
      g_string_append (value, "not mounted");
      return;
    }
  perry_spec_append_escaped (value, mount->fs_type, MAX_PATH_CHARS);
  g_string_append (value, perry_observed_mount_is_read_only (mount) ? " ro" : " rw");
}

/* All mounts of a field: a difference of one is a difference, and a doubt about one is a doubt. */
static PerryVerdict
compare_mounts (const PerryContainerSpec *asked, const PerryObservation *observation, PerryField field, GString *value,
                GString *reason)
{
  g_autoptr (GPtrArray) mounts = perry_container_spec_dup_mounts (asked);
  g_autoptr (GString) doubt = g_string_new (NULL);

  if (!perry_field_has_facet (observation, PERRY_FACET_MOUNTS, reason))
    return PERRY_VERDICT_UNPROVEN;

  for (guint i = 0; i < mounts->len; i++)
    {
      const PerryMount *wanted = g_ptr_array_index (mounts, i);
      const PerryObservedMount *found = perry_observation_find_mount (observation, wanted->target);
      g_autoptr (GString) why = g_string_new (NULL);
      PerryVerdict verdict;

      if (wanted->field != field)
        continue;
      append_mount (value, wanted->target, found);
      verdict = compare_mount (wanted, mounts, observation, why);
      if (verdict == PERRY_VERDICT_DIFFERS)
        {
          g_string_append (reason, why->str);
          return verdict;
        }
      if (verdict == PERRY_VERDICT_UNPROVEN && doubt->len == 0)
        g_string_append (doubt, why->str);
    }
  if (value->len == 0)
    g_string_append (value, "none");
  g_string_append (reason, doubt->str);
  return doubt->len > 0 ? PERRY_VERDICT_UNPROVEN : PERRY_VERDICT_PROVEN;
}

PerryVerdict
perry_field_compare_observed_tmpfs (const PerryContainerSpec *asked, const PerryObservation *observation,
                                    const PerryCompareContext *context, GString *value, GString *reason)
{
  return compare_mounts (asked, observation, PERRY_FIELD_TMPFS, value, reason);
}

PerryVerdict
perry_field_compare_observed_volumes (const PerryContainerSpec *asked, const PerryObservation *observation,
                                      const PerryCompareContext *context, GString *value, GString *reason)
{
  return compare_mounts (asked, observation, PERRY_FIELD_VOLUMES, value, reason);
}
