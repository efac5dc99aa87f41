/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-engine.h"

#include "core/engine/perry-engine-private.h"
#include "core/engine/perry-microvm.h"
#include "core/engine/perry-select.h"

/* between two looks at whether a caller who waits for another's selection wants to stop */
#define LONGEST_WAIT_MS 20

/* Waits, and stops until the container has used its time, are cheap threads that sleep; a kill is over at once. */
static const int lane_threads[PERRY_N_LANES] = {
  [PERRY_LANE_NORMAL] = 256,
  [PERRY_LANE_STOP] = 256,
  [PERRY_LANE_KILL] = 16,
  [PERRY_LANE_REMOVE] = 64,
};

/* What callers at the same time have in common: one of them asks the engines, the others wait for what comes of it. */
typedef struct {
  gatomicrefcount ref_count;
  gboolean done; /* under the engine's lock, as what follows */
  PerryBackend *backend;
  GError *error;
} Selection;

struct _PerryEngine {
  GObject parent_instance;
  PerryConfig *config;
  PerryPluginRegistry *registry;
  PerryVerifyService *verify;
  GMutex mutex; /* guards what follows */
  GCond selected;
  Selection *selection; /* that is under way */
  PerryBackend *backend;
  PerryBackend *microvm_backend; /* the last one that a workload was put into a virtual machine with */
  GThreadPool *lanes[PERRY_N_LANES];
};

G_DEFINE_FINAL_TYPE (PerryEngine, perry_engine, G_TYPE_OBJECT)

typedef struct {
  GTask *task;
  GTaskThreadFunc function;
} LaneJob;

static void
run_lane_job (gpointer data, gpointer user_data)
{
  LaneJob *job = data;

  job->function (job->task, g_task_get_source_object (job->task), g_task_get_task_data (job->task),
                 g_task_get_cancellable (job->task));
  g_object_unref (job->task);
  g_free (job);
}

static void
perry_engine_finalize (GObject *object)
{
  PerryEngine *self = PERRY_ENGINE (object);

  for (guint i = 0; i < G_N_ELEMENTS (self->lanes); i++)
    if (self->lanes[i] != NULL)
      g_thread_pool_free (self->lanes[i], FALSE, FALSE); /* tasks hold a reference: there is none left */
  g_clear_pointer (&self->backend, perry_backend_unref);
  g_clear_pointer (&self->microvm_backend, perry_backend_unref);
  g_clear_pointer (&self->verify, perry_verify_service_free);
  g_clear_pointer (&self->registry, perry_plugin_registry_unref);
  g_clear_pointer (&self->config, perry_config_unref);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->selected);
  G_OBJECT_CLASS (perry_engine_parent_class)->finalize (object);
}

static void
perry_engine_class_init (PerryEngineClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = perry_engine_finalize;
}

static void
perry_engine_init (PerryEngine *self)
{
  g_mutex_init (&self->mutex);
  g_cond_init (&self->selected);
}

static gboolean
check_required_plugins (PerryEngine *self, GError **error)
{
  const char *origin = NULL;
  const char *const *ids = perry_config_get_required_plugins (self->config, &origin);

  for (gsize i = 0; ids != NULL && ids[i] != NULL; i++)
    {
      g_autoptr (PerryPlugin) plugin = perry_plugin_registry_find_backend (self->registry, ids[i], error);

      if (plugin == NULL)
        {
          g_prefix_error (error, "the plugin %s is required by %s: ", ids[i], origin);
          return FALSE;
        }
    }
  return TRUE;
}

