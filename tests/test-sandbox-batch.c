/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "plugin-api/perry-json.h"
#include "tests/both-engines.h"

/* Many sandboxes on an engine inside this process: no request is lost, none has two results, and neither side is overrun. */

#define MANY 1000
#define MOST_JOBS 64
#define WAIT_US (30 * G_USEC_PER_SEC)
/* how long it is watched that nothing happens */
#define STILL_US (200 * 1000)

/* A batch in a thread of its own. */
typedef struct {
  PerryEngine *engine;
  PerrySandboxBatch batch;
  PerrySandboxBatchState state;
  GCancellable *cancellable;
  GError *error;
  GThread *thread;
  int n_read;  /* atomic, as the next */
  int n_ended;
  int most_running;
} Job;

static void
set_up (BothEngines *fixture, gconstpointer data)
{
  static struct utsname host;

  both_engines_set_up (fixture, data, "out\n");
  /* Podman reads the profile from a file of its own host */
  g_assert_cmpint (uname (&host), ==, 0);
  perry_fake_engine_set_kernel (fixture->fake, host.release);
}

static int
new_file (const char *text, gssize size)
{
  int fd = memfd_create ("test", MFD_CLOEXEC);
  gsize left = size < 0 ? strlen (text) : (gsize) size;

  g_assert_cmpint (fd, >=, 0);
  while (left > 0)
    {
      gssize n = write (fd, text, left);

      g_assert_cmpint (n, >, 0);
      text += n;
      left -= (gsize) n;
    }
  g_assert_cmpint (lseek (fd, 0, SEEK_SET), ==, 0);
  return fd;
}

static char *
read_file (int fd)
{
  GString *text = g_string_new (NULL);
  char buffer[4096];
  gssize n;

  g_assert_cmpint (lseek (fd, 0, SEEK_SET), ==, 0);
  while ((n = read (fd, buffer, sizeof buffer)) > 0)
    g_string_append_len (text, buffer, n);
  g_assert_cmpint (n, ==, 0);
  return g_string_free (text, FALSE);
}

static void
on_progress (const PerrySandboxBatchState *state, gpointer data)
{
  Job *job = data;

  job->most_running = MAX (job->most_running, (int) state->n_running);
  g_atomic_int_set (&job->n_read, (int) state->n_read);
  g_atomic_int_set (&job->n_ended, (int) state->n_ended);
}

static PerryContainerSpec *
new_defaults (void)
{
  g_autoptr (GError) error = NULL;
  PerryContainerSpec *spec = perry_container_spec_new_from_json ("{\"image\": \"bb:1\", \"cmd\": [\"hello\"]}", -1, &error);

  g_assert_no_error (error);
  return spec;
}

static void
prepare (BothEngines *fixture, Job *job, const PerryContainerSpec *defaults, guint jobs, int input_fd, int output_fd)
{
  *job = (Job){ .engine = fixture->engine, .cancellable = g_cancellable_new () };
  job->batch = (PerrySandboxBatch){ .jobs = jobs, .defaults = defaults, .flags = PERRY_SANDBOX_ALLOW_UNVERIFIED,
                                    .input_fd = input_fd, .output_fd = output_fd, .done_fd = -1,
                                    .progress = on_progress, .progress_data = job };
}

static gboolean
run_job (Job *job)
{
  return perry_sandbox_run_batch (job->engine, &job->batch, &job->state, job->cancellable, &job->error);
}

static gpointer
job_thread (gpointer job)
{
  return GINT_TO_POINTER (run_job (job));
}

static void
start (Job *job)
{
  job->thread = g_thread_new ("batch", job_thread, job);
}

static gboolean
join (Job *job)
{
  return GPOINTER_TO_INT (g_thread_join (g_steal_pointer (&job->thread)));
}

static void
clear_job (Job *job)
{
  g_clear_object (&job->cancellable);
  g_clear_error (&job->error);
}

