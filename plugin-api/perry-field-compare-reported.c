/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-compare-reported.h"

#include <math.h>
#include <string.h>

#include "plugin-api/perry-field-check.h"
#include "plugin-api/perry-field-value.h"
#include "plugin-api/perry-image-reference.h"
#include "plugin-api/perry-json.h"
#include "plugin-api/perry-spec-problems.h"

#define NOT_REPORTED "the engine does not report it"
#define CPU_TOLERANCE 0.01

/* Prints what was reported; returns FALSE and a reason where nothing was. */
static gboolean
print_reported (const PerryContainerSpec *reported, PerryField field, GString *value, GString *reason)
{
  g_autofree char *text = perry_container_spec_format_value (reported, field);

  g_string_append (text != NULL ? value : reason, text != NULL ? text : NOT_REPORTED);
  return text != NULL;
}

static PerryVerdict
judge (gboolean equal, GString *reason)
{
  if (equal)
    return PERRY_VERDICT_PROVEN;
  g_string_append (reason, "the engine reports something else");
  return PERRY_VERDICT_DIFFERS;
}

PerryVerdict
perry_field_compare_equal (const PerryContainerSpec *asked, const PerryContainerSpec *reported, PerryField field,
                           GString *value, GString *reason)
{
  if (!print_reported (reported, field, value, reason))
    return PERRY_VERDICT_UNPROVEN;
  return judge (g_variant_equal (perry_container_spec_get_value (asked, field),
                                 perry_container_spec_get_value (reported, field)),
                reason);
}

PerryVerdict
perry_field_compare_reported_image (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                    const PerryCompareContext *context, GString *value, GString *reason)
{
  g_autoptr (PerryImageReference) wanted = NULL;
  g_autoptr (PerryImageReference) found = NULL;

  if (!print_reported (reported, PERRY_FIELD_IMAGE, value, reason))
    return PERRY_VERDICT_UNPROVEN;

  wanted = perry_image_reference_parse (perry_container_spec_get_string (asked, PERRY_FIELD_IMAGE), NULL);
  found = perry_image_reference_parse (perry_container_spec_get_string (reported, PERRY_FIELD_IMAGE), NULL);
  if (wanted != NULL && found != NULL && perry_image_reference_equal (wanted, found))
    return PERRY_VERDICT_PROVEN;
  /* Engines put an id or another name in its place; of two digests only one can be right. */
  if (wanted != NULL && found != NULL && perry_image_reference_get_digest (wanted) != NULL &&
      perry_image_reference_get_digest (found) != NULL &&
      perry_image_reference_get_kind (wanted) == perry_image_reference_get_kind (found))
    return judge (g_str_equal (perry_image_reference_get_digest (wanted), perry_image_reference_get_digest (found)),
                  reason);
  g_string_append (reason, "the engine reports another name; the image's id decides");
  return PERRY_VERDICT_UNPROVEN;
}

PerryVerdict
perry_field_compare_reported_name (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                   const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_equal (asked, reported, PERRY_FIELD_NAME, value, reason);
}

PerryVerdict
perry_field_compare_reported_entrypoint (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                         const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_equal (asked, reported, PERRY_FIELD_ENTRYPOINT, value, reason);
}

PerryVerdict
perry_field_compare_reported_cmd (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                  const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_equal (asked, reported, PERRY_FIELD_CMD, value, reason);
}

PerryVerdict
perry_field_compare_included (const PerryContainerSpec *asked, const PerryContainerSpec *reported, PerryField field,
                              GString *value, GString *reason)
{
  g_autoptr (GHashTable) found = g_hash_table_new (g_str_hash, g_str_equal);
  GVariant *map = perry_container_spec_get_value (reported, field);
  GVariantIter iter;
  const char *key;
  const char *text;

  if (map == NULL)
    {
      g_string_append (reason, NOT_REPORTED);
      return PERRY_VERDICT_UNPROVEN;
    }
  g_string_append_printf (value, "%" G_GSIZE_FORMAT " entries", g_variant_n_children (map));

  g_variant_iter_init (&iter, map);
  while (g_variant_iter_next (&iter, "{&s&s}", &key, &text))
    g_hash_table_insert (found, (gpointer) key, (gpointer) text);
  g_variant_iter_init (&iter, perry_container_spec_get_value (asked, field));
  while (g_variant_iter_next (&iter, "{&s&s}", &key, &text))
    {
      const char *other = g_hash_table_lookup (found, key);
      g_autofree char *quoted = perry_spec_quote (key);

      if (other != NULL && g_str_equal (other, text))
        continue;
      g_string_append_printf (reason, "%s %s", quoted, other != NULL ? "has another value" : "is missing");
      return PERRY_VERDICT_DIFFERS;
    }
  return PERRY_VERDICT_PROVEN;
}

