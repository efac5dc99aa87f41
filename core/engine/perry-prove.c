/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-prove.h"

#include <fcntl.h>
#include <unistd.h>

#include "core/engine/perry-microvm.h"
#include "core/policy/perry-compare.h"
#include "core/proof/perry-proof-observe.h"
#include "core/proof/perry-proof-watch.h"

/* from the engine's answer to the workload's first instruction */
#define EXECUTION_MS 2000

/* crun loads the profile as the very last thing when no-new-privileges is set: after `init` it is not there yet */
static gboolean
seccomp_comes_last (const char *runtime, const PerryContainerSpec *spec)
{
  const char *seccomp = perry_container_spec_get_string (spec, PERRY_FIELD_SECCOMP);

  return g_strcmp0 (runtime, "crun") == 0 && perry_container_spec_get_boolean (spec, PERRY_FIELD_NO_NEW_PRIVILEGES) &&
         seccomp != NULL && !g_str_equal (seccomp, "unconfined");
}

/* A rootless engine may have no cgroup in which the process could be watched for, and the watch no priority. */
static gboolean
wants_look_before_start (const PerryProve *prove)
{
  const char *tier = perry_container_spec_get_string (prove->spec, PERRY_FIELD_TIER);
  PerryProofMode mode = prove->mode;
  PerryEnforcement enforcement = prove->enforcement;

  return prove->backend->info->rootless || mode == PERRY_PROOF_REQUIRED || enforcement == PERRY_ENFORCEMENT_STRICT ||
         (tier != NULL && !g_str_equal (tier, "default"));
}

static gboolean
is_for_microvm (const PerryBackend *backend, const PerryContainerSpec *spec)
{
  g_autofree char *reason = NULL;

  return perry_microvm_is_needed (spec) &&
         perry_microvm_get_support (backend, spec, &reason) != PERRY_SUPPORT_UNSUPPORTED;
}

gboolean
perry_prove_check_mode (PerryBackend *backend, const PerryContainerSpec *spec, PerryProofMode mode,
                        PerryEnforcement enforcement, GError **error)
{
  const char *asked = perry_container_spec_get_string (spec, PERRY_FIELD_RUNTIME);
  const char *runtime = asked != NULL ? asked : backend->info->default_runtime;

  if (!perry_compare_check_mode (spec, mode, enforcement, error))
    return FALSE;
  if (mode == PERRY_PROOF_REQUIRED && is_for_microvm (backend, spec))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PROOF_MISSING,
                   "%s runs an untrusted workload in a virtual machine, and what runs there the kernel of this host cannot "
                   "prove; do without --proof required",
                   backend->name);
      return FALSE;
    }
  if (mode == PERRY_PROOF_REQUIRED && seccomp_comes_last (runtime, spec))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PROOF_MISSING,
                   "%s runs containers with crun, which loads seccomp after the last moment at which it can be proven "
                   "when no_new_privileges is set; choose the runtime runc (--runtime runc, the field `runtime` of "
                   "a spec) if %s has it, or do without --proof required",
                   backend->name, backend->name);
      return FALSE;
    }
  return TRUE;
}

/* An untrusted workload, unless the host has none and its operator says that it may do without. */
static void
look_for_microvm (const PerryProve *prove, PerryCompareContext *context)
{
  g_autofree char *reason = NULL;
  PerrySupport support;

  if (!perry_microvm_is_needed (prove->spec))
    return;
  support = perry_microvm_get_support (prove->backend, prove->spec, &reason);
  context->wants_microvm = support != PERRY_SUPPORT_UNSUPPORTED || !perry_microvm_is_waived ();
  context->microvm_is_boundary = support == PERRY_SUPPORT_NATIVE;
}

static PerryCompareContext
make_context (const PerryProve *prove)
{
  const PerryEngineInfo *info = prove->backend->info;
  PerryCompareContext context = {
    .default_capabilities = info->default_capabilities,
    .grantable_capabilities = info->grantable_capabilities,
    .image_user = prove->image_user,
    .ambient_for_users = info->ambient_for_users,
    .network_is_internal = prove->network != NULL && prove->network->internal,
    .network_keeps_route = prove->network != NULL && prove->network->keeps_route,
  };

  look_for_microvm (prove, &context);
  return context;
}

/* An engine may report another name for the image; the id is what counts, and what a kernel cannot show. */
static void
explain_image (PerryProve *prove)
{
  for (guint i = 0; i < prove->proofs->len; i++)
    {
      PerryFieldProof *proof = g_ptr_array_index (prove->proofs, i);

      if (proof->field != PERRY_FIELD_IMAGE)
        continue;
      g_free (proof->reported);
      proof->reported = g_strdup (prove->report->image_id);
      g_free (proof->reason);
      proof->reason = g_strdup ("the engine reports the id that the reference was resolved to; a kernel knows no images");
    }
}

