/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-registry-credentials.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-json.h"
#include "tests/test-folder.h"

/* base64 of "user:secret" */
#define AUTH "dXNlcjpzZWNyZXQ="
/* what gives both of the letters of base64 that are not for URLs, wherever it begins */
#define ODD_PASSWORD "~~~~?_?_?_~~~~"
#define FOR(key) "{\"auths\": {\"" key "\": {\"auth\": \"" AUTH "\"}}}"
#define CONTAINERS "runtime/containers/auth.json"
#define CONFIG "home/.config/containers/auth.json"
#define DOCKER "home/.docker/config.json"

/* Keeps what it is asked for, and answers by the name that it was asked for. */
#define HELPER \
  "#!/bin/sh\n" \
  "[ \"$*\" = get ] || exit 9\n" \
  "server=$(/bin/cat)\n" \
  "echo \"$server\" >>\"$HOME/asked\"\n" \
  "case $server in\n" \
  "registry.example) echo '{\"ServerURL\":\"x\",\"Username\":\"helped\",\"Secret\":\"from-helper\"}' ;;\n" \
  "https://index.docker.io/v1/) echo '{\"Username\":\"<token>\",\"Secret\":\"a-token\"}' ;;\n" \
  "garbage.example) echo 'sesame, not JSON' ;;\n" \
  "large.example) /usr/bin/head -c 100000 /dev/zero ;;\n" \
  "locked.example) echo sesame; echo sesame >&2; exit 3 ;;\n" \
  "killed.example) kill -9 $$ ;;\n" \
  "slow.example) exec /bin/sleep 100 ;;\n" \
  "*) echo 'credentials not found in native keychain'; exit 1 ;;\n" \
  "esac\n"

typedef struct {
  char *directory;
  char **environment;
  char **notes;
} Fixture;

static char *
make_path (Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->directory, name, NULL);
}

static void
write_helper (Fixture *fixture, const char *name)
{
  g_autofree char *file = g_strconcat ("bin/docker-credential-", name, NULL);
  g_autofree char *path = make_path (fixture, file);

  test_folder_write (fixture->directory, file, HELPER);
  g_assert_cmpint (g_chmod (path, 0700), ==, 0);
}

static void
set_variable (Fixture *fixture, const char *name, const char *below)
{
  g_autofree char *path = make_path (fixture, below);

  fixture->environment = g_environ_setenv (fixture->environment, name, path, TRUE);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("perry-credentials-XXXXXX", NULL);
  fixture->environment = g_new0 (char *, 1);
  set_variable (fixture, "HOME", "home");
  set_variable (fixture, "XDG_RUNTIME_DIR", "runtime");
  set_variable (fixture, "PATH", "bin");
  test_folder_write (fixture->directory, "home/file", "");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  test_folder_remove (fixture->directory);
  g_strfreev (fixture->environment);
  g_strfreev (fixture->notes);
  g_free (fixture->directory);
}

static PerryRegistryCredentials *
look_up (Fixture *fixture, const char *registry, const char *repository)
{
  g_autoptr (GError) error = NULL;
  PerryRegistryCredentials *credentials;

  g_clear_pointer (&fixture->notes, g_strfreev);
  credentials = perry_registry_credentials_lookup ((const char *const *) fixture->environment, registry, repository,
                                                   &fixture->notes, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (fixture->notes);
  for (char **note = fixture->notes; *note != NULL; note++)
    {
      g_test_message ("%s", *note);
      g_assert_null (strstr (*note, "sesame"));
    }
  return credentials;
}

static void
assert_found (Fixture *fixture, const char *registry, const char *repository, const char *username,
              const char *password)
{
  g_autoptr (PerryRegistryCredentials) credentials = look_up (fixture, registry, repository);

  g_assert_nonnull (credentials);
  g_assert_cmpstr (credentials->username, ==, username);
  g_assert_cmpstr (credentials->password, ==, password);
  g_assert_nonnull (credentials->origin);
}

static void
assert_none (Fixture *fixture, const char *registry, const char *repository)
{
  g_autoptr (PerryRegistryCredentials) credentials = look_up (fixture, registry, repository);

  g_assert_null (credentials);
}

static void
assert_fails (Fixture *fixture, const char *registry, PerryError code, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRegistryCredentials) credentials = NULL;
  char **notes = NULL;

  credentials = perry_registry_credentials_lookup ((const char *const *) fixture->environment, registry, NULL, &notes,
                                                   NULL, &error);
  g_assert_null (credentials);
  g_assert_error (error, PERRY_ERROR, (int) code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, text));
  g_assert_null (strstr (error->message, "sesame"));
  g_assert_null (notes);
}

