/* SPDX-License-Identifier: Apache-2.0 */
#include <libsoup/soup.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "core/verification/perry-registry-client.h"
#include "core/verification/perry-registry-digest.h"
#include "core/verification/perry-registry-manifest.h"
#include "plugin-api/perry-error.h"
#include "tests/test-folder.h"

/* The registry client and the distribution's own registry, which has no referrers and knows nothing of us. */

#define OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define OCI_CONFIG "application/vnd.oci.image.config.v1+json"
#define LISTENING "listening on "
/* user, with bcrypt of "secret" */
#define PASSWORDS "user:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n"
#define BASIC "Basic dXNlcjpzZWNyZXQ="

typedef struct {
  char *directory;
  char *name; /* 127.0.0.1:PORT */
  GSubprocess *process;
  SoupSession *session;
  gboolean with_login;
  char **environment;
  PerryRegistryClient *client;
} Fixture;

static char *
make_path (Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->directory, name, NULL);
}

static char *
write_configuration (Fixture *fixture)
{
  g_autofree char *passwords = make_path (fixture, "passwords");
  g_autofree char *login = g_strdup_printf ("auth: {htpasswd: {realm: test, path: %s}}\n", passwords);
  g_autofree char *text = g_strdup_printf ("version: 0.1\nlog: {level: info}\n"
                                           "storage: {filesystem: {rootdirectory: %s/storage}}\n"
                                           "http: {addr: \"127.0.0.1:0\", secret: test}\n%s", fixture->directory,
                                           fixture->with_login ? login : "");

  test_folder_write (fixture->directory, "passwords", PASSWORDS);
  test_folder_write (fixture->directory, "config.yml", text);
  return make_path (fixture, "config.yml");
}

/* The registry ends with us, however we end. */
static void
prepare_child (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* Waits until it says where it listens. */
static void
start_registry (Fixture *fixture, const char *program)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE
                                                                        | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autofree char *configuration = write_configuration (fixture);
  const char *const argv[] = { program, "serve", configuration, NULL };
  g_autoptr (GDataInputStream) log = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_set_child_setup (launcher, prepare_child, NULL, NULL);
  fixture->process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  log = g_data_input_stream_new (g_subprocess_get_stderr_pipe (fixture->process));
  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (log), FALSE);
  while (fixture->name == NULL)
    {
      g_autofree char *line = g_data_input_stream_read_line (log, NULL, NULL, NULL);
      const char *found;

      g_assert_nonnull (line);
      found = strstr (line, LISTENING);
      if (found != NULL)
        fixture->name = g_strndup (found + strlen (LISTENING), strcspn (found + strlen (LISTENING), "\""));
    }
}

static void
stop_registry (Fixture *fixture)
{
  g_subprocess_force_exit (fixture->process);
  g_subprocess_wait (fixture->process, NULL, NULL);
}

static gboolean
set_up (Fixture *fixture, gboolean with_login)
{
  g_autofree char *program = g_find_program_in_path ("docker-registry");
  PerryRegistryOptions options = { .timeout_ms = 10000 };

  if (program == NULL)
    {
      g_assert_cmpstr (g_getenv ("PERRY_TEST_REQUIRE_ENGINES"), !=, "1");
      g_test_skip ("docker-registry is not installed");
      return FALSE;
    }
  *fixture = (Fixture) { .with_login = with_login };
  fixture->directory = g_dir_make_tmp ("perry-XXXXXX", NULL);
  start_registry (fixture, program);
  fixture->session = soup_session_new ();
  fixture->environment = g_environ_setenv (g_new0 (char *, 1), "HOME", fixture->directory, TRUE);
  options.environment = (const char *const *) fixture->environment;
  fixture->client = perry_registry_client_new (&options);
  return TRUE;
}

static void
tear_down (Fixture *fixture)
{
  stop_registry (fixture);
  g_object_unref (fixture->process);
  g_object_unref (fixture->session);
  perry_registry_client_free (fixture->client);
  test_folder_remove (fixture->directory);
  g_strfreev (fixture->environment);
  g_free (fixture->directory);
  g_free (fixture->name);
}

