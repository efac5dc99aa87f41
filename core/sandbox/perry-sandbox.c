/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sandbox/perry-sandbox.h"

#include "plugin-api/perry-field-verify.h"

PerryRunOptions *
perry_sandbox_options_new (void)
{
  PerryRunOptions *options = perry_run_options_new ();

  options->sandbox = TRUE;
  options->capture = TRUE;
  options->capture_limit = PERRY_SANDBOX_OUTPUT_LIMIT;
  options->output_limit = PERRY_SANDBOX_OUTPUT_LIMIT;
  options->timeout_ms = PERRY_SANDBOX_TIMEOUT_MS;
  return options;
}

static gboolean
demand_verification (PerryContainerSpec *spec, GError **error)
{
  PerryVerifyMode mode = PERRY_VERIFY_ENFORCE;

  if (!perry_container_spec_get_verify_mode (spec, &mode))
    return perry_container_spec_set_member_from_text (spec, PERRY_FIELD_VERIFY, PERRY_VERIFY_MODE_MEMBER, "enforce", "verify",
                                                      error);
  if (mode == PERRY_VERIFY_ENFORCE)
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC,
               "$.verify: has the mode %s, and a sandbox runs verified images alone; to run one that is not, say so "
               "(perryctl sandbox --allow-unverified)", perry_verify_mode_get_name (mode));
  return FALSE;
}

PerryContainerSpec *
perry_sandbox_prepare_spec (const PerryContainerSpec *spec, PerrySandboxFlags flags, GError **error)
{
  g_autoptr (PerryContainerSpec) prepared = NULL;

  g_return_val_if_fail (spec != NULL, NULL);

  prepared = perry_container_spec_copy (spec);
  if (!perry_container_spec_is_set (prepared, PERRY_FIELD_ENFORCEMENT))
    perry_container_spec_take_value (prepared, PERRY_FIELD_ENFORCEMENT, g_variant_new_string ("strict"));
  if ((flags & PERRY_SANDBOX_ALLOW_UNVERIFIED) == 0 && !demand_verification (prepared, error))
    return NULL;
  return g_steal_pointer (&prepared);
}

static PerryRunOptions *
prepare_options (const PerryRunOptions *options, GError **error)
{
  PerryRunOptions *prepared = options != NULL ? perry_run_options_copy (options) : perry_sandbox_options_new ();

  prepared->sandbox = TRUE;
  if (prepared->timeout_ms == 0)
    prepared->timeout_ms = PERRY_SANDBOX_TIMEOUT_MS;
  if (!prepared->detach)
    return prepared;
  perry_run_options_free (prepared);
  g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
                       "a sandbox cannot be detached: nobody would kill it when its time is up");
  return NULL;
}

PerryRunResult *
perry_sandbox_run (PerryEngine *engine, const PerryContainerSpec *spec, PerrySandboxFlags flags,
                   const PerryRunOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryRunOptions) prepared_options = NULL;
  g_autoptr (PerryContainerSpec) prepared_spec = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && spec != NULL, NULL);

  prepared_options = prepare_options (options, error);
  prepared_spec = prepared_options != NULL ? perry_sandbox_prepare_spec (spec, flags, error) : NULL;
  if (prepared_spec == NULL)
    return NULL;
  return perry_engine_run (engine, prepared_spec, prepared_options, cancellable, error);
}

void
perry_sandbox_run_async (PerryEngine *engine, const PerryContainerSpec *spec, PerrySandboxFlags flags,
                         const PerryRunOptions *options, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (PerryRunOptions) prepared_options = NULL;
  g_autoptr (PerryContainerSpec) prepared_spec = NULL;
  GError *error = NULL;

  g_return_if_fail (PERRY_IS_ENGINE (engine) && spec != NULL);

  prepared_options = prepare_options (options, &error);
  prepared_spec = prepared_options != NULL ? perry_sandbox_prepare_spec (spec, flags, &error) : NULL;
  if (prepared_spec == NULL)
    g_task_report_error (engine, callback, user_data, perry_sandbox_run_async, error);
  else
    perry_engine_run_async (engine, prepared_spec, prepared_options, cancellable, callback, user_data);
}

PerryRunResult *
perry_sandbox_run_finish (PerryEngine *engine, GAsyncResult *result, GError **error)
{
  return perry_engine_run_finish (engine, result, error);
}
