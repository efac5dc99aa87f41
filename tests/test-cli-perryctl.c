/* SPDX-License-Identifier: Apache-2.0 */
/* perryctl as a program, on the backend in memory of tests/plugins/mock. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "cli/perryctl-command.h"

/* What perryctl did. */
typedef struct {
  int code;
  char *out;
  char *err;
} Outcome;

static char *perryctl;
static char *directory; /* of the test's own: the plugin, and files that commands write */
static char *plugins;

static void
clear_outcome (Outcome *outcome)
{
  g_free (outcome->out);
  g_free (outcome->err);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, clear_outcome)

/* @environment: `NAME=VALUE` words separated by blanks, or NULL */
static GSubprocessLauncher *
new_launcher (const char *environment, GSubprocessFlags flags)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (flags);
  g_auto (GStrv) pairs = g_strsplit (environment != NULL ? environment : "", " ", -1);

  g_subprocess_launcher_setenv (launcher, "PERRY_PLUGIN_PATH", plugins, TRUE);
  g_subprocess_launcher_setenv (launcher, "PERRY_CONTAINER_BACKEND", "mock", TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_CONFIG_HOME", directory, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_RUNTIME_DIR", directory, TRUE);
  g_subprocess_launcher_unsetenv (launcher, "PERRY_CONTAINER_ENFORCEMENT");
  g_subprocess_launcher_unsetenv (launcher, "PERRY_CONTAINER_PROOF");
  g_subprocess_launcher_unsetenv (launcher, "G_MESSAGES_DEBUG");
  for (char **pair = pairs; *pair != NULL; pair++)
    {
      char *equals = strchr (*pair, '=');

      if (equals == NULL)
        continue;
      *equals = '\0';
      g_subprocess_launcher_setenv (launcher, *pair, equals + 1, TRUE);
    }
  return launcher;
}

/* @words: separated by `|` */
static GSubprocess *
spawn (GSubprocessLauncher *launcher, const char *words)
{
  g_autofree char *line = g_strconcat (perryctl, *words != '\0' ? "|" : "", words, NULL);
  g_auto (GStrv) argv = g_strsplit (line, "|", -1);
  g_autoptr (GError) error = NULL;
  GSubprocess *process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv, &error);

  g_assert_no_error (error);
  return process;
}

/* A file and no pipe: a program that does not read its input may have ended before a pipe was written to. */
static int
open_input (const char *input)
{
  int fd = memfd_create ("input", MFD_CLOEXEC);

  g_assert_cmpint (write (fd, input, strlen (input)), ==, strlen (input));
  g_assert_cmpint (lseek (fd, 0, SEEK_SET), ==, 0);
  return fd;
}