PerryVerdict
perry_field_compare_reported_env (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                  const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_included (asked, reported, PERRY_FIELD_ENV, value, reason);
}

PerryVerdict
perry_field_compare_reported_labels (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                     const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_included (asked, reported, PERRY_FIELD_LABELS, value, reason);
}

PerryVerdict
perry_field_compare_reported_user (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                   const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_equal (asked, reported, PERRY_FIELD_USER, value, reason);
}

PerryVerdict
perry_field_compare_reported_workdir (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                      const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_equal (asked, reported, PERRY_FIELD_WORKDIR, value, reason);
}

PerryVerdict
perry_field_compare_reported_read_only (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                        const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_equal (asked, reported, PERRY_FIELD_READ_ONLY, value, reason);
}

PerryVerdict
perry_field_compare_reported_privileged (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                         const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_equal (asked, reported, PERRY_FIELD_PRIVILEGED, value, reason);
}

/* A capability that the engine's own process lacks cannot be meant by `ALL`. */
static PerryLinuxCapabilities
limit_all (const PerryContainerSpec *asked, const PerryCompareContext *context, PerryLinuxCapabilities set)
{
  g_autofree const char **added = perry_container_spec_get_strv (asked, PERRY_FIELD_CAP_ADD);
  gboolean all = perry_container_spec_get_boolean (asked, PERRY_FIELD_PRIVILEGED) ||
                 (added != NULL && g_strv_contains (added, "ALL"));

  return all && context->grantable_capabilities != 0 ? set & context->grantable_capabilities : set;
}

static PerryVerdict
compare_capabilities (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                      const PerryCompareContext *context, GString *value, GString *reason)
{
  g_autofree char *text = NULL;
  PerryLinuxCapabilities wanted;
  PerryLinuxCapabilities found;

  if (!perry_container_spec_is_set (reported, PERRY_FIELD_CAP_ADD) &&
      !perry_container_spec_is_set (reported, PERRY_FIELD_CAP_DROP) &&
      !perry_container_spec_is_set (reported, PERRY_FIELD_PRIVILEGED))
    {
      g_string_append (reason, NOT_REPORTED);
      return PERRY_VERDICT_UNPROVEN;
    }

  wanted = perry_container_spec_get_capabilities (asked, context->default_capabilities);
  found = perry_container_spec_get_capabilities (reported, context->default_capabilities);
  text = perry_linux_capabilities_to_text (found);
  g_string_append (value, text);
  return judge (limit_all (asked, context, wanted) == limit_all (asked, context, found), reason);
}

PerryVerdict
perry_field_compare_reported_cap_add (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                      const PerryCompareContext *context, GString *value, GString *reason)
{
  return compare_capabilities (asked, reported, context, value, reason);
}

PerryVerdict
perry_field_compare_reported_cap_drop (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                       const PerryCompareContext *context, GString *value, GString *reason)
{
  return compare_capabilities (asked, reported, context, value, reason);
}

/* Mostly an engine gives back the very text that it was sent. */
static gboolean
equal_json (const char *a, const char *b)
{
  g_autoptr (JsonNode) left = NULL;
  g_autoptr (JsonNode) right = NULL;

  if (g_str_equal (a, b))
    return TRUE;
  left = perry_json_parse (a, -1, NULL, NULL);
  right = perry_json_parse (b, -1, NULL, NULL);
  return left != NULL && right != NULL && json_node_equal (left, right);
}

PerryVerdict
perry_field_compare_reported_seccomp (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                      const PerryCompareContext *context, GString *value, GString *reason)
{
  const char *wanted = perry_container_spec_get_string (asked, PERRY_FIELD_SECCOMP);
  const char *found = perry_container_spec_get_string (reported, PERRY_FIELD_SECCOMP);
  const char *wanted_profile = perry_container_spec_get_seccomp_profile (asked);
  const char *found_profile = perry_container_spec_get_seccomp_profile (reported);

  if (!print_reported (reported, PERRY_FIELD_SECCOMP, value, reason))
    return PERRY_VERDICT_UNPROVEN;
  if (wanted_profile != NULL && found_profile != NULL)
    return judge (equal_json (wanted_profile, found_profile), reason);
  if (wanted_profile != NULL && perry_field_seccomp_is_path (found))
    {
      g_string_append (reason, "the engine reports the path of a profile, not its text");
      return PERRY_VERDICT_UNPROVEN;
    }
  return judge (g_str_equal (wanted, found), reason);
}