static void
test_none (Fixture *fixture, gconstpointer data)
{
  assert_none (fixture, "docker.io", "library/alpine");
  g_assert_null (fixture->notes[0]);
  test_folder_write (fixture->directory, DOCKER, "{}");
  assert_none (fixture, "docker.io", "library/alpine");
  test_folder_write (fixture->directory, DOCKER,
                     "{\"auths\": null, \"credHelpers\": {}, \"credsStore\": \"\", \"HttpHeaders\": {}}");
  assert_none (fixture, "docker.io", "library/alpine");
  g_assert_null (fixture->notes[0]);
}

/* Each file before the next one, and REGISTRY_AUTH_FILE instead of all. */
static void
test_order (Fixture *fixture, gconstpointer data)
{
  static const char *const order[] = { DOCKER, CONFIG, CONTAINERS };
  g_autofree char *own = make_path (fixture, "own.json");

  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"auths\": {\"r.example\": {\"username\": \"user%" G_GSIZE_FORMAT "\", "
                                               "\"password\": \"p\"}}}", i);
      g_autofree char *username = g_strdup_printf ("user%" G_GSIZE_FORMAT, i);
      g_autofree char *path = make_path (fixture, order[i]);
      g_autoptr (PerryRegistryCredentials) credentials = NULL;

      test_folder_write (fixture->directory, order[i], text);
      credentials = look_up (fixture, "r.example", "a");
      g_assert_cmpstr (credentials->username, ==, username);
      g_assert_cmpstr (credentials->origin, ==, path);
    }
  /* what the first file does not have is looked for in the next one */
  test_folder_write (fixture->directory, DOCKER, FOR ("other.example"));
  assert_found (fixture, "other.example", "a", "user", "secret");

  set_variable (fixture, "REGISTRY_AUTH_FILE", "own.json");
  assert_fails (fixture, "r.example", PERRY_ERROR_NOT_FOUND, own);
  test_folder_write (fixture->directory, "own.json", "{}");
  assert_none (fixture, "r.example", "a");
  test_folder_write (fixture->directory, "own.json", FOR ("r.example"));
  assert_found (fixture, "r.example", "a", "user", "secret");
}

static void
test_variables (Fixture *fixture, gconstpointer data)
{
  test_folder_write (fixture->directory, "docker/config.json", FOR ("r.example"));
  assert_none (fixture, "r.example", "a");
  set_variable (fixture, "DOCKER_CONFIG", "docker");
  assert_found (fixture, "r.example", "a", "user", "secret");

  test_folder_write (fixture->directory, "xdg/containers/auth.json", FOR ("s.example"));
  assert_none (fixture, "s.example", "a");
  set_variable (fixture, "XDG_CONFIG_HOME", "xdg");
  assert_found (fixture, "s.example", "a", "user", "secret");
}

static void
test_docker_hub (Fixture *fixture, gconstpointer data)
{
  static const char *const keys[] = { FOR ("https://index.docker.io/v1/"), FOR ("docker.io"), FOR ("index.docker.io"),
                                      FOR ("registry-1.docker.io"), FOR ("https://registry-1.docker.io/v2/"),
                                      FOR ("docker.io/library"), FOR ("docker.io/library/alpine") };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      test_folder_write (fixture->directory, DOCKER, keys[i]);
      assert_found (fixture, "docker.io", "library/alpine", "user", "secret");
      assert_none (fixture, "docker.io.example", "library/alpine");
    }
}