/* Runs the requests of @text to their end and returns the results. */
static char *
run_text (BothEngines *fixture, const char *text, gssize size, guint jobs, int done_fd, PerrySandboxBatchState *ret_state)
{
  g_autoptr (PerryContainerSpec) defaults = new_defaults ();
  int input_fd = new_file (text, size), output_fd = new_file ("", 0);
  char *results;
  Job job;

  prepare (fixture, &job, defaults, jobs, input_fd, output_fd);
  job.batch.done_fd = done_fd;
  g_assert_true (run_job (&job));
  g_assert_no_error (job.error);
  g_assert_cmpuint (job.state.n_running, ==, 0);
  g_assert_cmpint (job.most_running, <=, (int) jobs);
  *ret_state = job.state;
  results = read_file (output_fd);
  clear_job (&job);
  close (input_fd);
  close (output_fd);
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->fake), ==, 0);
  return results;
}

/* The results' nodes by their ids, or by `line N`; each may be there once. */
static GHashTable *
index_results (const char *text)
{
  GHashTable *index = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_node_unref);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint n = g_strv_length (lines);

  g_assert_cmpstr (lines[n - 1], ==, "");
  for (guint i = 0; i + 1 < n; i++)
    {
      g_autoptr (GError) error = NULL;
      JsonNode *node = perry_json_parse (lines[i], -1, NULL, &error);
      const char *id;
      gint64 line = 0;

      g_assert_no_error (error);
      id = perry_json_as_string (perry_json_find (node, "id", NULL));
      perry_json_read_int64 (perry_json_as_object (node), "line", &line);
      g_assert_true (g_hash_table_insert (index, line > 0 ? g_strdup_printf ("line %d", (int) line) : g_strdup (id), node));
    }
  return index;
}

static void
assert_ended (GHashTable *results, const char *id)
{
  JsonNode *node = g_hash_table_lookup (results, id);
  gint64 exit_code = -1;

  g_assert_nonnull (node);
  g_assert_true (perry_json_read_int64 (perry_json_as_object (node), "exit_code", &exit_code));
  g_assert_cmpint (exit_code, ==, 7);
  g_assert_null (perry_json_find (node, "error", NULL));
}

static void
assert_failed (GHashTable *results, guint line, const char *code, const char *words)
{
  g_autofree char *key = g_strdup_printf ("line %u", line);
  JsonNode *node = g_hash_table_lookup (results, key);

  g_assert_nonnull (node);
  g_assert_cmpstr (perry_json_as_string (perry_json_find (node, "error", "code", NULL)), ==, code);
  g_assert_nonnull (strstr (perry_json_as_string (perry_json_find (node, "error", "message", NULL)), words));
  g_assert_null (perry_json_find (node, "exit_code", NULL));
}

static char *
many_requests (guint count)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < count; i++)
    g_string_append_printf (text, "{\"id\": \"%u\"}\n", i);
  return g_string_free (text, FALSE);
}

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  guint count = 0;

  while (g_dir_read_name (directory) != NULL)
    count++;
  return count;
}

/* A thread that was joined is listed for a moment longer. */
static void
assert_at_most (const char *path, guint most)
{
  gint64 end = g_get_monotonic_time () + WAIT_US;

  while (count_entries (path) > most && g_get_monotonic_time () < end)
    g_thread_yield ();
  g_assert_cmpuint (count_entries (path), <=, most);
}

static void
test_many (BothEngines *fixture, gconstpointer data)
{
  g_autofree char *warm_up = many_requests (2 * MOST_JOBS);
  g_autofree char *text = many_requests (MANY);
  g_autofree char *first = NULL;
  g_autofree char *results = NULL;
  g_autoptr (GHashTable) index = NULL;
  PerrySandboxBatchState state;
  guint threads;

  first = run_text (fixture, warm_up, -1, MOST_JOBS, -1, &state);
  threads = count_entries ("/proc/self/task");
  results = run_text (fixture, text, -1, MOST_JOBS, -1, &state);
  g_assert_cmpuint (state.n_read, ==, MANY);
  g_assert_cmpuint (state.n_ended, ==, MANY);
  g_assert_cmpuint (state.n_failed + state.n_skipped, ==, 0);
  index = index_results (results);
  g_assert_cmpuint (g_hash_table_size (index), ==, MANY);
  for (guint i = 0; i < MANY; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);

      assert_ended (index, id);
    }
  assert_at_most ("/proc/self/task", threads);
}

