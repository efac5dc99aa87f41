/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>

#include "tests/integration/perry-live-engine.h"

/* Docker, Podman with runc, Podman with crun: the same tests on each; the last compares them. With the argument
 * `rootless` the Podmen are, by their socket and as perryctl starts them. */
typedef struct {
  const char *name;
  const char *backend;
  const char *runtime;
  PerryLiveEngine *live;
} Variant;

static Variant rootful[] = {
  { "docker", "docker", "runc", NULL },
  { "podman-runc", "podman", "runc", NULL },
  { "podman-crun", "podman", "crun", NULL },
};

static Variant rootless[] = {
  { "docker", "docker", "runc", NULL },
  { "podman-rootless-runc", "podman-rootless", "runc", NULL },
  { "podman-rootless-crun", "podman-rootless", "crun", NULL },
  { "podman-private-runc", "podman-private", "runc", NULL },
};

static Variant *variants = rootful;
static gsize n_variants = G_N_ELEMENTS (rootful);

#define HARDENED "--read-only", "--cap-drop", "ALL", "-u", "nobody", "-w", "/tmp", "--security-opt", "seccomp=default"
#define WORKLOAD "busybox", "sh", "-c", "echo isolated && exit 0"

static JsonObject *
find_proof (JsonNode *report, const char *field)
{
  JsonArray *rows = perry_json_as_array (perry_json_find (report, "proof", NULL));

  g_assert_nonnull (rows);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = perry_json_as_object (json_array_get_element (rows, i));
      const char *name = NULL;

      if (perry_json_read_string (row, "field", &name) && g_str_equal (name, field))
        return row;
    }
  return NULL;
}

static void
assert_proven (JsonNode *report, const char *field)
{
  JsonObject *row = find_proof (report, field);
  const char *verdict = NULL, *reason = NULL, *observed = NULL;

  g_assert_nonnull (row);
  g_assert_true (perry_json_read_string (row, "verdict", &verdict));
  if (!g_str_equal (verdict, "proven") && perry_json_read_string (row, "reason", &reason))
    g_test_message ("%s: %s", field, reason);
  g_assert_cmpstr (verdict, ==, "proven");
  g_assert_true (perry_json_read_string (row, "observed", &observed));
}

static PerryProcessResult *
run_workload (PerryLiveEngine *live, const char *report)
{
  const char *proof = g_str_equal (live->backend, "podman") ? "required" : "default";

  return perry_live_engine_perryctl (live, NULL, "run", "--rm", "--proof", proof, "--report", report, HARDENED,
                                     WORKLOAD, NULL);
}

static void
assert_workload (PerryLiveEngine *live)
{
  static const char *const proven[] = { "user", "read_only", "cap_drop", "seccomp", "tmpfs" };
  g_autofree char *path = g_build_filename (live->directory, "report.json", NULL);
  g_autoptr (PerryProcessResult) result = run_workload (live, path);
  g_autoptr (JsonNode) report = NULL;
  gint64 exit_code = -1;
  const char *text = NULL;

  perry_live_assert_status (result, 0);
  g_assert_cmpstr (perry_live_stdout (result), ==, "isolated\n");
  report = perry_live_read_report (path);
  for (gsize i = 0; i < G_N_ELEMENTS (proven); i++)
    assert_proven (report, proven[i]);
  g_assert_true (perry_json_read_int64 (perry_json_as_object (report), "exit_code", &exit_code));
  g_assert_cmpint (exit_code, ==, 0);
  g_assert_true (perry_json_read_string (perry_json_as_object (report), "backend", &text));
  g_assert_cmpstr (text, ==, live->backend);
  g_assert_true (perry_json_read_string (perry_json_as_object (report), "image_id", &text));
  g_assert_true (g_str_has_prefix (text, "sha256:"));
  g_assert_true (json_object_get_null_member (perry_json_as_object (report), "digest"));
  g_remove (path);
}

