/* SPDX-License-Identifier: Apache-2.0 */
/* Input that has to be refused; tests/hostile/README.md. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "plugin-api/perry-container-spec.h"
#include "plugin-api/perry-error.h"
#include "plugin-api/perry-json.h"
#include "tests/fake/perry-fake-engine.h"
#include "tests/hostile/hostile-specs.h"

#define MAX_MESSAGE 4096
/* the sanitizers make a program some five times slower */
#ifdef __SANITIZE_ADDRESS__
#define MAX_CPU_US (5 * G_USEC_PER_SEC)
#else
#define MAX_CPU_US G_USEC_PER_SEC
#endif
#define LONG_ARGUMENT 100000

static char *perryctl;
static char *directory; /* of the test's own, and where perryctl runs */
static char *plugins;
static char *creates;
static const char *backend = "mock"; /* what perryctl is told to use */

/* Engines that a command could write to. */
static struct {
  const char *backend;
  PerryFakeDialect dialect;
  const char *host;
  PerryFakeEngine *engine;
} fakes[] = {
  { "docker", PERRY_FAKE_DOCKER_28, "DOCKER_HOST" },
  { "podman", PERRY_FAKE_PODMAN_5, "CONTAINER_HOST" },
};

typedef struct {
  int code;
  GBytes *out;
  GBytes *err;
} Outcome;

static void
clear_outcome (Outcome *outcome)
{
  g_clear_pointer (&outcome->out, g_bytes_unref);
  g_clear_pointer (&outcome->err, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, clear_outcome)

/* Work, not time: other tests run beside this one. One that waits for ever meets the test's own limit. */
static gint64
get_cpu_us (int who)
{
  struct rusage usage;

  g_assert_cmpint (getrusage (who, &usage), ==, 0);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC + usage.ru_utime.tv_usec +
         usage.ru_stime.tv_usec;
}

static void
set_environment (GSubprocessLauncher *launcher)
{
  g_autofree char *docker = g_test_build_filename (G_TEST_BUILT, "..", "plugins", "docker", NULL);
  g_autofree char *podman = g_test_build_filename (G_TEST_BUILT, "..", "plugins", "podman", NULL);
  g_autofree char *path = g_strjoin (":", plugins, docker, podman, NULL);

  g_subprocess_launcher_set_cwd (launcher, directory);
  g_subprocess_launcher_setenv (launcher, "PERRY_PLUGIN_PATH", g_str_equal (backend, "mock") ? plugins : path, TRUE);
  g_subprocess_launcher_setenv (launcher, "PERRY_CONTAINER_BACKEND", backend, TRUE);
  g_subprocess_launcher_setenv (launcher, "PERRY_MOCK_CREATES", creates, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_CONFIG_HOME", directory, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_RUNTIME_DIR", directory, TRUE);
  g_subprocess_launcher_unsetenv (launcher, "PERRY_CONTAINER_ENFORCEMENT");
  g_subprocess_launcher_unsetenv (launcher, "PERRY_CONTAINER_PROOF");
  g_subprocess_launcher_unsetenv (launcher, "G_MESSAGES_DEBUG");
  for (gsize i = 0; i < G_N_ELEMENTS (fakes); i++)
    {
      g_autofree char *host = g_strconcat ("unix://", perry_fake_engine_get_socket_path (fakes[i].engine), NULL);

      g_subprocess_launcher_setenv (launcher, fakes[i].host, host, TRUE);
    }
}

static Outcome
run_perryctl (const char *const *words)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  Outcome outcome = { 0 };
  gint64 before = get_cpu_us (RUSAGE_CHILDREN);

  g_ptr_array_add (argv, perryctl);
  for (; *words != NULL; words++)
    g_ptr_array_add (argv, (gpointer) *words);
  g_ptr_array_add (argv, NULL);
  set_environment (launcher);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, &error);
  g_assert_no_error (error);
  g_subprocess_communicate (process, NULL, NULL, &outcome.out, &outcome.err, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  outcome.code = g_subprocess_get_exit_status (process);
  g_assert_cmpint (get_cpu_us (RUSAGE_CHILDREN) - before, <, MAX_CPU_US);
  return outcome;
}

static PerryFakeEngine *
new_fake (PerryFakeDialect dialect)
{
  PerryFakeEngine *engine = perry_fake_engine_new (dialect);

  perry_fake_engine_add_image (engine, "docker.io/library/busybox:latest", "sha256:"
                               "956e4ba9e71d08cd4bb1b36978462c46213102becf8a6107809322165d1664f0");
  return engine;
}

