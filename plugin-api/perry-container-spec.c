/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-container-spec.h"

#include <string.h>

#include "plugin-api/perry-container-spec-private.h"
#include "plugin-api/perry-error.h"
#include "plugin-api/perry-field-check.h"
#include "plugin-api/perry-field-devices.h"
#include "plugin-api/perry-field-mounts.h"

G_DEFINE_BOXED_TYPE (PerryContainerSpec, perry_container_spec, perry_container_spec_copy, perry_container_spec_free)

const char *
perry_enforcement_get_name (PerryEnforcement enforcement)
{
  g_return_val_if_fail ((guint) enforcement <= PERRY_ENFORCEMENT_STRICT, "warn");
  return perry_field_enforcement_words[enforcement];
}

gboolean
perry_enforcement_from_name (const char *name, PerryEnforcement *ret_enforcement)
{
  g_return_val_if_fail (name != NULL, FALSE);

  for (int i = 0; perry_field_enforcement_words[i] != NULL; i++)
    if (g_str_equal (name, perry_field_enforcement_words[i]))
      {
        *ret_enforcement = i;
        return TRUE;
      }
  return FALSE;
}

const GVariantType *
perry_field_type_get_variant_type (PerryFieldType type)
{
  switch (type)
    {
    case PERRY_FIELD_TYPE_STRV:
    case PERRY_FIELD_TYPE_PORTS:
      return G_VARIANT_TYPE_STRING_ARRAY;
    case PERRY_FIELD_TYPE_MAP:
      return G_VARIANT_TYPE ("a{ss}");
    case PERRY_FIELD_TYPE_BOOLEAN:
      return G_VARIANT_TYPE_BOOLEAN;
    case PERRY_FIELD_TYPE_INTEGER:
    case PERRY_FIELD_TYPE_SIZE:
    case PERRY_FIELD_TYPE_SECONDS:
      return G_VARIANT_TYPE_INT64;
    case PERRY_FIELD_TYPE_NUMBER:
      return G_VARIANT_TYPE_DOUBLE;
    case PERRY_FIELD_TYPE_MOUNTS:
      return G_VARIANT_TYPE (PERRY_MOUNTS_VARIANT_TYPE);
    case PERRY_FIELD_TYPE_DEVICES:
      return G_VARIANT_TYPE (PERRY_DEVICES_VARIANT_TYPE);
    case PERRY_FIELD_TYPE_STRING:
    case PERRY_FIELD_TYPE_PROFILE:
    case PERRY_FIELD_TYPE_OBJECT:
    default:
      return G_VARIANT_TYPE_STRING;
    }
}

PerryContainerSpec *
perry_container_spec_new (void)
{
  return g_new0 (PerryContainerSpec, 1);
}

PerryContainerSpec *
perry_container_spec_copy (const PerryContainerSpec *spec)
{
  PerryContainerSpec *copy;

  g_return_val_if_fail (spec != NULL, NULL);

  copy = perry_container_spec_new ();
  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    if (spec->values[field] != NULL)
      copy->values[field] = g_variant_ref (spec->values[field]);
  copy->seccomp_profile = g_strdup (spec->seccomp_profile);
  return copy;
}

void
perry_container_spec_free (PerryContainerSpec *spec)
{
  if (spec == NULL)
    return;
  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    g_clear_pointer (&spec->values[field], g_variant_unref);
  g_free (spec->seccomp_profile);
  g_free (spec);
}

/* Sorted by key, so that equal maps are equal values; of equal keys the last one stays. */
static GVariant *
sort_map (GVariant *map)
{
  g_autoptr (GTree) tree = g_tree_new ((GCompareFunc) strcmp);
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (G_VARIANT_TYPE ("a{ss}"));
  GVariantIter iter;
  const char *key;
  const char *text;

  g_variant_iter_init (&iter, map);
  while (g_variant_iter_next (&iter, "{&s&s}", &key, &text))
    g_tree_replace (tree, (gpointer) key, (gpointer) text);
  for (GTreeNode *node = g_tree_node_first (tree); node != NULL; node = g_tree_node_next (node))
    g_variant_builder_add (builder, "{ss}", g_tree_node_key (node), g_tree_node_value (node));
  return g_variant_ref_sink (g_variant_builder_end (builder));
}

GVariant *
perry_field_canonicalise (PerryField field, GVariant *value, const char *path, PerrySpecProblems *problems)
{
  const PerryFieldInfo *info = perry_field_get_info (field);
  g_autoptr (GVariant) owned = g_variant_ref_sink (value);
  GVariant *checked;

  if (info->check != NULL)
    {
      checked = info->check (owned, path, problems);
      if (checked == NULL)
        return NULL;
      g_variant_ref_sink (checked);
      g_variant_unref (owned);
      owned = checked;
    }
  return info->type == PERRY_FIELD_TYPE_MAP ? sort_map (owned) : g_steal_pointer (&owned);
}

