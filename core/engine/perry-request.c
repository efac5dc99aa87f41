/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-request.h"

#include "core/engine/perry-owner.h"
#include "core/engine/perry-prove.h"
#include "core/engine/perry-request-image.h"
#include "core/engine/perry-request-tier.h"
#include "plugin-api/perry-healthcheck.h"
#include "plugin-api/perry-platform.h"

#define CLEAN_UP_TIMEOUT_MS 20000
#define NAME_PREFIX "perry-"

/* An engine goes on with a create whose caller goes away, so a cancelled one is waited for: its reply names what has to be
 * removed. */
#define CREATE_GRACE_MS 5000
/* how long an engine may still be working on a create whose reply was lost */
#define LOST_CREATE_MS 1500
/* how often an engine is asked about something that it is still doing */
#define ASK_AGAIN_MS 25

/* Nobody would look at the health of a container that outlives us. */
static void
limit_without_supervisor (PerryRequest *request, PerryFieldSupport *support)
{
  PerrySupport level = perry_capability_matrix_get_support (request->backend->info->matrix,
                                                            PERRY_CAPABILITY_HEALTHCHECK);

  if (request->no_supervisor != NULL && level == PERRY_SUPPORT_EMULATED)
    perry_field_support_limit (support, PERRY_FIELD_HEALTHCHECK, PERRY_SUPPORT_UNSUPPORTED, request->no_supervisor);
}

/* Whether an image for another processor runs is not the engine's doing: with an emulator of the host's it does, without one
 * its command cannot be executed. */
static void
note_emulation (PerryRequest *request)
{
  const PerryEngineInfo *info = request->backend->info;
  g_autofree char *image = perry_resolve_get_platform (request->pin);
  g_autofree char *host = perry_platform_format (info->os, info->architecture, NULL);
  g_autofree char *reason = NULL;

  if (image == NULL || host == NULL || perry_platform_runs_on (image, host))
    return;
  reason = g_strdup_printf ("the image is for %s and %s runs on %s: only an emulator that is registered there "
                            "(binfmt_misc) can execute it", image, request->backend->name, host);
  g_ptr_array_add (request->result->adjustments,
                   perry_adjustment_new (PERRY_ADJUSTMENT_EMULATED, PERRY_FIELD_PLATFORM, image, reason,
                                         request->enforcement != PERRY_ENFORCEMENT_LENIENT));
}

/* A request may be prepared again. */
static void
forget_preparation (PerryRequest *request)
{
  g_clear_pointer (&request->network, perry_network_info_free);
  g_clear_pointer (&request->pin, perry_pin_free);
  g_clear_pointer (&request->verified, g_free);
  g_clear_pointer (&request->normalised, perry_container_spec_free);
  g_ptr_array_set_size (request->result->adjustments, 0);
}

gboolean
perry_request_prepare (PerryRequest *request, GCancellable *cancellable, GError **error)
{
  PerryBackend *backend = request->backend;
  g_autoptr (PerryFieldSupport) support = perry_field_support_new ();
  PerryNormaliseRequest normalise = {
    .spec = request->asked,
    .backend = backend->name,
    .matrix = backend->info->matrix,
    .support = support,
    .enforcement = request->configured_enforcement,
    .minimum = request->minimum_enforcement,
    .tier_set = request->floor->set,
    .others = request->others,
  };
  g_autoptr (GPtrArray) adjustments = NULL;
  gint64 begin = g_get_monotonic_time ();
  gboolean ok;

  forget_preparation (request);
  perry_request_add_tier_adjustments (request);
  request->enforcement = perry_normalise_get_mode (&normalise);
  if (!perry_prove_check_mode (backend, request->asked, request->proof, request->enforcement, error))
    return FALSE;
  if (!perry_network_lookup (backend, request->asked, &request->network, cancellable, error))
    return FALSE;
  if (backend->ops->refine != NULL)
    backend->ops->refine (backend->handle, request->asked, support);
  perry_network_limit_support (backend, request->network, support);
  limit_without_supervisor (request, support);
  request->normalised = perry_normalise_spec (&normalise, &adjustments, error);
  /* Without what was dropped, another runtime may be the one that counts. */
  if (request->normalised == NULL ||
      !perry_prove_check_mode (backend, request->normalised, request->proof, request->enforcement, error))
    return FALSE;
  g_ptr_array_extend_and_steal (request->result->adjustments, g_steal_pointer (&adjustments));

  ok = perry_request_resolve_image (request, cancellable, error);
  request->result->timings.resolve_ms = (double) (g_get_monotonic_time () - begin) / 1000;
  if (!ok)
    return FALSE;
  perry_request_settle_user (request);
  note_emulation (request);
  return TRUE;
}

