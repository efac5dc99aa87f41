/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-spec-fields.h"

#include "plugin-api/perry-container-spec.h"

/* What a look at the workload itself proves, while it runs or held at its first instruction. */

#define CHOWN 0x1ull
#define SYS_ADMIN (1ull << 21)
#define DEFAULTS 0x800405fbull

static PerryObservation *
observe (void)
{
  PerryObservation *observation = perry_observation_new (PERRY_MOMENT_RUNNING, 4711);

  for (int facet = 0; facet < PERRY_N_FACETS; facet++)
    perry_observation_set_missing (observation, facet, NULL);
  observation->settled = TRUE;
  for (int i = 0; i < 4; i++)
    observation->uid[i] = observation->gid[i] = 65534;
  observation->no_new_privs = 1;
  observation->hostname = g_strdup ("box");
  observation->apparmor_profile = g_strdup ("docker-default");
  observation->apparmor_mode = g_strdup ("enforce");
  observation->interfaces = g_strsplit ("lo", ",", -1);
  observation->passwd = g_strdup ("root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n");
  observation->group = g_strdup ("root:x:0:\nnogroup:x:65534:\n");
  for (int kind = 0; kind < PERRY_N_NAMESPACES; kind++)
    {
      observation->own_namespaces[kind] = 100 + (guint) kind;
      observation->namespaces[kind] = 200 + (guint) kind;
    }
  return observation;
}

static PerryVerdict
compare (const char *json, PerryField field, const PerryObservation *observation)
{
  static const PerryCompareContext context = { .default_capabilities = DEFAULTS };
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerSpec) asked = perry_container_spec_new_from_json (json, -1, &error);
  g_autoptr (GString) value = g_string_new (NULL);
  g_autoptr (GString) reason = g_string_new (NULL);

  g_assert_no_error (error);
  return perry_field_get_info (field)->compare_observed (asked, observation, &context, value, reason);
}

/* What could be the workload's own doing is no difference, unless it cannot have done anything yet. */
static void
test_own_doing (void)
{
  static const struct { const char *json; PerryField field; } cases[] = {
    { "{\"hostname\":\"other\"}", PERRY_FIELD_HOSTNAME },
    { "{\"workdir\":\"/tmp\"}", PERRY_FIELD_WORKDIR },
    { "{\"no_new_privileges\":false}", PERRY_FIELD_NO_NEW_PRIVILEGES },
    { "{\"seccomp\":\"unconfined\"}", PERRY_FIELD_SECCOMP },
    { "{\"apparmor\":\"other\"}", PERRY_FIELD_APPARMOR },
    { "{\"cap_add\":[\"SYS_ADMIN\"]}", PERRY_FIELD_CAP_ADD },
  };
  g_autoptr (PerryObservation) observation = observe ();

  observation->cwd = g_strdup ("/");
  observation->seccomp_mode = 2;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gboolean is_label = cases[i].field == PERRY_FIELD_APPARMOR;

      observation->moment = PERRY_MOMENT_RUNNING;
      g_assert_cmpint (compare (cases[i].json, cases[i].field, observation), ==,
                       is_label ? PERRY_VERDICT_DIFFERS : PERRY_VERDICT_UNPROVEN);
      observation->moment = PERRY_MOMENT_AT_EXEC;
      g_assert_cmpint (compare (cases[i].json, cases[i].field, observation), ==, PERRY_VERDICT_DIFFERS);
    }
}

/* What is held at its first instruction has changed nothing itself. */
static void
test_held_at_exec (void)
{
  g_autoptr (PerryObservation) observation = observe ();

  observation->moment = PERRY_MOMENT_AT_EXEC;
  g_assert_cmpint (compare ("{\"user\":\"nobody\"}", PERRY_FIELD_USER, observation), ==, PERRY_VERDICT_PROVEN);
  g_assert_cmpint (compare ("{\"apparmor\":\"docker-default\"}", PERRY_FIELD_APPARMOR, observation), ==,
                   PERRY_VERDICT_PROVEN);
  g_assert_cmpint (compare ("{\"network\":\"bridge\"}", PERRY_FIELD_NETWORK, observation), ==, PERRY_VERDICT_DIFFERS);
  g_assert_cmpint (compare ("{\"user\":\"0\"}", PERRY_FIELD_USER, observation), ==, PERRY_VERDICT_DIFFERS);
}

/* A file of the image may raise who executes it, within the bounding set and where no-new-privileges is off. */
static void
test_raised_by_file (void)
{
  static const PerryMoment moments[] = { PERRY_MOMENT_RUNNING, PERRY_MOMENT_AT_EXEC };

  for (gsize i = 0; i < G_N_ELEMENTS (moments); i++)
    {
      g_autoptr (PerryObservation) observation = observe ();
      const char *caps = "{\"user\":\"nobody\",\"cap_drop\":[]}";

      observation->moment = moments[i];
      observation->no_new_privs = 0;
      observation->uid[1] = observation->uid[2] = observation->uid[3] = 0;
      g_assert_cmpint (compare ("{\"user\":\"nobody\"}", PERRY_FIELD_USER, observation), ==, PERRY_VERDICT_UNPROVEN);
      observation->no_new_privs = 1;
      g_assert_cmpint (compare ("{\"user\":\"nobody\"}", PERRY_FIELD_USER, observation), ==, PERRY_VERDICT_DIFFERS);
      observation->no_new_privs = 0;
      observation->uid[0] = 0;
      g_assert_cmpint (compare ("{\"user\":\"nobody\"}", PERRY_FIELD_USER, observation), ==, PERRY_VERDICT_DIFFERS);

      for (int id = 0; id < 4; id++)
        observation->uid[id] = 65534;
      observation->gid[1] = 7;
      g_assert_cmpint (compare ("{\"user\":\"nobody\"}", PERRY_FIELD_USER, observation), ==, PERRY_VERDICT_UNPROVEN);

      observation->cap_bounding = DEFAULTS;
      observation->cap_effective = observation->cap_permitted = CHOWN;
      g_assert_cmpint (compare (caps, PERRY_FIELD_CAP_DROP, observation), ==, PERRY_VERDICT_UNPROVEN);
      observation->no_new_privs = 1;
      g_assert_cmpint (compare (caps, PERRY_FIELD_CAP_DROP, observation), ==, PERRY_VERDICT_DIFFERS);
      observation->no_new_privs = 0;
      observation->cap_effective = observation->cap_permitted = SYS_ADMIN;
      g_assert_cmpint (compare (caps, PERRY_FIELD_CAP_DROP, observation), ==, PERRY_VERDICT_DIFFERS);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/compare-workload/own-doing", test_own_doing);
  g_test_add_func ("/compare-workload/held-at-exec", test_held_at_exec);
  g_test_add_func ("/compare-workload/raised-by-file", test_raised_by_file);
  return g_test_run ();
}