static Outcome
run_with_input (const char *environment, const char *words, const char *input)
{
  g_autoptr (GSubprocessLauncher) launcher =
      new_launcher (environment, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  Outcome outcome = { 0 };

  g_subprocess_launcher_take_stdin_fd (launcher, open_input (input != NULL ? input : ""));
  process = spawn (launcher, words);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &outcome.out, &outcome.err, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  outcome.code = g_subprocess_get_exit_status (process);
  return outcome;
}

static Outcome
run (const char *environment, const char *words)
{
  return run_with_input (environment, words, NULL);
}

static void
assert_contains (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("\"%s\" is not in \"%s\"", part, text);
}

static JsonNode *
parse_json (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = perry_json_parse (text, -1, NULL, &error);

  g_assert_no_error (error);
  return node;
}

/* A row: what is typed, what comes of it. */
typedef struct {
  const char *name;
  const char *environment;
  const char *words;
  int code;
  const char *out; /* all of standard output, NULL for anything */
  const char *err; /* a part of standard error, "" for nothing at all */
} Case;

static const Case cases[] = {
  { "version", NULL, "version", 0, "perryctl 0.1.0\nplugin API 0.2\n", "" },
  { "version-option", NULL, "--version", 0, "perryctl 0.1.0\nplugin API 0.2\n", "" },
  { "version-json", NULL, "version|--format|json", 0,
    "{\n  \"version\": \"0.1.0\",\n  \"plugin_api\": \"0.2\"\n}\n", "" },
  { "version-reads-no-configuration", "PERRY_CONTAINER_ENFORCEMENT=bad", "version", 0, NULL, "" },
  { "nothing", NULL, "", 1, "", "perryctl: a command is missing" },
  { "unknown-command", NULL, "rnu", 1, "", "perryctl: unknown command \"rnu\", did you mean \"run\"?" },
  { "unknown-option", NULL, "ps|--al", 1, "", "perryctl: ps: unknown option --al, did you mean --all?" },
  { "unknown-option-of-run", NULL, "run|--al|x", 125, "", "perryctl: run: unknown option --al" },
  { "unknown-option-of-create", NULL, "create|-Z|x", 125, "", "perryctl: create: unknown option -Z" },
  { "unknown-option-of-plan", NULL, "plan|--spek|x", 125, "", "did you mean --spec?" },
  { "unknown-format", NULL, "ps|--format|xml", 1, "", "--format is text or json, not \"xml\"" },
  { "too-few", NULL, "stop", 1, "", "perryctl: stop: too few arguments, expected: NAME..." },
  { "too-many", NULL, "version|now", 1, "", "unexpected argument \"now\"" },
  { "no-image", NULL, "run|--rm", 125, "", "which image?" },
  { "bad-value", NULL, "run|--memory|much|x", 125, "", "--memory" },
  { "bad-proof", NULL, "run|--proof|x|x", 125, "", "--proof is default, required or off" },
  { "bad-configuration", "PERRY_CONTAINER_ENFORCEMENT=bad", "run|x", 125, "", "PERRY_CONTAINER_ENFORCEMENT" },
  { "bad-configuration-of-ps", "PERRY_CONTAINER_ENFORCEMENT=bad", "ps", 1, "", "PERRY_CONTAINER_ENFORCEMENT" },
  { "bad-backend-name", NULL, "run|--backend|NO|x", 125, "", "NO" },
  { "backend-before-the-command", NULL, "--backend|nothere|run|x", 125, "", "nothere" },
  { "backend-after-the-command", "PERRY_CONTAINER_BACKEND=nothere", "run|--backend|mock|x|echo|a", 0, "a\n", "" },
  { "unavailable", "PERRY_MOCK_UNAVAILABLE=asleep", "run|x", 125, "", "asleep" },
  { "detach-and-interactive", NULL, "run|-di|x", 125, "", "exclude each other" },
  { "format-without-detach", NULL, "run|--format|json|x", 125, "", "--format needs --detach" },
  { "run", NULL, "run|--rm|busybox|echo|a|b c", 0, "a b c\n", "" },
  { "exit-code", NULL, "run|busybox|exit|7", 7, "", "" },
  { "command-not-found", NULL, "run|busybox|missing", 127, "", "perryctl: run: " },
  { "image-not-found", NULL, "run|missing.example/x", 125, "", "perryctl: run: " },
  { "warn", "PERRY_MOCK_UNSUPPORTED=apparmor,memory-limit", "run|--apparmor|p|--memory|64m|x|echo|a", 0, "a\n",
    "perryctl: warning: mock: apparmor dropped: " },
  { "lenient", "PERRY_MOCK_UNSUPPORTED=apparmor", "run|--enforcement|lenient|--apparmor|p|x|echo|a", 0, "a\n", "" },
  { "warnings-come-before-a-failure", "PERRY_MOCK_UNSUPPORTED=apparmor", "run|--apparmor|p|x|missing", 127, "",
    "perryctl: warning: mock: apparmor dropped: " },
  { "debugged", "PERRY_MOCK_UNSUPPORTED=apparmor G_MESSAGES_DEBUG=perry",
    "run|--enforcement|lenient|--apparmor|p|x|echo|a", 0, "a\n", "apparmor dropped" },
  { "lie", "PERRY_MOCK_LIE=read_only=false", "run|--rm|--read-only|x|echo|a", 125, "", "read_only" },
  { "proof-required", NULL, "run|--proof|required|--rm|--read-only|x|echo|a", 125, "", "read_only" },
  { "report-nowhere", NULL, "run|--report|/does/not/exist/r.json|x|echo|a", 125, "", "/does/not/exist/r.json" },
  { "report-on-a-device", NULL, "run|--report|/dev/null|x|echo|a", 125, "", "not a regular file" },
  { "empty-list", NULL, "ps|--format|json", 0, "[]\n", "" },
  { "empty-table", NULL, "ps", 0, "NAME  ID  IMAGE  STATUS  CREATED  PORTS  COMMAND\n", "" },
  { "empty-quiet", NULL, "ps|-aq|--mine", 0, "", "" },
  { "quiet-json", NULL, "ps|-q|--format|json", 1, "", "exclude each other" },
  { "no-such-container", NULL, "inspect|one|two", 1, "[]\n", "perryctl: inspect: " },
  { "inspect-as-text", NULL, "inspect|--format|text|one", 1, "", "prints JSON alone" },
  { "stop-nothing", NULL, "stop|-t|1|one", 1, "", "perryctl: stop: " },
  { "stop-for-ever", NULL, "stop|-t|-1|one", 1, "", "--time: \"-1\" is not a whole number" },
  { "kill-nothing", NULL, "kill|-s|TERM|one", 1, "", "perryctl: kill: " },
  { "kill-unknown", NULL, "kill|-s|SIGNAL|one", 1, "", "SIGNAL" },
  { "start-nothing", NULL, "start|one", 1, "", "perryctl: start: " },
  { "wait-nothing", NULL, "wait|one|two", 1, "", "two" },
  { "rm-nothing", NULL, "rm|-f|one", 1, "", "perryctl: rm: " },
  { "rm-what", NULL, "rm", 1, "", "name containers, or use --stale" },
  { "rm-stale-and-more", NULL, "rm|--stale|one", 1, "", "name containers, or use --stale" },
  { "rm-stale", NULL, "rm|--stale", 0, "", "" },
  { "rm-stale-json", NULL, "rm|--stale|--format|json", 0, "[]\n", "" },
  { "rmi-not-offered", NULL, "rmi|one", 1, "", "perryctl: rmi: " },
  { "images-not-offered", NULL, "images", 1, "", "perryctl: images: " },
  { "networks-not-offered", NULL, "network|ls", 1, "", "does not offer to list networks" },
  { "network-not-offered", NULL, "network|create|--internal|inside", 1, "", "does not offer to create networks" },
  { "network-without-verb", NULL, "network", 1, "", "too few arguments" },
  { "network-verb", NULL, "network|creat|inside", 1, "", "did you mean \"create\"?" },
  { "network-option-of-another-verb", NULL, "network|rm|--internal|inside", 1, "", "rm has no option --internal" },
  { "network-too-few", NULL, "network|connect|inside", 1, "", "expected: connect NETWORK CONTAINER" },
  { "network-too-many", NULL, "network|create|inside|outside", 1, "", "unexpected argument \"outside\"" },
  { "network-name", NULL, "network|create|a b", 1, "", "name: “a b” is none" },
  { "network-subnet", NULL, "network|create|--subnet|10.5.0.7/24|inside", 1, "", "subnet: “10.5.0.7/24” is no range" },
  { "network-gateway", NULL, "network|create|--gateway|10.6.0.1|--subnet|10.5.0.0/24|inside", 1, "",
    "gateway: “10.6.0.1” is not in the subnet 10.5.0.0/24" },
  { "network-label", NULL, "network|create|--label|=x|inside", 1, "", "label: a name is missing" },
  { "volumes-not-offered", NULL, "volume|ls", 1, "", "does not offer to list volumes" },
  { "volume-name", NULL, "volume|create|/etc", 1, "", "name: “/etc” is none" },
  { "volume-option-of-another-verb", NULL, "volume|ls|--force", 1, "", "ls has no option --force" },
  { "logs-nothing", NULL, "logs|one", 1, "", "perryctl: logs: " },
  { "logs-since-never", NULL, "logs|--since|never|one", 1, "", "--since: \"never\"" },
  { "logs-tail", NULL, "logs|--tail|few|one", 1, "", "--tail: \"few\"" },
  { "load-missing", NULL, "load|/does/not/exist", 1, "", "/does/not/exist" },
  { "load-two", NULL, "load|-i|a|b", 1, "", "two archives" },
  { "config-verb", NULL, "config|set", 1, "", "unknown verb \"set\"" },
};

static void
test_case (gconstpointer data)
{
  const Case *test = data;
  g_auto (Outcome) outcome = run (test->environment, test->words);

  g_test_message ("stdout: %s\nstderr: %s", outcome.out, outcome.err);
  g_assert_cmpint (outcome.code, ==, test->code);
  if (test->out != NULL)
    g_assert_cmpstr (outcome.out, ==, test->out);
  if (*test->err == '\0')
    g_assert_cmpstr (outcome.err, ==, "");
  else
    assert_contains (outcome.err, test->err);
}

static guint
count (const char *text, const char *part)
{
  guint n = 0;

  for (const char *p = strstr (text, part); p != NULL; p = strstr (p + 1, part))
    n++;
  return n;
}

static void
test_a_warning_is_printed_once (void)
{
  g_auto (Outcome) outcome = run ("PERRY_MOCK_UNSUPPORTED=apparmor,memory-limit",
                                  "run|--apparmor|p|--memory|64m|x|echo|a");

  g_assert_cmpint (outcome.code, ==, 0);
  g_assert_cmpuint (count (outcome.err, "apparmor dropped"), ==, 1);
  g_assert_cmpuint (count (outcome.err, "memory dropped"), ==, 1);
  g_assert_cmpuint (count (outcome.err, "\n"), ==, 2);
}

static void
test_strict_lists_every_field (void)
{
  g_auto (Outcome) outcome = run ("PERRY_MOCK_UNSUPPORTED=apparmor,memory-limit,seccomp-profile",
                                  "run|--enforcement|strict|--apparmor|p|--memory|64m|--seccomp|unconfined|x|echo|a");

  g_assert_cmpint (outcome.code, ==, 125);
  g_assert_cmpstr (outcome.out, ==, "");
  assert_contains (outcome.err, "\n  apparmor: ");
  assert_contains (outcome.err, "\n  memory: ");
  assert_contains (outcome.err, "\n  seccomp: ");
}

static void
test_help (void)
{
  g_auto (Outcome) overview = run (NULL, "--help");

  g_assert_cmpint (overview.code, ==, 0);
  for (const PerryctlCommand *const *command = perryctl_command_get_table (); *command != NULL; command++)
    {
      g_autoptr (GArray) options = perryctl_command_dup_options (*command);
      g_autofree char *words = g_strconcat ((*command)->name, "|--help", NULL);
      g_autofree char *entry = g_strconcat ("\n  ", (*command)->name, " ", NULL);
      g_auto (Outcome) help = run (NULL, words);

      assert_contains (overview.out, entry);
      g_assert_cmpint (help.code, ==, 0);
      g_assert_cmpstr (help.err, ==, "");
      for (guint i = 0; i < options->len; i++)
        {
          g_autofree char *option = g_strconcat (" --", g_array_index (options, PerryctlOption, i).name, NULL);

          assert_contains (help.out, option);
        }
    }
}

static void
test_report (void)
{
  static const char *const members[]
      = { "backend", "container", "image", "digest", "image_id", "enforcement", "proof_mode", "adjustments", "proof",
          "warnings", "exit_code", "oom_killed", "timings_ms" };
  g_autofree char *path = g_build_filename (directory, "report.json", NULL);
  static const char *const ways[] = { "run|--rm|--read-only", "run|-d", "create" };

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *words = g_strdup_printf ("%s|--report|%s|busybox|exit|3", ways[i], path);
      g_auto (Outcome) outcome = run (NULL, words);
      g_autofree char *text = NULL;
      g_autoptr (JsonNode) report = NULL;

      g_assert_cmpstr (outcome.err, ==, "");
      g_assert_cmpint (outcome.code, ==, i == 0 ? 3 : 0);
      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      report = parse_json (text);
      for (gsize j = 0; j < G_N_ELEMENTS (members); j++)
        g_assert_true (json_object_has_member (json_node_get_object (report), members[j]));
      g_assert_cmpstr (perry_json_as_string (perry_json_find (report, "backend", NULL)), ==, "mock");
      g_assert_true (perry_json_as_int64 (perry_json_find (report, "exit_code", NULL), NULL) == (i == 0));
      g_assert_cmpint (g_remove (path), ==, 0);
    }
}