/* An engine that makes no probes need not know how often; who makes them in its place has to. */
static void
keep_health_times (const PerryContainerSpec *spec, PerryContainerSpec *kept)
{
  g_autoptr (PerryHealthcheck) check = perry_container_spec_dup_healthcheck (spec);
  g_autofree char *text = NULL;

  if (check == NULL || check->disable)
    return;
  g_clear_pointer (&check->test, g_strfreev);
  text = perry_healthcheck_to_json (check);
  if (!g_str_equal (text, "{}"))
    perry_container_spec_take_value (kept, PERRY_FIELD_HEALTHCHECK, g_variant_new_string (text));
}

/* Values of the environment are secrets and the engine has no use for them here; an inline profile is compared at create,
 * later only its being there. */
char *
perry_request_describe_spec (const PerryContainerSpec *spec)
{
  g_autoptr (PerryContainerSpec) kept = perry_container_spec_new ();
  g_autofree char *image = g_strdup (perry_container_spec_get_string (spec, PERRY_FIELD_IMAGE));

  for (guint field = 0; field < PERRY_FIELD_LAST; field++)
    {
      GVariant *value = perry_container_spec_get_value (spec, field);

      if (value != NULL && perry_field_get_info (field)->compare_observed != NULL)
        perry_container_spec_take_value (kept, field, value);
    }
  keep_health_times (spec, kept);
  if (perry_container_spec_get_seccomp_profile (spec) != NULL &&
      !g_str_equal (perry_container_spec_get_string (spec, PERRY_FIELD_SECCOMP), "perry"))
    perry_container_spec_take_value (kept, PERRY_FIELD_SECCOMP,
                                     g_variant_new_string ("{\"defaultAction\":\"SCMP_ACT_ERRNO\"}"));
  if (image != NULL)
    perry_container_spec_take_value (kept, PERRY_FIELD_IMAGE, g_variant_new_string (image));
  return perry_container_spec_to_json (kept);
}

static GHashTable *
make_labels (PerryRequest *request)
{
  GHashTable *labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GVariant *asked = perry_container_spec_get_value (request->normalised, PERRY_FIELD_LABELS);
  const char *key, *value;
  GVariantIter iter;

  if (asked != NULL)
    {
      g_variant_iter_init (&iter, asked);
      while (g_variant_iter_next (&iter, "{&s&s}", &key, &value))
        g_hash_table_insert (labels, g_strdup (key), g_strdup (value));
    }
  g_hash_table_insert (labels, g_strdup (PERRY_LABEL_OWNER), g_strdup (request->owner));
  if (request->outlives_us)
    {
      g_hash_table_insert (labels, g_strdup (PERRY_LABEL_DETACHED), g_strdup ("1"));
      g_hash_table_insert (labels, g_strdup (PERRY_LABEL_SPEC), perry_request_describe_spec (request->normalised));
    }
  return labels;
}

static char *
make_name (const PerryContainerSpec *spec)
{
  const char *name = perry_container_spec_get_string (spec, PERRY_FIELD_NAME);

  if (name != NULL)
    return g_strdup (name);
  return g_strdup_printf (NAME_PREFIX "%08x%08x", g_random_int (), g_random_int ());
}

