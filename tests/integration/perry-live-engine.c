/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/integration/perry-live-engine.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define SCRIPT_TIMEOUT_MS 120000
#define COMMAND_TIMEOUT_MS 120000

static char *
source_path (const char *name)
{
  return g_build_filename (g_test_get_dir (G_TEST_DIST), "integration", name, NULL);
}

static char *
build_path (const char *name)
{
  return g_build_filename (g_test_get_dir (G_TEST_BUILT), "..", name, NULL);
}

static PerryProcessResult *
run (const char *const *argv, const char *const *environment, GBytes *input, guint timeout_ms)
{
  PerryProcessOptions options = {
    .environment = environment,
    .input = input,
    .timeout_ms = timeout_ms,
    .max_stdout = 64 * 1024 * 1024,
    .max_stderr = 1024 * 1024,
  };
  g_autoptr (GError) error = NULL;
  PerryProcessResult *result = perry_process_run (argv, &options, NULL, &error);

  g_assert_no_error (error);
  return result;
}

const char *
perry_live_stdout (PerryProcessResult *result)
{
  g_autofree char *text = g_strndup (g_bytes_get_data (result->stdout_bytes, NULL) ?: "",
                                     g_bytes_get_size (result->stdout_bytes));

  return g_intern_string (text);
}

const char *
perry_live_stderr (PerryProcessResult *result)
{
  g_autofree char *text = g_strndup (g_bytes_get_data (result->stderr_bytes, NULL) ?: "",
                                     g_bytes_get_size (result->stderr_bytes));

  return g_intern_string (text);
}

void
perry_live_assert_status (PerryProcessResult *result, int exit_status)
{
  if (result->exit_status != exit_status)
    g_test_message ("stdout: %s\nstderr: %s", perry_live_stdout (result), perry_live_stderr (result));
  g_assert_cmpint (result->exit_status, ==, exit_status);
}

static char **
make_environment (PerryLiveEngine *live)
{
  char **environment = g_get_environ ();
  g_autofree char *docker = build_path ("plugins/docker");
  g_autofree char *podman = build_path ("plugins/podman");
  g_autofree char *plugins = g_strconcat (docker, ":", podman, NULL);
  g_autofree char *endpoint = g_strconcat ("unix://", live->socket, NULL);
  gboolean is_docker = g_str_equal (live->backend, "docker");

  environment = g_environ_setenv (environment, "PERRY_PLUGIN_PATH", plugins, TRUE);
  environment = g_environ_setenv (environment, "PERRY_CONTAINER_BACKEND", live->backend, TRUE);
  if (!live->private)
    environment = g_environ_setenv (environment, is_docker ? "DOCKER_HOST" : "CONTAINER_HOST", endpoint, TRUE);
  environment = g_environ_setenv (environment, "XDG_RUNTIME_DIR", live->directory, TRUE);
  environment = g_environ_setenv (environment, "XDG_CONFIG_HOME", live->directory, TRUE);
  return environment;
}

static void
load_image (PerryLiveEngine *live, const char *kind)
{
  g_autofree char *program = build_path ("probe/perry-demo-image");
  g_autofree char *archive = g_strdup_printf ("%s/%s.tar", live->directory, kind);
  g_autofree char *probe = build_path ("probe/perry-probe");
  const char *pack_busybox[] = { program, archive, NULL };
  const char *pack_probe[] = { program, "--probe", probe, archive, NULL };
  g_autoptr (PerryProcessResult) packed = NULL;
  g_autoptr (PerryProcessResult) loaded = NULL;

  packed = run (g_str_equal (kind, "probe") ? pack_probe : pack_busybox, NULL, NULL, SCRIPT_TIMEOUT_MS);
  perry_live_assert_status (packed, 0);
  loaded = perry_live_engine_perryctl (live, NULL, "load", archive, NULL);
  perry_live_assert_status (loaded, 0);
}

static PerryLiveEngine *
skip_or_fail (char *reason, char **ret_reason)
{
  if (g_strcmp0 (g_getenv ("PERRY_TEST_REQUIRE_ENGINES"), "1") == 0)
    g_error ("%s", reason);
  *ret_reason = reason;
  return NULL;
}

/* A test that fails an assertion aborts; its engine must not outlive it. */
static int
start_reaper (const char *directory)
{
  g_autofree char *script = source_path ("stop-engine.sh");
  const char *argv[] = { "sh", "-c", "read -r _; exec \"$0\" \"$1\"", script, directory, NULL };
  g_autoptr (GError) error = NULL;
  int lifeline;

  g_assert_true (g_spawn_async_with_pipes (NULL, (char **) argv, NULL,
                                           G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                                           NULL, NULL, NULL, &lifeline, NULL, NULL, &error));
  g_assert_no_error (error);
  return lifeline;
}