PerryEngine *
perry_engine_new (PerryConfig *config, GError **error)
{
  g_autoptr (PerryEngine) self = g_object_new (PERRY_TYPE_ENGINE, NULL);

  self->config = config != NULL ? perry_config_ref (config) : perry_config_load (NULL, NULL, error);
  if (self->config == NULL)
    return NULL;
  self->registry = perry_plugin_registry_new ();
  self->verify = perry_verify_service_new (self->config, self->registry);
  if (!check_required_plugins (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

PerryConfig *
perry_engine_get_config (PerryEngine *engine)
{
  g_return_val_if_fail (PERRY_IS_ENGINE (engine), NULL);
  return engine->config;
}

PerryPluginRegistry *
perry_engine_get_registry (PerryEngine *engine)
{
  g_return_val_if_fail (PERRY_IS_ENGINE (engine), NULL);
  return engine->registry;
}

PerryVerifyService *
perry_engine_get_verify_service (PerryEngine *engine)
{
  return engine->verify;
}

static void
selection_unref (Selection *selection)
{
  if (!g_atomic_ref_count_dec (&selection->ref_count))
    return;
  g_clear_pointer (&selection->backend, perry_backend_unref);
  g_clear_error (&selection->error);
  g_free (selection);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Selection, selection_unref)

/* Takes part in a selection that is under way, or begins one; the caller holds the lock. */
static Selection *
join_selection (PerryEngine *engine, gboolean *ret_first)
{
  *ret_first = engine->selection == NULL;
  if (*ret_first)
    {
      engine->selection = g_new0 (Selection, 1);
      g_atomic_ref_count_init (&engine->selection->ref_count);
    }
  g_atomic_ref_count_inc (&engine->selection->ref_count);
  return engine->selection;
}

/* The lock is not held while engines are asked. */
static void
lead (PerryEngine *engine, Selection *selection, GCancellable *cancellable)
{
  GError *error = NULL;
  PerryBackend *backend = perry_select_backend (engine->registry, engine->config, cancellable, &error);

  g_mutex_lock (&engine->mutex);
  selection->backend = backend;
  selection->error = error;
  selection->done = TRUE;
  if (backend != NULL)
    engine->backend = perry_backend_ref (backend);
  selection_unref (g_steal_pointer (&engine->selection));
  g_cond_broadcast (&engine->selected);
  g_mutex_unlock (&engine->mutex);
}

/* Whoever leads may have another cancellable; FALSE where it is not worth waiting for any more. */
static gboolean
follow (PerryEngine *engine, Selection *selection, GCancellable *cancellable)
{
  gboolean done;

  g_mutex_lock (&engine->mutex);
  while (!selection->done && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait_until (&engine->selected, &engine->mutex, g_get_monotonic_time () + LONGEST_WAIT_MS * 1000);
  done = selection->done;
  g_mutex_unlock (&engine->mutex);
  return done;
}

static PerryBackend *
select_together (PerryEngine *engine, gboolean *ret_again, GCancellable *cancellable, GError **error)
{
  g_autoptr (Selection) selection = NULL;
  gboolean first = FALSE;

  *ret_again = FALSE;
  g_mutex_lock (&engine->mutex);
  if (engine->backend != NULL)
    {
      PerryBackend *backend = perry_backend_ref (engine->backend);

      g_mutex_unlock (&engine->mutex);
      return backend;
    }
  selection = join_selection (engine, &first);
  g_mutex_unlock (&engine->mutex);
  if (first)
    lead (engine, selection, cancellable);
  else if (!follow (engine, selection, cancellable))
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_CANCELLED, "cancelled while looking for a backend");
      return NULL;
    }
  if (selection->backend != NULL)
    return perry_backend_ref (selection->backend);
  /* that somebody else was cancelled says nothing of the engines */
  *ret_again = !first && g_error_matches (selection->error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  if (!*ret_again)
    g_propagate_error (error, g_error_copy (selection->error));
  return NULL;
}

PerryBackend *
perry_engine_ref_backend (PerryEngine *engine, GCancellable *cancellable, GError **error)
{
  PerryBackend *backend;
  gboolean again;

  do
    backend = select_together (engine, &again, cancellable, error);
  while (again);
  return backend;
}

/* What one spec's virtual machine is another's runtime: only a backend that still fits is used again. */
static PerryBackend *
ref_known_microvm_backend (PerryEngine *engine, const PerryContainerSpec *spec)
{
  PerryBackend *backend = NULL;
  g_autofree char *reason = NULL;

  g_mutex_lock (&engine->mutex);
  if (engine->microvm_backend != NULL &&
      perry_microvm_get_support (engine->microvm_backend, spec, &reason) == PERRY_SUPPORT_NATIVE)
    backend = perry_backend_ref (engine->microvm_backend);
  g_mutex_unlock (&engine->mutex);
  return backend;
}

PerryBackend *
perry_engine_ref_microvm_backend (PerryEngine *engine, const PerryContainerSpec *spec, gboolean strict,
                                  GCancellable *cancellable, GError **error)
{
  PerryBackend *backend = ref_known_microvm_backend (engine, spec);

  if (backend != NULL)
    return backend;
  backend = perry_microvm_select (engine->registry, engine->config, spec, strict, cancellable, error);
  if (backend == NULL)
    return NULL;
  g_mutex_lock (&engine->mutex);
  g_clear_pointer (&engine->microvm_backend, perry_backend_unref);
  engine->microvm_backend = perry_backend_ref (backend);
  g_mutex_unlock (&engine->mutex);
  return backend;
}

char *
perry_engine_dup_backend_name (PerryEngine *engine, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine), NULL);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  return backend != NULL ? g_strdup (backend->name) : NULL;
}

/* The probe order first, then what else the plugins offer. */
static GPtrArray *
all_candidate_names (PerryEngine *self)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const char *const *ordered = perry_select_get_names (self->config, NULL);
  g_autoptr (GPtrArray) plugins = perry_plugin_registry_list (self->registry);

  for (gsize i = 0; ordered != NULL && ordered[i] != NULL; i++)
    g_ptr_array_add (names, g_strdup (ordered[i]));
  for (guint i = 0; i < plugins->len; i++)
    {
      PerryPlugin *plugin = g_ptr_array_index (plugins, i);
      const PerryBackendCandidate *candidate = NULL;

      if (perry_plugin_get_state (plugin) == PERRY_PLUGIN_STATE_OK &&
          perry_plugin_get_kind (plugin) == PERRY_PLUGIN_BACKEND)
        candidate = perry_plugin_get_candidates (plugin);
      for (; candidate != NULL && candidate->name != NULL; candidate++)
        if (!g_ptr_array_find_with_equal_func (names, candidate->name, g_str_equal, NULL))
          g_ptr_array_add (names, g_strdup (candidate->name));
    }
  g_ptr_array_add (names, NULL);
  return names;
}