static char *
replace (const char *text, const char *old, const char *new)
{
  GString *replaced = g_string_new (text);

  g_string_replace (replaced, old, new, 0);
  return g_string_free (replaced, FALSE);
}

static void
assert_harmless (const char *message, gsize length)
{
  g_assert_cmpuint (length, <, MAX_MESSAGE);
  g_assert_true (g_utf8_validate (message, (gssize) length, NULL));
  for (const char *p = message; *p != '\0'; p = g_utf8_next_char (p))
    if (*p != '\n' && !g_unichar_isprint (g_utf8_get_char (p)))
      g_error ("U+%04X in \"%s\"", g_utf8_get_char (p), message);
}

static void
assert_golden (const char *name, const char *message)
{
  g_autofree char *file = g_strconcat (name, ".error", NULL);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "hostile", file, NULL);
  g_autofree char *neutral = replace (message, directory, "@DIR@");
  g_autofree char *text = g_strconcat (neutral, "\n", NULL);
  g_autofree char *golden = NULL;
  g_autoptr (GError) error = NULL;

  if (g_getenv ("PERRY_UPDATE_GOLDEN") != NULL)
    g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  g_file_get_contents (path, &golden, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, golden);
}

static void
assert_nothing_created (void)
{
  g_assert_false (g_file_test (creates, G_FILE_TEST_EXISTS));
}

/* Returns the message after checking that it is the only thing that was printed. */
static char *
take_message (const Outcome *outcome, const char *command)
{
  g_autofree char *prefix = g_strdup_printf ("perryctl: %s: ", command);
  gsize length = g_bytes_get_size (outcome->err);
  g_autofree char *text = g_strndup (g_bytes_get_data (outcome->err, NULL), length);

  g_assert_cmpuint (g_bytes_get_size (outcome->out), ==, 0);
  assert_harmless (text, length);
  g_assert_true (g_str_has_prefix (text, prefix));
  g_assert_null (strstr (text + 1, "perryctl: "));
  g_assert_true (g_str_has_suffix (text, "\n"));
  g_assert_cmpint (outcome->code, ==, 125);
  assert_nothing_created ();
  text[length - 1] = '\0';
  return g_strdup (text + strlen (prefix));
}

/* How many requests so far could have changed something in one of the engines. */
static guint
count_writes (void)
{
  static const char *const methods[] = { "POST", "PUT", "DELETE", "PATCH" };
  guint n = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (fakes); i++)
    {
      for (gsize j = 0; j < G_N_ELEMENTS (methods); j++)
        n += perry_fake_engine_count_requests (fakes[i].engine, methods[j], ".*");
      g_assert_cmpuint (perry_fake_engine_count_containers (fakes[i].engine), ==, 0);
    }
  return n;
}

static void
check_program (const char *command, const char *message)
{
  const char *const words[] = { command, "--spec", "spec.json", NULL };
  g_auto (Outcome) outcome = run_perryctl (words);
  g_autofree char *printed = take_message (&outcome, command);
  const char *found = g_str_has_prefix (printed, "spec.json: ") ? printed + strlen ("spec.json: ") : printed;

  if (!g_str_has_prefix (printed, "spec.json is larger than"))
    g_assert_cmpstr (found, ==, message);
}

/* The engines take turns: each spec and line meets one of them. */
static const char *
next_engine (void)
{
  static guint turn;

  return fakes[turn++ % G_N_ELEMENTS (fakes)].backend;
}

/* Said with an engine at hand too, and nothing is written to it. */
static void
check_engine (const char *command, const char *message)
{
  backend = next_engine ();
  check_program (command, message);
  backend = "mock";
  g_assert_cmpuint (count_writes (), ==, 0);
}

static void
check_refused (const char *name, const char *text, gsize length)
{
  g_autofree char *path = g_build_filename (directory, "spec.json", NULL);
  g_autoptr (PerryContainerSpec) spec = NULL;
  g_autoptr (GError) error = NULL;
  gint64 before = get_cpu_us (RUSAGE_SELF);

  spec = perry_container_spec_new_from_json (text, (gssize) length, &error);
  if (spec != NULL)
    g_assert_false (perry_container_spec_complete (spec, directory, &error));
  g_assert_cmpint (get_cpu_us (RUSAGE_SELF) - before, <, MAX_CPU_US);
  g_assert_nonnull (error);
  g_assert_true (error->domain == PERRY_ERROR);
  assert_harmless (error->message, strlen (error->message));
  assert_golden (name, error->message);

  g_assert_true (g_file_set_contents (path, text, (gssize) length, NULL));
  check_program ("run", error->message);
  check_program ("plan", error->message);
  check_engine ("run", error->message);
}