/* Not even that of an earlier run, which would be taken for it. */
static void
test_a_failed_run_leaves_no_report (void)
{
  static const struct {
    const char *environment;
    const char *words;
    int code;
  } failures[] = {
    { NULL, "run|--report|%s|busybox|missing", 127 },
    { "PERRY_MOCK_LIE=read_only=false", "run|--report|%s|--read-only|busybox|exit|3", 125 },
    { "PERRY_MOCK_UNSUPPORTED=apparmor", "run|--report|%s|--enforcement|strict|--apparmor|p|busybox|exit|3", 125 },
    { NULL, "run|--report|%s|--verify|enforce|busybox|exit|3", 125 },
    { "PERRY_MOCK_UNAVAILABLE=asleep", "run|--report|%s|busybox|exit|3", 125 },
    { "PERRY_CONTAINER_ENFORCEMENT=bad", "run|--report|%s|busybox|exit|3", 125 },
    { NULL, "run|--report|%s|--memory|much|busybox", 125 },
    { NULL, "run|--report|%s|--proof|much|busybox", 125 },
    { NULL, "run|--report|%s|-d|-i|busybox", 125 },
    { NULL, "create|--report|%s|missing.example/x", 125 },
    { NULL, "create|--report|%s|--spec|/does/not/exist", 125 },
  };
  g_autofree char *path = g_build_filename (directory, "report.json", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_auto (GStrv) parts = g_strsplit (failures[i].words, "%s", 2);
      g_autofree char *words = g_strconcat (parts[0], path, parts[1], NULL);
      g_auto (Outcome) outcome = { 0 };

      g_assert_true (g_file_set_contents (path, "{\"exit_code\": 0}\n", -1, NULL));
      outcome = run (failures[i].environment, words);
      g_test_message ("%s: %s", words, outcome.err);
      g_assert_cmpint (outcome.code, ==, failures[i].code);
      g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
    }
}

