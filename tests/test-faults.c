/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>

#include "core/perry-container.h"
#include "tests/fake/perry-fake-engine.h"

/* Every request of the request path × every fault of an engine × every dialect. Whatever the engine does, a run ends
 * in time, with one error that says what was tried on what, leaves nothing behind, and the next run works. */

#if defined (__SANITIZE_THREAD__)
/* That sanitizer looks for races between our threads, which every fault starts anew: one in eight has them all. */
#define TIMEOUT_MS 6000
#define EVERY 8
#elif defined (__SANITIZE_ADDRESS__)
#define TIMEOUT_MS 1000
#define EVERY 1
#else
#define TIMEOUT_MS 500
#define EVERY 1
#endif
/* The failed request, the search for a container whose create was lost, its removal, the look whether it went. */
#define LONGEST_MS (4 * TIMEOUT_MS + 1500 + 1500)
#define N_THREADS 48
#define JSON \
  "{\"image\": \"bb:1\", \"rm\": true, \"name\": \"subject\", \"cmd\": [\"hello\"], \"enforcement\": \"%s\"}"
#define HTTP_JSON "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

/* What a request's reply means to us; a fault that spoils what nobody reads is none. */
typedef enum {
  READS_STATUS,
  READS_JSON,
  READS_STREAM,
} Reading;

typedef struct {
  const char *name;
  const char *method;
  const char *path;
  guint skip;
  gboolean opens; /* only the first run of a PerryEngine sends it */
  Reading reading;
  gboolean changes; /* the engine does something for it */
  const char *says; /* what every error about it says, a regular expression */
} Request;

static const Request docker_requests[] = {
  { "ping", "HEAD", "/_ping", 0, TRUE, READS_STATUS, FALSE, "docker: (did not answer within [0-9]+ ms|.*sock)" },
  { "info", "GET", "/info", 0, TRUE, READS_JSON, FALSE, "docker: (did not answer within [0-9]+ ms|.*info)" },
  { "image", "GET", "/images/.*/json", 0, FALSE, READS_JSON, FALSE, "image docker.io/library/bb:1" },
  { "create", "POST", "/containers/create", 0, FALSE, READS_JSON, TRUE, "creating container subject" },
  { "inspect", "GET", "/containers/[^/]*/json", 0, FALSE, READS_JSON, FALSE, "inspecting container [0-9a-f]{64}" },
  { "attach", "POST", "/containers/.*/attach", 0, FALSE, READS_STREAM, FALSE, 
    "(attaching to|reading the output of) container [0-9a-f]{64}" },
  { "start", "POST", "/containers/.*/start", 0, FALSE, READS_STATUS, TRUE, "starting container [0-9a-f]{64}" },
  { "wait", "POST", "/containers/.*/wait", 0, FALSE, READS_JSON, FALSE, "waiting for container [0-9a-f]{64}" },
  { "outcome", "GET", "/containers/[^/]*/json", 1, FALSE, READS_JSON, FALSE, "inspecting container [0-9a-f]{64}" },
  { "remove", "DELETE", "/containers/[^/]*", 0, FALSE, READS_STATUS, TRUE, "removing container [0-9a-f]{64}" },
};

static const Request podman_requests[] = {
  { "ping", "HEAD", "/_ping", 0, TRUE, READS_STATUS, FALSE, "podman: (did not answer within [0-9]+ ms|.*sock)" },
  { "info", "GET", "/info", 0, TRUE, READS_JSON, FALSE, "podman: (did not answer within [0-9]+ ms|.*info)" },
  { "image", "GET", "/images/.*/json", 0, FALSE, READS_JSON, FALSE, "image docker.io/library/bb:1" },
  { "create", "POST", "/containers/create", 0, FALSE, READS_JSON, TRUE, "creating container subject" },
  { "inspect", "GET", "/containers/[^/]*/json", 0, FALSE, READS_JSON, FALSE, "inspecting container [0-9a-f]{64}" },
  { "attach", "POST", "/containers/.*/attach", 0, FALSE, READS_STREAM, FALSE, 
    "(attaching to|reading the output of) container [0-9a-f]{64}" },
  { "init", "POST", "/containers/.*/init", 0, FALSE, READS_STATUS, TRUE, "initialising container [0-9a-f]{64}" },
  { "start", "POST", "/containers/.*/start", 0, FALSE, READS_STATUS, TRUE, "starting container [0-9a-f]{64}" },
  { "wait", "POST", "/containers/.*/wait", 0, FALSE, READS_JSON, FALSE, "waiting for container [0-9a-f]{64}" },
  { "outcome", "GET", "/containers/[^/]*/json", 1, FALSE, READS_JSON, FALSE, "inspecting container [0-9a-f]{64}" },
  { "remove", "DELETE", "/containers/[^/]*", 0, FALSE, READS_JSON, TRUE, "removing container [0-9a-f]{64}" },
};