static void
test_lines (BothEngines *fixture, gconstpointer data)
{
  static const char text[] = "{\"id\": \"crlf\"}\r\n"
                             "\r\n"
                             "\n"
                             "{\"id\": \"\xff\"}\n"
                             "{\"id\": \"nul\0\"}\n"
                             "[]\n"
                             "{\"id\": \"\"}\n"
                             "{\"id\": \"crlf\"}\n"
                             "{\"id\": \"bad field\", \"nonsense\": 1}\n"
                             "{\"id\": \"bad field\"}\n"
                             "{\"id\": \"bad time\", \"timeout_ms\": 0}\n"
                             "{\"id\": \"bad input\", \"stdin\": 1}\n"
                             "{\"id\": \"last\"}";
  PerrySandboxBatchState state;
  g_autofree char *results = run_text (fixture, text, sizeof text - 1, 1, -1, &state);
  g_autoptr (GHashTable) index = index_results (results);

  assert_ended (index, "crlf");
  assert_ended (index, "last");
  assert_failed (index, 4, "invalid-json", "UTF-8");
  assert_failed (index, 5, "invalid-json", "");
  assert_failed (index, 6, "invalid-spec", "a request is a JSON object");
  assert_failed (index, 7, "invalid-spec", "$.id");
  assert_failed (index, 8, "invalid-spec", "line 1 has this id already");
  assert_failed (index, 9, "invalid-spec", "nonsense");
  assert_failed (index, 10, "invalid-spec", "line 9 has this id already");
  assert_failed (index, 11, "invalid-spec", "$.timeout_ms");
  assert_failed (index, 12, "invalid-spec", "$.stdin");
  g_assert_cmpuint (g_hash_table_size (index), ==, 11);
  g_assert_cmpuint (state.n_read, ==, 11);
  g_assert_cmpuint (state.n_ended, ==, 2);
  g_assert_cmpuint (state.n_failed, ==, 9);
}

static void
append_line (GString *text, const char *id, gsize length)
{
  gsize begin = text->len;

  g_string_append_printf (text, "{\"id\": \"%s\"", id);
  while (text->len - begin + 1 < length)
    g_string_append_c (text, ' ');
  g_string_append (text, "}\n");
}

/* A line above the limit is a request that cannot be read, whatever stands before and behind it. */
static void
test_long_lines (BothEngines *fixture, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *results = NULL;
  g_autoptr (GHashTable) index = NULL;
  PerrySandboxBatchState state;

  append_line (text, "first", 0);
  append_line (text, "largest", PERRY_JSON_DEFAULT_MAX_BYTES);
  append_line (text, "too long", PERRY_JSON_DEFAULT_MAX_BYTES + 1);
  append_line (text, "between", 0);
  append_line (text, "much too long", 2 * PERRY_JSON_DEFAULT_MAX_BYTES + 12345);
  append_line (text, "behind", 0);
  append_line (text, "without an end", PERRY_JSON_DEFAULT_MAX_BYTES + 2);
  g_string_truncate (text, text->len - 1);
  results = run_text (fixture, text->str, (gssize) text->len, 2, -1, &state);
  index = index_results (results);
  assert_ended (index, "first");
  assert_ended (index, "largest");
  assert_ended (index, "between");
  assert_ended (index, "behind");
  assert_failed (index, 3, "limit-exceeded", "line 3 is longer than 16 MiB");
  assert_failed (index, 5, "limit-exceeded", "line 5 is longer than 16 MiB");
  assert_failed (index, 7, "limit-exceeded", "line 7 is longer than 16 MiB");
  g_assert_cmpuint (state.n_read, ==, 7);
  g_assert_cmpuint (state.n_failed, ==, 3);
}