/* What a report would take the place of stays as it is. */
static void
test_report_on_the_spec (void)
{
  static const char document[] = "{\"image\": \"busybox\"}";
  g_autofree char *path = g_build_filename (directory, "spec.json", NULL);
  g_autofree char *link = g_build_filename (directory, "link.json", NULL);
  g_autofree char *same = g_strdup_printf ("run|--spec|%s|--report|%s", path, path);
  g_autofree char *linked = g_strdup_printf ("run|--spec|%s|--report|%s", path, link);
  g_auto (Outcome) on_spec = { 0 };
  g_auto (Outcome) on_link = { 0 };
  g_autofree char *text = NULL;

  g_assert_true (g_file_set_contents (path, document, -1, NULL));
  g_assert_cmpint (symlink (path, link), ==, 0);
  on_spec = run (NULL, same);
  on_link = run (NULL, linked);
  g_assert_cmpint (on_spec.code, ==, 125);
  assert_contains (on_spec.err, "it is the file of --spec");
  g_assert_cmpint (on_link.code, ==, 125);
  assert_contains (on_link.err, "not a regular file");
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, document);
  g_unlink (link);
  g_unlink (path);
}

static void
test_detach (void)
{
  g_auto (Outcome) text = run (NULL, "run|-d|busybox|sleep");
  g_auto (Outcome) json = run (NULL, "run|-d|--format|json|busybox|sleep");
  g_auto (Outcome) created = run (NULL, "create|busybox");
  g_autoptr (JsonNode) node = parse_json (json.out);

  g_assert_cmpint (text.code, ==, 0);
  g_assert_cmpuint (strlen (text.out), ==, 65);
  g_assert_cmpint (json.code, ==, 0);
  g_assert_cmpuint (strlen (perry_json_as_string (perry_json_find (node, "container", "id", NULL))), ==, 64);
  g_assert_cmpint (created.code, ==, 0);
  g_assert_cmpuint (strlen (created.out), ==, 65);
}

