/* SPDX-License-Identifier: Apache-2.0 */
#include "core/audit/perry-audit.h"

#include "core/engine/perry-engine-private.h"
#include "core/engine/perry-json-members.h"

G_DEFINE_BOXED_TYPE (PerryAuditEntry, perry_audit_entry, perry_audit_entry_copy, perry_audit_entry_free)

PerryAuditEntry *
perry_audit_entry_copy (const PerryAuditEntry *entry)
{
  PerryAuditEntry *copy = g_new0 (PerryAuditEntry, 1);

  copy->name = g_strdup (entry->name);
  copy->examination = entry->examination != NULL ? perry_examination_copy (entry->examination) : NULL;
  copy->exposure = entry->exposure != NULL ? perry_exposure_copy (entry->exposure) : NULL;
  copy->verification = entry->verification != NULL ? perry_image_verification_copy (entry->verification) : NULL;
  copy->findings = g_strdupv (entry->findings);
  copy->error = g_strdup (entry->error);
  return copy;
}

void
perry_audit_entry_free (PerryAuditEntry *entry)
{
  if (entry == NULL)
    return;
  g_free (entry->name);
  g_clear_pointer (&entry->examination, perry_examination_free);
  g_clear_pointer (&entry->exposure, perry_exposure_free);
  g_clear_pointer (&entry->verification, perry_image_verification_free);
  g_strfreev (entry->findings);
  g_free (entry->error);
  g_free (entry);
}

/* By the digest that runs: what its name means by now is another question. A local image has none and is asked for by its
 * name, which says that it cannot be verified. */
static gboolean
verify (PerryEngine *engine, PerryAuditEntry *entry, GStrvBuilder *findings, GCancellable *cancellable, GError **error)
{
  const PerryExamination *examination = entry->examination;
  const char *image = examination->pinned != NULL ? examination->pinned : examination->info->image;
  g_autofree char *line = NULL;

  if (image == NULL || !perry_engine_verifies (engine, image))
    return TRUE;
  entry->verification = perry_engine_verify_image (engine, image, NULL, NULL, FALSE, cancellable, error);
  if (entry->verification == NULL)
    return FALSE;
  if (entry->verification->asked && entry->verification->kind == PERRY_VERIFICATION_VERIFIED)
    return TRUE;
  line = g_strdup_printf ("verification: %s is %s by today's rules%s%s", image,
                          entry->verification->asked ? perry_verification_kind_get_name (entry->verification->kind)
                                                     : "not verified",
                          entry->verification->note != NULL ? ": " : "",
                          entry->verification->note != NULL ? entry->verification->note : "");
  g_strv_builder_add (findings, line);
  return TRUE;
}

static void
rate (PerryAuditEntry *entry, GStrvBuilder *findings)
{
  entry->exposure = perry_exposure_rate (entry->examination->found, entry->examination->engine);
  for (guint i = 0; i < entry->exposure->rows->len; i++)
    {
      const PerryExposureRow *row = g_ptr_array_index (entry->exposure->rows, i);
      g_autofree char *line = NULL;

      if (row->least < PERRY_EXPOSURE_ALARM)
        continue;
      line = g_strdup_printf ("%s: %s", row->id, row->reason);
      g_strv_builder_add (findings, line);
    }
  for (char **drift = entry->examination->drift; *drift != NULL; drift++)
    {
      g_autofree char *line = g_strdup_printf ("drift: %s", *drift);

      g_strv_builder_add (findings, line);
    }
}

/* NULL without an error for a container that has gone meanwhile. */
static PerryAuditEntry *
examine (PerryEngine *engine, const PerryContainerInfo *listed, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryAuditEntry) entry = g_new0 (PerryAuditEntry, 1);
  g_autoptr (GStrvBuilder) findings = g_strv_builder_new ();
  GError *local_error = NULL;

  entry->name = g_strdup (listed->name);
  entry->examination = perry_engine_examine (engine, listed->id, cancellable, &local_error);
  if (entry->examination != NULL)
    {
      rate (entry, findings);
      verify (engine, entry, findings, cancellable, &local_error);
    }
  if (g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_CANCELLED))
    {
      g_propagate_error (error, local_error);
      return NULL;
    }
  if (g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND))
    {
      g_error_free (local_error);
      return NULL;
    }
  if (local_error != NULL)
    {
      g_autofree char *line = g_strdup_printf ("not examined: %s", local_error->message);

      g_strv_builder_add (findings, line);
      entry->error = g_strdup (local_error->message);
      g_error_free (local_error);
    }
  entry->findings = g_strv_builder_end (findings);
  return g_steal_pointer (&entry);
}

static double
get_score (const PerryAuditEntry *entry)
{
  return entry->exposure != NULL ? entry->exposure->score : 10;
}

static gint
compare_entries (gconstpointer a, gconstpointer b)
{
  const PerryAuditEntry *one = *(const PerryAuditEntry *const *) a, *other = *(const PerryAuditEntry *const *) b;
  double difference = get_score (other) - get_score (one);

  return difference > 0 ? 1 : difference < 0 ? -1 : g_strcmp0 (one->name, other->name);
}

GPtrArray *
perry_audit_run (PerryEngine *engine, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) containers = NULL;
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_audit_entry_free);

  g_return_val_if_fail (PERRY_IS_ENGINE (engine), NULL);

  containers = perry_engine_list (engine, FALSE, TRUE, cancellable, error);
  if (containers == NULL)
    return NULL;
  for (guint i = 0; i < containers->len; i++)
    {
      GError *local_error = NULL;
      PerryAuditEntry *entry = examine (engine, g_ptr_array_index (containers, i), cancellable, &local_error);

      if (local_error != NULL)
        {
          g_propagate_error (error, local_error);
          return NULL;
        }
      if (entry != NULL)
        g_ptr_array_add (entries, entry);
    }
  g_ptr_array_sort (entries, compare_entries);
  return g_steal_pointer (&entries);
}

static void
add_entry (JsonBuilder *builder, const PerryAuditEntry *entry)
{
  const PerryExamination *examination = entry->examination;

  json_builder_begin_object (builder);
  perry_json_add_string (builder, "name", entry->name);
  perry_json_add_string (builder, "id", examination != NULL ? examination->info->id : NULL);
  perry_json_add_string (builder, "image", examination != NULL ? examination->info->image : NULL);
  perry_json_add_string (builder, "backend", examination != NULL ? examination->backend : NULL);
  perry_json_add_boolean (builder, "ours", examination != NULL && examination->ours);
  json_builder_set_member_name (builder, "exposure");
  if (entry->exposure != NULL)
    json_builder_add_value (builder, perry_exposure_to_json (entry->exposure));
  else
    json_builder_add_null_value (builder);
  perry_json_add_strv (builder, "findings", entry->findings);
  perry_json_add_strv (builder, "drift", examination != NULL ? examination->drift : NULL);
  json_builder_set_member_name (builder, "verification");
  if (entry->verification != NULL)
    json_builder_add_value (builder, perry_image_verification_to_json (entry->verification));
  else
    json_builder_add_null_value (builder);
  perry_json_add_string (builder, "unseen", examination != NULL ? examination->unseen : NULL);
  perry_json_add_string (builder, "error", entry->error);
  json_builder_end_object (builder);
}

JsonNode *
perry_audit_to_json (GPtrArray *entries)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < entries->len; i++)
    add_entry (builder, g_ptr_array_index (entries, i));
  json_builder_end_array (builder);
  return json_builder_get_root (builder);
}