typedef enum {
  ON_ALL = 0,
  ON_JSON = 1 << 0,    /* spoils a body that is read */
  ON_STREAM = 1 << 1,  /* spoils an attached stream */
  ON_CHANGES = 1 << 2, /* loses the reply to something that was done */
  IS_HARMLESS = 1 << 3,
} Scope;

typedef struct {
  const char *name;
  Scope scope;
  PerryFakeRule rule;
} Fault;

#define STREAM "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"

static const char *const open_stream[] = { STREAM };
static const char *const nothing[] = { "" };
static const char *slow_parts[200];
static const char *const never_the_body[] = { HTTP_JSON "Content-Length: 100\r\n\r\n{" };
static char *deep_json;
static char *long_message;

#define RAW(text) .raw = text, .raw_size = sizeof text - 1
#define FLOOD(text) .flood = text, .flood_size = sizeof text - 1
#define STATUS(code) { "status-" #code, ON_ALL, { .status = code, .body = "{\"message\":\"told so\"}" } }
#define BODY(text) .status = 200, .body = text, .act_first = TRUE
#define ODD_TYPES \
  "{\"Id\":5,\"ID\":[],\"StatusCode\":\"0\",\"State\":7,\"Config\":\"c\",\"HostConfig\":[],\"Name\":{}," \
  "\"Image\":false,\"host\":3,\"version\":[]," \
  "\"ServerVersion\":1,\"Warnings\":{\"a\":1},\"Mounts\":\"m\",\"Labels\":4,\"Error\":[]}"