static void
test_input (void)
{
  g_autofree char *input = g_strnfill (300000, 'x');
  g_auto (Outcome) given = run_with_input (NULL, "run|--rm|-i|busybox|cat", input);
  g_auto (Outcome) not_given = run_with_input (NULL, "run|--rm|busybox|echo|a", "few");

  g_assert_cmpint (given.code, ==, 0);
  g_assert_cmpstr (given.out, ==, input);
  g_assert_cmpint (not_given.code, ==, 0);
  g_assert_cmpstr (not_given.out, ==, "a\n");
}

static void
test_spec_from_standard_input (void)
{
  g_auto (Outcome) outcome = run_with_input (
      NULL, "run|--spec|-", "{\"image\": \"x\", \"cmd\": [\"echo\", \"from\", \"stdin\"], \"rm\": true}");
  g_auto (Outcome) wrong = run_with_input (NULL, "run|--spec|-", "{\"image\": \"x\", \"rm\": 1, \"uzer\": \"0\"}");
  g_auto (Outcome) both = run_with_input (NULL, "run|-i|--spec|-", "{}");

  g_assert_cmpint (outcome.code, ==, 0);
  g_assert_cmpstr (outcome.out, ==, "from stdin\n");
  g_assert_cmpint (wrong.code, ==, 125);
  assert_contains (wrong.err, "$.rm");
  assert_contains (wrong.err, "uzer");
  g_assert_cmpint (both.code, ==, 125);
}

