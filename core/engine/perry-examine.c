/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-examine.h"

#include <sys/stat.h>

#include "core/engine/perry-engine-private.h"
#include "core/engine/perry-network-lookup.h"
#include "core/engine/perry-owner.h"
#include "core/engine/perry-prove.h"
#include "core/engine/perry-request-tier.h"
#include "plugin-api/perry-image-reference.h"

G_DEFINE_BOXED_TYPE (PerryExamination, perry_examination, perry_examination_copy, perry_examination_free)

PerryExamination *
perry_examination_copy (const PerryExamination *examination)
{
  PerryExamination *copy = g_new0 (PerryExamination, 1);

  copy->backend = g_strdup (examination->backend);
  copy->engine = perry_engine_info_copy (examination->engine);
  copy->info = perry_container_info_copy (examination->info);
  copy->found = perry_container_spec_copy (examination->found);
  copy->ours = examination->ours;
  copy->drift = g_strdupv (examination->drift);
  copy->unseen = g_strdup (examination->unseen);
  copy->pinned = g_strdup (examination->pinned);
  return copy;
}

void
perry_examination_free (PerryExamination *examination)
{
  if (examination == NULL)
    return;
  g_free (examination->backend);
  g_clear_pointer (&examination->engine, perry_engine_info_free);
  g_clear_pointer (&examination->info, perry_container_info_free);
  g_clear_pointer (&examination->found, perry_container_spec_free);
  g_strfreev (examination->drift);
  g_free (examination->unseen);
  g_free (examination->pinned);
  g_free (examination);
}

/* An engine's report has a number for what was never set. */
static PerryContainerSpec *
copy_report (const PerryContainerInfo *info)
{
  static const PerryField limits[] = { PERRY_FIELD_MEMORY, PERRY_FIELD_MEMORY_SWAP, PERRY_FIELD_PIDS_LIMIT };
  PerryContainerSpec *spec =
      info->reported != NULL ? perry_container_spec_copy (info->reported) : perry_container_spec_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    if (perry_container_spec_get_int64 (spec, limits[i], 0) <= 0)
      perry_container_spec_unset (spec, limits[i]);
  if (perry_container_spec_get_double (spec, PERRY_FIELD_CPUS, 0) <= 0)
    perry_container_spec_unset (spec, PERRY_FIELD_CPUS);
  return spec;
}

/* What one that others have made can be held to: its engine's report, where the kernel has a word for it that nobody but
 * the engine changes. */
static PerryContainerSpec *
expect_report (const PerryContainerInfo *info)
{
  static const PerryField fields[] = { PERRY_FIELD_CAP_ADD, PERRY_FIELD_CAP_DROP,   PERRY_FIELD_PRIVILEGED,
                                       PERRY_FIELD_MEMORY,  PERRY_FIELD_PIDS_LIMIT, PERRY_FIELD_CPUS,
                                       PERRY_FIELD_NO_NEW_PRIVILEGES };
  g_autoptr (PerryContainerSpec) report = copy_report (info);
  PerryContainerSpec *spec = perry_container_spec_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    if (perry_container_spec_is_set (report, fields[i]))
      perry_container_spec_take_value (spec, fields[i], perry_container_spec_get_value (report, fields[i]));
  return spec;
}

/* What it was created as: a container of ours keeps it in a label, where it was to outlive its creator. */
static PerryContainerSpec *
read_asked (const PerryContainerInfo *info)
{
  const char *text = g_hash_table_lookup (info->labels, PERRY_LABEL_SPEC);
  PerryContainerSpec *spec = NULL;

  if (text != NULL && g_hash_table_lookup (info->labels, PERRY_LABEL_OWNER) != NULL)
    spec = perry_container_spec_new_from_json (text, -1, NULL);
  if (spec == NULL)
    return expect_report (info);
  /* the label has the word, and an engine may report the text */
  perry_request_fill_profile (spec);
  return spec;
}