static void
test_file (gconstpointer data)
{
  g_autofree char *file = g_strconcat (data, ".json", NULL);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "hostile", file, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_file_get_contents (path, &text, &length, &error);
  g_assert_no_error (error);
  check_refused (data, text, length);
}

static void
test_generated (gconstpointer data)
{
  const HostileSpec *spec = data;
  g_autofree char *name = g_strconcat ("generated-", spec->name, NULL);
  GString *text = spec->make ();

  check_refused (name, text->str, text->len);
  g_string_free (text, TRUE);
}

/* A row: words separated by `|`; `@LONG@` stands for a very long one. */
typedef struct {
  const char *name;
  const char *words;
} CommandLine;

static const CommandLine command_lines[] = {
  { "image-option-after-dashes", "run|--|-v|/:/host|busybox" },
  { "image-option", "run|--spec=|--privilegd|busybox" },
  { "image-escape", "run|bus\033[31mybox" },
  { "image-invalid-utf-8", "run|busy\xff" "box" },
  { "image-long", "run|@LONG@" },
  { "image-empty", "run|" },
  { "image-dot-dot", "plan|../../etc/passwd" },
  { "command-invalid-utf-8", "run|busybox|echo|\xff\xfe" },
  { "command-invalid-utf-8-planned", "plan|busybox|echo|\xc0\xaf" },
  { "name-option", "run|--name|-v|busybox" },
  { "name-option-joined", "run|--name=--privileged|busybox" },
  { "name-newline", "run|--name|a\nb|busybox" },
  { "name-invalid-utf-8", "run|--name|\xed\xa0\x80|busybox" },
  { "name-bidi", "create|--name|box\xe2\x80\xaetxt|busybox" },
  { "name-long", "run|--name|@LONG@|busybox" },
  { "env-invalid-utf-8", "run|--env|A=\xff|busybox" },
  { "env-name-invalid-utf-8", "run|--env|\xff=A|busybox" },
  { "env-empty-name", "run|-e|=x|busybox" },
  { "env-name-long", "run|-e|@LONG@==|--env|A|--env|@LONG@|-u|:|busybox" },
  { "label-reserved", "run|--label|perry.owner=me|busybox" },
  { "label-invalid-utf-8", "run|--label|a=\x80|busybox" },
  { "user-beyond-range", "run|-u|4294967295|busybox" },
  { "user-option", "run|--user=-1|busybox" },
  { "user-invalid-utf-8", "run|--user|\xfe|busybox" },
  { "workdir-relative", "run|-w|../..|busybox" },
  { "cap-homoglyph", "run|--cap-add|\xd0\xa1HOWN|busybox" },
  { "cap-long", "run|--cap-add|@LONG@|busybox" },
  { "cap-contradicts", "run|--cap-add|CHOWN|--cap-drop|chown|busybox" },
  { "seccomp-directory", "run|--security-opt|seccomp=./directory|busybox" },
  { "seccomp-fifo", "run|--security-opt|seccomp=./fifo|busybox" },
  { "seccomp-invalid-utf-8", "run|--security-opt|seccomp=./\xff.json|busybox" },
  { "security-opt-unknown", "run|--security-opt|no-new-privs|busybox" },
  { "network-contradicts", "run|--network|host|--no-network|busybox" },
  { "publish-beyond-range", "run|-p|80:70000|busybox" },
  { "publish-twice", "run|-p|80:80|-p|127.0.0.1:80:81/tcp|busybox" },
  { "publish-invalid-utf-8", "run|-p|80:\xff|busybox" },
  { "publish-option", "run|-p|--privileged|busybox" },
  { "publish-without-network", "run|--no-network|-p|80:80|busybox" },
  { "alias-without-network", "run|--network-alias|db|busybox" },
  { "alias-newline", "run|--network|back|--network-alias|a\nb|busybox" },
  { "volume-relative-target", "run|-v|data:data|busybox" },
  { "volume-dot-dot", "run|-v|data:/../etc|busybox" },
  { "volume-missing", "run|-v|./missing:/data|busybox" },
  { "volume-invalid-utf-8", "run|-v|./\xff:/data|busybox" },
  { "volume-newline", "run|-v|./a\nb:/data|busybox" },
  { "tmpfs-root", "run|--tmpfs|/|busybox" },
  { "tmpfs-options", "run|--tmpfs|/tmp:size=-1|busybox" },
  { "memory-negative", "run|-m|-1|busybox" },
  { "memory-overflow", "run|--memory=9999999999999999999g|busybox" },
  { "cpus-nan", "run|--cpus|nan|busybox" },
  { "cpus-infinite", "run|--cpus|1e999|busybox" },
  { "pids-beyond-range", "run|--pids-limit|99999999999|busybox" },
  { "flag-with-value", "run|--read-only=maybe|busybox" },
  { "flag-with-long-value", "run|--read-only=@LONG@|busybox" },
  { "option-unknown", "run|--privilegd|busybox" },
  { "option-unknown-escape", "run|--\033[2J|busybox" },
  { "option-unknown-invalid-utf-8", "run|--\xff\xff|busybox" },
  { "option-unknown-long", "run|--@LONG@|busybox" },
  { "option-short-invalid-utf-8", "run|-\xff|busybox" },
  { "spec-directory", "run|--spec|./directory" },
  { "spec-device", "run|--spec|/dev/zero" },
  { "spec-link-loop", "run|--spec|./loop.json" },
  { "spec-missing-escape", "run|--spec|./\033[2J.json" },
  { "spec-missing-long", "run|--spec|./@LONG@" },
  { "spec-missing-invalid-utf-8", "run|--spec|./\xff.json" },
  { "proof-unknown", "run|--proof|maybe|busybox" },
  { "proof-unknown-long", "run|--proof|@LONG@|busybox" },
  { "format-unknown", "run|-d|--format|\033[2J|busybox" },
  { "format-unknown-long", "run|-d|--format|@LONG@|busybox" },
  { "enforcement-unknown", "run|--enforcement|relaxed|busybox" },
  { "backend-unknown", "run|--backend|../../evil|busybox" },
  { "backend-invalid-utf-8", "run|--backend|\xff|busybox" },
  { "backend-long", "run|--backend|@LONG@|busybox" },
  { "report-in-no-directory", "run|--report|./missing/report.json|busybox" },
};