static Fault faults[] = {
  { "slow", IS_HARMLESS, { .delay_ms = 30, .act_first = TRUE } },
  { "died-before-the-reply", ON_CHANGES | IS_HARMLESS, { .delay_ms = TIMEOUT_MS / 3, .act_first = TRUE } },
  { "slow-bytes", ON_ALL, { .raw_parts = slow_parts, .n_raw_parts = G_N_ELEMENTS (slow_parts) } },
  { "hangs", ON_ALL, { .raw_parts = nothing, .n_raw_parts = 1 } },
  { "hangs-after-the-work", ON_CHANGES, { .delay_ms = 20000, .act_first = TRUE } },
  { "hangs-in-the-body", ON_JSON, { .raw_parts = never_the_body, .n_raw_parts = 1 } },
  { "hangs-in-the-stream", ON_STREAM, { .raw_parts = open_stream, .n_raw_parts = 1 } },
  { "closed", ON_ALL, { .close = TRUE } },
  { "closed-after-the-work", ON_CHANGES, { .close = TRUE, .act_first = TRUE } },
  { "half-a-frame", ON_STREAM, { RAW (STREAM "\x01\0\0\0\0\0\0\x10" "abc") } },
  { "half-a-frame-head", ON_STREAM, { RAW (STREAM "\x01\0\0") } },
  { "unknown-channel", ON_STREAM, { RAW (STREAM "\x07\0\0\0\0\0\0\x03" "abc") } },
  { "no-frames", ON_STREAM, { RAW (STREAM "xxxxxxxxxxxx"), .repeat_raw = TRUE } },
  { "endless-empty-frames", ON_STREAM, { RAW (STREAM), .repeat_raw = TRUE, FLOOD ("\x01\0\0\0\0\0\0\0") } },
  { "endless-engine-errors", ON_STREAM,
    { RAW (STREAM), .repeat_raw = TRUE, FLOOD ("\x03\0\0\0\0\0\0\x01" "e") } },
  { "not-http", ON_ALL, { RAW ("SSH-2.0-OpenSSH_9.2\r\n\r\n") } },
  { "half-a-status-line", ON_ALL, { RAW ("HTTP/1.1 20") } },
  { "half-a-head", ON_ALL, { RAW ("HTTP/1.1 200 OK\r\nContent-Type: appl") } },
  { "endless-head", ON_ALL, { RAW ("HTTP/1.1 200 OK\r\nX-Long: "), .repeat_raw = TRUE } },
  { "length-too-long", ON_JSON, { RAW (HTTP_JSON "Content-Length: 500\r\n\r\n{\"Id\":\"ab\"}"), .act_first = FALSE } },
  { "length-too-short", ON_JSON, { RAW (HTTP_JSON "Content-Length: 5\r\n\r\n{\"Id\":\"abcdef\"}") } },
  { "length-no-number", ON_JSON, { RAW (HTTP_JSON "Content-Length: five\r\n\r\n{\"Id\":") } },
  { "length-beyond-range", ON_JSON, { RAW (HTTP_JSON "Content-Length: 99999999999999999999999\r\n\r\n{\"Id\":") } },
  { "chunk-too-long", ON_JSON,
    { RAW (HTTP_JSON "Transfer-Encoding: chunked\r\n\r\nff\r\n{\"Id\":\"ab\"}\r\n0\r\n\r\n") } },
  { "chunk-no-number", ON_JSON, { RAW (HTTP_JSON "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n") } },
  { "chunk-cut-off", ON_JSON, { RAW (HTTP_JSON "Transfer-Encoding: chunked\r\n\r\n4\r\n{\"Id\r\n") } },
  { "chunk-bomb", ON_JSON, { RAW (HTTP_JSON "Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n"), .repeat_raw = TRUE } },
  { "100-megabytes", ON_JSON, { RAW (HTTP_JSON "Content-Length: 104857600\r\n\r\n\""), .repeat_raw = TRUE } },
  { "endless-body", ON_JSON, { RAW (HTTP_JSON "\r\n\""), .repeat_raw = TRUE } },
  { "deep-json", ON_JSON, { BODY (NULL) } },
  { "malformed-json", ON_JSON, { BODY ("{\"Id\": \"abc\", }") } },
  { "two-documents", ON_JSON, { BODY ("{} {}") } },
  { "doubled-key", ON_JSON, { BODY ("{\"Id\":\"a\",\"Id\":\"b\"}") } },
  { "html", ON_JSON, { BODY ("<html>Bad gateway</html>"), .content_type = "text/html" } },
  { "invalid-utf-8", ON_JSON, { BODY ("{\"Id\":\"\xff\xfe\"}") } },
  { "empty-body", ON_JSON, { BODY ("") } },
  { "missing-members", ON_JSON, { BODY ("{}") } },
  { "odd-types", ON_JSON, { BODY (ODD_TYPES) } },
  { "array", ON_JSON, { BODY ("[]") } },
  { "null", ON_JSON, { BODY ("null") } },
  { "string", ON_JSON, { BODY ("\"Id\"") } },
  { "negative", ON_JSON, { BODY ("-1") } },
  { "no-content", ON_JSON, { .status = 204, .act_first = TRUE } },
  STATUS (302),
  STATUS (400),
  STATUS (401),
  STATUS (403),
  STATUS (404),
  STATUS (409),
  STATUS (500),
  STATUS (503),
  { "too-many-requests", ON_ALL,
    { RAW ("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3600\r\nContent-Length: 2\r\n\r\n{}") } },
  { "long-message", ON_ALL, { .status = 500 } },
  { "message-of-bytes", ON_ALL, { .status = 500, .body = "{\"message\":\"\x1b[2J\xff\xfe\"}" } },
};

/* A wait is only asked for while the container still runs. */
#define RUNNING \
  "{\"Id\":\"0123456789012345678901234567890123456789012345678901234567890123\",\"Name\":\"subject\"," \
  "\"Created\":\"2026-01-01T00:00:00Z\",\"State\":{\"Status\":\"running\",\"Running\":true,\"Pid\":0},\"Config\":{}}"

typedef struct {
  PerryFakeDialect dialect;
  const char *backend;
  const Request *request;
  const Fault *fault;
  gboolean once;
} Case;