/* Sends what a client that pushes sends; returns the Location. */
static char *
send (Fixture *fixture, const char *method, const char *uri, const char *type, const char *body, guint wanted)
{
  g_autoptr (SoupMessage) message = soup_message_new (method, uri);
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
  g_autoptr (GBytes) reply = NULL;
  g_autoptr (GError) error = NULL;

  if (fixture->with_login)
    soup_message_headers_replace (soup_message_get_request_headers (message), "Authorization", BASIC);
  soup_message_set_request_body_from_bytes (message, type, bytes);
  reply = soup_session_send_and_read (fixture->session, message, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (soup_message_get_status (message), ==, wanted);
  return g_strdup (soup_message_headers_get_one (soup_message_get_response_headers (message), "Location"));
}

static char *
compute_digest (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return perry_registry_digest_compute (bytes, NULL);
}

static char *
push_blob (Fixture *fixture, const char *content)
{
  char *digest = compute_digest (content);
  g_autofree char *begin = g_strdup_printf ("http://%s/v2/team/app/blobs/uploads/", fixture->name);
  g_autofree char *location = send (fixture, "POST", begin, "application/octet-stream", "", 202);
  g_autofree char *end = g_strconcat (location, strchr (location, '?') != NULL ? "&" : "?", "digest=", digest, NULL);

  g_free (send (fixture, "PUT", end, "application/octet-stream", content, 201));
  return digest;
}

static char *
push_manifest (Fixture *fixture, const char *tag, const char *type, const char *body)
{
  char *digest = compute_digest (body);
  g_autofree char *uri = g_strdup_printf ("http://%s/v2/team/app/manifests/%s", fixture->name, tag != NULL ? tag : digest);

  g_free (send (fixture, "PUT", uri, type, body, 201));
  return digest;
}

static char *
push_image (Fixture *fixture, const char *tag, const char *architecture)
{
  g_autofree char *config = g_strdup_printf ("{\"os\": \"linux\", \"architecture\": \"%s\"}", architecture);
  g_autofree char *config_digest = push_blob (fixture, config);
  g_autofree char *layer = push_blob (fixture, "a layer");
  g_autofree char *body = NULL;

  body = g_strdup_printf ("{\"schemaVersion\": 2, \"mediaType\": \"" OCI_MANIFEST "\", \"config\": {\"mediaType\": \""
                          OCI_CONFIG "\", \"size\": %" G_GSIZE_FORMAT ", \"digest\": \"%s\"}, \"layers\": [{\"mediaType\": "
                          "\"application/vnd.oci.image.layer.v1.tar\", \"size\": 7, \"digest\": \"%s\"}]}",
                          strlen (config), config_digest, layer);
  return push_manifest (fixture, tag, OCI_MANIFEST, body);
}

static char *
push_index (Fixture *fixture, const char *tag, const char *amd64, const char *arm64)
{
  g_autofree char *body = g_strdup_printf (
      "{\"schemaVersion\": 2, \"mediaType\": \"" PERRY_REGISTRY_OCI_INDEX "\", \"manifests\": ["
      "{\"mediaType\": \"" OCI_MANIFEST "\", \"size\": 1, \"digest\": \"%s\", \"platform\": {\"os\": \"linux\", "
      "\"architecture\": \"amd64\"}}, {\"mediaType\": \"" OCI_MANIFEST "\", \"size\": 1, \"digest\": \"%s\", "
      "\"platform\": {\"os\": \"linux\", \"architecture\": \"arm64\", \"variant\": \"v8\"}}]}", amd64, arm64);

  return push_manifest (fixture, tag, PERRY_REGISTRY_OCI_INDEX, body);
}

static PerryImageReference *
refer (Fixture *fixture, const char *name)
{
  g_autofree char *text = g_strdup_printf ("%s/team/app%s", fixture->name, name);
  g_autoptr (GError) error = NULL;
  PerryImageReference *reference = perry_image_reference_parse (text, &error);

  g_assert_no_error (error);
  return reference;
}

static PerryRegistryImage *
resolve (Fixture *fixture, const char *name, const char *platform)
{
  g_autoptr (PerryImageReference) reference = refer (fixture, name);
  g_autoptr (GError) error = NULL;
  PerryRegistryImage *image = perry_registry_client_resolve (fixture->client, reference, platform, NULL, &error);

  g_assert_no_error (error);
  return image;
}

static void
assert_unresolved (Fixture *fixture, const char *name, PerryError code)
{
  g_autoptr (PerryImageReference) reference = refer (fixture, name);
  g_autoptr (GError) error = NULL;

  g_assert_null (perry_registry_client_resolve (fixture->client, reference, NULL, NULL, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, PERRY_ERROR, (int) code);
}

/* Whether there are signatures, or the error in their stead. */
static void
assert_signatures (Fixture *fixture, const char *digest, gboolean wanted, int code)
{
  g_autoptr (PerryImageReference) reference = refer (fixture, ":1");
  g_autoptr (GError) error = NULL;
  gboolean found = !wanted;
  gboolean known = perry_registry_client_find_signatures (fixture->client, reference, digest, &found, NULL, &error);

  if (code >= 0)
    {
      g_test_message ("%s", error->message);
      g_assert_error (error, PERRY_ERROR, code);
      g_assert_false (known);
      return;
    }
  g_assert_no_error (error);
  g_assert_true (known);
  g_assert_cmpint (found, ==, wanted);
}

static void
test_resolve (void)
{
  Fixture fixture;
  g_autofree char *amd64 = NULL;
  g_autofree char *arm64 = NULL;
  g_autofree char *index = NULL;
  g_autoptr (PerryRegistryImage) single = NULL;
  g_autoptr (PerryRegistryImage) multi = NULL;

  if (!set_up (&fixture, FALSE))
    return;
  assert_unresolved (&fixture, ":1", PERRY_ERROR_IMAGE_NOT_FOUND);
  amd64 = push_image (&fixture, "1", "amd64");
  arm64 = push_image (&fixture, NULL, "arm64");
  index = push_index (&fixture, "2", amd64, arm64);
  single = resolve (&fixture, ":1", "linux/amd64");
  g_assert_cmpstr (single->digest, ==, amd64);
  g_assert_cmpstr (single->platform, ==, "linux/amd64");
  multi = resolve (&fixture, ":2", "linux/arm64");
  g_assert_true (multi->is_index);
  g_assert_cmpstr (multi->digest, ==, index);
  g_assert_cmpstr (multi->platform_digest, ==, arm64);
  assert_unresolved (&fixture, ":3", PERRY_ERROR_IMAGE_NOT_FOUND);
  tear_down (&fixture);
}

static void
test_signatures (void)
{
  Fixture fixture;
  g_autofree char *image = NULL;
  g_autofree char *other = NULL;
  g_autofree char *tag = NULL;

  if (!set_up (&fixture, FALSE))
    return;
  image = push_image (&fixture, "1", "amd64");
  other = push_image (&fixture, "2", "arm64");
  assert_signatures (&fixture, image, FALSE, -1);
  tag = g_strdelimit (g_strconcat (image, ".sig", NULL), ":", '-');
  g_free (push_image (&fixture, tag, "signature"));
  assert_signatures (&fixture, image, TRUE, -1);
  assert_signatures (&fixture, other, FALSE, -1);
  g_clear_pointer (&tag, g_free);
  tag = g_strdelimit (g_strdup (other), ":", '-');
  g_free (push_index (&fixture, tag, image, other));
  assert_signatures (&fixture, other, TRUE, -1);
  assert_signatures (&fixture, "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", FALSE,
                     PERRY_ERROR_IMAGE_NOT_FOUND);
  /* a registry that is down says nothing */
  stop_registry (&fixture);
  assert_signatures (&fixture, image, FALSE, PERRY_ERROR_REGISTRY_FAILED);
  assert_unresolved (&fixture, ":1", PERRY_ERROR_REGISTRY_FAILED);
  tear_down (&fixture);
}

static void
test_login (void)
{
  Fixture fixture;
  g_autofree char *login = NULL;
  g_autofree char *image = NULL;
  g_autoptr (PerryRegistryImage) resolved = NULL;

  if (!set_up (&fixture, TRUE))
    return;
  image = push_image (&fixture, "1", "amd64");
  assert_unresolved (&fixture, ":1", PERRY_ERROR_PERMISSION_DENIED);
  assert_signatures (&fixture, image, FALSE, PERRY_ERROR_PERMISSION_DENIED);
  login = g_strdup_printf ("{\"auths\": {\"%s\": {\"auth\": \"%s\"}}}", fixture.name, BASIC + strlen ("Basic "));
  test_folder_write (fixture.directory, ".docker/config.json", login);
  resolved = resolve (&fixture, ":1", NULL);
  g_assert_cmpstr (resolved->digest, ==, image);
  assert_signatures (&fixture, image, FALSE, -1);
  tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/docker-registry/resolve", test_resolve);
  g_test_add_func ("/docker-registry/signatures", test_signatures);
  g_test_add_func ("/docker-registry/login", test_login);
  return g_test_run ();
}