/* Whether a namespace of the container is the one that its engine lives in, which is the host's for whoever asked. */
static gboolean
is_of_host (const PerrySighting *sighting, PerryNamespaceKind kind, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/ns/%s", sighting->engine_pid, name);
  struct stat info;

  if (perry_observation_compare_namespace (sighting->observation, kind) == PERRY_NAMESPACE_SHARED)
    return TRUE;
  return sighting->engine_pid > 0 && stat (path, &info) == 0 && info.st_ino == sighting->observation->namespaces[kind];
}

/* Engines do not tell everything: Podman calls the host's IPC namespace shareable. */
static PerryContainerSpec *
correct_report (const PerryContainerInfo *info, const PerrySighting *sighting)
{
  static const struct {
    PerryNamespaceKind kind;
    const char *name;
    PerryField field;
  } namespaces[] = {
    { PERRY_NAMESPACE_NET, "net", PERRY_FIELD_NETWORK },
    { PERRY_NAMESPACE_PID, "pid", PERRY_FIELD_PID },
    { PERRY_NAMESPACE_IPC, "ipc", PERRY_FIELD_IPC },
    { PERRY_NAMESPACE_UTS, "uts", PERRY_FIELD_UTS },
  };
  const PerryObservation *observation = sighting->observation;
  PerryContainerSpec *found = copy_report (info);

  if (observation == NULL)
    return found;
  for (gsize i = 0; i < G_N_ELEMENTS (namespaces); i++)
    if (is_of_host (sighting, namespaces[i].kind, namespaces[i].name))
      perry_container_spec_take_value (found, namespaces[i].field, g_variant_new_string ("host"));
  if (perry_observation_get_missing_reason (observation, PERRY_FACET_SECCOMP) == NULL && observation->seccomp_mode == 0)
    perry_container_spec_take_value (found, PERRY_FIELD_SECCOMP, g_variant_new_string ("unconfined"));
  if (perry_observation_get_missing_reason (observation, PERRY_FACET_NO_NEW_PRIVS) == NULL)
    perry_container_spec_take_value (found, PERRY_FIELD_NO_NEW_PRIVILEGES,
                                     g_variant_new_boolean (observation->no_new_privs == 1));
  if (perry_observation_get_missing_reason (observation, PERRY_FACET_IDS) == NULL && observation->uid[1] >= 0)
    perry_container_spec_take_value (found, PERRY_FIELD_USER,
                                     g_variant_new_take_string (g_strdup_printf ("%" G_GINT64_FORMAT,
                                                                                 observation->uid[1])));
  return found;
}

/* A text that the engine reports is known by its name again, unless the kernel shows that it is not in force. */
static void
name_profile (PerryContainerSpec *found, const PerryContainerSpec *asked, GPtrArray *proofs)
{
  for (guint i = 0; perry_tier_names_profile (asked) && i < proofs->len; i++)
    {
      const PerryFieldProof *proof = g_ptr_array_index (proofs, i);

      if (proof->field == PERRY_FIELD_SECCOMP && proof->report_verdict == PERRY_VERDICT_PROVEN &&
          proof->verdict != PERRY_VERDICT_DIFFERS)
        perry_container_spec_take_value (found, PERRY_FIELD_SECCOMP, g_variant_new_string ("perry"));
    }
}

static void
add_differences (GPtrArray *proofs, GStrvBuilder *drift)
{
  for (guint i = 0; i < proofs->len; i++)
    {
      const PerryFieldProof *proof = g_ptr_array_index (proofs, i);
      gboolean observed = proof->observed != NULL && proof->report_verdict != PERRY_VERDICT_DIFFERS;
      const char *now = observed ? proof->observed : proof->reported;

      if (proof->verdict == PERRY_VERDICT_DIFFERS)
        {
          g_autofree char *line = g_strdup_printf ("%s: created as %s, and %s %s", perry_field_get_name (proof->field),
                                                   proof->asked, observed ? "the kernel shows" : "the engine says",
                                                   now != NULL ? now : proof->reason);

          g_strv_builder_add (drift, line);
        }
    }
}