typedef struct {
  GMutex lock;
  GPtrArray *failures;
  guint n_cases;
  guint n_errors;
  guint n_left;
  gint64 longest_us;
} Tally;

static PerryEngine *
open_engine (PerryFakeEngine *fake, const char *backend)
{
  g_autofree char *group = g_strconcat ("plugin ", backend, NULL);
  g_autofree char *timeout = g_strdup_printf ("%d", TIMEOUT_MS);
  g_autofree char *socket = g_strconcat ("unix://", perry_fake_engine_get_socket_path (fake), NULL);
  g_autoptr (GError) error = NULL;
  PerryEngine *engine = perry_engine_new (NULL, &error);
  PerryConfig *config;

  g_assert_no_error (error);
  config = perry_engine_get_config (engine);
  perry_config_set_override (config, "engine", "backend", backend, "the test", &error);
  g_assert_no_error (error);
  perry_config_set_override (config, "engine", "timeout-ms", timeout, "the test", &error);
  g_assert_no_error (error);
  perry_config_set_override (config, "engine", "probe-timeout-ms", timeout, "the test", &error);
  g_assert_no_error (error);
  perry_config_set_override (config, group, "socket", socket, "the test", &error);
  g_assert_no_error (error);
  return engine;
}

/* Strict makes Podman's run look after `init`, which is a request of its own. */
static PerryRunResult *
run (PerryEngine *engine, gboolean strict, GError **error)
{
  g_autofree char *json = g_strdup_printf (JSON, strict ? "strict" : "warn");
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (json, -1, NULL);
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();

  g_assert_true (perry_container_spec_complete (spec, NULL, NULL));
  options->capture = TRUE;
  return perry_engine_run (engine, spec, options, NULL, error);
}

static PerryFakeRule
make_rule (const Case *test)
{
  PerryFakeRule rule = test->fault->rule;

  rule.method = test->request->method;
  rule.path = test->request->path;
  rule.skip = test->request->skip;
  rule.times = test->once ? 1 : 0;
  /* What has been done cannot be replied to in another way once its connection was handed over. */
  if (test->request->reading == READS_STREAM)
    rule.act_first = FALSE;
  return rule;
}

static gboolean
is_one_text (const char *message)
{
  if (!g_utf8_validate (message, -1, NULL) || strlen (message) >= 4096)
    return FALSE;
  for (const char *byte = message; *byte != '\0'; byte++)
    if ((guchar) *byte < 0x20 && *byte != '\n')
      return FALSE;
  return TRUE;
}

static char *
check_error (const Case *test, const GError *error, guint n_left)
{
  if (error->domain != PERRY_ERROR)
    return g_strdup_printf ("an error of another domain: %s", error->message);
  if (!is_one_text (error->message))
    return g_strdup_printf ("a text of %" G_GSIZE_FORMAT " bytes that is too long or cannot be printed: %.60s",
                            strlen (error->message), error->message);
  if (!g_regex_match_simple (test->request->says, error->message, G_REGEX_DOTALL, 0))
    return g_strdup_printf ("does not say what was tried: %s", error->message);
  if (n_left > 0 && strstr (error->message, "remove it with `perryctl rm -f subject`") == NULL)
    return g_strdup_printf ("left a container and does not say so: %s", error->message);
  return NULL;
}

/* Removal can only be impossible when it is the request that fails and goes on failing, or what tells of its success. */
static gboolean
may_leave (const Case *test)
{
  return g_str_equal (test->request->name, "remove") && !test->once;
}

static gboolean
may_succeed (const Case *test)
{
  const Request *request = test->request;

  return (test->fault->scope & IS_HARMLESS) != 0 || (test->once && g_str_equal (request->method, "GET"))
         || (test->once && g_str_equal (request->name, "ping"))
         || (test->fault->rule.act_first && g_str_equal (request->name, "remove"));
}