static GPtrArray *
compare_observations (const PerryProve *prove, GPtrArray *observations)
{
  const PerryContainerSpec *reported = prove->report != NULL ? prove->report->reported : NULL;
  PerryCompareContext context = make_context (prove);

  return perry_compare_evidence (prove->spec, reported, observations, &context);
}

static void
compare (PerryProve *prove, GPtrArray *observations)
{
  g_autoptr (GPtrArray) proofs = compare_observations (prove, observations);

  g_ptr_array_set_size (prove->proofs, 0);
  g_ptr_array_extend_and_steal (prove->proofs, g_steal_pointer (&proofs));
  if (prove->image_id != NULL && prove->report != NULL && prove->report->image_id != NULL)
    explain_image (prove);
}

static gboolean
judge (const PerryProve *prove, GPtrArray *proofs, GPtrArray *adjustments, GError **error)
{
  PerryCompareContext context = make_context (prove);

  return perry_compare_judge (prove->spec, proofs, &context, prove->mode, prove->enforcement, adjustments, error);
}

static gboolean
compare_and_judge (PerryProve *prove, GPtrArray *observations, GError **error)
{
  compare (prove, observations);
  return judge (prove, prove->proofs, prove->adjustments, error);
}

static gboolean
check_image (PerryProve *prove, GError **error)
{
  const char *reported = prove->report->image_id;

  if (prove->image_id == NULL || reported == NULL || g_str_equal (prove->image_id, reported))
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_PROOF_DIFFERS,
               "%s created the container from another image:\n  image: asked %s, which is %s; the engine reports %s",
               prove->backend->name, perry_container_spec_get_string (prove->spec, PERRY_FIELD_IMAGE), prove->image_id,
               reported);
  return FALSE;
}

/* Before the start only a contradiction decides: what the kernel has to say is still to come. */
gboolean
perry_prove_report (PerryProve *prove, GError **error)
{
  g_autoptr (GPtrArray) nothing = NULL;

  if (prove->mode == PERRY_PROOF_OFF)
    return TRUE;
  if (!check_image (prove, error))
    return FALSE;
  nothing = g_ptr_array_new ();
  compare (prove, nothing);
  return perry_compare_judge_differences (prove->proofs, error);
}

static PerryObservation *
observation_without_facets (const char *reason)
{
  PerryObservation *observation = perry_observation_new (PERRY_MOMENT_RUNNING, 0);

  for (guint facet = 0; facet < PERRY_N_FACETS; facet++)
    perry_observation_set_missing (observation, facet, reason);
  return observation;
}

static GPtrArray *
new_observations (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) perry_observation_free);
}

static gboolean
shares_pid_namespace (const PerryContainerSpec *spec)
{
  const char *mode = perry_container_spec_get_string (spec, PERRY_FIELD_PID);

  return mode != NULL && !g_str_equal (mode, "private");
}

static PerryProofRequest
make_request (const PerryProve *prove, const PerryProcessLocation *location, GPtrArray *devices, PerryMoment moment)
{
  return (PerryProofRequest){
    .container_id = location->container_id,
    .engine_pid = (int) location->engine_pid,
    .skip_accounts = moment == PERRY_MOMENT_RUNNING,
    .shares_pid_namespace = shares_pid_namespace (prove->spec),
    .monitor_counts = prove->backend->info->rootless,
    .exec_keeps_privileges = perry_container_spec_get_boolean (prove->spec, PERRY_FIELD_NO_NEW_PRIVILEGES),
    .initialised_pid = (int) location->pid,
    .devices = devices,
    .moment = moment,
  };
}

typedef struct {
  int proc;
  int cgroup;
} KernelView;