/* The longest key wins, and never one for a neighbour whose name begins alike. */
static void
test_namespaces (Fixture *fixture, gconstpointer data)
{
  test_folder_write (fixture->directory, CONTAINERS,
                     "{\"auths\": {"
                     "\"https://Quay.example\": {\"username\": \"all\", \"password\": \"1\"},"
                     "\"quay.example/team/\": {\"username\": \"team\", \"password\": \"2\"},"
                     "\"quay.example/team/app\": {\"username\": \"app\", \"password\": \"3\"},"
                     "\"quay.example/empty\": {},"
                     "\"quay.example:5000\": {\"username\": \"port\", \"password\": \"4\"}}}");
  assert_found (fixture, "quay.example", "other", "all", "1");
  assert_found (fixture, "quay.example", "teamwork/app", "all", "1");
  assert_found (fixture, "quay.example", "empty/app", "all", "1");
  assert_found (fixture, "quay.example", "team/tool", "team", "2");
  assert_found (fixture, "quay.example", "team/app", "app", "3");
  assert_found (fixture, "quay.example", "team/application", "team", "2");
  assert_found (fixture, "quay.example", NULL, "all", "1");
  assert_found (fixture, "quay.example:5000", "team/app", "port", "4");
  assert_none (fixture, "quay.example:443", "team/app");
}

static void
test_tokens (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryRegistryCredentials) credentials = NULL;
  g_autoptr (PerryRegistryCredentials) copy = NULL;

  test_folder_write (fixture->directory, DOCKER,
                     "{\"auths\": {\"r.example\": {\"auth\": \"" AUTH "\", \"identitytoken\": \"refresh\"}}}");
  credentials = look_up (fixture, "r.example", "a");
  copy = perry_registry_credentials_copy (credentials);
  g_assert_cmpstr (copy->username, ==, "user");
  g_assert_cmpstr (copy->identity_token, ==, "refresh");
  g_assert_cmpstr (copy->origin, ==, credentials->origin);

  test_folder_write (fixture->directory, DOCKER, "{\"auths\": {\"r.example\": {\"registrytoken\": \"sesame\"}}}");
  assert_none (fixture, "r.example", "a");
  g_assert_nonnull (strstr (fixture->notes[0], "registrytoken"));
}

static void
test_broken_files (Fixture *fixture, gconstpointer data)
{
  static const struct { const char *text; const char *wanted; } rows[] = {
    { "", "config.json" },
    { "[]", "JSON object" },
    { "{\"auths\": {\"a\": 1,}}", "line 1" },
    { "{\"auths\": []}", "auths: it has to be an object" },
    { "{\"auths\": {\"r.example\": \"sesame\"}}", "r.example" },
    { "{\"auths\": {\"r.example\": {\"auth\": 1}}}", "auth has to be a string" },
    { "{\"auths\": {\"r.example\": {\"auth\": \"sesame\"}}}", "base64" },
    { "{\"auths\": {\"r.example\": {\"auth\": \"c2VzYW1l\"}}}", "NAME:PASSWORD" },       /* no colon */
    { "{\"auths\": {\"r.example\": {\"auth\": \"dXNlcjpzZWNyZXQ\"}}}", "base64" },       /* no padding */
    { "{\"auths\": {\"r.example\": {\"auth\": \"dXNlcjpzZWNy ZXQ=\"}}}", "base64" },
    { "{\"auths\": {\"r.example\": {\"auth\": \"dTpzCng=\"}}}", "NAME:PASSWORD" },       /* a line feed inside */
    { "{\"auths\": {\"r.example\": {\"auth\": \"dTr/\"}}}", "NAME:PASSWORD" },           /* no UTF-8 */
    { "{\"auths\": {\"r.example\": {\"username\": \"sesame\"}}}", "without a password" },
    { "{\"auths\": {\"r.example\": {\"username\": \"u\", \"password\": \"sesame\\n\"}}}", "control characters" },
    { "{\"credHelpers\": 1}", "credHelpers" },
    { "{\"credHelpers\": {\"r.example\": 1}}", "helper's name" },
    { "{\"credHelpers\": {\"r.example\": \"../sesam\"}}", "letters, digits" },
    { "{\"credsStore\": \"a/b\"}", "letters, digits" },
    { "{\"credsStore\": \"-x\"}", "letters, digits" },
    { "{\"credsStore\": []}", "credsStore" },
  };
  g_autofree char *path = make_path (fixture, DOCKER);
  g_autofree char *large = g_strnfill (1024 * 1024 + 1, ' ');

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      test_folder_write (fixture->directory, DOCKER, rows[i].text);
      assert_fails (fixture, "r.example", PERRY_ERROR_INVALID_CONFIG, rows[i].wanted);
      assert_fails (fixture, "r.example", PERRY_ERROR_INVALID_CONFIG, path);
    }
  test_folder_write (fixture->directory, DOCKER, large);
  assert_fails (fixture, "r.example", PERRY_ERROR_INVALID_CONFIG, "at most 1 MiB");
}

