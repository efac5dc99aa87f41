/* SPDX-License-Identifier: Apache-2.0 */
/* Every operation of the docker and podman plugins on a real engine, without the core: each module is opened from the
 * build tree, the engines are those whose sockets PERRY_TEST_DOCKER_SOCKET and PERRY_TEST_PODMAN_SOCKET name. */
#include "tests/integration/backend-ops-fixture.h"

static const Engine engines[] = {
  { "docker", "PERRY_TEST_DOCKER_SOCKET" },
  { "podman", "PERRY_TEST_PODMAN_SOCKET" },
};

static void
check_report (const PerryContainerSpec *asked, const PerryContainerSpec *reported, const PerryEngineInfo *engine)
{
  PerryCompareContext context = { .default_capabilities = engine->default_capabilities,
                                  .grantable_capabilities = engine->grantable_capabilities,
                                  .ambient_for_users = engine->ambient_for_users };

  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    {
      const PerryFieldInfo *info = perry_field_get_info (field);
      g_autoptr (GString) value = g_string_new (NULL);
      g_autoptr (GString) reason = g_string_new (NULL);
      PerryVerdict verdict;

      if (!perry_container_spec_is_set (asked, field) || info->compare_reported == NULL || field == PERRY_FIELD_IMAGE)
        continue;
      verdict = info->compare_reported (asked, reported, &context, value, reason);
      g_test_message ("%s: %s %s", info->name, value->str, reason->str);
      if (field == PERRY_FIELD_SECCOMP && g_str_equal (engine->name, "Podman"))
        g_assert_cmpint (verdict, ==, PERRY_VERDICT_UNPROVEN);
      else
        g_assert_cmpint (verdict, ==, PERRY_VERDICT_PROVEN);
    }
}

static const char hardened[] =
  "{\"image\": \"busybox\", \"name\": \"perry-ops\","
  " \"cmd\": [\"sh\", \"-c\", \"echo isolated; id -u; grep -e Cap -e Seccomp: -e NoNew /proc/self/status; touch /tmp/x "
  "&& echo tmp; touch /x 2>/dev/null && echo writable; echo no >&2; exit 3\"],"
  " \"read_only\": true, \"tmpfs\": [\"/tmp:rw,nosuid,nodev,exec,mode=1777,size=64m\"], \"cap_drop\": [\"ALL\"],"
  " \"user\": \"nobody\", \"workdir\": \"/tmp\", \"seccomp\": \"default\", \"no_new_privileges\": true,"
  " \"network\": \"none\", \"memory\": \"64m\", \"cpus\": 0.5, \"pids_limit\": 64, \"init\": true,"
  " \"env\": {\"A\": \"b\"}}";

