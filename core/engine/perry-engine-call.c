/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-engine-call.h"

static void
arguments_free (gpointer data)
{
  PerryCallArguments *arguments = data;

  g_clear_pointer (&arguments->spec, perry_container_spec_free);
  g_clear_pointer (&arguments->options, perry_run_options_free);
  g_clear_pointer (&arguments->pull_options, perry_pull_options_free);
  g_clear_pointer (&arguments->network_request, perry_network_request_free);
  g_clear_pointer (&arguments->volume_request, perry_volume_request_free);
  g_free (arguments->name);
  g_free (arguments->container);
  g_free (arguments->signal_name);
  g_strfreev (arguments->words);
  g_free (arguments);
}

void
perry_engine_push_call (PerryEngine *engine, PerryLane lane, PerryCallArguments arguments, gpointer tag,
                        GTaskThreadFunc function, GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (engine, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  /* What was cancelled still has to clean up, and says with its own error what has become of it. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, g_memdup2 (&arguments, sizeof arguments), arguments_free);
  perry_engine_push_task (engine, lane, task, function);
}

/* By pointer, because the call that sets it may be evaluated after the other arguments. */
void
perry_engine_return_boolean (GTask *task, gboolean ok, GError **error)
{
  if (ok)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, *error);
}

void
perry_engine_return_pointer (GTask *task, gpointer result, GDestroyNotify free_result, GError **error)
{
  if (result != NULL)
    g_task_return_pointer (task, result, free_result);
  else
    g_task_return_error (task, *error);
}