/* What an engine cannot show to be as it was asked for is said of each, and the others go on. */
static void
test_not_proven (BothEngines *fixture, gconstpointer data)
{
  PerrySandboxBatchState state;
  g_autofree char *text = many_requests (20);
  g_autofree char *results = run_text (fixture, text, -1, 4, -1, &state);
  g_autoptr (GHashTable) index = index_results (results);

  g_assert_cmpuint (state.n_failed, ==, 20);
  for (guint i = 1; i <= 20; i++)
    assert_failed (index, i, "proof-missing", "seccomp");
}

/* What one request asks for is its own. */
static void
test_members (BothEngines *fixture, gconstpointer data)
{
  static const char text[] = "{\"id\": \"reads\", \"cmd\": [\"cat\"], \"stdin\": \"given\"}\n"
                             "{\"id\": \"reads nothing\", \"cmd\": [\"hello\"]}\n"
                             "{\"id\": \"sleeps\", \"cmd\": [\"sleep\"], \"timeout_ms\": 50}\n";
  PerrySandboxBatchState state;
  g_autofree char *results = run_text (fixture, text, -1, 3, -1, &state);
  g_autoptr (GHashTable) index = index_results (results);
  JsonObject *sleeps = perry_json_as_object (g_hash_table_lookup (index, "sleeps"));
  JsonNode *reads = g_hash_table_lookup (index, "reads");
  gboolean timed_out = FALSE;

  g_assert_cmpstr (perry_json_as_string (perry_json_find (reads, "stdout", NULL)), ==, "given");
  g_assert_true (perry_json_read_boolean (sleeps, "timed_out", &timed_out));
  g_assert_true (timed_out);
  assert_ended (index, "reads nothing");
}

static void
test_skip_done (BothEngines *fixture, gconstpointer data)
{
  int done_fd = new_file ("{\"id\":\"a\",\"exit_code\":3}\n"
                          "{\"id\":\"b\",\"line\":2,\"error\":{\"code\":\"failed\",\"message\":\"no\"}}\n"
                          "no json\n"
                          "{\"id\":\"c\",\"exit_code\":0,\"timed_out\":true}\r\n"
                          "{\"id\":\"d\",\"exit_co", -1);
  PerrySandboxBatchState state;
  g_autofree char *text = g_strdup ("{\"id\":\"a\"}\n{\"id\":\"b\"}\n{\"id\":\"c\"}\n{\"id\":\"d\"}\n{\"id\":\"e\"}\n");
  g_autofree char *results = run_text (fixture, text, -1, 2, done_fd, &state);
  g_autoptr (GHashTable) index = index_results (results);

  g_assert_cmpuint (state.n_read, ==, 5);
  g_assert_cmpuint (state.n_skipped, ==, 2);
  g_assert_cmpuint (g_hash_table_size (index), ==, 3);
  assert_ended (index, "b");
  assert_ended (index, "d");
  assert_ended (index, "e");
  close (done_fd);
}

/* A batch that adds to its own results begins with a line of its own; the one after it has nothing to do. */
static void
test_results_are_added (BothEngines *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) defaults = new_defaults ();
  g_autofree char *path = g_build_filename (fixture->directory, "results", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_set_contents (path, "{\"id\":\"a\",\"exit_code\":0}\n{\"id\":\"b\",\"exit", -1, NULL));
  for (guint i = 0; i < 2; i++)
    {
      int input_fd = new_file ("{\"id\":\"a\"}\n{\"id\":\"b\"}\n", -1);
      Job job;

      prepare (fixture, &job, defaults, 1, input_fd, open (path, O_WRONLY | O_APPEND | O_CLOEXEC));
      job.batch.done_fd = open (path, O_RDONLY | O_CLOEXEC);
      g_assert_true (run_job (&job));
      g_assert_cmpuint (job.state.n_skipped, ==, 1 + i);
      g_assert_cmpuint (job.state.n_ended, ==, 1 - i);
      close (input_fd);
      close (job.batch.output_fd);
      close (job.batch.done_fd);
      clear_job (&job);
    }
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 4);
  g_assert_cmpstr (lines[1], ==, "{\"id\":\"b\",\"exit");
  g_assert_true (g_str_has_prefix (lines[2], "{\"id\":\"b\",\"exit_code\":7,"));
  unlink (path);
}