PerryVerdict
perry_field_compare_reported_no_new_privileges (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                                const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_equal (asked, reported, PERRY_FIELD_NO_NEW_PRIVILEGES, value, reason);
}

PerryVerdict
perry_field_compare_reported_apparmor (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                       const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_equal (asked, reported, PERRY_FIELD_APPARMOR, value, reason);
}

static gboolean
contains_all (const char *const *all, const char *const *some)
{
  for (; *some != NULL; some++)
    if (!g_strv_contains (all, *some))
      return FALSE;
  return TRUE;
}

PerryVerdict
perry_field_compare_reported_selinux (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                      const PerryCompareContext *context, GString *value, GString *reason)
{
  g_autofree const char **wanted = perry_container_spec_get_strv (asked, PERRY_FIELD_SELINUX);
  g_autofree const char **found = perry_container_spec_get_strv (reported, PERRY_FIELD_SELINUX);

  if (!print_reported (reported, PERRY_FIELD_SELINUX, value, reason))
    return PERRY_VERDICT_UNPROVEN;
  return judge (contains_all (found, wanted) && contains_all (wanted, found), reason);
}

/* `network` and `no_network` are two spellings of one thing, in the spec and in the report. */
static PerryVerdict
compare_networks (const PerryContainerSpec *reported, const char *wanted, GString *value, GString *reason)
{
  const char *found = perry_container_spec_get_network (reported);

  if (found == NULL)
    {
      g_string_append (reason, NOT_REPORTED);
      return PERRY_VERDICT_UNPROVEN;
    }
  perry_spec_append_escaped (value, found, 80);
  return judge (g_str_equal (wanted, found), reason);
}

PerryVerdict
perry_field_compare_reported_network (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                      const PerryCompareContext *context, GString *value, GString *reason)
{
  return compare_networks (reported, perry_container_spec_get_network (asked), value, reason);
}

PerryVerdict
perry_field_compare_reported_no_network (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                         const PerryCompareContext *context, GString *value, GString *reason)
{
  if (perry_container_spec_get_boolean (asked, PERRY_FIELD_NO_NETWORK))
    return compare_networks (reported, "none", value, reason);
  /* `false` asks for nothing. */
  g_string_append (value, "false");
  return PERRY_VERDICT_PROVEN;
}

/* An engine may print a size in another unit than the spec. */
static gboolean
equal_options (const char *a, const char *b)
{
  gsize length = strcspn (a, "=");
  gint64 left;
  gint64 right;

  if (g_str_equal (a, b))
    return TRUE;
  if (a[length] != '=' || strncmp (a, b, length + 1) != 0)
    return FALSE;
  if (g_str_has_prefix (a, "mode="))
    return g_ascii_strtoull (a + length + 1, NULL, 8) == g_ascii_strtoull (b + length + 1, NULL, 8);
  return perry_field_parse_size (a + length + 1, &left) && perry_field_parse_size (b + length + 1, &right) &&
         left == right;
}

static gboolean
has_option (const PerryMount *mount, const char *option)
{
  for (char **other = mount->options; *other != NULL; other++)
    if (equal_options (option, *other))
      return TRUE;
  return FALSE;
}

/* Whether @mount has @option: `exec`, `suid` and `dev` mean that their contrary is not there. */
static gboolean
satisfies_option (const PerryMount *mount, const char *option)
{
  if (g_str_equal (option, "exec") || g_str_equal (option, "suid") || g_str_equal (option, "dev"))
    {
      g_autofree char *contrary = g_strconcat ("no", option, NULL);

      return !has_option (mount, contrary);
    }
  /* Engines leave out what they do anyway. */
  if (g_str_equal (option, "rprivate"))
    return !has_option (mount, "private") && !has_option (mount, "slave") && !has_option (mount, "rslave") &&
           !has_option (mount, "shared") && !has_option (mount, "rshared");
  return has_option (mount, option);
}

/* Returns a reason, or NULL where the mounts are the same. */
static char *
find_mount_difference (const PerryMount *wanted, const PerryMount *found)
{
  g_autofree char *target = perry_spec_quote (wanted->target);

  if (wanted->type != found->type)
    return g_strdup_printf ("%s is of another type", target);
  /* A volume of the container's own has a name that the engine chose. */
  if ((wanted->type != PERRY_MOUNT_VOLUME || wanted->source != NULL) &&
      g_strcmp0 (wanted->source, found->source) != 0)
    return g_strdup_printf ("%s has another source", target);
  if (wanted->read_only != found->read_only)
    return g_strdup_printf ("%s is %s", target, found->read_only ? "read-only" : "writable");
  for (char **option = wanted->options; *option != NULL; option++)
    if (!satisfies_option (found, *option))
      {
        g_autofree char *quoted = perry_spec_quote (*option);

        return g_strdup_printf ("%s is without the option %s", target, quoted);
      }
  return NULL;
}