static KernelView
open_kernel_view (void)
{
  return (KernelView){
    .proc = open ("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC),
    .cgroup = open ("/sys/fs/cgroup", O_PATH | O_DIRECTORY | O_CLOEXEC),
  };
}

static void
close_kernel_view (KernelView *view)
{
  if (view->proc >= 0)
    close (view->proc);
  if (view->cgroup >= 0)
    close (view->cgroup);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KernelView, close_kernel_view)

static gboolean
observe (const PerryProve *prove, const PerryProcessLocation *location, PerryMoment moment, GPtrArray *observations,
         GError **error)
{
  g_auto (KernelView) view = open_kernel_view ();
  g_autoptr (GPtrArray) devices = perry_container_spec_dup_devices (prove->spec);
  PerryProofRequest request = make_request (prove, location, devices, moment);
  PerryObservation *observation;

  if (location->pid <= 0)
    {
      g_ptr_array_add (observations, observation_without_facets ("the engine named no process"));
      return TRUE;
    }
  observation = moment == PERRY_MOMENT_BEFORE_START
                    ? perry_proof_observe_initialised (view.proc, view.cgroup, (int) location->pid, &request, error)
                    : perry_proof_observe (view.proc, view.cgroup, (int) location->pid, &request, error);
  if (observation == NULL)
    return FALSE;
  g_ptr_array_add (observations, observation);
  return TRUE;
}

static PerryProcessLocation *
locate (PerryProve *prove, GCancellable *cancellable, GError **error)
{
  PerryBackend *backend = prove->backend;
  PerryProcessLocation *location;

  if (backend->ops->locate_process != NULL)
    return backend->ops->locate_process (backend->handle, prove->id, cancellable, error);
  location = perry_process_location_new ();
  location->reason = g_strdup_printf ("the backend %s does not run containers on this kernel", backend->name);
  return location;
}

static gboolean
start (PerryProve *prove, GCancellable *cancellable, GError **error)
{
  return prove->backend->ops->container_start (prove->backend->handle, prove->id, cancellable, error);
}

/* What decides at the last moment at which a workload can be kept from running at all. */
typedef struct {
  const PerryProve *prove;
  GPtrArray *earlier; /* what was observed before the start */
  gboolean refused;
} Judgement;

static gboolean
judge_at_exec (const PerryObservation *before_exec, const PerryObservation *at_exec, gpointer user_data)
{
  Judgement *judgement = user_data;
  const PerryProve *prove = judgement->prove;
  g_autoptr (GPtrArray) observations = g_ptr_array_new ();
  g_autoptr (GPtrArray) proofs = NULL;
  g_autoptr (GPtrArray) adjustments = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_adjustment_free);

  for (guint i = 0; i < judgement->earlier->len; i++)
    g_ptr_array_add (observations, g_ptr_array_index (judgement->earlier, i));
  if (before_exec != NULL)
    g_ptr_array_add (observations, (gpointer) before_exec);
  g_ptr_array_add (observations, (gpointer) at_exec);
  proofs = compare_observations (prove, observations);
  judgement->refused = !judge (prove, proofs, adjustments, NULL);
  return !judgement->refused;
}

static gboolean
start_watched (PerryProve *prove, const PerryProcessLocation *location, GPtrArray *observations,
               GCancellable *cancellable, GError **error)
{
  g_auto (KernelView) view = open_kernel_view ();
  g_autoptr (GPtrArray) devices = perry_container_spec_dup_devices (prove->spec);
  PerryProofRequest request = make_request (prove, location, devices, PERRY_MOMENT_BEFORE_EXEC);
  PerryObservation *before_exec = NULL, *running = NULL;
  Judgement judgement = { .prove = prove, .earlier = observations };
  GError *start_error = NULL;
  PerryProofWatch *watch;
  gboolean started;

  watch = perry_proof_watch_start (view.proc, view.cgroup, &request, (const char *const *) location->cgroup_paths,
                                   judge_at_exec, &judgement, error);
  if (watch == NULL)
    return FALSE;
  started = start (prove, cancellable, &start_error);
  perry_proof_watch_stop (watch, started ? EXECUTION_MS : 0, cancellable, &before_exec, &running);
  if (before_exec != NULL)
    g_ptr_array_add (observations, before_exec);
  if (running != NULL)
    g_ptr_array_add (observations, running);
  /* an engine may call it a failed start that the workload was killed at once; the evidence says why */
  if (!started && judgement.refused)
    {
      g_error_free (start_error);
      return TRUE;
    }
  if (!started)
    g_propagate_error (error, start_error);
  return started;
}

/* What a filter that is still to come leaves open is judged when it was seen. */
static gboolean
compare_and_judge_but_seccomp (PerryProve *prove, GPtrArray *observations, GError **error)
{
  g_autoptr (GPtrArray) others = g_ptr_array_new ();

  compare (prove, observations);
  for (guint i = 0; i < prove->proofs->len; i++)
    {
      const PerryFieldProof *proof = g_ptr_array_index (prove->proofs, i);

      if (proof->field != PERRY_FIELD_SECCOMP || proof->verdict == PERRY_VERDICT_DIFFERS)
        g_ptr_array_add (others, (gpointer) proof);
    }
  return judge (prove, others, prove->adjustments, error);
}