/* What an engine says at create is that it does less than it was asked to: Docker's “… discarded”. */
static gboolean
check_warnings (PerryRequest *request, char **warnings, GError **error)
{
  g_autofree char *lines = NULL;

  for (char **warning = warnings; warning != NULL && *warning != NULL; warning++)
    perry_run_result_add_warning (request->result, *warning);
  if (request->enforcement != PERRY_ENFORCEMENT_STRICT || warnings == NULL || warnings[0] == NULL)
    return TRUE;
  lines = g_strjoinv ("\n  ", warnings);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT, "%s warned when it created the container:\n  %s",
               request->backend->name, lines);
  return FALSE;
}

/* A container has the platform of its image, and which image that is the engine reports. */
static void
report_platform (PerryRequest *request)
{
  g_autofree char *platform = perry_resolve_get_platform (request->pin);

  if (platform != NULL && request->report->reported != NULL &&
      g_strcmp0 (request->report->image_id, request->pin->image->id) == 0)
    perry_container_spec_take_value (request->report->reported, PERRY_FIELD_PLATFORM, g_variant_new_string (platform));
}

static gboolean
create (PerryRequest *request, GCancellable *cancellable, GError **error)
{
  PerryBackend *backend = request->backend;
  g_autoptr (GHashTable) labels = make_labels (request);
  g_autoptr (PerryDeadline) patience = NULL;
  g_auto (GStrv) warnings = NULL;
  PerryCreateRequest create = {
    .struct_size = sizeof create,
    .spec = request->normalised,
    .image = request->pin->value,
    .name = request->name,
    .labels = labels,
    .open_stdin = request->options->stdin_fd >= 0,
    .auto_remove = request->options->detach && perry_container_spec_get_boolean (request->normalised, PERRY_FIELD_RM),
  };

  patience = perry_deadline_new_after (cancellable, CREATE_GRACE_MS);
  request->id = backend->ops->container_create (backend->handle, &create, &warnings,
                                                perry_deadline_get_cancellable (patience), error);
  if (request->id == NULL || !check_warnings (request, warnings, error))
    return FALSE;
  request->report = backend->ops->container_inspect (backend->handle, request->id, cancellable, error);
  if (request->report == NULL)
    return FALSE;
  report_platform (request);
  return TRUE;
}

static PerryProve
make_prove (PerryRequest *request)
{
  return (PerryProve){
    .backend = request->backend,
    .id = request->id,
    .spec = request->normalised,
    .image_id = request->pin->image->id,
    .image_user = request->pin->image->user,
    .network = request->network,
    .mode = request->proof,
    .enforcement = request->enforcement,
    .report = request->report,
    .adjustments = request->result->adjustments,
    .proofs = request->result->proofs,
  };
}

gboolean
perry_request_create (PerryRequest *request, GCancellable *cancellable, GError **error)
{
  gint64 begin = g_get_monotonic_time ();
  PerryProve prove;
  gboolean ok;

  request->owner = perry_owner_new ("/proc", error);
  if (request->owner == NULL)
    return FALSE;
  request->name = make_name (request->normalised);
  ok = create (request, cancellable, error);
  if (ok)
    {
      prove = make_prove (request);
      ok = perry_prove_report (&prove, error);
    }
  request->result->timings.create_ms = (double) (g_get_monotonic_time () - begin) / 1000;
  return ok;
}

gboolean
perry_request_start (PerryRequest *request, GCancellable *cancellable, GError **error)
{
  gint64 begin = g_get_monotonic_time ();
  PerryProve prove = make_prove (request);
  gboolean ok;

  prove.location = g_steal_pointer (&request->location);
  ok = perry_prove_start (&prove, cancellable, error) &&
       perry_prove_ports (&prove, &request->result->ports, cancellable, error);
  request->result->timings.start_ms = (double) (g_get_monotonic_time () - begin) / 1000;
  return ok;
}