/* The container runs when it has given a line back; then the signal comes, and comes again. */
static void
test_signal (gconstpointer data)
{
  int number = GPOINTER_TO_INT (data);
  g_autoptr (GSubprocessLauncher) launcher
      = new_launcher (NULL, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = spawn (launcher, "run|--rm|-i|busybox|cat");
  g_autoptr (GError) error = NULL;
  char buffer[6];
  gsize n;

  g_assert_true (g_output_stream_write_all (g_subprocess_get_stdin_pipe (process), "ready\n", 6, NULL, NULL, NULL));
  g_assert_true (g_input_stream_read_all (g_subprocess_get_stdout_pipe (process), buffer, 6, &n, NULL, NULL));
  g_assert_cmpmem (buffer, n, "ready\n", 6);
  g_subprocess_send_signal (process, number);
  g_subprocess_send_signal (process, number);
  g_subprocess_send_signal (process, SIGTERM);
  g_subprocess_wait (process, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  /* Signals that wait together are taken in the order of their numbers, so SIGTERM can only be first after SIGINT. */
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 128 + number);
}

static void
test_full_disk (void)
{
  static const char *const lines[] = { "version", "config|show", "ps", "--help", "plan|x" };

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (GSubprocessLauncher) launcher = new_launcher (NULL, G_SUBPROCESS_FLAGS_STDERR_PIPE);
      g_autoptr (GSubprocess) process = NULL;
      g_autofree char *err = NULL;

      g_subprocess_launcher_take_stdout_fd (launcher, open ("/dev/full", O_WRONLY | O_CLOEXEC));
      process = spawn (launcher, lines[i]);
      g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &err, NULL);
      g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 1);
      assert_contains (err, "perryctl: writing to standard output failed");
    }
}

static void
test_plugins (void)
{
  g_autofree char *bad = g_build_filename (plugins, "bad.so", NULL);
  g_auto (Outcome) json = { 0 };
  g_auto (Outcome) text = { 0 };
  g_autoptr (JsonNode) node = NULL;
  JsonArray *array;
  JsonObject *first, *second;

  g_assert_true (g_file_set_contents (bad, "not a plugin", -1, NULL));
  json = run (NULL, "plugins|--format|json");
  text = run (NULL, "plugins");
  g_assert_cmpint (g_remove (bad), ==, 0);

  node = parse_json (json.out);
  array = json_node_get_array (node);
  g_assert_cmpuint (json_array_get_length (array), >=, 2);
  first = json_array_get_object_element (array, 0);
  second = json_array_get_object_element (array, 1);
  g_assert_cmpstr (json_object_get_string_member (first, "id"), ==, "bad");
  g_assert_cmpstr (json_object_get_string_member (first, "state"), ==, "rejected");
  g_assert_true (json_object_get_null_member (first, "kind"));
  g_assert_cmpstr (json_object_get_string_member (first, "path"), ==, bad);
  g_assert_cmpstr (json_object_get_string_member (first, "error"), !=, "");
  g_assert_cmpstr (json_object_get_string_member (second, "id"), ==, "mock");
  g_assert_cmpstr (json_object_get_string_member (second, "kind"), ==, "backend");
  g_assert_cmpstr (json_object_get_string_member (second, "state"), ==, "ok");
  g_assert_true (json_object_get_null_member (second, "error"));
  assert_contains (text.out, "rejected");
  assert_contains (text.out, "\nbad: ");
}