static void
test_workload (gconstpointer data)
{
  PerryLiveEngine *live = ((const Variant *) data)->live;

  assert_workload (live);
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

static void
test_twenty (gconstpointer data)
{
  PerryLiveEngine *live = ((const Variant *) data)->live;

  for (guint i = 0; i < 20; i++)
    assert_workload (live);
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

static void
test_c_api (gconstpointer data)
{
  PerryLiveEngine *live = ((const Variant *) data)->live;
  g_autoptr (PerryEngine) engine = perry_live_engine_open (live);
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  g_autoptr (PerryContainerSpec) spec = NULL;
  g_autoptr (PerryRunResult) result = NULL;
  g_autoptr (GError) error = NULL;

  spec = perry_container_spec_new_from_json ("{\"image\": \"busybox\","
                                             " \"cmd\": [\"sh\", \"-c\", \"echo isolated && exit 0\"],"
                                             " \"read_only\": true, \"cap_drop\": [\"ALL\"], \"user\": \"nobody\","
                                             " \"workdir\": \"/tmp\", \"seccomp\": \"default\", \"rm\": true}",
                                             -1, &error);
  g_assert_no_error (error);
  g_assert_true (perry_container_spec_complete (spec, NULL, &error));
  options->capture = TRUE;
  result = perry_engine_run (engine, spec, options, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result->exit_code, ==, 0);
  g_assert_cmpmem (g_bytes_get_data (result->stdout_data, NULL), g_bytes_get_size (result->stdout_data), "isolated\n", 9);
  g_assert_cmpuint (result->proofs->len, >, 5);
}

typedef struct {
  GMainLoop *loop;
  guint pending;
  guint ok;
} Parallel;

static void
on_parallel_run (GObject *source, GAsyncResult *async, gpointer data)
{
  Parallel *parallel = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) result = perry_engine_run_finish (PERRY_ENGINE (source), async, &error);

  g_assert_no_error (error);
  if (result->exit_code == 0)
    parallel->ok++;
  if (--parallel->pending == 0)
    g_main_loop_quit (parallel->loop);
}

static void
test_async (gconstpointer data)
{
  PerryLiveEngine *live = ((const Variant *) data)->live;
  g_autoptr (PerryEngine) engine = perry_live_engine_open (live);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Parallel parallel = { loop, 8, 0 };
  g_autoptr (PerryContainerSpec) spec = NULL;

  spec = perry_container_spec_new_from_json ("{\"image\": \"busybox\", \"cmd\": [\"true\"], \"network\": \"none\","
                                             " \"cap_drop\": [\"ALL\"], \"rm\": true}",
                                             -1, NULL);
  g_assert_true (perry_container_spec_complete (spec, NULL, NULL));
  for (guint i = 0; i < parallel.pending; i++)
    perry_engine_run_async (engine, spec, NULL, NULL, on_parallel_run, &parallel);
  g_main_loop_run (loop);
  g_assert_cmpuint (parallel.ok, ==, 8);
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

static JsonNode *
probe_hardened (PerryLiveEngine *live)
{
  static const char *const arguments[] = { "--read-only", "--cap-drop",     "ALL",     "--cap-add", "NET_BIND_SERVICE",
                                           "-u",          "0:0",            "-w",      "/tmp",      "--security-opt",
                                           "seccomp=default", "--security-opt", "no-new-privileges", "--network",
                                           "none",        "-m",             "64m",     "--pids-limit", "64", "--cpus",
                                           "0.5",         "--tmpfs",        "/scratch:size=1m,noexec,mode=0700",
                                           "-e",          "A=b",            NULL };

  return perry_live_engine_probe (live, arguments);
}

/* the members of the probe's report that the spec's fields decide, one text each */
static char *
read_member (JsonNode *report, const char *one, const char *two)
{
  JsonNode *node = two != NULL ? perry_json_find (report, one, two, NULL) : perry_json_find (report, one, NULL);

  g_assert_nonnull (node);
  return perry_json_to_text (node, FALSE);
}

/* Docker switches IPv6 off inside, so addresses differ; what there is to reach the network with must not */
static char *
list_interfaces (JsonNode *report)
{
  JsonArray *interfaces = perry_json_as_array (perry_json_find (report, "interfaces", NULL));
  GString *names = g_string_new (NULL);

  for (guint i = 0; interfaces != NULL && i < json_array_get_length (interfaces); i++)
    g_string_append_printf (names, "%s ",
                            perry_json_as_string (perry_json_find (json_array_get_element (interfaces, i), "name", NULL)));
  return g_string_free (names, FALSE);
}

static void
assert_same_interfaces (JsonNode *docker, JsonNode *other)
{
  g_autofree char *one = list_interfaces (docker);
  g_autofree char *two = list_interfaces (other);

  g_assert_cmpstr (one, ==, "lo ");
  g_assert_cmpstr (two, ==, "lo ");
}

static char *
describe_mount (JsonNode *report, const char *target)
{
  JsonArray *mounts = perry_json_as_array (perry_json_find (report, "mounts", NULL));

  for (guint i = 0; mounts != NULL && i < json_array_get_length (mounts); i++)
    {
      JsonNode *mount = json_array_get_element (mounts, i);
      const char *point = perry_json_as_string (perry_json_find (mount, "point", NULL));

      if (g_strcmp0 (point, target) == 0)
        return g_strdup_printf ("%s %s", perry_json_as_string (perry_json_find (mount, "type", NULL)),
                                perry_json_as_string (perry_json_find (mount, "options", NULL)));
    }
  return g_strdup ("not mounted");
}

static void
test_same_on_both (void)
{
  static const char *const members[][2] = {
    { "uid", NULL },          { "euid", NULL },         { "gid", NULL },         { "egid", NULL },
    { "capabilities", NULL }, { "no_new_privs", NULL }, { "cwd", NULL },         { "argv", NULL },
    { "seccomp", NULL },
  };
  static const char *const mounts[] = { "/", "/tmp", "/scratch" };
  g_autoptr (JsonNode) docker = probe_hardened (variants[0].live);

  for (gsize v = 1; v < n_variants; v++)
    {
      g_autoptr (JsonNode) other = probe_hardened (variants[v].live);

      for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
        {
          g_autofree char *one = read_member (docker, members[i][0], members[i][1]);
          g_autofree char *two = read_member (other, members[i][0], members[i][1]);

          g_test_message ("%s on %s", members[i][0], variants[v].name);
          g_assert_cmpstr (one, ==, two);
        }
      assert_same_interfaces (docker, other);
      for (gsize i = 0; i < G_N_ELEMENTS (mounts); i++)
        {
          g_autofree char *one = describe_mount (docker, mounts[i]);
          g_autofree char *two = describe_mount (other, mounts[i]);

          g_test_message ("%s on %s", mounts[i], variants[v].name);
          g_assert_cmpstr (one, ==, two);
        }
    }
}

static void
add_tests (const Variant *variant)
{
  static const struct { const char *name; void (*test) (gconstpointer data); } tests[] = {
    { "workload", test_workload },
    { "twenty-of-twenty-proven", test_twenty },
    { "c-api", test_c_api },
    { "eight-at-once", test_async },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strdup_printf ("/hardened/%s/%s", variant->name, tests[i].name);

      /* The program itself is not that user. */
      if (variant->live->private && (tests[i].test == test_c_api || tests[i].test == test_async))
        continue;
      g_test_add_data_func (path, variant, tests[i].test);
    }
}

/* Without an OCI runtime that Podman can use only the others are left. */
static void
choose_variants (int argc, char **argv)
{
  gsize n = 0;

  for (int i = 1; i < argc; i++)
    if (g_str_equal (argv[i], "rootless"))
      {
        variants = rootless;
        n_variants = G_N_ELEMENTS (rootless);
      }
  for (int i = 1; i < argc; i++)
    if (!g_str_equal (argv[i], "rootless"))
      {
        for (gsize v = 0; v < n_variants; v++)
          if (v == 0 || g_str_equal (variants[v].runtime, argv[i]))
            variants[n++] = variants[v];
        n_variants = n;
      }
}

/* The arguments are `rootless` and an OCI runtime, each where it is wanted. */
int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  choose_variants (argc, argv);
  for (gsize i = 0; i < n_variants; i++)
    {
      g_autofree char *reason = NULL;

      variants[i].live = perry_live_engine_start (variants[i].backend, variants[i].runtime, NULL, &reason);
      if (variants[i].live == NULL)
        {
          g_print ("1..0 # SKIP %s\n", reason);
          return 0;
        }
      add_tests (&variants[i]);
    }
  g_test_add_func ("/hardened/same-container-on-both", test_same_on_both);
  status = g_test_run ();
  for (gsize i = 0; i < n_variants; i++)
    perry_live_engine_stop (variants[i].live);
  return status;
}