static const char *
find_summary (PerryEngine *self, const PerryCandidate *candidate)
{
  g_autoptr (PerryPlugin) plugin = perry_plugin_registry_find_backend (self->registry, candidate->name, NULL);

  if (plugin == NULL)
    return NULL;
  for (const PerryBackendCandidate *row = perry_plugin_get_candidates (plugin); row != NULL && row->name != NULL; row++)
    if (g_str_equal (row->name, candidate->name))
      return row->summary;
  return NULL;
}

GPtrArray *
perry_engine_probe_all (PerryEngine *engine, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) names = all_candidate_names (engine);

  return perry_select_probe (engine->registry, engine->config, (const char *const *) names->pdata, FALSE, cancellable,
                             error);
}

GPtrArray *
perry_engine_list_backends (PerryEngine *engine, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) candidates = NULL;
  GPtrArray *entries;
  gboolean selected = FALSE;
  gsize n_ordered;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine), NULL);

  n_ordered = g_strv_length ((char **) perry_select_get_names (engine->config, NULL));
  candidates = perry_engine_probe_all (engine, cancellable, error);
  if (candidates == NULL)
    return NULL;
  entries = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_backend_entry_free);
  for (guint i = 0; i < candidates->len; i++)
    {
      PerryCandidate *candidate = g_ptr_array_index (candidates, i);
      PerryBackendEntry *entry = g_new0 (PerryBackendEntry, 1);

      entry->name = g_strdup (candidate->name);
      entry->summary = g_strdup (find_summary (engine, candidate));
      entry->plugin = g_strdup (candidate->plugin);
      entry->info = candidate->backend != NULL ? perry_engine_info_copy (candidate->backend->info) : NULL;
      entry->error = g_steal_pointer (&candidate->error);
      entry->selected = entry->info != NULL && !selected && i < n_ordered;
      selected = selected || entry->selected;
      g_ptr_array_add (entries, entry);
    }
  return entries;
}

void
perry_engine_push_task (PerryEngine *engine, PerryLane lane, GTask *task, GTaskThreadFunc function)
{
  LaneJob *job = g_new0 (LaneJob, 1);

  job->task = g_object_ref (task);
  job->function = function;
  g_mutex_lock (&engine->mutex);
  if (engine->lanes[lane] == NULL)
    engine->lanes[lane] = g_thread_pool_new (run_lane_job, NULL, lane_threads[lane], FALSE, NULL);
  g_mutex_unlock (&engine->mutex);
  g_thread_pool_push (engine->lanes[lane], job, NULL);
}