static void
test_backends (void)
{
  g_auto (Outcome) json = run ("PERRY_MOCK_UNSUPPORTED=apparmor", "backends|--format|json");
  g_auto (Outcome) text = run ("PERRY_MOCK_UNSUPPORTED=apparmor", "backends");
  g_auto (Outcome) none = run ("PERRY_MOCK_UNAVAILABLE=asleep", "backends");
  g_autoptr (JsonNode) node = parse_json (json.out);
  JsonObject *entry = json_array_get_object_element (json_node_get_array (node), 0);

  g_assert_cmpstr (json_object_get_string_member (entry, "name"), ==, "mock");
  g_assert_cmpstr (json_object_get_string_member (entry, "plugin"), ==, "mock");
  g_assert_true (json_object_get_boolean_member (entry, "selected"));
  g_assert_true (json_object_get_boolean_member (entry, "available"));
  g_assert_true (json_object_get_null_member (entry, "error"));
  g_assert_true (json_object_has_member (json_object_get_object_member (entry, "engine"), "capabilities"));
  assert_contains (text.out, "mock (selected)");
  assert_contains (text.out, "\nprivileged ");
  assert_contains (text.out, "— [1]");
  assert_contains (text.out, "\n[1] mock: ");
  g_assert_null (strchr (text.out, '\033'));
  g_assert_cmpint (none.code, ==, 0);
  assert_contains (none.out, "No backend can be used.");
  assert_contains (none.out, "asleep");
}

static void
test_plan (void)
{
  g_auto (Outcome) text = run (NULL, "plan|--read-only|--cap-drop|ALL|-u|nobody|busybox|sh|-c|echo a");
  g_auto (Outcome) json = run (NULL, "plan|--format|json|--read-only|busybox");
  g_autoptr (JsonNode) node = parse_json (json.out);

  g_assert_cmpint (text.code, ==, 0);
  g_assert_cmpstr (text.err, ==, "");
  assert_contains (text.out, "\nFIELD ");
  assert_contains (text.out, "\nread_only ");
  assert_contains (text.out, "tmpfs added ");
  assert_contains (text.out, "\nLeft to the engine:\n");
  assert_contains (text.out, "\n  no_new_privileges: ");
  g_assert_null (strstr (text.out, "\n  cap_drop: "));
  g_assert_true (JSON_NODE_HOLDS_OBJECT (node));
}

static void
test_config (void)
{
  g_auto (Outcome) text = run (NULL, "config|show");
  g_auto (Outcome) origin = run (NULL, "--backend|podman|config|show|--origin");
  g_auto (Outcome) json = run (NULL, "config|show|--format|json");
  g_autoptr (JsonNode) node = parse_json (json.out);
  JsonObject *row = json_array_get_object_element (json_node_get_array (node), 0);
  g_autoptr (GKeyFile) file = g_key_file_new ();

  g_assert_true (g_key_file_load_from_data (file, text.out, (gsize) -1, G_KEY_FILE_NONE, NULL));
  g_assert_true (g_key_file_has_key (file, "engine", "backend", NULL));
  assert_contains (origin.out, "option --backend");
  g_assert_cmpstr (json_object_get_string_member (row, "group"), ==, "engine");
  g_assert_cmpstr (json_object_get_string_member (row, "key"), ==, "backend");
  g_assert_cmpstr (json_object_get_string_member (row, "value"), ==, "mock");
  g_assert_cmpstr (json_object_get_string_member (row, "origin"), ==, "environment PERRY_CONTAINER_BACKEND");
}

static void
test_no_colour_without_a_terminal (void)
{
  g_auto (Outcome) outcome = run ("TERM=xterm", "ps");

  g_assert_null (strchr (outcome.out, '\033'));
}

/* What a terminal of 40 columns gets. */
static char *
run_in_terminal (const char *environment, const char *words)
{
  const struct winsize size = { .ws_row = 24, .ws_col = 40 };
  g_autoptr (GSubprocessLauncher) launcher = new_launcher (environment, G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GSubprocess) process = NULL;
  GString *out = g_string_new (NULL);
  char buffer[4096];
  gssize n;
  int terminal = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);

  g_assert_cmpint (terminal, >=, 0);
  g_assert_true (grantpt (terminal) == 0 && unlockpt (terminal) == 0);
  g_assert_cmpint (ioctl (terminal, TIOCSWINSZ, &size), ==, 0);
  g_subprocess_launcher_take_stdout_fd (launcher, open (ptsname (terminal), O_RDWR | O_NOCTTY | O_CLOEXEC));
  process = spawn (launcher, words);
  g_subprocess_launcher_close (launcher);
  /* EIO is how a terminal says that its last writer is gone. */
  while ((n = read (terminal, buffer, sizeof buffer)) > 0)
    g_string_append_len (out, buffer, n);
  g_assert_true (g_subprocess_wait_check (process, NULL, NULL));
  close (terminal);
  return g_string_free (out, FALSE);
}