gboolean
perry_container_spec_set_value (PerryContainerSpec *spec, PerryField field, GVariant *value, GError **error)
{
  const PerryFieldInfo *info;
  g_autoptr (PerrySpecProblems) problems = NULL;
  g_autoptr (GVariant) owned = NULL;
  g_autoptr (GVariant) canonical = NULL;
  g_autofree char *path = NULL;

  g_return_val_if_fail (spec != NULL, FALSE);
  g_return_val_if_fail ((guint) field < PERRY_FIELD_LAST, FALSE);
  g_return_val_if_fail (value != NULL, FALSE);

  owned = g_variant_ref_sink (value);
  info = perry_field_get_info (field);
  problems = perry_spec_problems_new ();
  path = g_strconcat ("$.", info->name, NULL);
  if (!g_variant_is_of_type (owned, perry_field_type_get_variant_type (info->type)))
    perry_spec_problems_add (problems, path, "the value's type is %s, not %s", g_variant_get_type_string (owned),
                             (const char *) perry_field_type_get_variant_type (info->type));
  else
    canonical = perry_field_canonicalise (field, owned, path, problems);
  if (!perry_spec_problems_to_result (problems, error))
    return FALSE;

  perry_container_spec_take_value (spec, field, canonical);
  return TRUE;
}

static const GVariantType *
get_variant_type (PerryField field)
{
  return perry_field_type_get_variant_type (perry_field_get_info (field)->type);
}

void
perry_container_spec_take_value (PerryContainerSpec *spec, PerryField field, GVariant *value)
{
  g_autoptr (GVariant) owned = NULL;

  g_return_if_fail (spec != NULL);
  g_return_if_fail ((guint) field < PERRY_FIELD_LAST);
  g_return_if_fail (value != NULL);

  owned = g_variant_ref_sink (value);
  g_return_if_fail (g_variant_is_of_type (owned, get_variant_type (field)));

  perry_container_spec_unset (spec, field);
  spec->values[field] = g_steal_pointer (&owned);
}

void
perry_container_spec_unset (PerryContainerSpec *spec, PerryField field)
{
  g_return_if_fail (spec != NULL);
  g_return_if_fail ((guint) field < PERRY_FIELD_LAST);

  g_clear_pointer (&spec->values[field], g_variant_unref);
  if (field == PERRY_FIELD_SECCOMP)
    g_clear_pointer (&spec->seccomp_profile, g_free);
}

gboolean
perry_container_spec_is_set (const PerryContainerSpec *spec, PerryField field)
{
  return perry_container_spec_get_value (spec, field) != NULL;
}

GVariant *
perry_container_spec_get_value (const PerryContainerSpec *spec, PerryField field)
{
  g_return_val_if_fail (spec != NULL, NULL);
  g_return_val_if_fail ((guint) field < PERRY_FIELD_LAST, NULL);

  return spec->values[field];
}

/* The stored value; NULL where the field is unset or the caller asks for a type that the field does not have. */
static GVariant *
get_typed (const PerryContainerSpec *spec, PerryField field, const GVariantType *type)
{
  GVariant *value = perry_container_spec_get_value (spec, field);

  g_return_val_if_fail (value == NULL || g_variant_is_of_type (value, type), NULL);
  return value;
}

const char *
perry_container_spec_get_string (const PerryContainerSpec *spec, PerryField field)
{
  GVariant *value = get_typed (spec, field, G_VARIANT_TYPE_STRING);

  return value != NULL ? g_variant_get_string (value, NULL) : NULL;
}

const char **
perry_container_spec_get_strv (const PerryContainerSpec *spec, PerryField field)
{
  GVariant *value = get_typed (spec, field, G_VARIANT_TYPE_STRING_ARRAY);

  return value != NULL ? g_variant_get_strv (value, NULL) : NULL;
}

gboolean
perry_container_spec_get_boolean (const PerryContainerSpec *spec, PerryField field)
{
  GVariant *value = get_typed (spec, field, G_VARIANT_TYPE_BOOLEAN);

  return value != NULL && g_variant_get_boolean (value);
}

gint64
perry_container_spec_get_int64 (const PerryContainerSpec *spec, PerryField field, gint64 unset)
{
  GVariant *value = get_typed (spec, field, G_VARIANT_TYPE_INT64);

  return value != NULL ? g_variant_get_int64 (value) : unset;
}

double
perry_container_spec_get_double (const PerryContainerSpec *spec, PerryField field, double unset)
{
  GVariant *value = get_typed (spec, field, G_VARIANT_TYPE_DOUBLE);

  return value != NULL ? g_variant_get_double (value) : unset;
}

