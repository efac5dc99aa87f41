/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-engine-private.h"
#include "core/engine/perry-engine.h"
#include "core/engine/perry-health.h"
#include "core/engine/perry-plan.h"
#include "core/engine/perry-request-tier.h"
#include "core/engine/perry-run.h"
#include "core/engine/perry-select.h"
#include "core/engine/perry-supervisor.h"

typedef struct {
  PerryRequest request;
  PerryRunOptions *options;
  gint64 begin;
  guint n_logged;
  char *no_supervisor;
} Call;

static double
milliseconds_since (gint64 begin)
{
  return (double) (g_get_monotonic_time () - begin) / 1000;
}

static void
clear_call (Call *call)
{
  g_clear_pointer (&call->request.backend, perry_backend_unref);
  perry_request_clear (&call->request);
  g_clear_pointer (&call->options, perry_run_options_free);
  g_clear_pointer (&call->no_supervisor, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, clear_call)

static PerryProofMode
choose_proof (PerryEngine *engine, const PerryRunOptions *options)
{
  PerryProofMode mode = PERRY_PROOF_DEFAULT;

  if (options->proof_set)
    return options->proof;
  perry_proof_mode_from_name (perry_config_get_proof (perry_engine_get_config (engine), NULL), &mode);
  return mode;
}

static gboolean
is_strict (const PerryRequest *request)
{
  const PerryNormaliseRequest normalise = { .spec = request->asked, .enforcement = request->configured_enforcement,
                                            .minimum = request->minimum_enforcement };

  return perry_normalise_get_mode (&normalise) == PERRY_ENFORCEMENT_STRICT;
}

static gboolean
begin_call (Call *call, PerryEngine *engine, const PerryContainerSpec *spec, const PerryRunOptions *options,
            GCancellable *cancellable, GError **error)
{
  PerryConfig *config = perry_engine_get_config (engine);
  PerryRequest *request = &call->request;

  call->begin = g_get_monotonic_time ();
  call->options = options != NULL ? perry_run_options_copy (options) : perry_run_options_new ();
  request->options = call->options;
  request->configured_enforcement = perry_config_get_enforcement (config, NULL);
  request->minimum_enforcement = perry_config_get_minimum_enforcement (config, NULL);
  request->proof = choose_proof (engine, call->options);
  request->verify = perry_engine_get_verify_service (engine);
  request->result = perry_run_result_new ();
  if (!perry_request_raise (request, spec, error))
    return FALSE;
  request->backend = request->floor->needs_microvm
                         ? perry_engine_ref_microvm_backend (engine, request->asked, is_strict (request), cancellable, error)
                         : perry_engine_ref_backend (engine, cancellable, error);
  request->result->timings.select_ms = milliseconds_since (call->begin);
  if (request->backend == NULL)
    return FALSE;
  perry_request_route (request);
  return TRUE;
}

static void
free_support (gpointer data)
{
  perry_field_support_free (data);
}

/* A refusal names the other backends of this host that would honour each field: they are only asked then, and about this
 * spec, because what a backend can do in general it may refuse of a value. The engine is asked anew, so it may be none any
 * more. */
static gboolean
prepare_with_hints (Call *call, PerryEngine *engine, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) candidates = perry_engine_probe_all (engine, cancellable, NULL);
  g_autoptr (GPtrArray) answers = g_ptr_array_new_with_free_func (free_support);
  g_autoptr (GArray) others = g_array_new (TRUE, TRUE, sizeof (PerryNamedMatrix));
  gboolean ok;

  for (guint i = 0; candidates != NULL && i < candidates->len; i++)
    {
      const PerryCandidate *candidate = g_ptr_array_index (candidates, i);
      PerryBackend *backend = candidate->backend;
      PerryFieldSupport *support;
      PerryNamedMatrix other;

      if (backend == NULL || g_str_equal (candidate->name, call->request.backend->name))
        continue;
      support = perry_field_support_new ();
      g_ptr_array_add (answers, support);
      if (backend->ops->refine != NULL)
        backend->ops->refine (backend->handle, call->request.asked, support);
      other = (PerryNamedMatrix){ candidate->name, backend->info->matrix, support };
      g_array_append_val (others, other);
    }
  call->request.others = (const PerryNamedMatrix *) (gpointer) others->data;
  ok = perry_request_prepare (&call->request, cancellable, error);
  call->request.others = NULL;
  return ok;
}