static void
test_hardened (Fixture *fixture, gconstpointer data)
{
  const char *labels[] = { LABEL, NULL };
  g_autoptr (PerryContainerSpec) spec = parse (hardened);
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;
  g_autoptr (PerryStream) stream = NULL;
  g_autoptr (PerryStream) log = NULL;
  g_autoptr (PerryContainerInfo) created = NULL;
  g_autoptr (PerryContainerInfo) ended = NULL;
  g_autoptr (GPtrArray) list = NULL;
  PerryLogRequest request = { .struct_size = sizeof request, .stderr_wanted = TRUE, .tail = -1 };

  if (!has_engine (fixture, data))
    return;
  id = try_create (fixture, spec, "perry-ops", FALSE, &error);
  g_assert_no_error (error);
  created = fixture->ops->container_inspect (fixture->backend, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (created->status, ==, PERRY_CONTAINER_CREATED);
  g_assert_cmpint (created->exit_code, ==, -1);
  g_assert_cmpstr (created->image_id, ==, fixture->image);
  check_report (spec, created->reported, fixture->info);

  if (fixture->ops->container_init != NULL)
    fixture->ops->container_init (fixture->backend, id, NULL, &error);
  g_assert_no_error (error);
  stream = fixture->ops->container_attach (fixture->backend, id, FALSE, NULL, &error);
  g_assert_no_error (error);
  start (fixture, id);
  output = read_channel (stream, PERRY_CHANNEL_STDOUT);
  g_assert_cmpint (wait_for (fixture, id), ==, 3);
  g_assert_cmpstr (output, ==,
                   "isolated\n65534\nCapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n"
                   "CapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\ntmp\n");

  log = fixture->ops->container_logs (fixture->backend, id, &request, NULL, &error);
  g_assert_no_error (error);
  errors = read_channel (log, PERRY_CHANNEL_STDERR);
  g_assert_cmpstr (errors, ==, "no\n");
  ended = fixture->ops->container_inspect (fixture->backend, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ended->status, ==, PERRY_CONTAINER_EXITED);
  g_assert_cmpint (ended->exit_code, ==, 3);
  g_assert_cmpint (ended->started_at, >, ended->created_at);
  list = fixture->ops->container_list (fixture->backend, TRUE, labels, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, 1);
  g_assert_cmpstr (((PerryContainerInfo *) list->pdata[0])->id, ==, id);
  g_assert_cmpstr (((PerryContainerInfo *) list->pdata[0])->name, ==, "perry-ops");
  remove_container (fixture, id);
}

static void
test_stdin (Fixture *fixture, gconstpointer data)
{
  const gsize size = 3 * 1024 * 1024;
  g_autofree char *id = NULL;
  g_autofree char *sent = g_malloc (size + 1);
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryStream) stream = NULL;

  if (!has_engine (fixture, data))
    return;
  id = create (fixture, "{\"image\": \"busybox\", \"network\": \"none\", \"cmd\": [\"sh\", \"-c\", \"cat >/dev/shm/x; "
                        "cat /dev/shm/x\"]}", "perry-ops", TRUE);
  for (gsize i = 0; i < size; i++)
    sent[i] = (char) ('a' + i % 23);
  sent[size] = '\0';
  stream = fixture->ops->container_attach (fixture->backend, id, TRUE, NULL, &error);
  g_assert_no_error (error);
  start (fixture, id);
  perry_stream_write_all (stream, sent, size, NULL, &error);
  g_assert_no_error (error);
  perry_stream_close_write (stream, &error);
  g_assert_no_error (error);
  output = read_channel (stream, PERRY_CHANNEL_STDOUT);
  g_assert_cmpint (wait_for (fixture, id), ==, 0);
  g_assert_true (g_str_equal (output, sent));
  remove_container (fixture, id);
}

#define SECCOMP_COMMAND "\"cmd\": [\"sh\", \"-c\", \"grep -w Seccomp: /proc/self/status; mkdir /tmp/d || echo denied\"]"

static void
test_seccomp (Fixture *fixture, gconstpointer data)
{
  static const char profile[] = "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86_64\"],"
                                "\"syscalls\":[{\"names\":[\"mkdir\",\"mkdirat\"],\"action\":\"SCMP_ACT_ERRNO\"}]}";
  g_autofree char *path = NULL;
  g_autofree char *by_path = NULL;
  g_autofree char *inlined = NULL;
  g_autofree char *results[4] = { NULL };
  g_autoptr (GError) error = NULL;

  if (!has_engine (fixture, data))
    return;
  path = g_build_filename (fixture->directory, "profile.json", NULL);
  g_file_set_contents (path, profile, -1, &error);
  g_assert_no_error (error);
  by_path = g_strdup_printf ("{\"image\": \"busybox\", \"seccomp\": \"%s\", " SECCOMP_COMMAND "}", path);
  inlined = g_strdup_printf ("{\"image\": \"busybox\", \"seccomp\": %s, " SECCOMP_COMMAND "}", profile);
  results[0] = run (fixture, "{\"image\": \"busybox\", \"seccomp\": \"default\", " SECCOMP_COMMAND "}");
  results[1] = run (fixture, "{\"image\": \"busybox\", \"seccomp\": \"unconfined\", " SECCOMP_COMMAND "}");
  results[2] = run (fixture, by_path);
  results[3] = run (fixture, inlined);
  g_assert_cmpstr (results[0], ==, "Seccomp:\t2\n");
  g_assert_cmpstr (results[1], ==, "Seccomp:\t0\n");
  g_assert_cmpstr (results[2], ==, "Seccomp:\t2\ndenied\n");
  g_assert_cmpstr (results[3], ==, "Seccomp:\t2\ndenied\n");
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    g_free (results[i]);
  memset (results, 0, sizeof results);
}

