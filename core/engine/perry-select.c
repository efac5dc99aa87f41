/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-select.h"

#include "core/engine/perry-runtime-directory.h"

/* shared by the caller and one thread per candidate; the last one frees it, so that the caller need not wait for a slow
 * candidate */
typedef struct {
  gatomicrefcount references;
  GMutex mutex;
  GCond cond;
  guint n;
  PerryCandidate **finished; /* by index; NULL while the thread runs */
  guint n_answering;         /* that answered, and are being asked what they can do */
  GCancellable *cancellable;
  char *runtime_directory;
  int timeout_ms;
  int probe_timeout_ms;
} Probe;

typedef struct {
  Probe *probe;
  guint index;
  char *name;
  PerryPlugin *plugin;
  GVariant *options;
} ProbeJob;

void
perry_candidate_free (PerryCandidate *candidate)
{
  if (candidate == NULL)
    return;
  g_free (candidate->name);
  g_free (candidate->plugin);
  g_clear_pointer (&candidate->backend, perry_backend_unref);
  g_clear_error (&candidate->error);
  g_free (candidate);
}

static void
probe_unref (Probe *probe)
{
  if (!g_atomic_ref_count_dec (&probe->references))
    return;
  for (guint i = 0; i < probe->n; i++)
    perry_candidate_free (probe->finished[i]);
  g_free (probe->finished);
  g_object_unref (probe->cancellable);
  g_free (probe->runtime_directory);
  g_mutex_clear (&probe->mutex);
  g_cond_clear (&probe->cond);
  g_free (probe);
}

static void
finish (Probe *probe, guint index, PerryCandidate *candidate)
{
  g_mutex_lock (&probe->mutex);
  probe->finished[index] = candidate;
  g_cond_broadcast (&probe->cond);
  g_mutex_unlock (&probe->mutex);
}

static void
count_answering (Probe *probe, int change)
{
  g_mutex_lock (&probe->mutex);
  probe->n_answering += (guint) change;
  g_mutex_unlock (&probe->mutex);
}

static gpointer
probe_thread (gpointer data)
{
  ProbeJob *job = data;
  Probe *probe = job->probe;
  PerryCandidate *candidate = g_new0 (PerryCandidate, 1);
  const PerryBackendOps *ops = perry_plugin_get_backend_ops (job->plugin);
  gpointer handle;
  PerryBackendConfig config = {
    .struct_size = sizeof config,
    .candidate = job->name,
    .options = job->options,
    .runtime_directory = probe->runtime_directory,
    .timeout_ms = probe->timeout_ms,
    .probe_timeout_ms = probe->probe_timeout_ms,
  };

  candidate->name = g_strdup (job->name);
  candidate->plugin = g_strdup (perry_plugin_get_id (job->plugin));
  handle = ops->open (&config, probe->cancellable, &candidate->error);
  if (handle != NULL)
    {
      count_answering (probe, 1);
      candidate->backend = perry_backend_new (job->plugin, &config, handle, probe->cancellable, &candidate->error);
    }
  finish (probe, job->index, candidate);
  if (handle != NULL)
    count_answering (probe, -1); /* after it is finished: in between it would count as silent */
  perry_plugin_unref (job->plugin);
  g_variant_unref (job->options);
  g_free (job->name);
  g_free (job);
  probe_unref (probe);
  return NULL;
}

static PerryCandidate *
candidate_that_failed (const char *name, GError *error)
{
  PerryCandidate *candidate = g_new0 (PerryCandidate, 1);

  candidate->name = g_strdup (name);
  candidate->error = error;
  return candidate;
}

/* The configuration's mistakes are the caller's errors; everything else is one candidate's. */
static gboolean
start_job (Probe *probe, guint index, PerryPluginRegistry *registry, PerryConfig *config, const char *name,
           GError **error)
{
  g_autoptr (PerryPlugin) plugin = NULL;
  GVariant *options;
  GError *local_error = NULL;
  ProbeJob *job;

  plugin = perry_plugin_registry_find_backend (registry, name, &local_error);
  if (plugin == NULL)
    {
      finish (probe, index, candidate_that_failed (name, local_error));
      return TRUE;
    }
  options = perry_config_get_plugin_options (config, perry_plugin_get_id (plugin), perry_plugin_get_options (plugin),
                                             error);
  if (options == NULL)
    return FALSE;

  job = g_new0 (ProbeJob, 1);
  job->probe = probe;
  job->index = index;
  job->name = g_strdup (name);
  job->plugin = g_steal_pointer (&plugin);
  job->options = g_variant_take_ref (options);
  g_atomic_ref_count_inc (&probe->references);
  g_thread_unref (g_thread_new ("perry-probe", probe_thread, job));
  return TRUE;
}