static gboolean
prepare (Call *call, PerryEngine *engine, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (perry_request_prepare (&call->request, cancellable, &local_error))
    return TRUE;
  if (g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT))
    return prepare_with_hints (call, engine, cancellable, error);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* Those of normalisation are logged before anything is created, what the proof adds when it is there. */
static void
log_adjustments (Call *call)
{
  GPtrArray *adjustments = call->request.result->adjustments;

  for (; call->n_logged < adjustments->len; call->n_logged++)
    perry_adjustment_log (g_ptr_array_index (adjustments, call->n_logged), call->request.backend->name,
                          call->options->service);
}

static PerryRunResult *
end_call (Call *call)
{
  PerryRequest *request = &call->request;
  PerryRunResult *result = g_steal_pointer (&request->result);

  result->backend = g_strdup (request->backend->name);
  result->container_id = g_strdup (request->id);
  result->container_name = g_strdup (request->name);
  result->image = g_strdup (request->pin->reference);
  result->digest = g_strdup (request->pin->digest);
  result->image_id = g_strdup (request->pin->image->id);
  result->enforcement = request->enforcement;
  result->proof_mode = request->proof;
  result->timings.total_ms = milliseconds_since (call->begin);
  return result;
}

/* A container that goes on without us needs somebody else for what its engine lacks. */
static void
look_for_supervisor (Call *call, PerryEngine *engine)
{
  g_autofree char *program = perry_supervisor_find (perry_engine_get_config (engine), &call->no_supervisor);

  call->request.no_supervisor = call->no_supervisor;
}

/* It is there before the container starts, so that none runs without it. */
static gboolean
start_detached (Call *call, PerryEngine *engine, GCancellable *cancellable, GError **error)
{
  PerryRequest *request = &call->request;

  if (perry_health_is_driven (request->backend, request->report) &&
      !perry_supervisor_start (perry_engine_get_config (engine), request->backend, request->id, NULL, cancellable,
                               error))
    return FALSE;
  return perry_request_start (request, cancellable, error);
}

PerryPlan *
perry_engine_plan (PerryEngine *engine, const PerryContainerSpec *spec, const PerryRunOptions *options,
                   GCancellable *cancellable, GError **error)
{
  g_auto (Call) call = { 0 };

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && spec != NULL, NULL);

  if (!begin_call (&call, engine, spec, options, cancellable, error))
    return NULL;
  if (call.options->detach)
    look_for_supervisor (&call, engine);
  if (!prepare (&call, engine, cancellable, error))
    return NULL;
  return perry_plan_new (&call.request);
}

PerryRunResult *
perry_engine_run (PerryEngine *engine, const PerryContainerSpec *spec, const PerryRunOptions *options,
                  GCancellable *cancellable, GError **error)
{
  g_auto (Call) call = { 0 };
  GError *local_error = NULL;
  gboolean ok;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && spec != NULL, NULL);

  if (!begin_call (&call, engine, spec, options, cancellable, error))
    return NULL;
  call.request.may_pull = TRUE;
  if (call.options->detach)
    look_for_supervisor (&call, engine);
  if (!prepare (&call, engine, cancellable, error))
    return NULL;
  log_adjustments (&call);
  call.request.outlives_us = call.options->detach || !perry_container_spec_get_boolean (call.request.asked, PERRY_FIELD_RM);
  ok = perry_request_create (&call.request, cancellable, &local_error);
  if (ok && call.options->detach)
    ok = start_detached (&call, engine, cancellable, &local_error);
  else if (ok)
    ok = perry_run_to_the_end (&call.request, cancellable, &local_error);
  log_adjustments (&call);
  if (ok)
    return end_call (&call);
  perry_request_clean_up (&call.request, &local_error);
  g_propagate_error (error, local_error);
  return NULL;
}

PerryRunResult *
perry_engine_create (PerryEngine *engine, const PerryContainerSpec *spec, const PerryRunOptions *options,
                     GCancellable *cancellable, GError **error)
{
  g_auto (Call) call = { 0 };
  GError *local_error = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && spec != NULL, NULL);

  if (!begin_call (&call, engine, spec, options, cancellable, error))
    return NULL;
  call.request.may_pull = TRUE;
  look_for_supervisor (&call, engine);
  if (!prepare (&call, engine, cancellable, error))
    return NULL;
  log_adjustments (&call);
  call.request.outlives_us = TRUE;
  if (perry_request_create (&call.request, cancellable, &local_error))
    return end_call (&call);
  perry_request_clean_up (&call.request, &local_error);
  g_propagate_error (error, local_error);
  return NULL;
}