static const PerryMount *
find_target (GPtrArray *mounts, const char *target)
{
  for (guint i = 0; i < mounts->len; i++)
    {
      const PerryMount *mount = g_ptr_array_index (mounts, i);

      if (g_str_equal (mount->target, target))
        return mount;
    }
  return NULL;
}

static PerryVerdict
compare_mounts (const PerryContainerSpec *asked, const PerryContainerSpec *reported, PerryField field, GString *value,
                GString *reason)
{
  g_autoptr (GPtrArray) wanted = perry_container_spec_dup_mounts (asked);
  g_autoptr (GPtrArray) found = perry_container_spec_dup_mounts (reported);
  g_autofree char *text = perry_container_spec_format_value (reported, field);

  /* An engine may list a tmpfs among its volumes, or the other way round. */
  if (!perry_container_spec_is_set (reported, PERRY_FIELD_TMPFS) &&
      !perry_container_spec_is_set (reported, PERRY_FIELD_VOLUMES))
    {
      g_string_append (reason, NOT_REPORTED);
      return PERRY_VERDICT_UNPROVEN;
    }
  g_string_append (value, text != NULL ? text : "none");

  for (guint i = 0; i < wanted->len; i++)
    {
      const PerryMount *mount = g_ptr_array_index (wanted, i);
      const PerryMount *other = find_target (found, mount->target);
      g_autofree char *difference = NULL;

      if (mount->field != field)
        continue;
      if (other == NULL)
        difference = g_strdup_printf ("nothing is mounted at %s", mount->target);
      else
        difference = find_mount_difference (mount, other);
      if (difference != NULL)
        {
          g_string_append (reason, difference);
          return PERRY_VERDICT_DIFFERS;
        }
    }
  return PERRY_VERDICT_PROVEN;
}

PerryVerdict
perry_field_compare_reported_tmpfs (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                    const PerryCompareContext *context, GString *value, GString *reason)
{
  return compare_mounts (asked, reported, PERRY_FIELD_TMPFS, value, reason);
}

PerryVerdict
perry_field_compare_reported_volumes (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                      const PerryCompareContext *context, GString *value, GString *reason)
{
  return compare_mounts (asked, reported, PERRY_FIELD_VOLUMES, value, reason);
}

PerryVerdict
perry_field_compare_reported_memory (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                     const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_equal (asked, reported, PERRY_FIELD_MEMORY, value, reason);
}

PerryVerdict
perry_field_compare_reported_cpus (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                   const PerryCompareContext *context, GString *value, GString *reason)
{
  double wanted = perry_container_spec_get_double (asked, PERRY_FIELD_CPUS, 0);
  double found = perry_container_spec_get_double (reported, PERRY_FIELD_CPUS, 0);

  if (!print_reported (reported, PERRY_FIELD_CPUS, value, reason))
    return PERRY_VERDICT_UNPROVEN;
  return judge (fabs (wanted - found) <= wanted * CPU_TOLERANCE, reason);
}

PerryVerdict
perry_field_compare_reported_pids_limit (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                         const PerryCompareContext *context, GString *value, GString *reason)
{
  gint64 wanted = perry_container_spec_get_int64 (asked, PERRY_FIELD_PIDS_LIMIT, 0);
  gint64 found = perry_container_spec_get_int64 (reported, PERRY_FIELD_PIDS_LIMIT, 0);

  if (!print_reported (reported, PERRY_FIELD_PIDS_LIMIT, value, reason))
    return PERRY_VERDICT_UNPROVEN;
  /* Engines write "no limit" as 0 or as -1. */
  return judge (wanted == found || (wanted < 0 && found <= 0), reason);
}

PerryVerdict
perry_field_compare_reported_init (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                   const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_equal (asked, reported, PERRY_FIELD_INIT, value, reason);
}

PerryVerdict
perry_field_compare_reported_rm (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                 const PerryCompareContext *context, GString *value, GString *reason)
{
  gboolean wanted = perry_container_spec_get_boolean (asked, PERRY_FIELD_RM);

  if (!print_reported (reported, PERRY_FIELD_RM, value, reason))
    return PERRY_VERDICT_UNPROVEN;
  if (wanted && !perry_container_spec_get_boolean (reported, PERRY_FIELD_RM))
    {
      g_string_append (reason, "the container is removed by its creator, not by the engine");
      return PERRY_VERDICT_UNPROVEN;
    }
  return judge (wanted == perry_container_spec_get_boolean (reported, PERRY_FIELD_RM), reason);
}