/* Engines let a container join networks at any time. */
static void
add_networks (const PerryContainerSpec *asked, const PerryContainerInfo *info, GStrvBuilder *drift)
{
  const char *mode = perry_container_spec_get_network (asked);

  for (char **name = info->networks; name != NULL && *name != NULL; name++)
    {
      g_autofree char *line = NULL;

      if (g_str_equal (*name, mode != NULL ? mode : "bridge"))
        continue;
      line = g_strdup_printf ("network: created with %s, and it is on %s", mode != NULL ? mode : "the engine's default network",
                              *name);
      g_strv_builder_add (drift, line);
    }
}

static char *
find_pinned (PerryBackend *backend, const PerryContainerInfo *info, GCancellable *cancellable)
{
  g_autoptr (PerryImageInfo) image = NULL;
  g_autoptr (PerryImageReference) reference =
      info->image != NULL ? perry_image_reference_parse (info->image, NULL) : NULL;
  const char *repository;

  if (reference == NULL || perry_image_reference_get_kind (reference) != PERRY_IMAGE_REFERENCE_NAME ||
      info->image_id == NULL)
    return NULL;
  repository = perry_image_reference_get_repository (reference);
  image = backend->ops->image_inspect (backend->handle, info->image_id, cancellable, NULL);
  for (char **digest = image != NULL ? image->digests : NULL; digest != NULL && *digest != NULL; digest++)
    {
      g_autoptr (PerryImageReference) parsed = perry_image_reference_parse (*digest, NULL);

      if (parsed != NULL && g_strcmp0 (perry_image_reference_get_repository (parsed), repository) == 0 &&
          g_strcmp0 (perry_image_reference_get_registry (parsed), perry_image_reference_get_registry (reference)) == 0)
        return perry_image_reference_to_string (parsed);
    }
  return NULL;
}

PerryExamination *
perry_engine_examine (PerryEngine *engine, const char *container, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;
  g_autoptr (PerryContainerInfo) info = NULL;
  g_autoptr (PerryContainerSpec) asked = NULL;
  g_autoptr (PerryExamination) examination = NULL;
  g_autoptr (PerryNetworkInfo) network = NULL;
  g_autoptr (GPtrArray) adjustments = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_adjustment_free);
  g_autoptr (GPtrArray) proofs = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_field_proof_free);
  g_autoptr (GStrvBuilder) drift = g_strv_builder_new ();
  g_auto (PerrySighting) sighting = { 0 };
  PerryProve prove;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && container != NULL, NULL);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  if (backend == NULL)
    return NULL;
  info = backend->ops->container_inspect (backend->handle, container, cancellable, error);
  if (info == NULL)
    return NULL;
  asked = read_asked (info);
  examination = g_new0 (PerryExamination, 1);
  examination->backend = g_strdup (backend->name);
  examination->engine = perry_engine_info_copy (backend->info);
  examination->ours = g_hash_table_lookup (info->labels, PERRY_LABEL_OWNER) != NULL;
  if (info->image != NULL && perry_engine_verifies (engine, info->image))
    examination->pinned = find_pinned (backend, info, cancellable);
  /* a network that is gone by now leaves its question open */
  if (!perry_network_lookup (backend, asked, &network, cancellable, NULL))
    network = NULL;
  prove = (PerryProve){ .backend = backend, .id = info->id, .spec = asked, .network = network,
                        .mode = PERRY_PROOF_DEFAULT, .enforcement = PERRY_ENFORCEMENT_LENIENT, .report = info,
                        .adjustments = adjustments, .proofs = proofs };
  if (!perry_prove_look (&prove, &sighting, cancellable, error))
    return NULL;
  examination->unseen = g_steal_pointer (&sighting.unseen);
  examination->found = correct_report (info, &sighting);
  name_profile (examination->found, asked, proofs);
  add_differences (proofs, drift);
  add_networks (g_hash_table_contains (info->labels, PERRY_LABEL_SPEC) ? asked : examination->found, info, drift);
  examination->drift = g_strv_builder_end (drift);
  examination->info = g_steal_pointer (&info);
  return g_steal_pointer (&examination);
}
