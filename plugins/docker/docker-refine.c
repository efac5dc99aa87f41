/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/docker/docker-refine.h"

#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-engine-devices.h"

void
perry_docker_limits_init (PerryDockerLimits *limits, JsonNode *reply)
{
  JsonObject *info = perry_json_as_object (reply);

  limits->swap = FALSE;
  limits->n_cpus = 0;
  perry_json_read_boolean (info, "SwapLimit", &limits->swap);
  perry_json_read_int64 (info, "NCPU", &limits->n_cpus);
  perry_engine_rlimits_init (&limits->rlimits);
}

static void
refine_runtime (const PerryContainerSpec *spec, const PerryEngineInfo *engine, PerryFieldSupport *support)
{
  const char *runtime = perry_container_spec_get_string (spec, PERRY_FIELD_RUNTIME);
  g_autofree char *registered = NULL;
  g_autofree char *reason = NULL;

  if (runtime == NULL || g_strv_contains ((const char *const *) engine->runtimes, runtime))
    return;
  registered = g_strjoinv (", ", engine->runtimes);
  reason = g_strdup_printf ("the daemon has no runtime %s; it has %s, and more are registered in daemon.json (runtimes)",
                            runtime, *registered != '\0' ? registered : "none");
  perry_field_support_limit (support, PERRY_FIELD_RUNTIME, PERRY_SUPPORT_UNSUPPORTED, reason);
}

/* Docker refuses a share of processors that are not there; that no limit is in force then is what it would come to. */
static void
refine_cpus (const PerryContainerSpec *spec, const PerryDockerLimits *limits, PerryFieldSupport *support)
{
  g_autofree char *reason = NULL;

  if (limits->n_cpus <= 0 || perry_container_spec_get_double (spec, PERRY_FIELD_CPUS, 0) <= (double) limits->n_cpus)
    return;
  reason = g_strdup_printf ("Docker limits a container to the processors that there are, and here are %" G_GINT64_FORMAT,
                            limits->n_cpus);
  perry_field_support_limit (support, PERRY_FIELD_CPUS, PERRY_SUPPORT_UNSUPPORTED, reason);
}

void
perry_docker_refine_for_engine (const PerryContainerSpec *spec, const PerryEngineInfo *engine,
                                const PerryDockerLimits *limits, PerryFieldSupport *support)
{
  refine_runtime (spec, engine, support);
  refine_cpus (spec, limits, support);
  if (!limits->swap && perry_container_spec_get_int64 (spec, PERRY_FIELD_MEMORY_SWAP, -1) != -1)
    perry_field_support_limit (support, PERRY_FIELD_MEMORY_SWAP, PERRY_SUPPORT_UNSUPPORTED,
                               "the kernel does not account for swap, so nothing limits it");
  perry_engine_limit_ulimits (spec, &limits->rlimits, "Docker", support);
  perry_engine_limit_devices (spec, support);
}