/* What is opened never waits for somebody else. */
static void
test_odd_files (Fixture *fixture, gconstpointer data)
{
  g_autofree char *fifo = make_path (fixture, "home/.docker/config.json");
  g_autofree char *directory = g_path_get_dirname (fifo);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  assert_fails (fixture, "r.example", PERRY_ERROR_INVALID_CONFIG, "not a regular file");
  g_remove (fifo);
  g_assert_cmpint (g_mkdir (fifo, 0700), ==, 0);
  assert_fails (fixture, "r.example", PERRY_ERROR_INVALID_CONFIG, "not a regular file");
}

static void
assert_asked (Fixture *fixture, const char *wanted)
{
  g_autofree char *path = make_path (fixture, "home/asked");
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, wanted);
  g_remove (path);
}

static void
test_helpers (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryRegistryCredentials) hub = NULL;

  write_helper (fixture, "fake");
  test_folder_write (fixture->directory, DOCKER, "{\"credsStore\": \"fake\", \"auths\": {\"https://index.docker.io/v1/\": {}, "
                                      "\"file.example\": {\"auth\": \"" AUTH "\"}}}");
  assert_found (fixture, "registry.example", "a", "helped", "from-helper");
  assert_asked (fixture, "registry.example\n");
  hub = look_up (fixture, "docker.io", "library/alpine");
  g_assert_cmpstr (hub->identity_token, ==, "a-token");
  g_assert_null (hub->username);
  g_assert_true (g_str_has_prefix (hub->origin, "docker-credential-fake ("));
  assert_asked (fixture, "https://index.docker.io/v1/\n");
  /* it has nothing, the file has */
  assert_found (fixture, "file.example", "a", "user", "secret");
  assert_asked (fixture, "file.example\n");
  assert_none (fixture, "other.example", "a");
  g_assert_null (fixture->notes[0]);

  /* one registry's helper before the one for all, under the name that the file has */
  test_folder_write (fixture->directory, DOCKER,
                     "{\"credsStore\": \"absent\", \"credHelpers\": {\"https://registry.example\": \"fake\", "
                     "\"plain.example\": \"\"}, \"auths\": {\"plain.example\": {\"auth\": \"" AUTH "\"}}}");
  assert_found (fixture, "registry.example", "a", "helped", "from-helper");
  assert_asked (fixture, "other.example\nhttps://registry.example\nregistry.example\n");
  assert_found (fixture, "plain.example", "a", "user", "secret");
}

static void
test_failing_helpers (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_path (fixture, "bin/docker-credential-fake");

  test_folder_write (fixture->directory, DOCKER, "{\"credsStore\": \"fake\"}");
  assert_none (fixture, "registry.example", "a");
  g_assert_nonnull (strstr (fixture->notes[0], "docker-credential-fake"));
  g_assert_null (fixture->notes[1]);

  write_helper (fixture, "fake");
  assert_none (fixture, "locked.example", "a");
  g_assert_nonnull (strstr (fixture->notes[0], "status 3"));
  assert_none (fixture, "killed.example", "a");
  g_assert_nonnull (strstr (fixture->notes[0], "signal 9"));
  assert_fails (fixture, "garbage.example", PERRY_ERROR_PROCESS_FAILED, "did not answer");
  assert_fails (fixture, "large.example", PERRY_ERROR_PROCESS_FAILED, "more than 65536 bytes");

  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  assert_none (fixture, "registry.example", "a");
  g_assert_nonnull (strstr (fixture->notes[0], "not in the PATH"));
}