static void
test_command_line (gconstpointer data)
{
  const CommandLine *line = data;
  g_autofree char *long_word = g_strnfill (LONG_ARGUMENT, 'x');
  g_autofree char *words = replace (line->words, "@LONG@", long_word);
  g_auto (GStrv) argv = g_strsplit (words, "|", -1);
  g_autofree char *name = g_strconcat ("argv-", line->name, NULL);
  g_auto (Outcome) outcome = run_perryctl ((const char *const *) argv);
  g_autofree char *message = take_message (&outcome, argv[0]);
  g_auto (Outcome) with_engine = { 0 };
  g_autofree char *same = NULL;

  assert_golden (name, message);
  /* The message lists the backends that there are. */
  if (g_str_has_prefix (line->name, "backend-"))
    return;
  backend = next_engine ();
  with_engine = run_perryctl ((const char *const *) argv);
  backend = "mock";
  same = take_message (&with_engine, argv[0]);
  g_assert_cmpstr (same, ==, message);
  g_assert_cmpuint (count_writes (), ==, 0);
}

/* The other tests show something because this one sees a container. */
static void
test_good (void)
{
  const char *const words[] = { "run", "--spec", "spec.json", NULL };
  g_autofree char *path = g_build_filename (directory, "spec.json", NULL);
  g_auto (Outcome) outcome = { 0 };

  g_assert_true (g_file_set_contents (path, "{\"image\": \"busybox\", \"rm\": true, \"cmd\": [\"echo\", \"a\"]}", -1,
                                      NULL));
  outcome = run_perryctl (words);
  g_assert_cmpint (outcome.code, ==, 0);
  g_assert_cmpuint (g_bytes_get_size (outcome.err), ==, 0);
  g_assert_true (g_file_test (creates, G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_remove (creates), ==, 0);
}

/* And this one sees what is written to the engines; they are new ones afterwards. */
static void
test_good_on_engines (void)
{
  const char *const words[] = { "run", "--spec", "spec.json", NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (fakes); i++)
    {
      g_auto (Outcome) outcome = { 0 };
      g_autofree char *path = g_build_filename (directory, "spec.json", NULL);

      g_assert_true (g_file_set_contents (path, "{\"image\": \"busybox\", \"rm\": true, \"cmd\": [\"true\"]}", -1,
                                          NULL));
      backend = fakes[i].backend;
      outcome = run_perryctl (words);
      backend = "mock";
      g_assert_cmpint (outcome.code, ==, 0);
      g_assert_cmpuint (count_writes (), >, 0);
      perry_fake_engine_free (fakes[i].engine);
      fakes[i].engine = new_fake (fakes[i].dialect);
    }
  g_assert_cmpuint (count_writes (), ==, 0);
}

static void
write_file (const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
make_link (const char *name, const char *target)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);

  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
make_socket (const char *name)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_snprintf (address.sun_path, sizeof address.sun_path, "%s/%s", directory, name);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  close (fd);
}

