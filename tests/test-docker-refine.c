/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "plugins/docker/docker-matrix.h"
#include "plugins/docker/docker-refine.h"
#include "tests/engine-fixture.h"

typedef struct {
  const char *fixture;
  const char *path; /* a member of the reply to be replaced, or NULL */
  const char *json;
  const char *spec;
  PerryField field;
  gboolean limited;
  PerrySupport support;
  const char *reason;
} Sample;

#define LIMITS "Max open files            1024                 20000                files     \n" \
               "Max processes             96365                96365                processes \n"

/* On daemons whose replies were recorded, one of them changed to a host without an account of swap. */
static void
test_samples (void)
{
  static const Sample samples[] = {
    { "docker-28.5.2-info", NULL, NULL, "\"runtime\": \"runc\"", PERRY_FIELD_RUNTIME, FALSE, 0, NULL },
    { "docker-28.5.2-info", NULL, NULL, "\"runtime\": \"io.containerd.runc.v2\"", PERRY_FIELD_RUNTIME, FALSE, 0, NULL },
    { "docker-28.5.2-info", NULL, NULL, "\"runtime\": \"runsc\"", PERRY_FIELD_RUNTIME, TRUE, PERRY_SUPPORT_UNSUPPORTED,
      "the daemon has no runtime runsc; it has io.containerd.runc.v2, runc, and more are registered in daemon.json "
      "(runtimes)" },
    { "docker-28.5.2-info", "Runtimes", "null", "\"runtime\": \"runc\"", PERRY_FIELD_RUNTIME, TRUE,
      PERRY_SUPPORT_UNSUPPORTED, "the daemon has no runtime runc; it has none, and more" },
    { "docker-28.5.2-info", NULL, NULL, "\"memory\": \"64m\", \"memory_swap\": \"96m\"", PERRY_FIELD_MEMORY_SWAP, FALSE,
      0, NULL },
    { "docker-28.5.2-info", "SwapLimit", "false", "\"memory\": \"64m\", \"memory_swap\": \"96m\"",
      PERRY_FIELD_MEMORY_SWAP, TRUE, PERRY_SUPPORT_UNSUPPORTED, "the kernel does not account for swap" },
    { "docker-28.5.2-info", "SwapLimit", "false", "\"memory\": \"64m\", \"memory_swap\": -1", PERRY_FIELD_MEMORY_SWAP,
      FALSE, 0, NULL },
    { "docker-28.5.2-info", "SwapLimit", "false", "\"memory\": \"64m\"", PERRY_FIELD_MEMORY, FALSE, 0, NULL },
    { "docker-28.5.2-info", "NCPU", "2", "\"cpus\": 2", PERRY_FIELD_CPUS, FALSE, 0, NULL },
    { "docker-28.5.2-info", "NCPU", "2", "\"cpus\": 2.01", PERRY_FIELD_CPUS, TRUE, PERRY_SUPPORT_UNSUPPORTED,
      "the processors that there are, and here are 2" },
    { "docker-28.5.2-info", "NCPU", "\"many\"", "\"cpus\": 99", PERRY_FIELD_CPUS, FALSE, 0, NULL },
    { "docker-28.5.2-info", NULL, NULL, "\"ulimits\": {\"nofile\": \"1024:20000\", \"nproc\": 96365}",
      PERRY_FIELD_ULIMITS, FALSE, 0, NULL },
    { "docker-28.5.2-info", NULL, NULL, "\"ulimits\": {\"nofile\": \"1024:20001\"}", PERRY_FIELD_ULIMITS, TRUE,
      PERRY_SUPPORT_UNSUPPORTED, "the hard limit nofile=20001 is above 20000, the most that Docker can grant here" },
    { "docker-28.5.2-info", NULL, NULL, "\"ulimits\": {\"nproc\": -1}", PERRY_FIELD_ULIMITS, TRUE,
      PERRY_SUPPORT_UNSUPPORTED, "nproc=unlimited is above 96365" },
    { "docker-28.5.2-info", NULL, NULL, "\"ulimits\": {\"core\": -1}", PERRY_FIELD_ULIMITS, FALSE, 0, NULL },
    { "docker-28.5.2-info", NULL, NULL, "\"devices\": [\"/dev/null\", \"/dev/zero:rw\"]", PERRY_FIELD_DEVICES, FALSE, 0,
      NULL },
    { "docker-28.5.2-info", NULL, NULL, "\"devices\": [\"/dev/null\", \"/dev/zero:r\"]", PERRY_FIELD_DEVICES, TRUE,
      PERRY_SUPPORT_PARTIAL, "every container may read and write /dev/zero" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      const Sample *sample = &samples[i];
      g_autoptr (JsonNode) reply = engine_fixture_load (sample->fixture);
      g_autofree char *json = g_strdup_printf ("{\"image\": \"b\", %s}", sample->spec);
      g_autoptr (PerryContainerSpec) spec = engine_fixture_spec (json);
      g_autoptr (PerryFieldSupport) support = perry_field_support_new ();
      g_autoptr (PerryEngineInfo) engine = NULL;
      g_autoptr (GError) error = NULL;
      PerryDockerLimits limits;
      PerrySupport found = PERRY_SUPPORT_NATIVE;
      const char *reason = NULL;

      if (sample->path != NULL)
        engine_fixture_set (reply, sample->path, sample->json);
      engine = perry_docker_engine_from_info (reply, &error);
      g_assert_no_error (error);
      perry_docker_limits_init (&limits, reply);
      perry_engine_rlimits_parse (&limits.rlimits, LIMITS, FALSE, 1048576);
      perry_docker_refine_for_engine (spec, engine, &limits, support);
      g_test_message ("%s", sample->spec);
      g_assert_cmpint (perry_field_support_get (support, sample->field, &found, &reason), ==, sample->limited);
      if (!sample->limited)
        continue;
      g_assert_cmpint (found, ==, sample->support);
      g_assert_nonnull (strstr (reason, sample->reason));
    }
}

/* With CAP_SYS_RESOURCE a process may exceed its own limits, and nobody the kernel's for open files. */
static void
test_capable (void)
{
  g_autoptr (PerryContainerSpec) spec = engine_fixture_spec ("{\"image\": \"b\", \"ulimits\": {\"nproc\": -1}}");
  g_autoptr (PerryContainerSpec) files = engine_fixture_spec ("{\"image\": \"b\", \"ulimits\": {\"nofile\": 2000000}}");
  g_autoptr (PerryFieldSupport) support = perry_field_support_new ();
  PerryEngineRlimits rlimits;
  const char *reason = NULL;
  PerrySupport found;

  perry_engine_rlimits_parse (&rlimits, LIMITS, TRUE, 1048576);
  perry_engine_limit_ulimits (spec, &rlimits, "Docker", support);
  g_assert_false (perry_field_support_get (support, PERRY_FIELD_ULIMITS, &found, &reason));
  perry_engine_limit_ulimits (files, &rlimits, "Docker", support);
  g_assert_true (perry_field_support_get (support, PERRY_FIELD_ULIMITS, &found, &reason));
  g_assert_nonnull (strstr (reason, "nofile=2000000 is above 1048576"));
}

static void
check_any (JsonNode *reply)
{
  PerryDockerLimits limits;

  perry_docker_limits_init (&limits, reply);
  g_assert_true (limits.swap == FALSE || limits.swap == TRUE);
}

static void
test_hostile (void)
{
  engine_fixture_for_each_damage ("docker-28.5.2-info", check_any);
}

typedef struct {
  const char *host;
  const char *fixture;
  const char *changes[5][2]; /* members of the recorded reply that are another value on this host */
  const char *reasons[3];    /* memory, CPU, processes: NULL where the limit is native, else a part of why it is not */
} Host;

/* What a daemon says of its host, recorded or changed from that in the members named, and which limits it can enforce. */
static void
test_hosts (void)
{
  static const Host hosts[] = {
    { "version 1", "docker-20.10.24-info", { { NULL } }, { NULL } },
    { "version 2 without controllers, 20.10", "docker-20.10.24-cg2-info", { { NULL } },
      { "no memory limit", "no CPU quota", "no process limit" } },
    { "version 2 without controllers, 28.5", "docker-28.5.2-cg2-info", { { NULL } },
      { "no memory limit", "no CPU quota", "no process limit" } },
    { "version 2 with all controllers", "docker-28.5.2-info", { { "CgroupVersion", "\"2\"" } }, { NULL } },
    { "version 2 and systemd", "docker-28.5.2-info", { { "CgroupVersion", "\"2\"" }, { "CgroupDriver", "\"systemd\"" } },
      { NULL } },
    { "rootless with memory and pids delegated", "docker-28.5.2-info",
      { { "CgroupVersion", "\"2\"" }, { "CgroupDriver", "\"systemd\"" }, { "SecurityOptions", "[\"name=rootless\"]" },
        { "CpuCfsQuota", "false" } },
      { NULL, "no CPU quota", NULL } },
    { "rootless without delegation", "docker-28.5.2-info",
      { { "CgroupVersion", "\"2\"" }, { "CgroupDriver", "\"none\"" }, { "SecurityOptions", "[\"name=rootless\"]" } },
      { "cgroup driver none", "cgroup driver none", "cgroup driver none" } },
    { "no account of swap", "docker-28.5.2-info", { { "SwapLimit", "false" } }, { "swap is not limited", NULL, NULL } },
    { "no process controller", "docker-28.5.2-info", { { "PidsLimit", "false" } }, { NULL, NULL, "no process limit" } },
  };
  static const PerryCapability cells[] = { PERRY_CAPABILITY_MEMORY_LIMIT, PERRY_CAPABILITY_CPU_LIMIT,
                                           PERRY_CAPABILITY_PIDS_LIMIT };

  for (gsize i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autoptr (JsonNode) reply = engine_fixture_load (hosts[i].fixture);
      g_autoptr (PerryEngineInfo) engine = NULL;
      g_autoptr (GError) error = NULL;

      for (gsize c = 0; c < G_N_ELEMENTS (hosts[i].changes) && hosts[i].changes[c][0] != NULL; c++)
        engine_fixture_set (reply, hosts[i].changes[c][0], hosts[i].changes[c][1]);
      engine = perry_docker_engine_from_info (reply, &error);
      g_assert_no_error (error);
      for (gsize c = 0; c < G_N_ELEMENTS (cells); c++)
        {
          PerrySupport support = perry_capability_matrix_get_support (engine->matrix, cells[c]);
          const char *reason = perry_capability_matrix_get_reason (engine->matrix, cells[c]);

          g_test_message ("%s: %s: %s", hosts[i].host, perry_capability_get_name (cells[c]), reason);
          g_assert_cmpint (support == PERRY_SUPPORT_NATIVE, ==, hosts[i].reasons[c] == NULL);
          g_assert_cmpint (perry_capability_matrix_get_origin (engine->matrix, cells[c]), ==, PERRY_SUPPORT_ORIGIN_PROBE);
          if (hosts[i].reasons[c] != NULL)
            g_assert_nonnull (strstr (reason, hosts[i].reasons[c]));
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/docker-refine/samples", test_samples);
  g_test_add_func ("/docker-refine/hosts", test_hosts);
  g_test_add_func ("/docker-refine/capable", test_capable);
  g_test_add_func ("/docker-refine/hostile", test_hostile);
  return g_test_run ();
}