static gpointer
cancel_when_asked (gpointer data)
{
  gpointer *arguments = data;

  while (!g_file_test (arguments[0], G_FILE_TEST_EXISTS))
    g_thread_yield ();
  g_cancellable_cancel (arguments[1]);
  return NULL;
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autofree char *asked = make_path (fixture, "home/asked");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gpointer arguments[] = { asked, cancellable };
  g_autoptr (GError) error = NULL;
  GThread *thread;

  write_helper (fixture, "fake");
  test_folder_write (fixture->directory, DOCKER, "{\"credsStore\": \"fake\"}");
  thread = g_thread_new ("cancel", cancel_when_asked, arguments);
  g_assert_null (perry_registry_credentials_lookup ((const char *const *) fixture->environment, "slow.example", NULL, NULL,
                                                    cancellable, &error));
  g_thread_join (thread);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
}

static JsonNode *
decode_header (const PerryRegistryCredentials *credentials, const char *registry)
{
  g_autofree char *header = perry_registry_credentials_to_header (credentials, registry);
  g_autofree guchar *text = NULL;
  gsize length;
  JsonNode *node;

  g_assert_null (strpbrk (header, "+/"));
  g_assert_true (credentials->password == NULL || (strchr (header, '-') != NULL && strchr (header, '_') != NULL));
  g_strdelimit (g_strdelimit (header, "-", '+'), "_", '/');
  text = g_base64_decode (header, &length);
  node = perry_json_parse ((const char *) text, (gssize) length, NULL, NULL);
  g_assert_nonnull (node);
  return node;
}

static void
test_header (void)
{
  const PerryRegistryCredentials password = { .username = (char *) "u", .password = (char *) ODD_PASSWORD };
  const PerryRegistryCredentials token = { .username = (char *) "u", .identity_token = (char *) "t" };
  g_autoptr (JsonNode) first = decode_header (&password, "r.example:5000");
  g_autoptr (JsonNode) second = decode_header (&token, "docker.io");
  g_autofree char *first_text = perry_json_to_text (first, FALSE);
  g_autofree char *second_text = perry_json_to_text (second, FALSE);

  g_assert_cmpstr (first_text, ==,
                   "{\"username\":\"u\",\"password\":\"" ODD_PASSWORD "\",\"serveraddress\":\"r.example:5000\"}");
  g_assert_cmpstr (second_text, ==, "{\"identitytoken\":\"t\",\"serveraddress\":\"https://index.docker.io/v1/\"}");
}

/* With no environment given it is our own. */
static void
test_own_environment (Fixture *fixture, gconstpointer data)
{
  g_autofree char *own = make_path (fixture, "own.json");
  g_autoptr (PerryRegistryCredentials) credentials = NULL;
  g_autoptr (GError) error = NULL;

  test_folder_write (fixture->directory, "own.json", FOR ("r.example"));
  g_setenv ("REGISTRY_AUTH_FILE", own, TRUE);
  credentials = perry_registry_credentials_lookup (NULL, "r.example", NULL, NULL, NULL, &error);
  g_unsetenv ("REGISTRY_AUTH_FILE");
  g_assert_no_error (error);
  g_assert_cmpstr (credentials->username, ==, "user");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) \
  g_test_add ("/registry-credentials/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("none", test_none);
  ADD ("order", test_order);
  ADD ("variables", test_variables);
  ADD ("docker-hub", test_docker_hub);
  ADD ("namespaces", test_namespaces);
  ADD ("tokens", test_tokens);
  ADD ("broken-files", test_broken_files);
  ADD ("odd-files", test_odd_files);
  ADD ("helpers", test_helpers);
  ADD ("helpers/failing", test_failing_helpers);
  ADD ("helpers/cancelled", test_cancelled);
  ADD ("own-environment", test_own_environment);
  g_test_add_func ("/registry-credentials/header", test_header);
  return g_test_run ();
}