static gboolean
sees_cgroup2 (const char *backend)
{
  return g_str_equal (backend, "podman") && g_strcmp0 (g_getenv ("PERRY_TEST_PODMAN_CGROUP2"), "1") == 0;
}

static gboolean
host_has_only_version_2 (void)
{
  return g_file_test ("/sys/fs/cgroup/cgroup.controllers", G_FILE_TEST_EXISTS);
}

/* A slow machine may need longer to start the private service than a probe may take. */
static void
write_config (PerryLiveEngine *live)
{
  g_autofree char *directory = g_build_filename (live->directory, "perry-container", NULL);
  g_autofree char *path = g_build_filename (directory, "perry.conf", NULL);
  const char *own[] = { "chown", "--reference", live->directory, directory, path, NULL };
  g_autoptr (PerryProcessResult) result = NULL;

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, "[engine]\nprobe-timeout-ms=20000\n", -1, NULL));
  result = run (own, NULL, NULL, SCRIPT_TIMEOUT_MS);
  perry_live_assert_status (result, 0);
}

const char *const perry_live_containerd_store[] = { "--feature", "containerd-snapshotter", "--storage-driver",
                                                    "overlayfs", NULL };

PerryLiveEngine *
perry_live_engine_start (const char *variant, const char *runtime, const char *const *extra, char **ret_reason)
{
  g_auto (GStrv) words = g_strsplit (variant, "-", 2);
  const char *backend = words[0];
  g_autofree char *script = source_path ("start-engine.sh");
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (PerryProcessResult) result = NULL;
  g_autofree char *directory = NULL;
  const char *engine_dir;
  PerryLiveEngine *live;

  engine_dir = g_getenv (g_str_equal (backend, "docker") ? "PERRY_TEST_ENGINE_DIR_DOCKER"
                                                         : "PERRY_TEST_ENGINE_DIR_PODMAN");
  if (geteuid () != 0)
    return skip_or_fail (g_strdup ("an engine of the test's own needs root"), ret_reason);
  directory = g_dir_make_tmp ("perry-XXXXXX", NULL);
  g_ptr_array_add (argv, script);
  g_ptr_array_add (argv, (char *) backend);
  g_ptr_array_add (argv, directory);
  g_ptr_array_add (argv, (char *) "--runtime");
  g_ptr_array_add (argv, (char *) runtime);
  if (engine_dir != NULL && *engine_dir != '\0')
    {
      g_ptr_array_add (argv, (char *) "--engine-dir");
      g_ptr_array_add (argv, (char *) engine_dir);
    }
  if (words[1] != NULL)
    g_ptr_array_add (argv, (char *) "--rootless");
  if (g_strcmp0 (words[1], "private") == 0)
    g_ptr_array_add (argv, (char *) "--no-service");
  if (sees_cgroup2 (backend))
    g_ptr_array_add (argv, (char *) "--cgroup2");
  for (gsize i = 0; extra != NULL && extra[i] != NULL; i++)
    g_ptr_array_add (argv, (char *) extra[i]);
  g_ptr_array_add (argv, NULL);
  result = run ((const char *const *) argv->pdata, NULL, NULL, SCRIPT_TIMEOUT_MS);
  if (result->exit_status != 0)
    return skip_or_fail (g_strdup_printf ("%s with %s does not start here: %s", variant, runtime,
                                          perry_live_stderr (result)),
                         ret_reason);

  live = g_new0 (PerryLiveEngine, 1);
  live->backend = g_strdup (backend);
  live->runtime = g_strdup (runtime);
  live->rootless = words[1] != NULL;
  live->cgroup2 = sees_cgroup2 (backend);
  live->without_limits = live->cgroup2 || (live->rootless && !host_has_only_version_2 ());
  live->private = g_strcmp0 (words[1], "private") == 0;
  live->directory = g_steal_pointer (&directory);
  live->socket = g_build_filename (live->directory, "sock", NULL);
  live->environment = make_environment (live);
  live->lifeline = start_reaper (live->directory);
  if (live->private)
    write_config (live);
  load_image (live, "busybox");
  load_image (live, "probe");
  return live;
}

void
perry_live_engine_stop (PerryLiveEngine *live)
{
  g_autofree char *script = source_path ("stop-engine.sh");
  const char *argv[] = { script, live->directory, NULL };
  g_autoptr (PerryProcessResult) result = run (argv, NULL, NULL, SCRIPT_TIMEOUT_MS);

  perry_live_assert_status (result, 0);
  close (live->lifeline);
  g_free (live->backend);
  g_free (live->runtime);
  g_free (live->directory);
  g_free (live->socket);
  g_strfreev (live->environment);
  g_free (live);
}

