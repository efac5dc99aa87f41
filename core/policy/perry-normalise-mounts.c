/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/perry-normalise-private.h"

#define LABELS_ONLY PERRY_CAPABILITY_BIT (PERRY_CAPABILITY_SELINUX_MOUNT_LABELS)
#define READ_ONLY PERRY_CAPABILITY_BIT (PERRY_CAPABILITY_READ_ONLY_MOUNTS)
#define TMP "/tmp"
#define PROMISED_TMP TMP ":rw,nosuid,nodev,exec,mode=1777,size=64m"

/* A spec of one mount tells, by the table, what that mount alone requires. */
static PerryContainerSpec *
spec_of_one (PerryField field, GVariant *element)
{
  PerryContainerSpec *spec = perry_container_spec_new ();

  perry_container_spec_take_value (spec, field, g_variant_new_array (g_variant_get_type (element), &element, 1));
  return spec;
}

static char *
dup_target (const PerryContainerSpec *spec)
{
  g_autoptr (GPtrArray) mounts = perry_container_spec_dup_mounts (spec);

  return mounts->len > 0 ? g_strdup (((PerryMount *) g_ptr_array_index (mounts, 0))->target) : g_strdup ("?");
}

static GVariant *
without_labels (GVariant *element)
{
  g_autoptr (GVariantIter) options = NULL;
  const char *type, *source, *target, *option;
  gboolean read_only;
  GVariantBuilder builder;

  g_variant_get (element, "(&s&s&sbas)", &type, &source, &target, &read_only, &options);
  g_variant_builder_init (&builder, G_VARIANT_TYPE_STRING_ARRAY);
  while (g_variant_iter_next (options, "&s", &option))
    if (!g_str_equal (option, "z") && !g_str_equal (option, "Z"))
      g_variant_builder_add (&builder, "s", option);
  return g_variant_ref_sink (g_variant_new ("(sssbas)", type, source, target, read_only, &builder));
}

static char *
explain_loss (const PerryFieldLevel *level, const char *target)
{
  if (level->missing == LABELS_ONLY)
    return g_strdup_printf ("%s; %s is mounted without relabelling", level->reason, target);
  if (level->missing == READ_ONLY)
    return g_strdup_printf ("%s; nothing is mounted at %s, because it would be writable", level->reason, target);
  return g_strdup_printf ("%s; nothing is mounted at %s", level->reason, target);
}

/* What is left of one mount, NULL where nothing is. */
static GVariant *
reduce_mount (PerryNormalisation *normalisation, PerryField field, GVariant *element, PerryFieldOutcome outcome)
{
  g_autoptr (PerryContainerSpec) single = spec_of_one (field, element);
  g_auto (PerryFieldLevel) level = { 0 };
  g_autofree char *target = NULL;
  g_autofree char *value = NULL;
  g_autofree char *reason = NULL;

  perry_field_level_init (&level, field, single, normalisation->request->matrix, NULL);
  if (level.missing == 0)
    return g_variant_ref (element);

  target = dup_target (single);
  value = perry_container_spec_format_value (single, field);
  reason = explain_loss (&level, target);
  perry_normalisation_drop (normalisation, field, value, reason, outcome);
  return level.missing == LABELS_ONLY ? without_labels (element) : NULL;
}

void
perry_normalisation_drop_mounts (PerryNormalisation *normalisation, PerryField field, PerryFieldOutcome outcome)
{
  GVariant *value = perry_container_spec_get_value (normalisation->request->spec, field);
  g_auto (PerryFieldLevel) level = { 0 };
  GVariantBuilder builder;
  gsize n_kept = 0;

  g_variant_builder_init (&builder, g_variant_get_type (value));
  for (gsize i = 0; i < g_variant_n_children (value); i++)
    {
      g_autoptr (GVariant) element = g_variant_get_child_value (value, i);
      g_autoptr (GVariant) kept = reduce_mount (normalisation, field, element, outcome);

      if (kept == NULL)
        continue;
      g_variant_builder_add_value (&builder, kept);
      n_kept++;
    }
  if (n_kept > 0)
    perry_container_spec_take_value (normalisation->result, field, g_variant_builder_end (&builder));
  else
    {
      g_variant_builder_clear (&builder);
      perry_container_spec_unset (normalisation->result, field);
      return;
    }
  perry_field_level_init (&level, field, normalisation->result, normalisation->request->matrix,
                          normalisation->request->support);
  outcome = perry_mode_table_get_outcome (perry_normalisation_get_state (level.support),
                                          perry_normalisation_get_rule (normalisation, field));
  perry_normalisation_keep (normalisation, field, &level, outcome);
}