static void
test_terminal (void)
{
  g_autofree char *coloured = run_in_terminal ("TERM=xterm NO_COLOR=", "config|show|--origin");
  g_autofree char *plain = run_in_terminal ("TERM=xterm NO_COLOR=1", "config|show|--origin");
  g_autofree char *dumb = run_in_terminal ("TERM=dumb NO_COLOR=", "config|show|--origin");
  g_auto (GStrv) lines = g_strsplit (plain, "\r\n", -1);

  assert_contains (coloured, "\033[1mGROUP\033[0m");
  g_assert_null (strchr (plain, '\033'));
  g_assert_null (strchr (dumb, '\033'));
  assert_contains (plain, "…");
  for (char **line = lines; *line != NULL; line++)
    g_assert_cmpint (g_utf8_strlen (*line, -1), <=, 54); /* four columns of 12, which are not made narrower, and gaps */
}

/* A directory of our own has the owner and mode that the loader wants, whatever those of the build tree are. */
static void
set_up (void)
{
  g_autofree char *built = g_test_build_filename (G_TEST_BUILT, "plugins", "mock", "mock.so", NULL);
  g_autofree char *installed = NULL;
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  perryctl = g_test_build_filename (G_TEST_BUILT, "..", "cli", "perryctl", NULL);
  directory = g_dir_make_tmp ("perryctl-XXXXXX", &error);
  g_assert_no_error (error);
  plugins = g_build_filename (directory, "plugins", NULL);
  g_assert_cmpint (g_mkdir (plugins, 0700), ==, 0);
  installed = g_build_filename (plugins, "mock.so", NULL);
  g_file_get_contents (built, &contents, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents_full (installed, contents, (gssize) length, G_FILE_SET_CONTENTS_NONE, 0700, &error);
  g_assert_no_error (error);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_tree (child);
      else
        g_remove (child);
    }
  g_rmdir (path);
}

static void
add_tests (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strconcat ("/perryctl/case/", cases[i].name, NULL);

      g_test_add_data_func (name, &cases[i], test_case);
    }
  g_test_add_func ("/perryctl/a-warning-is-printed-once", test_a_warning_is_printed_once);
  g_test_add_func ("/perryctl/strict-lists-every-field", test_strict_lists_every_field);
  g_test_add_func ("/perryctl/help", test_help);
  g_test_add_func ("/perryctl/report", test_report);
  g_test_add_func ("/perryctl/a-failed-run-leaves-no-report", test_a_failed_run_leaves_no_report);
  g_test_add_func ("/perryctl/report-on-the-spec", test_report_on_the_spec);
  g_test_add_func ("/perryctl/detach", test_detach);
  g_test_add_func ("/perryctl/input", test_input);
  g_test_add_func ("/perryctl/spec-from-standard-input", test_spec_from_standard_input);
  g_test_add_data_func ("/perryctl/signal/interrupt", GINT_TO_POINTER (SIGINT), test_signal);
  g_test_add_data_func ("/perryctl/signal/terminate", GINT_TO_POINTER (SIGTERM), test_signal);
  g_test_add_data_func ("/perryctl/signal/hang-up", GINT_TO_POINTER (SIGHUP), test_signal);
  g_test_add_func ("/perryctl/full-disk", test_full_disk);
  g_test_add_func ("/perryctl/plugins", test_plugins);
  g_test_add_func ("/perryctl/backends", test_backends);
  g_test_add_func ("/perryctl/plan", test_plan);
  g_test_add_func ("/perryctl/config", test_config);
  g_test_add_func ("/perryctl/no-colour-without-a-terminal", test_no_colour_without_a_terminal);
  g_test_add_func ("/perryctl/terminal", test_terminal);
}

int
main (int argc, char **argv)
{
  int code;

  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  set_up ();
  add_tests ();
  code = g_test_run ();
  remove_tree (directory);
  g_free (perryctl);
  g_free (directory);
  g_free (plugins);
  return code;
}