char **
perry_live_engine_command (PerryLiveEngine *live, const char *const *arguments)
{
  g_autoptr (GStrvBuilder) argv = g_strv_builder_new ();
  g_autofree char *enter = source_path ("enter-engine.sh");
  g_autofree char *program = build_path ("cli/perryctl");

  if (live->rootless || live->cgroup2)
    {
      g_strv_builder_add (argv, enter);
      g_strv_builder_add (argv, live->directory);
    }
  g_strv_builder_add (argv, program);
  g_strv_builder_addv (argv, (const char **) arguments);
  return g_strv_builder_end (argv);
}

PerryProcessResult *
perry_live_engine_perryctl_argv (PerryLiveEngine *live, const char *input, const char *const *arguments)
{
  g_auto (GStrv) argv = perry_live_engine_command (live, arguments);
  g_autoptr (GBytes) bytes = g_bytes_new (input != NULL ? input : "", input != NULL ? strlen (input) : 0);

  return run ((const char *const *) argv, (const char *const *) live->environment, bytes, COMMAND_TIMEOUT_MS);
}

PerryProcessResult *
perry_live_engine_perryctl (PerryLiveEngine *live, const char *input, ...)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  const char *argument;
  va_list list;

  va_start (list, input);
  while ((argument = va_arg (list, const char *)) != NULL)
    g_ptr_array_add (arguments, (char *) argument);
  va_end (list);
  g_ptr_array_add (arguments, NULL);
  return perry_live_engine_perryctl_argv (live, input, (const char *const *) arguments->pdata);
}

void
perry_live_assert_contains (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("“%s” is not in: %s", part, text);
}

JsonNode *
perry_live_read_report (const char *path)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  JsonNode *report;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  report = perry_json_parse (text, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (perry_json_as_object (report));
  return report;
}

gint64
perry_live_get_int64 (JsonNode *report, const char *name)
{
  gint64 value = G_MININT64;

  g_assert_true (perry_json_read_int64 (perry_json_as_object (report), name, &value));
  return value;
}

guint
perry_live_engine_count_containers (PerryLiveEngine *live)
{
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (live, NULL, "ps", "-a", "-q", NULL);
  g_auto (GStrv) lines = NULL;

  perry_live_assert_status (result, 0);
  lines = g_strsplit (perry_live_stdout (result), "\n", -1);
  return g_strv_length (lines) > 0 ? g_strv_length (lines) - 1 : 0; /* a newline ends each */
}

JsonNode *
perry_live_engine_probe (PerryLiveEngine *live, const char *const *arguments)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (PerryProcessResult) result = NULL;
  g_autoptr (GError) error = NULL;
  JsonNode *report;

  g_ptr_array_add (argv, (char *) "run");
  g_ptr_array_add (argv, (char *) "--rm");
  for (gsize i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (argv, (char *) arguments[i]);
  g_ptr_array_add (argv, (char *) "localhost/perry-probe:1");
  g_ptr_array_add (argv, (char *) "/perry-probe");
  g_ptr_array_add (argv, NULL);
  result = perry_live_engine_perryctl_argv (live, NULL, (const char *const *) argv->pdata);
  perry_live_assert_status (result, 0);
  report = perry_json_parse_bytes (result->stdout_bytes, NULL, &error);
  g_assert_no_error (error);
  return report;
}

PerryEngine *
perry_live_engine_open (PerryLiveEngine *live)
{
  static const char *const names[] = { "PERRY_PLUGIN_PATH", "PERRY_CONTAINER_BACKEND", "DOCKER_HOST",
                                       "CONTAINER_HOST",    "XDG_RUNTIME_DIR",         "XDG_CONFIG_HOME" };
  g_autoptr (GError) error = NULL;
  PerryEngine *engine;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *value = g_environ_getenv (live->environment, names[i]);

      if (value != NULL)
        g_setenv (names[i], value, TRUE);
    }
  /* The engine's user has the usual one, and this process is not that user. */
  if (live->rootless)
    {
      g_autofree char *own = g_build_filename (live->directory, "of-root", NULL);

      g_assert_cmpint (g_mkdir_with_parents (own, 0700), ==, 0);
      g_setenv ("XDG_RUNTIME_DIR", own, TRUE);
    }
  engine = perry_engine_new (NULL, &error);
  g_assert_no_error (error);
  return engine;
}