/* What the specs name. */
static void
make_traps (void)
{
  g_autofree char *inner = g_build_filename (directory, "directory", NULL);
  g_autofree char *fifo = g_build_filename (directory, "fifo", NULL);
  g_autofree char *huge = g_build_filename (directory, "huge.json", NULL);

  g_assert_cmpint (g_mkdir (inner, 0700), ==, 0);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  write_file ("huge.json", "");
  g_assert_cmpint (truncate (huge, G_GINT64_CONSTANT (1) << 40), ==, 0);
  make_link ("loop.json", "loop.json");
  make_link ("dangling.json", "missing.json");
  make_link ("device.json", "/dev/zero");
  make_socket ("socket");
  write_file ("empty.json", "");
  write_file ("no-profile.json", "[]");
  write_file ("duplicate.json", "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultAction\": \"SCMP_ACT_ALLOW\"}");
  write_file ("comment.json", "{\"defaultAction\": \"SCMP_ACT_ERRNO\" /* all */}");
}

static void
set_up (void)
{
  g_autofree char *built = g_test_build_filename (G_TEST_BUILT, "plugins", "mock", "mock.so", NULL);
  g_autofree char *installed = NULL;
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  perryctl = g_test_build_filename (G_TEST_BUILT, "..", "cli", "perryctl", NULL);
  directory = g_dir_make_tmp ("hostile-XXXXXX", &error);
  g_assert_no_error (error);
  creates = g_build_filename (directory, "creates", NULL);
  plugins = g_build_filename (directory, "plugins", NULL);
  g_assert_cmpint (g_mkdir (plugins, 0700), ==, 0);
  installed = g_build_filename (plugins, "mock.so", NULL);
  g_file_get_contents (built, &contents, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents_full (installed, contents, (gssize) length, G_FILE_SET_CONTENTS_NONE, 0700, &error);
  g_assert_no_error (error);
  make_traps ();
  for (gsize i = 0; i < G_N_ELEMENTS (fakes); i++)
    fakes[i].engine = new_fake (fakes[i].dialect);
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
add_tests (GPtrArray *names)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "hostile", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *file;

  g_test_add_func ("/hostile/good", test_good);
  g_test_add_func ("/hostile/good-on-engines", test_good_on_engines);
  g_assert_nonnull (dir);
  while ((file = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (file, ".json"))
      {
        char *name = g_strndup (file, strlen (file) - strlen (".json"));
        g_autofree char *path = g_strconcat ("/hostile/spec/", name, NULL);

        g_ptr_array_add (names, name);
        g_test_add_data_func (path, name, test_file);
      }
  g_assert_cmpuint (names->len, >=, 80);
  for (const HostileSpec *spec = hostile_specs; spec->name != NULL; spec++)
    {
      g_autofree char *path = g_strconcat ("/hostile/generated/", spec->name, NULL);

      g_test_add_data_func (path, spec, test_generated);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (command_lines); i++)
    {
      g_autofree char *path = g_strconcat ("/hostile/argv/", command_lines[i].name, NULL);

      g_test_add_data_func (path, &command_lines[i], test_command_line);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  int code;

  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  set_up ();
  add_tests (names);
  code = g_test_run ();
  for (gsize i = 0; i < G_N_ELEMENTS (fakes); i++)
    perry_fake_engine_free (fakes[i].engine);
  remove_tree (directory);
  g_free (perryctl);
  g_free (directory);
  g_free (plugins);
  g_free (creates);
  return code;
}