/* With the lock held. */
static gboolean
is_decided (Probe *probe, gboolean first_wins)
{
  for (guint i = 0; i < probe->n; i++)
    {
      if (probe->finished[i] == NULL)
        return FALSE;
      if (first_wins && probe->finished[i]->backend != NULL)
        return TRUE;
    }
  return TRUE;
}

/* The probe timeout is for answering at all. An engine that has answered may take as long as for any other request to say
 * what it can do: Podman's `info` asks the package manager, and takes a second on a busy host. */
static void
wait_until_decided (Probe *probe, gboolean first_wins, GCancellable *cancellable)
{
  gint64 begin = g_get_monotonic_time ();
  gint64 end = begin + (gint64) probe->probe_timeout_ms * 1000;
  gint64 latest = begin + (gint64) MAX (probe->probe_timeout_ms, probe->timeout_ms) * 1000;

  g_mutex_lock (&probe->mutex);
  while (!is_decided (probe, first_wins) && g_get_monotonic_time () < (probe->n_answering > 0 ? latest : end) &&
         !g_cancellable_is_cancelled (cancellable))
    g_cond_wait_until (&probe->cond, &probe->mutex, g_get_monotonic_time () + 50 * 1000);
  g_mutex_unlock (&probe->mutex);
}

static GPtrArray *
collect (Probe *probe, const char *const *names)
{
  GPtrArray *candidates = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_candidate_free);

  g_mutex_lock (&probe->mutex);
  for (guint i = 0; i < probe->n; i++)
    {
      PerryCandidate *candidate = g_steal_pointer (&probe->finished[i]);

      if (candidate == NULL)
        candidate = candidate_that_failed (names[i], g_error_new (PERRY_ERROR, PERRY_ERROR_TIMED_OUT,
                                                                  "did not answer within %d ms",
                                                                  probe->probe_timeout_ms));
      g_ptr_array_add (candidates, candidate);
    }
  g_mutex_unlock (&probe->mutex);
  return candidates;
}

GPtrArray *
perry_select_probe (PerryPluginRegistry *registry, PerryConfig *config, const char *const *names, gboolean first_wins,
                    GCancellable *cancellable, GError **error)
{
  g_autofree char *runtime_directory = perry_runtime_directory_ensure (error);
  GPtrArray *candidates = NULL;
  gboolean ok = TRUE;
  Probe *probe;

  if (runtime_directory == NULL)
    return NULL;
  probe = g_new0 (Probe, 1);
  g_atomic_ref_count_init (&probe->references);
  g_mutex_init (&probe->mutex);
  g_cond_init (&probe->cond);
  probe->n = g_strv_length ((char **) names);
  probe->finished = g_new0 (PerryCandidate *, probe->n);
  probe->cancellable = g_cancellable_new ();
  probe->runtime_directory = g_steal_pointer (&runtime_directory);
  probe->timeout_ms = perry_config_get_timeout_ms (config);
  probe->probe_timeout_ms = perry_config_get_probe_timeout_ms (config);

  for (guint i = 0; ok && i < probe->n; i++)
    ok = start_job (probe, i, registry, config, names[i], error);
  if (ok)
    {
      wait_until_decided (probe, first_wins, cancellable);
      if (g_cancellable_is_cancelled (cancellable))
        g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_CANCELLED, "cancelled while looking for a backend");
      else
        candidates = collect (probe, names);
    }
  g_cancellable_cancel (probe->cancellable);
  probe_unref (probe);
  return candidates;
}

const char *const *
perry_select_get_names (PerryConfig *config, const char **ret_origin)
{
  const char *const *names = perry_config_get_backends (config, ret_origin);

  if (names != NULL && names[0] != NULL)
    return names;
  return perry_config_get_order (config, ret_origin);
}

static GError *
nothing_available (GPtrArray *candidates, const char *origin)
{
  GString *message = g_string_new (NULL);
  GError *error;

  g_string_append_printf (message, "no container backend is available; tried (%s):", origin);
  for (guint i = 0; i < candidates->len; i++)
    {
      const PerryCandidate *candidate = g_ptr_array_index (candidates, i);

      g_string_append_printf (message, "\n  %s: %s", candidate->name, candidate->error->message);
    }
  error = g_error_new_literal (PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE, message->str);
  g_string_free (message, TRUE);
  return error;
}

PerryBackend *
perry_select_backend (PerryPluginRegistry *registry, PerryConfig *config, GCancellable *cancellable, GError **error)
{
  const char *origin = NULL;
  const char *const *names = perry_select_get_names (config, &origin);
  g_autoptr (GPtrArray) candidates = NULL;

  candidates = perry_select_probe (registry, config, names, TRUE, cancellable, error);
  if (candidates == NULL)
    return NULL;
  for (guint i = 0; i < candidates->len; i++)
    {
      PerryCandidate *candidate = g_ptr_array_index (candidates, i);

      if (candidate->backend != NULL)
        return g_steal_pointer (&candidate->backend);
    }
  g_propagate_error (error, nothing_available (candidates, origin));
  return NULL;
}