/* What cannot be told to have been done is no reason to do it twice. */
static void
test_earlier_results_too_long (BothEngines *fixture, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (PerryContainerSpec) defaults = new_defaults ();
  int input_fd = new_file ("{\"id\":\"a\"}\n", -1), output_fd = new_file ("", 0);
  Job job;

  append_line (text, "a", PERRY_JSON_DEFAULT_MAX_BYTES + 1);
  prepare (fixture, &job, defaults, 1, input_fd, output_fd);
  job.batch.done_fd = new_file (text->str, (gssize) text->len);
  g_assert_false (run_job (&job));
  g_assert_error (job.error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED);
  g_assert_true (g_str_has_prefix (job.error->message, "the earlier results: line 1 is longer"));
  g_assert_cmpuint (job.state.n_read, ==, 0);
  close (input_fd);
  close (output_fd);
  close (job.batch.done_fd);
  clear_job (&job);
}

static void
test_jobs (BothEngines *fixture, gconstpointer data)
{
  static const guint wrong[] = { 0, PERRY_SANDBOX_MAX_JOBS + 1 };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      Job job;

      prepare (fixture, &job, NULL, wrong[i], -1, -1);
      g_assert_false (run_job (&job));
      g_assert_error (job.error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
      clear_job (&job);
    }
}

static void
assert_still (Job *job, int n_read)
{
  gint64 end = g_get_monotonic_time () + STILL_US;

  while (g_get_monotonic_time () < end)
    {
      g_assert_cmpint (g_atomic_int_get (&job->n_read), <=, n_read);
      g_thread_yield ();
    }
}

/* A batch of ten requests, whose every result is more than the pipe holds that nobody reads. */
static void
start_blocked (BothEngines *fixture, Job *job, const PerryContainerSpec *defaults, int ends[2])
{
  g_autofree char *output = g_strnfill (10000, 'x');
  g_autofree char *text = many_requests (10);

  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  g_assert_cmpint (fcntl (ends[1], F_SETPIPE_SZ, 4096), ==, 4096);
  perry_fake_engine_set_output (fixture->fake, output, NULL, 7);
  prepare (fixture, job, defaults, 3, new_file (text, -1), ends[1]);
  start (job);
  g_assert_true (perry_fake_engine_wait_for (fixture->fake, "DELETE", "/containers/.*", 3));
  assert_still (job, 3);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", "/containers/create"), ==, 3);
}

typedef struct {
  int fd;
  GString *text;
} Reader;

static gpointer
read_thread (gpointer data)
{
  Reader *reader = data;
  char buffer[4096];
  gssize n;

  while ((n = read (reader->fd, buffer, sizeof buffer)) > 0)
    g_string_append_len (reader->text, buffer, n);
  return NULL;
}

static void
test_reader_stops (BothEngines *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) defaults = new_defaults ();
  g_autoptr (GHashTable) index = NULL;
  GThread *thread;
  Reader reader;
  int ends[2];
  Job job;

  start_blocked (fixture, &job, defaults, ends);
  reader = (Reader){ ends[0], g_string_new (NULL) };
  thread = g_thread_new ("reader", read_thread, &reader);
  g_assert_true (join (&job));
  close (ends[1]);
  g_thread_join (thread);
  g_assert_cmpuint (job.state.n_ended, ==, 10);
  g_assert_cmpint (job.most_running, ==, 3);
  index = index_results (reader.text->str);
  g_assert_cmpuint (g_hash_table_size (index), ==, 10);
  g_string_free (reader.text, TRUE);
  close (ends[0]);
  close (job.batch.input_fd);
  clear_job (&job);
}