static void
test_mounts (Fixture *fixture, gconstpointer data)
{
  g_autofree char *json = NULL;
  g_autofree char *output = NULL;
  g_autofree char *plain = NULL;
  g_autofree char *volume = NULL;

  if (!has_engine (fixture, data))
    return;
  plain = run (fixture, "{\"image\": \"busybox\", \"read_only\": true,"
                        " \"tmpfs\": [\"/a\", \"/b:exec,size=1m\", \"/c:ro\"], \"cmd\": [\"sh\", \"-c\","
                        " \"grep -E ' /[abc] ' /proc/mounts | cut -d' ' -f2,4 | sort; touch /dev/shm/x && echo shm;"
                        " ls /dev/shm; touch /x 2>&1 | grep -o Read-only\"]}");
  g_assert_cmpstr (plain, ==, "/a rw,nosuid,nodev,noexec,relatime\n/b rw,nosuid,nodev,relatime,size=1024k\n"
                              "/c ro,nosuid,nodev,noexec,relatime\nshm\nx\nRead-only\n");

  json = g_strdup_printf ("{\"image\": \"busybox\", \"volumes\": [\"%s:/in:ro\"], \"cmd\": [\"sh\", \"-c\","
                          " \"grep ' /in ' /proc/mounts | cut -d' ' -f4 | cut -d, -f1; ls /in | grep image;"
                          " touch /in/x 2>&1 | grep -o Read-only\"]}",
                          fixture->directory);
  output = run (fixture, json);
  g_assert_cmpstr (output, ==, "ro\nimage.tar\nRead-only\n");
  volume = run (fixture, "{\"image\": \"busybox\", \"volumes\": [\"perryops:/data\"],"
                         "\"cmd\": [\"sh\", \"-c\", \"touch /data/x && ls /data\"]}");
  g_assert_cmpstr (volume, ==, "x\n");
}

static void
test_capabilities (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) spec = NULL;
  g_autoptr (PerryFieldSupport) support = perry_field_support_new ();
  g_autofree char *defaults = NULL;
  g_autofree char *wanted = NULL;
  g_autofree char *user = NULL;
  PerrySupport level = PERRY_SUPPORT_NATIVE;
  const char *reason = NULL;
  gboolean limited;

  if (!has_engine (fixture, data))
    return;
  defaults = run (fixture, "{\"image\": \"busybox\", \"cmd\": [\"grep\", \"CapBnd\", \"/proc/self/status\"]}");
  wanted = g_strdup_printf ("CapBnd:\t%016" G_GINT64_MODIFIER "x\n", fixture->info->default_capabilities);
  g_assert_cmpstr (defaults, ==, wanted);

  spec = parse ("{\"image\": \"busybox\", \"user\": \"nobody\", \"cap_drop\": [\"ALL\"], \"cap_add\": [\"NET_RAW\"]}");
  fixture->ops->refine (fixture->backend, spec, support);
  limited = perry_field_support_get (support, PERRY_FIELD_CAP_ADD, &level, &reason);
  user = run (fixture, "{\"image\": \"busybox\", \"user\": \"nobody\", \"cap_drop\": [\"ALL\"],"
                       " \"cap_add\": [\"NET_RAW\"], \"cmd\": [\"grep\", \"CapEff\", \"/proc/self/status\"]}");
  g_assert_cmpstr (user, ==, fixture->info->ambient_for_users ? "CapEff:\t0000000000002000\n"
                                                              : "CapEff:\t0000000000000000\n");
  g_assert_true (limited == !fixture->info->ambient_for_users);
  if (limited)
    g_assert_cmpint (level, ==, PERRY_SUPPORT_PARTIAL);
}