/* A create whose reply was lost may have been done: the owner's label finds it. */
static char *
find_by_owner (PerryRequest *request, GCancellable *cancellable, GError **error)
{
  g_autofree char *label = g_strconcat (PERRY_LABEL_OWNER "=", request->owner, NULL);
  const char *labels[] = { label, NULL };
  gint64 end = g_get_monotonic_time () + LOST_CREATE_MS * 1000;

  for (;;)
    {
      g_autoptr (GPtrArray) found = NULL;

      found = request->backend->ops->container_list (request->backend->handle, TRUE, labels, cancellable, error);
      if (found == NULL)
        return NULL;
      if (found->len > 0)
        return g_strdup (((PerryContainerInfo *) g_ptr_array_index (found, 0))->id);
      if (g_get_monotonic_time () > end)
        return NULL;
      g_usleep (ASK_AGAIN_MS * 1000);
    }
}

/* The engine rejected the request: nothing was made. Any other failure leaves that open. */
static gboolean
may_have_been_created (const GError *error)
{
  return g_error_matches (error, PERRY_ERROR, PERRY_ERROR_CANCELLED) ||
         g_error_matches (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT) ||
         g_error_matches (error, PERRY_ERROR, PERRY_ERROR_BACKEND_LOST) ||
         g_error_matches (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL);
}

/* An engine that is removing the container already says so and goes on: it is only gone when it cannot be found. */
static gboolean
wait_until_gone (PerryRequest *request, GCancellable *cancellable, GError **error)
{
  PerryBackend *backend = request->backend;

  for (;;)
    {
      g_autoptr (GError) local_error = NULL;
      g_autoptr (PerryContainerInfo) info = NULL;

      info = backend->ops->container_inspect (backend->handle, request->id, cancellable, &local_error);
      if (info == NULL)
        {
          if (g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND))
            return TRUE;
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      g_usleep (ASK_AGAIN_MS * 1000);
    }
}

static gboolean
find_and_remove (PerryRequest *request, GCancellable *cancellable, GError **error)
{
  const PerryBackendOps *ops = request->backend->ops;
  GError *local_error = NULL;

  if (request->id == NULL)
    request->id = find_by_owner (request, cancellable, &local_error);
  if (request->id == NULL)
    {
      if (local_error == NULL)
        return TRUE;
      g_propagate_error (error, local_error);
      return FALSE;
    }
  if (ops->container_remove (request->backend->handle, request->id, TRUE, cancellable, &local_error))
    return wait_until_gone (request, cancellable, error);
  if (g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND))
    {
      g_error_free (local_error);
      return TRUE;
    }
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
remove_container (PerryRequest *request, GError **error)
{
  g_autoptr (PerryDeadline) deadline = perry_deadline_new (CLEAN_UP_TIMEOUT_MS);
  GError *local_error = NULL;

  if (find_and_remove (request, perry_deadline_get_cancellable (deadline), &local_error))
    return TRUE;
  perry_deadline_explain (deadline, local_error);
  g_propagate_error (error, local_error);
  return FALSE;
}

void
perry_request_clean_up (PerryRequest *request, GError **error)
{
  g_autoptr (GError) clean_up_error = NULL;
  g_autofree char *message = NULL;

  if (request->owner == NULL || (request->id == NULL && error != NULL && !may_have_been_created (*error)))
    return;
  if (remove_container (request, &clean_up_error) || error == NULL || *error == NULL)
    return;
  message = g_strdup_printf ("%s\nthe container %s could not be removed: %s; remove it with `perryctl rm -f %s`",
                             (*error)->message, request->name, clean_up_error->message, request->name);
  g_free ((*error)->message);
  (*error)->message = g_steal_pointer (&message);
}

void
perry_request_clear (PerryRequest *request)
{
  g_clear_pointer (&request->floor, perry_tier_floor_free);
  g_clear_pointer (&request->network, perry_network_info_free);
  g_clear_pointer (&request->verified, g_free);
  g_clear_pointer (&request->pin, perry_pin_free);
  g_clear_pointer (&request->normalised, perry_container_spec_free);
  g_clear_pointer (&request->owner, g_free);
  g_clear_pointer (&request->name, g_free);
  g_clear_pointer (&request->id, g_free);
  g_clear_pointer (&request->report, perry_container_info_free);
  g_clear_pointer (&request->location, perry_process_location_free);
  g_clear_pointer (&request->result, perry_run_result_free);
}