/* Who stops reading does not keep us from hearing that we are cancelled. */
static void
test_cancelled_while_blocked (BothEngines *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) defaults = new_defaults ();
  int ends[2];
  Job job;

  start_blocked (fixture, &job, defaults, ends);
  g_cancellable_cancel (job.cancellable);
  g_assert_false (join (&job));
  g_assert_error (job.error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  g_assert_cmpuint (job.state.n_read, ==, 3);
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->fake), ==, 0);
  close (ends[0]);
  close (ends[1]);
  close (job.batch.input_fd);
  clear_job (&job);
}

/* Nobody will read the results: what runs is ended. */
static void
test_reader_is_gone (BothEngines *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) defaults = new_defaults ();
  int ends[2];
  Job job;

  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  close (ends[0]);
  prepare (fixture, &job, defaults, 2, new_file ("{\"id\":\"long\",\"cmd\":[\"sleep\"]}\n{\"id\":\"short\"}\n{\"id\":\"x\"}\n",
                                                 -1), ends[1]);
  g_assert_false (run_job (&job));
  g_assert_error (job.error, PERRY_ERROR, PERRY_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (job.error->message, "writing a result failed"));
  g_assert_cmpuint (job.state.n_read, ==, 2);
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->fake), ==, 0);
  close (ends[1]);
  close (job.batch.input_fd);
  clear_job (&job);
}

static void
test_cancelled (BothEngines *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) defaults = new_defaults ();
  int input[2], output_fd = new_file ("", 0);
  g_autofree char *results = NULL;
  g_autoptr (GHashTable) index = NULL;
  static const char requests[] = "{\"id\":\"ended\"}\n{\"id\":\"1\",\"cmd\":[\"sleep\"]}\n{\"id\":\"2\",\"cmd\":[\"sleep\"]}\n";
  gint64 end = g_get_monotonic_time () + WAIT_US;
  Job job;

  g_assert_cmpint (pipe2 (input, O_CLOEXEC), ==, 0);
  prepare (fixture, &job, defaults, 3, input[0], output_fd);
  start (&job);
  g_assert_cmpint (write (input[1], requests, sizeof requests - 1), ==, sizeof requests - 1);
  g_assert_true (perry_fake_engine_wait_for (fixture->fake, "POST", "/containers/.*/start", 3));
  while (g_atomic_int_get (&job.n_ended) == 0 && g_get_monotonic_time () < end)
    g_thread_yield ();
  /* the third job waits for a request that does not come */
  g_cancellable_cancel (job.cancellable);
  g_assert_false (join (&job));
  g_assert_error (job.error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->fake), ==, 0);
  results = read_file (output_fd);
  index = index_results (results);
  g_assert_cmpuint (g_hash_table_size (index), ==, 1);
  assert_ended (index, "ended");
  close (input[0]);
  close (input[1]);
  close (output_fd);
  clear_job (&job);
}

/* The engine's server keeps the descriptors of connections that its clients have closed for a while. */
static void
allow_many_descriptors (void)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  limit.rlim_cur = limit.rlim_max;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
}

int
main (int argc, char **argv)
{
  static const BothEnginesTest tests[] = {
    { "many", test_many, "docker" },
    { "lines", test_lines, "docker" },
    { "not-proven", test_not_proven, "podman" },
    { "long-lines", test_long_lines, "docker" },
    { "members", test_members, "docker" },
    { "skip-done", test_skip_done, "docker" },
    { "results-are-added", test_results_are_added, "docker" },
    { "earlier-results-too-long", test_earlier_results_too_long },
    { "jobs", test_jobs },
    { "reader-stops", test_reader_stops, "docker" },
    { "cancelled-while-blocked", test_cancelled_while_blocked, "docker" },
    { "reader-is-gone", test_reader_is_gone, "docker" },
    { "cancelled", test_cancelled, "docker" },
  };

  signal (SIGPIPE, SIG_IGN);
  allow_many_descriptors ();
  return both_engines_main (argc, argv, "sandbox-batch", tests, G_N_ELEMENTS (tests), set_up, both_engines_tear_down);
}