static int
compare_targets (gconstpointer a, gconstpointer b)
{
  const PerryMount *left = *(const PerryMount *const *) a;
  const PerryMount *right = *(const PerryMount *const *) b;

  return strcmp (left->target, right->target);
}

GPtrArray *
perry_container_spec_dup_mounts (const PerryContainerSpec *spec)
{
  GPtrArray *mounts;
  g_autofree const char **tmpfs = NULL;
  GVariant *volumes;

  g_return_val_if_fail (spec != NULL, NULL);

  mounts = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_mount_free);
  tmpfs = perry_container_spec_get_strv (spec, PERRY_FIELD_TMPFS);
  for (gsize i = 0; tmpfs != NULL && tmpfs[i] != NULL; i++)
    g_ptr_array_add (mounts, perry_mount_new_from_tmpfs (tmpfs[i]));

  volumes = perry_container_spec_get_value (spec, PERRY_FIELD_VOLUMES);
  for (gsize i = 0; volumes != NULL && i < g_variant_n_children (volumes); i++)
    {
      g_autoptr (GVariant) mount = g_variant_get_child_value (volumes, i);

      g_ptr_array_add (mounts, perry_mount_new_from_variant (mount));
    }
  g_ptr_array_sort (mounts, compare_targets);
  return mounts;
}

const char *
perry_container_spec_get_network (const PerryContainerSpec *spec)
{
  if (perry_container_spec_get_boolean (spec, PERRY_FIELD_NO_NETWORK))
    return "none";
  return perry_container_spec_get_string (spec, PERRY_FIELD_NETWORK);
}

const char *
perry_container_spec_get_seccomp_profile (const PerryContainerSpec *spec)
{
  const char *value = perry_container_spec_get_string (spec, PERRY_FIELD_SECCOMP);

  if (value == NULL)
    return NULL;
  return perry_field_seccomp_is_inline (value) ? value : spec->seccomp_profile;
}

void
perry_container_spec_set_perry_profile (PerryContainerSpec *spec, const char *text)
{
  g_return_if_fail (spec != NULL);
  g_return_if_fail (text != NULL);
  g_return_if_fail (g_strcmp0 (perry_container_spec_get_string (spec, PERRY_FIELD_SECCOMP), "perry") == 0);

  g_free (spec->seccomp_profile);
  spec->seccomp_profile = g_strdup (text);
}

/* A report may write what a spec has as `ALL` in another way. */
static gboolean
is_all (const char *name)
{
  return g_ascii_strcasecmp (name, "ALL") == 0 || g_ascii_strcasecmp (name, "CAP_ALL") == 0;
}

static gboolean
has_all (const char *const *names)
{
  for (; names != NULL && *names != NULL; names++)
    if (is_all (*names))
      return TRUE;
  return FALSE;
}

/* The set of the names that stand for themselves. */
static PerryLinuxCapabilities
get_single_capabilities (const char *const *names)
{
  PerryLinuxCapabilities set = 0;

  for (; names != NULL && *names != NULL; names++)
    {
      guint number;

      if (perry_linux_capability_parse (*names, &number))
        set |= G_GUINT64_CONSTANT (1) << number;
    }
  return set;
}

PerryLinuxCapabilities
perry_container_spec_get_capabilities (const PerryContainerSpec *spec, PerryLinuxCapabilities defaults)
{
  g_autofree const char **added = NULL;
  g_autofree const char **dropped = NULL;
  PerryLinuxCapabilities set = defaults;

  g_return_val_if_fail (spec != NULL, 0);

  if (perry_container_spec_get_boolean (spec, PERRY_FIELD_PRIVILEGED))
    return perry_linux_capabilities_all ();

  added = perry_container_spec_get_strv (spec, PERRY_FIELD_CAP_ADD);
  dropped = perry_container_spec_get_strv (spec, PERRY_FIELD_CAP_DROP);
  if (has_all (dropped))
    set = 0;
  if (has_all (added))
    set = perry_linux_capabilities_all ();
  set &= ~get_single_capabilities (dropped);
  return set | get_single_capabilities (added);
}

PerryEnforcement
perry_container_spec_get_enforcement (const PerryContainerSpec *spec, PerryEnforcement unset)
{
  const char *word = perry_container_spec_get_string (spec, PERRY_FIELD_ENFORCEMENT);
  PerryEnforcement enforcement = unset;

  if (word != NULL)
    perry_enforcement_from_name (word, &enforcement);
  return enforcement;
}

gboolean
perry_container_spec_names_field (const PerryContainerSpec *spec, PerryField list, PerryField field)
{
  g_autofree const char **names = NULL;

  g_return_val_if_fail (list == PERRY_FIELD_REQUIRE || list == PERRY_FIELD_PREFER, FALSE);

  names = perry_container_spec_get_strv (spec, list);
  return names != NULL && g_strv_contains (names, perry_field_get_name (field));
}