/* The same PerryEngine and an engine that has recovered. */
static char *
check_next (const Case *test, PerryFakeEngine *fake, PerryEngine *engine)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) result = NULL;

  perry_fake_engine_clear_rules (fake);
  if (perry_fake_engine_count_containers (fake) > 0 && !perry_engine_remove (engine, "subject", TRUE, NULL, &error))
    return g_strdup_printf ("what was left cannot be removed: %s", error->message);
  result = run (engine, FALSE, &error);
  if (result == NULL)
    return g_strdup_printf ("the next run fails: %s", error->message);
  if (result->exit_code != 7 || g_bytes_get_size (result->stdout_data) != 4)
    return g_strdup_printf ("the next run ends with %d and %" G_GSIZE_FORMAT " bytes", (int) result->exit_code,
                            g_bytes_get_size (result->stdout_data));
  return NULL;
}

static char *
check_outcome (const Case *test, PerryFakeEngine *fake, PerryRunResult *result, const GError *error, gint64 took_us)
{
  guint n_left = perry_fake_engine_count_containers (fake);

  if (took_us > LONGEST_MS * 1000)
    return g_strdup_printf ("took %d ms", (int) (took_us / 1000));
  if (n_left > 0 && !may_leave (test))
    return g_strdup_printf ("left %u containers: %s", n_left, error != NULL ? error->message : "(success)");
  if (error != NULL)
    return check_error (test, error, n_left);
  if (!may_succeed (test))
    return g_strdup ("succeeds");
  if (result->exit_code != 7)
    return g_strdup_printf ("succeeds with the exit code %d", (int) result->exit_code);
  return NULL;
}

static void
count (Tally *tally, const Case *test, gint64 took_us, gboolean failed, char *failure)
{
  g_mutex_lock (&tally->lock);
  tally->n_cases++;
  tally->n_errors += failed;
  tally->longest_us = MAX (tally->longest_us, took_us);
  if (failure != NULL)
    g_ptr_array_add (tally->failures,
                     g_strdup_printf ("%s/%s%s: %s", test->request->name, test->fault->name,
                                      test->once ? "/once" : "", failure));
  g_mutex_unlock (&tally->lock);
  g_free (failure);
}

static void
run_case (gpointer data, gpointer user_data)
{
  g_autofree Case *test = data;
  g_autoptr (PerryFakeEngine) fake = perry_fake_engine_new (test->dialect);
  g_autoptr (PerryEngine) engine = open_engine (fake, test->backend);
  g_autoptr (PerryRunResult) result = NULL;
  g_autofree char *name = NULL;
  g_autoptr (GError) error = NULL;
  PerryFakeRule rule = make_rule (test);
  /* for as long as a run looks before it waits */
  PerryFakeRule running = { .method = "GET", .path = "/containers/[^/]*/json", .skip = 1, .times = 6, .status = 200,
                            .body = RUNNING };
  char *failure = NULL;
  gint64 begin;

  perry_fake_engine_set_output (fake, "out\n", NULL, 7);
  if (!test->request->opens)
    name = perry_engine_dup_backend_name (engine, NULL, NULL);
  if (g_str_equal (test->request->name, "wait"))
    perry_fake_engine_add_rule (fake, &running);
  perry_fake_engine_add_rule (fake, &rule);
  begin = g_get_monotonic_time ();
  result = run (engine, g_str_equal (test->request->name, "init"), &error);
  begin = g_get_monotonic_time () - begin;
  if (perry_fake_engine_count_requests (fake, rule.method, rule.path) <= rule.skip)
    failure = g_strdup_printf ("was never asked: %s", error != NULL ? error->message : "");
  if (failure == NULL)
    failure = check_outcome (test, fake, result, error, begin);
  if (failure == NULL)
    failure = check_next (test, fake, engine);
  count (user_data, test, begin, error != NULL, failure);
}

static gboolean
applies (const Fault *fault, const Request *request)
{
  if ((fault->scope & ON_JSON) != 0 && request->reading != READS_JSON)
    return FALSE;
  if ((fault->scope & ON_STREAM) != 0 && request->reading != READS_STREAM)
    return FALSE;
  if ((fault->scope & ON_CHANGES) != 0 && !request->changes)
    return FALSE;
  return (fault->scope & IS_HARMLESS) == 0 || request->reading != READS_STREAM;
}