/* Podman: everything is in place after `init`, which attaching implies, and nothing of the workload has run. */
static gboolean
look_then_start (PerryProve *prove, const PerryProcessLocation *location, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) observations = new_observations ();

  if (!observe (prove, location, PERRY_MOMENT_BEFORE_START, observations, error))
    return FALSE;
  if (!seccomp_comes_last (location->runtime, prove->spec))
    return compare_and_judge (prove, observations, error) && start (prove, cancellable, error);
  return compare_and_judge_but_seccomp (prove, observations, error) &&
         start_watched (prove, location, observations, cancellable, error) &&
         compare_and_judge (prove, observations, error);
}

static gboolean
saw_enough (GPtrArray *observations)
{
  for (guint i = 0; i < observations->len; i++)
    if (((PerryObservation *) g_ptr_array_index (observations, i))->settled)
      return TRUE;
  return FALSE;
}

/* The watch came too late for the runtime's process: a workload that still runs can be looked at. */
static gboolean
look_after_start (PerryProve *prove, PerryProcessLocation *location, GPtrArray *observations,
                  GCancellable *cancellable, GError **error)
{
  PerryBackend *backend = prove->backend;
  g_autoptr (PerryContainerInfo) info = NULL;

  info = backend->ops->container_inspect (backend->handle, prove->id, cancellable, error);
  if (info == NULL)
    return FALSE;
  location->pid = info->pid;
  if (info->pid > 0)
    return observe (prove, location, PERRY_MOMENT_RUNNING, observations, error);
  g_ptr_array_add (observations, observation_without_facets ("the process ended before it could be looked at"));
  return TRUE;
}

/* Docker: the container's cgroup is watched while the start request is under way. */
static gboolean
start_and_watch (PerryProve *prove, PerryProcessLocation *location, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) observations = new_observations ();

  if (!start_watched (prove, location, observations, cancellable, error))
    return FALSE;
  if (!saw_enough (observations) && !look_after_start (prove, location, observations, cancellable, error))
    return FALSE;
  return compare_and_judge (prove, observations, error);
}

/* The process is another kernel's: nothing can be observed, and the fields say so. */
static gboolean
start_unseen (PerryProve *prove, const PerryProcessLocation *location, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) observations = new_observations ();

  g_ptr_array_add (observations, observation_without_facets (location->reason));
  return start (prove, cancellable, error) && compare_and_judge (prove, observations, error);
}

/* Where the engine can, with everything in place and nothing of the workload run. */
static PerryProcessLocation *
init_and_locate (PerryProve *prove, GCancellable *cancellable, GError **error)
{
  PerryBackend *backend = prove->backend;

  if (backend->ops->container_init != NULL && backend->info->inspectable_before_start &&
      wants_look_before_start (prove) &&
      !backend->ops->container_init (backend->handle, prove->id, cancellable, error))
    return NULL;
  return locate (prove, cancellable, error);
}

gboolean
perry_prove_start (PerryProve *prove, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryProcessLocation) location = g_steal_pointer (&prove->location);

  if (prove->mode == PERRY_PROOF_OFF)
    return start (prove, cancellable, error);
  if (location == NULL)
    location = init_and_locate (prove, cancellable, error);
  if (location == NULL)
    return FALSE;
  if (!location->local)
    return start_unseen (prove, location, cancellable, error);
  if (location->pid > 0)
    return look_then_start (prove, location, cancellable, error);
  return start_and_watch (prove, location, cancellable, error);
}

void
perry_sighting_clear (PerrySighting *sighting)
{
  g_clear_pointer (&sighting->observation, perry_observation_free);
  g_clear_pointer (&sighting->unseen, g_free);
}

gboolean
perry_prove_look (PerryProve *prove, PerrySighting *sighting, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryProcessLocation) location = locate (prove, cancellable, error);
  g_autoptr (GPtrArray) observations = new_observations ();
  const PerryObservation *first;

  if (location == NULL)
    return FALSE;
  if (location->local && !look_after_start (prove, location, observations, cancellable, error))
    return FALSE;
  compare (prove, observations);
  sighting->engine_pid = MAX (location->engine_pid, 0);
  first = observations->len > 0 ? g_ptr_array_index (observations, 0) : NULL;
  if (first != NULL && !perry_observation_is_empty (first))
    sighting->observation = g_ptr_array_steal_index (observations, 0);
  else
    sighting->unseen = g_strdup (first != NULL ? perry_observation_get_missing_reason (first, PERRY_FACET_IDS)
                                               : location->reason);
  return TRUE;
}