static void
test_privileged (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) spec = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  gboolean complete;

  if (!has_engine (fixture, data))
    return;
  complete = fixture->info->grantable_capabilities == perry_linux_capabilities_all ();
  spec = parse ("{\"image\": \"busybox\", \"privileged\": true, \"cmd\": [\"true\"]}");
  id = try_create (fixture, spec, "perry-ops", FALSE, &error);
  if (complete)
    {
      g_assert_no_error (error);
      remove_container (fixture, id);
      return;
    }
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "privileged"));
  g_test_message ("%s", error->message);
}

static void
expect_start_error (Fixture *fixture, const char *json, PerryError code)
{
  g_autofree char *id = create (fixture, json, "perry-ops", FALSE);
  g_autoptr (GError) error = NULL;

  g_assert_false (fixture->ops->container_start (fixture->backend, id, NULL, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, PERRY_ERROR, (int) code);
  remove_container (fixture, id);
}

static void
test_start_errors (Fixture *fixture, gconstpointer data)
{
  if (!has_engine (fixture, data))
    return;
  expect_start_error (fixture, "{\"image\": \"busybox\", \"cmd\": [\"/no/such\"]}", PERRY_ERROR_COMMAND_NOT_FOUND);
  expect_start_error (fixture, "{\"image\": \"busybox\", \"cmd\": [\"nosuch\"]}", PERRY_ERROR_COMMAND_NOT_FOUND);
  expect_start_error (fixture, "{\"image\": \"busybox\", \"cmd\": [\"/etc/passwd\"]}",
                      PERRY_ERROR_COMMAND_NOT_EXECUTABLE);
  expect_start_error (fixture, "{\"image\": \"busybox\", \"cmd\": [\"/tmp\"]}", PERRY_ERROR_COMMAND_NOT_EXECUTABLE);
  expect_start_error (fixture, "{\"image\": \"busybox\", \"user\": \"nosuch\", \"cmd\": [\"true\"]}",
                      PERRY_ERROR_INVALID_SPEC);
}

static void
test_other_errors (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) spec = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  g_autofree char *image = NULL;

  if (!has_engine (fixture, data))
    return;
  spec = parse ("{\"image\": \"busybox\", \"cmd\": [\"sleep\", \"60\"]}");
  id = try_create (fixture, spec, "perry-ops", FALSE, &error);
  g_assert_no_error (error);
  g_assert_null (try_create (fixture, spec, "perry-ops", FALSE, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_NAME_IN_USE);
  g_clear_error (&error);
  g_assert_false (fixture->ops->container_kill (fixture->backend, id, "SIGTERM", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONFLICT);
  g_clear_error (&error);
  start (fixture, id);
  g_assert_false (fixture->ops->container_remove (fixture->backend, id, FALSE, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_false (fixture->ops->image_remove (fixture->backend, IMAGE, FALSE, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONFLICT);
  g_clear_error (&error);
  remove_container (fixture, id);

  g_assert_null (fixture->ops->container_inspect (fixture->backend, "nosuch", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (fixture->ops->image_inspect (fixture->backend, "docker.io/library/nosuch:1", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND);
  g_clear_error (&error);
  image = g_steal_pointer (&fixture->image);
  fixture->image = g_strdup ("docker.io/library/nosuch:1");
  g_assert_null (try_create (fixture, spec, "perry-ops", FALSE, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND);
  g_free (fixture->image);
  fixture->image = g_steal_pointer (&image);
}

static void
test_bad_archive (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data ("no archive at all", -1, NULL);
  g_autoptr (GError) error = NULL;

  if (!has_engine (fixture, data))
    return;
  g_assert_null (fixture->ops->image_load (fixture->backend, stream, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED);
  g_test_message ("%s", error->message);
}

static void
test_images (Fixture *fixture, gconstpointer data)
{
  static const char other[] = "localhost/perry-ops:1";
  g_autoptr (GPtrArray) images = NULL;
  g_autoptr (PerryImageInfo) tagged = NULL;
  g_autoptr (GError) error = NULL;
  gboolean found = FALSE;

  if (!has_engine (fixture, data))
    return;
  fixture->ops->image_tag (fixture->backend, IMAGE, other, NULL, &error);
  g_assert_no_error (error);
  tagged = fixture->ops->image_inspect (fixture->backend, other, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (tagged->id, ==, fixture->image);
  images = fixture->ops->image_list (fixture->backend, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < images->len; i++)
    found = found || g_strv_contains ((const char *const *) ((PerryImageInfo *) images->pdata[i])->names, other);
  g_assert_true (found);
  fixture->ops->image_remove (fixture->backend, other, FALSE, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (fixture->ops->image_inspect (fixture->backend, other, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND);
}

static void
test_stop_and_kill (Fixture *fixture, gconstpointer data)
{
  static const char json[] = "{\"image\": \"busybox\", \"cmd\": [\"sh\", \"-c\","
                             " \"trap 'exit 5' TERM; echo up; while :; do sleep 0.05; done\"]}";
  g_autoptr (GError) error = NULL;

  if (!has_engine (fixture, data))
    return;
  for (int i = 0; i < 2; i++)
    {
      g_autofree char *id = create (fixture, json, "perry-ops", FALSE);
      g_autoptr (PerryStream) stream = fixture->ops->container_attach (fixture->backend, id, FALSE, NULL, &error);
      PerryChannel channel;
      char buffer[16];

      g_assert_no_error (error);
      start (fixture, id);
      perry_stream_read (stream, &channel, buffer, sizeof buffer, TIMEOUT_MS, NULL, &error);
      g_assert_no_error (error);
      if (i == 0)
        fixture->ops->container_stop (fixture->backend, id, 10, NULL, &error);
      else
        fixture->ops->container_kill (fixture->backend, id, "SIGKILL", NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (wait_for (fixture, id), ==, i == 0 ? 5 : 137);
      fixture->ops->container_stop (fixture->backend, id, 1, NULL, &error);
      g_assert_no_error (error);
      remove_container (fixture, id);
    }
}

static void
test_force (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = NULL;
  gint64 before;

  if (!has_engine (fixture, data))
    return;
  /* As a first process, sleep ignores SIGTERM. */
  id = create (fixture, "{\"image\": \"busybox\", \"cmd\": [\"sleep\", \"60\"]}", "perry-ops", FALSE);
  start (fixture, id);
  before = g_get_monotonic_time ();
  remove_container (fixture, id);
  g_assert_cmpint (g_get_monotonic_time () - before, <, 5 * G_USEC_PER_SEC);
}

static gpointer
cancel_later (gpointer cancellable)
{
  g_usleep (200000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_cancel_wait (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  gint64 exit_code, before;
  GThread *thread;

  if (!has_engine (fixture, data))
    return;
  id = create (fixture, "{\"image\": \"busybox\", \"cmd\": [\"sleep\", \"60\"]}", "perry-ops", FALSE);
  start (fixture, id);
  before = g_get_monotonic_time ();
  thread = g_thread_new ("cancel", cancel_later, cancellable);
  g_assert_false (fixture->ops->container_wait (fixture->backend, id, &exit_code, cancellable, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - before, <, 300000);
  g_thread_join (thread);
  remove_container (fixture, id);
}

static void
check_cgroup (const PerryProcessLocation *location)
{
  gboolean found = FALSE;

  for (char **path = location->cgroup_paths; *path != NULL; path++)
    {
      g_autofree char *file = g_build_filename ("/sys/fs/cgroup", *path, "cgroup.procs", NULL);
      g_autofree char *text = NULL;

      found = found || (g_file_get_contents (file, &text, NULL, NULL) && *text != '\0');
    }
  g_assert_true (found);
}

static void
test_locate (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryProcessLocation) before = NULL;
  g_autoptr (PerryProcessLocation) after = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;

  if (!has_engine (fixture, data))
    return;
  id = create (fixture, "{\"image\": \"busybox\", \"cmd\": [\"sleep\", \"60\"]}", "perry-ops", FALSE);
  before = fixture->ops->locate_process (fixture->backend, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (before->pid, ==, 0);
  g_assert_cmpstr (before->container_id, ==, id);
  g_assert_true (before->local);
  g_assert_cmpint (before->engine_pid, >, 0);

  if (fixture->ops->container_init != NULL)
    fixture->ops->container_init (fixture->backend, id, NULL, &error);
  else
    fixture->ops->container_start (fixture->backend, id, NULL, &error);
  g_assert_no_error (error);
  after = fixture->ops->locate_process (fixture->backend, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (after->pid, >, 0);
  g_assert_nonnull (after->runtime);
  check_cgroup (before);
  check_cgroup (after);
  remove_container (fixture, id);
}

static void
test_log_options (Fixture *fixture, gconstpointer data)
{
  PerryLogRequest request = { .struct_size = sizeof request, .stdout_wanted = TRUE, .stderr_wanted = TRUE, .tail = 1,
                              .timestamps = TRUE };
  g_autoptr (PerryStream) stream = NULL;
  g_autoptr (PerryStream) later = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  g_autofree char *line = NULL;
  g_autofree char *nothing = NULL;

  if (!has_engine (fixture, data))
    return;
  id = create (fixture, "{\"image\": \"busybox\", \"cmd\": [\"sh\", \"-c\", \"echo one; echo two\"]}", "perry-ops",
               FALSE);
  start (fixture, id);
  wait_for (fixture, id);
  stream = fixture->ops->container_logs (fixture->backend, id, &request, NULL, &error);
  g_assert_no_error (error);
  line = read_channel (stream, PERRY_CHANNEL_STDOUT);
  g_assert_true (g_regex_match_simple ("^20[0-9-]+T[0-9:.]+Z two\n$", line, 0, 0));

  request.tail = -1;
  request.since = g_get_real_time () + 60 * G_USEC_PER_SEC;
  later = fixture->ops->container_logs (fixture->backend, id, &request, NULL, &error);
  g_assert_no_error (error);
  nothing = read_channel (later, PERRY_CHANNEL_STDOUT);
  g_assert_cmpstr (nothing, ==, "");
  remove_container (fixture, id);
}

static void
test_probe (Fixture *fixture, gconstpointer data)
{
  const Engine *engine = data;

  if (!has_engine (fixture, data))
    return;
  g_assert_cmpstr (fixture->info->endpoint, ==, g_getenv (engine->variable));
  g_assert_nonnull (fixture->info->version);
  g_assert_nonnull (fixture->info->kernel);
  g_assert_cmpuint (fixture->info->cgroup_version, !=, 0);
  for (int capability = 0; capability < PERRY_CAPABILITY_LAST; capability++)
    g_test_message ("%s: %s (%s) %s", perry_capability_get_name (capability),
                    perry_support_get_name (perry_capability_matrix_get_support (fixture->info->matrix, capability)),
                    perry_support_origin_get_name (perry_capability_matrix_get_origin (fixture->info->matrix,
                                                                                       capability)),
                    perry_capability_matrix_get_reason (fixture->info->matrix, capability));
  for (char **note = fixture->info->notes; *note != NULL; note++)
    g_test_message ("note: %s", *note);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*function) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "probe", test_probe },
    { "hardened", test_hardened },
    { "stdin", test_stdin },
    { "seccomp", test_seccomp },
    { "mounts", test_mounts },
    { "capabilities", test_capabilities },
    { "privileged", test_privileged },
    { "start-errors", test_start_errors },
    { "other-errors", test_other_errors },
    { "bad-archive", test_bad_archive },
    { "images", test_images },
    { "stop-and-kill", test_stop_and_kill },
    { "force", test_force },
    { "cancel-wait", test_cancel_wait },
    { "locate", test_locate },
    { "log-options", test_log_options },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (engines); i++)
    for (guint j = 0; j < G_N_ELEMENTS (tests); j++)
      {
        g_autofree char *path = g_strdup_printf ("/backend-ops/%s/%s", engines[i].id, tests[j].name);

        g_test_add (path, Fixture, &engines[i], backend_ops_set_up, tests[j].function,
                    backend_ops_tear_down);
      }
  return g_test_run ();
}