static void
test_table (PerryFakeDialect dialect, const char *backend, const Request *requests, gsize n_requests)
{
  Tally tally = { .failures = g_ptr_array_new_with_free_func (g_free) };
  GThreadPool *pool = g_thread_pool_new (run_case, &tally, N_THREADS, TRUE, NULL);
  guint n_applying = 0;

  g_mutex_init (&tally.lock);
  for (gsize i = 0; i < n_requests; i++)
    for (gsize j = 0; j < G_N_ELEMENTS (faults); j++)
      for (guint once = 0; once < 2 && applies (&faults[j], &requests[i]); once++)
        {
          Case test = { dialect, backend, &requests[i], &faults[j], once == 1 };

          if (n_applying++ % EVERY != 0)
            continue;
          g_thread_pool_push (pool, g_memdup2 (&test, sizeof test), NULL);
        }
  g_thread_pool_free (pool, FALSE, TRUE);
  g_test_message ("%u cases, %u ended with an error, the longest after %d ms", tally.n_cases, tally.n_errors,
                  (int) (tally.longest_us / 1000));
  for (guint i = 0; i < tally.failures->len; i++)
    g_test_message ("%s", (const char *) g_ptr_array_index (tally.failures, i));
  g_assert_cmpuint (n_applying, >, 300);
  g_assert_cmpuint (tally.n_cases, ==, (n_applying + EVERY - 1) / EVERY);
  g_assert_cmpuint (tally.failures->len, ==, 0);
  g_ptr_array_unref (tally.failures);
  g_mutex_clear (&tally.lock);
}

static void
test_docker (gconstpointer data)
{
  test_table (GPOINTER_TO_INT (data), "docker", docker_requests, G_N_ELEMENTS (docker_requests));
}

static void
test_podman (gconstpointer data)
{
  test_table (GPOINTER_TO_INT (data), "podman", podman_requests, G_N_ELEMENTS (podman_requests));
}

static void
make_large_faults (void)
{
  static const char *const head[] = { "H", "T", "T", "P", "/", "1", ".", "1", " ", "2", "0", "0", " ", "O", "K", "\r",
                                      "\n", "X", ":", " " };

  for (gsize i = 0; i < G_N_ELEMENTS (slow_parts); i++)
    slow_parts[i] = i < G_N_ELEMENTS (head) ? head[i] : "x";
  deep_json = g_strnfill (100000, '[');
  long_message = g_strdup_printf ("{\"message\":\"%0100000d\"}", 7);
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    if (g_str_equal (faults[i].name, "deep-json"))
      faults[i].rule.body = deep_json;
    else if (g_str_equal (faults[i].name, "long-message"))
      faults[i].rule.body = long_message;
}

static char *
use_directory (void)
{
  g_autofree char *root = g_build_filename (g_test_get_dir (G_TEST_BUILT), "..", NULL);
  g_autofree char *plugins = g_strdup_printf ("%s/plugins/docker:%s/plugins/podman", root, root);
  char *directory = g_dir_make_tmp ("perry-faults-XXXXXX", NULL);

  g_setenv ("PERRY_PLUGIN_PATH", plugins, TRUE);
  g_setenv ("XDG_RUNTIME_DIR", directory, TRUE);
  g_setenv ("XDG_CONFIG_HOME", directory, TRUE);
  g_unsetenv ("DOCKER_HOST");
  g_unsetenv ("CONTAINER_HOST");
  return directory;
}

/* The other two dialects take as long again: PERRY_TEST_ALL=1 adds them. */
int
main (int argc, char **argv)
{
  g_autofree char *directory = NULL;
  g_autofree char *runtime = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  directory = use_directory ();
  make_large_faults ();
  g_test_add_data_func ("/faults/docker-20", GINT_TO_POINTER (PERRY_FAKE_DOCKER_20), test_docker);
  g_test_add_data_func ("/faults/podman-5", GINT_TO_POINTER (PERRY_FAKE_PODMAN_5), test_podman);
  if (g_strcmp0 (g_getenv ("PERRY_TEST_ALL"), "1") == 0)
    {
      g_test_add_data_func ("/faults/docker-28", GINT_TO_POINTER (PERRY_FAKE_DOCKER_28), test_docker);
      g_test_add_data_func ("/faults/podman-4", GINT_TO_POINTER (PERRY_FAKE_PODMAN_4), test_podman);
    }
  status = g_test_run ();
  runtime = g_build_filename (directory, "perry-container", NULL);
  g_rmdir (runtime);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
  g_free (deep_json);
  g_free (long_message);
  return status;
}