static gboolean
mounts_at_tmp (const PerryContainerSpec *spec, gboolean only_read_only)
{
  g_autoptr (GPtrArray) mounts = perry_container_spec_dup_mounts (spec);

  for (guint i = 0; i < mounts->len; i++)
    {
      const PerryMount *mount = g_ptr_array_index (mounts, i);

      if (g_str_equal (mount->target, TMP) && (mount->read_only || !only_read_only))
        return TRUE;
    }
  return FALSE;
}

static gboolean
promises_tmp (const PerryNormalisation *normalisation)
{
  const PerryContainerSpec *asked = normalisation->request->spec;
  GVariant *tmpfs = perry_container_spec_get_value (asked, PERRY_FIELD_TMPFS);

  if (!perry_container_spec_get_boolean (normalisation->result, PERRY_FIELD_READ_ONLY))
    return FALSE;
  if (tmpfs != NULL && g_variant_n_children (tmpfs) == 0)
    return FALSE;
  /* a read-only mount that had to be left out must not come back writable */
  return !mounts_at_tmp (normalisation->result, FALSE) && !mounts_at_tmp (asked, TRUE);
}

static char *
explain_promise (const PerryFieldLevel *level)
{
  if (level->support == PERRY_SUPPORT_NATIVE)
    return g_strdup ("read_only comes with a writable " TMP);
  return g_strdup_printf ("read_only comes with a writable " TMP ", but %s; an empty tmpfs list asks for none",
                          level->reason);
}

static void
note_added_tmp (PerryNormalisation *normalisation)
{
  PerryAdjustment *adjustment = perry_adjustment_new (PERRY_ADJUSTMENT_ADDED, PERRY_FIELD_TMPFS, PROMISED_TMP,
                                                      "read_only comes with a writable " TMP, FALSE);

  g_ptr_array_add (normalisation->adjustments, adjustment);
}

gboolean
perry_normalisation_add_tmp (PerryNormalisation *normalisation, GError **error)
{
  const PerryNormaliseRequest *request = normalisation->request;
  PerryFieldRule rule = perry_normalisation_get_rule (normalisation, PERRY_FIELD_READ_ONLY);
  g_autoptr (PerryContainerSpec) single = NULL;
  g_auto (PerryFieldLevel) level = { 0 };
  g_autofree char *reason = NULL;
  PerryFieldOutcome outcome;

  if (!promises_tmp (normalisation))
    return TRUE;
  single = perry_container_spec_new ();
  if (!perry_container_spec_set_from_text (single, PERRY_FIELD_TMPFS, PROMISED_TMP, "read_only", error))
    return FALSE;
  perry_field_level_init (&level, PERRY_FIELD_TMPFS, single, request->matrix, request->support);
  outcome = perry_mode_table_get_outcome (perry_normalisation_get_state (level.support), rule);
  reason = explain_promise (&level);

  if (outcome == PERRY_OUTCOME_REFUSE)
    {
      perry_normalisation_refuse (normalisation, PERRY_FIELD_TMPFS, single, reason, rule);
      return TRUE;
    }
  if (level.support == PERRY_SUPPORT_UNSUPPORTED)
    {
      perry_normalisation_drop (normalisation, PERRY_FIELD_TMPFS, PROMISED_TMP, reason, outcome);
      return TRUE;
    }
  if (!perry_container_spec_set_from_text (normalisation->result, PERRY_FIELD_TMPFS, PROMISED_TMP, "read_only", error))
    return FALSE;
  note_added_tmp (normalisation);
  /* tmpfs mounts of the spec's own have brought the same note already */
  if (!perry_container_spec_is_set (request->spec, PERRY_FIELD_TMPFS))
    perry_normalisation_keep (normalisation, PERRY_FIELD_TMPFS, &level, outcome);
  return TRUE;
}
