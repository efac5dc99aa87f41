/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/integration/verify-place.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "tests/integration/perry-engine-control.h"

#define SCRIPT_TIMEOUT_MS 120000

static const struct { const char *version, *suite; } cosigns[VERIFY_N_COSIGNS] = {
  [VERIFY_COSIGN_2] = { "2.5", "trixie" },
  [VERIFY_COSIGN_3] = { "3.1", "sid" },
};

static PerryProcessResult *
run (const char *const *argv)
{
  PerryProcessOptions options = { .timeout_ms = SCRIPT_TIMEOUT_MS, .max_stdout = 1024 * 1024, .max_stderr = 65536 };
  g_autoptr (GError) error = NULL;
  PerryProcessResult *result = perry_process_run (argv, &options, NULL, &error);

  g_assert_no_error (error);
  return result;
}

static char *
source_path (const char *folder, const char *name)
{
  return g_test_build_filename (G_TEST_DIST, folder, name, NULL);
}

static char *
place_path (VerifyPlace *place, const char *name)
{
  return g_build_filename (place->directory, name, NULL);
}

static void
write_file (const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static gboolean
give_up (char *reason, char **ret_reason)
{
  if (g_strcmp0 (g_getenv ("PERRY_TEST_REQUIRE_ENGINES"), "1") == 0)
    g_error ("%s", reason);
  *ret_reason = reason;
  return FALSE;
}

/* From the distribution's mirror, so before the network is left. */
static gboolean
get_cosigns (VerifyPlace *place, char **ret_reason)
{
  g_autofree char *script = source_path ("cosign", "get-cosign");

  for (gsize i = 0; i < VERIFY_N_COSIGNS; i++)
    {
      g_autofree char *directory = g_test_build_filename (G_TEST_BUILT, "..", "cosign", cosigns[i].version, NULL);
      const char *argv[] = { script, cosigns[i].suite, directory, NULL };
      g_autoptr (PerryProcessResult) result = run (argv);

      if (result->exit_status != 0)
        return give_up (g_strdup_printf ("cosign %s cannot be fetched: %s", cosigns[i].version,
                                         perry_live_stderr (result)),
                        ret_reason);
      place->programs[i] = g_canonicalize_filename ("cosign", directory);
    }
  return TRUE;
}

static gboolean
has_programs (char **ret_reason)
{
  static const char *const needed[] = { "docker-registry", "openssl", "unshare", "nsenter" };

  for (gsize i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      g_autofree char *program = g_find_program_in_path (needed[i]);

      if (program == NULL)
        return give_up (g_strdup_printf ("%s is not installed", needed[i]), ret_reason);
    }
  return TRUE;
}

/* What this thread starts from here on, processes and servers alike, has loopback and nothing else. */
static void
enter_network (VerifyPlace *place)
{
  g_autofree char *pid_file = place_path (place, "place.pid");
  g_autofree char *pid = NULL;
  g_autofree char *path = NULL;
  int fd;

  g_assert_true (g_file_get_contents (pid_file, &pid, NULL, NULL));
  path = g_strdup_printf ("/proc/%s/ns/net", g_strstrip (pid));
  fd = open (path, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (setns (fd, CLONE_NEWNET), ==, 0);
  close (fd);
}

static void
set_environment (VerifyPlace *place)
{
  g_autofree char *cache = place_path (place, "cache");
  g_autofree char *cosign = g_test_build_filename (G_TEST_BUILT, "..", "plugins", "cosign", NULL);
  g_autofree char *noop = g_test_build_filename (G_TEST_BUILT, "..", "plugins", "noop", NULL);
  const char *backends = g_environ_getenv (place->live->environment, "PERRY_PLUGIN_PATH");
  g_autofree char *plugins = g_strjoin (":", backends, cosign, noop, NULL);
  /* The caller's own credentials and proxies are none of this test's. */
  static const char *const unwanted[] = { "REGISTRY_AUTH_FILE", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY",
                                          "PERRY_CONTAINER_VERIFY_IMAGES", "PERRY_CONTAINER_VERIFIER" };

  verify_place_set_variable (place, "PERRY_PLUGIN_PATH", plugins);
  verify_place_set_variable (place, "XDG_CACHE_HOME", cache);
  verify_place_set_variable (place, "HOME", place->directory);
  verify_place_set_variable (place, "DOCKER_CONFIG", place->directory);
  for (gsize i = 0; i < G_N_ELEMENTS (unwanted); i++)
    verify_place_set_variable (place, unwanted[i], NULL);
}

static void
fill_registries (VerifyPlace *place)
{
  g_autofree char *start = source_path ("integration", "start-registry.sh");
  g_autofree char *fill = source_path ("integration", "fill-signed");
  g_autofree char *archive = place_path (place, "busybox.tar");
  g_autofree char *signers = place_path (place, "signers");
  const char *start_argv[] = { start, place->directory, strchr (VERIFY_PLACE_REGISTRY, ':') + 1, archive, NULL };
  const char *fill_argv[] = { fill, archive, signers, VERIFY_PLACE_REGISTRY,
                              perry_fake_registry_get_name (place->moving), NULL };
  g_autoptr (PerryProcessResult) started = run (start_argv);
  g_autoptr (PerryProcessResult) filled = NULL;
  g_autoptr (GError) error = NULL;

  perry_live_assert_status (started, 0);
  filled = run (fill_argv);
  perry_live_assert_status (filled, 0);
  place->images = perry_json_parse_bytes (filled->stdout_bytes, NULL, &error);
  g_assert_no_error (error);
}

/* For cosign 3, which takes no bare certificates. */
static void
make_trusted_root (VerifyPlace *place)
{
  g_autofree char *path = place_path (place, "trusted_root.json");
  g_autofree char *authority = g_strdup_printf ("--fulcio=url=https://fulcio.test,certificate-chain=%s/signers/fulcio/"
                                                "root.pem", place->directory);
  const char *argv[] = { place->programs[VERIFY_COSIGN_3], "trusted-root", "create", "--out", path, authority, NULL };
  g_autoptr (PerryProcessResult) result = run (argv);

  perry_live_assert_status (result, 0);
}

VerifyPlace *
verify_place_new (const char *variant, const char *runtime, gboolean with_containerd_store, char **ret_reason)
{
  VerifyPlace *place = g_new0 (VerifyPlace, 1);

  place->has_containerd_store = with_containerd_store;
  if (has_programs (ret_reason) && get_cosigns (place, ret_reason))
    place->live = perry_live_engine_start (variant, runtime, with_containerd_store ? perry_live_containerd_store : NULL,
                                           ret_reason);
  if (place->live == NULL)
    {
      verify_place_free (place);
      return NULL;
    }
  place->directory = g_strdup (place->live->directory);
  place->report = place_path (place, "report.json");
  place->log = place_path (place, "verifications");
  set_environment (place);
  enter_network (place);
  place->moving = perry_fake_registry_new (PERRY_FAKE_REGISTRY_REFERRERS);
  fill_registries (place);
  make_trusted_root (place);
  return place;
}

void
verify_place_free (VerifyPlace *place)
{
  if (place == NULL)
    return;
  g_clear_pointer (&place->moving, perry_fake_registry_free);
  g_clear_pointer (&place->live, perry_live_engine_stop);
  g_clear_pointer (&place->images, json_node_unref);
  for (gsize i = 0; i < VERIFY_N_COSIGNS; i++)
    g_free (place->programs[i]);
  g_free (place->directory);
  g_free (place->report);
  g_free (place->log);
  g_free (place);
}

void
verify_place_write_configuration (VerifyPlace *place, const char *text)
{
  g_autofree char *directory = place_path (place, "perry-container");
  g_autofree char *path = g_build_filename (directory, "perry.conf", NULL);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  if (text != NULL)
    write_file (path, text);
  else
    g_remove (path);
}

void
verify_place_configure (VerifyPlace *place, const VerifySettings *settings)
{
  g_autoptr (GString) text = g_string_new ("[verification]\n");

  g_string_append_printf (text, "mode=%s\nlog=%s\n%s\n", settings->mode != NULL ? settings->mode : "enforce", place->log,
                          settings->keys != NULL ? settings->keys : "");
  g_string_append_printf (text, "[plugin cosign]\nprogram=%s\ntrusted-root=%s/trusted_root.json\n"
                          "ca-roots=%s/signers/fulcio/root.pem\n",
                          settings->program != NULL ? settings->program : place->programs[VERIFY_COSIGN_3],
                          place->directory, place->directory);
  g_string_append_printf (text, "[verify by-key]\npattern=127.0.0.1:*/key/**\nkey=%s/signers/cosign.pub\n"
                          "ignore-tlog=true\n", place->directory);
  g_string_append (text, "[verify by-certificate]\npattern=127.0.0.1:*/leaf/**\nidentity=ci@example.com\n"
                   "issuer=https://issuer.example.com\nignore-tlog=true\nignore-sct=true\n");
  g_string_append (text, settings->groups != NULL ? settings->groups : "");
  verify_place_write_configuration (place, text->str);
}

void
verify_place_set_variable (VerifyPlace *place, const char *name, const char *value)
{
  if (value != NULL)
    place->live->environment = g_environ_setenv (place->live->environment, name, value, TRUE);
  else
    place->live->environment = g_environ_unsetenv (place->live->environment, name);
}

void
verify_place_write_beside (const char *program, const char *name, const char *text)
{
  g_autofree char *directory = g_path_get_dirname (program);
  g_autofree char *path = g_build_filename (directory, name, NULL);

  write_file (path, text);
}

char *
verify_place_make_fake_cosign (VerifyPlace *place, const char *name)
{
  g_autofree char *directory = place_path (place, name);
  char *program = g_build_filename (directory, "cosign", NULL);
  g_autofree char *built = g_test_build_filename (G_TEST_BUILT, "cosign", "fake-cosign", NULL);
  const char *copy[] = { "install", "-D", "-m", "755", built, program, NULL };
  const char *help[] = { place->programs[VERIFY_COSIGN_3], "verify", "--help", NULL };
  g_autoptr (PerryProcessResult) copied = run (copy);
  g_autoptr (PerryProcessResult) helped = run (help);

  perry_live_assert_status (copied, 0);
  perry_live_assert_status (helped, 0);
  verify_place_write_beside (program, "help", perry_live_stdout (helped));
  return program;
}

const char *
verify_text (JsonNode *node, const char *member)
{
  JsonNode *found = perry_json_find (node, member, NULL);

  return found != NULL ? perry_json_as_string (found) : NULL;
}

static const char *
get_member (VerifyPlace *place, const char *registry, const char *image, const char *member)
{
  JsonObject *object = json_object_get_object_member (json_node_get_object (place->images), registry);

  object = json_object_get_object_member (object, image);
  g_assert_nonnull (object);
  return json_object_get_string_member (object, member);
}

const char *
verify_place_get_digest (VerifyPlace *place, const char *registry, const char *image)
{
  return get_member (place, registry, image, "digest");
}

/* An image's configuration has the digest that is its id everywhere else. */
const char *
verify_place_get_id (VerifyPlace *place, const char *registry, const char *image)
{
  return get_member (place, registry, image, place->has_containerd_store ? "digest" : "id");
}

void
verify_place_forget (VerifyPlace *place)
{
  g_autofree char *cache = place_path (place, "cache");
  const char *argv[] = { "rm", "-rf", "--", cache, place->log, NULL };
  g_autoptr (PerryProcessResult) result = run (argv);

  perry_live_assert_status (result, 0);
}

guint
verify_place_count_cached (VerifyPlace *place)
{
  g_autofree char *path = place_path (place, "cache/perry-container/verified");
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;
  guint n = 0;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    n += !g_str_equal (name, "lock");
  return n;
}

static char **
read_records (VerifyPlace *place)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents (place->log, &text, NULL, NULL))
    text = g_strdup ("");
  return g_strsplit (g_strchomp (text), "\n", -1);
}

guint
verify_place_count_records (VerifyPlace *place)
{
  g_auto (GStrv) lines = read_records (place);

  return lines[0] == NULL || *lines[0] == '\0' ? 0 : g_strv_length (lines);
}

JsonNode *
verify_place_read_record (VerifyPlace *place)
{
  g_auto (GStrv) lines = read_records (place);
  g_autoptr (GError) error = NULL;
  JsonNode *node;

  g_assert_nonnull (lines[0]);
  node = perry_json_parse (lines[g_strv_length (lines) - 1], -1, NULL, &error);
  g_assert_no_error (error);
  return node;
}

JsonNode *
verify_place_read_report (VerifyPlace *place)
{
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;
  JsonNode *found;

  g_file_get_contents (place->report, &text, NULL, &error);
  g_assert_no_error (error);
  node = perry_json_parse (text, -1, NULL, &error);
  g_assert_no_error (error);
  found = perry_json_find (node, "verification", NULL);
  g_assert_nonnull (found);
  return json_node_copy (found);
}

static JsonNode *
list_images (VerifyPlace *place)
{
  return perry_live_engine_ask (place->live, "/v1.41/images/json?all=1");
}

gboolean
verify_place_has_image (VerifyPlace *place, const char *name)
{
  g_autoptr (JsonNode) images = list_images (place);
  g_autofree char *text = json_to_string (images, FALSE);

  return strstr (text, name) != NULL;
}

static char *
dup_id (VerifyPlace *place, const char *kind, const char *name, const char *member)
{
  g_autofree char *target = g_strdup_printf ("/v1.41/%s/%s/json", kind, name);
  g_autoptr (JsonNode) node = perry_live_engine_ask (place->live, target);
  const char *id = verify_text (node, member);

  g_assert_nonnull (id);
  return g_str_has_prefix (id, "sha256:") ? g_strdup (id) : g_strconcat ("sha256:", id, NULL);
}

char *
verify_place_dup_image_of (VerifyPlace *place, const char *container)
{
  return dup_id (place, "containers", container, "Image");
}

char *
verify_place_dup_image_named (VerifyPlace *place, const char *reference)
{
  return dup_id (place, "images", reference, "Id");
}

static void
remove_each (VerifyPlace *place, JsonNode *list, const char *verb, const char *only)
{
  for (guint i = 0; i < json_array_get_length (perry_json_as_array (list)); i++)
    {
      JsonNode *entry = json_array_get_element (perry_json_as_array (list), i);
      g_autofree char *text = json_to_string (entry, FALSE);
      g_autoptr (PerryProcessResult) removed = NULL;

      if (only != NULL && strstr (text, only) == NULL)
        continue;
      removed = perry_live_engine_perryctl (place->live, NULL, verb, "-f", verify_text (entry, "Id"), NULL);
      perry_live_assert_status (removed, 0);
    }
}

void
verify_place_clean (VerifyPlace *place)
{
  g_autoptr (JsonNode) containers = perry_live_engine_ask (place->live, "/v1.41/containers/json?all=1");
  g_autoptr (JsonNode) images = list_images (place);

  remove_each (place, containers, "rm", NULL);
  remove_each (place, images, "rmi", "127.0.0.1");
}

guint
verify_place_count_containers (VerifyPlace *place)
{
  g_autoptr (JsonNode) containers = perry_live_engine_ask (place->live, "/v1.41/containers/json?all=1");

  return json_array_get_length (perry_json_as_array (containers));
}

void
verify_place_assert_words (PerryProcessResult *result, const char *words)
{
  g_auto (GStrv) parts = g_strsplit (words, "|", -1);

  for (char **part = parts; *part != NULL; part++)
    if (strstr (perry_live_stderr (result), *part) == NULL)
      {
        g_test_message ("“%s” is not in: %s", *part, perry_live_stderr (result));
        g_test_fail ();
      }
}

void
verify_place_assert_refused (VerifyPlace *place, int status, const char *words, ...)
{
  guint cached = verify_place_count_cached (place);
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  g_autoptr (PerryProcessResult) result = NULL;
  const char *argument;
  va_list list;

  va_start (list, words);
  while ((argument = va_arg (list, const char *)) != NULL)
    g_ptr_array_add (arguments, (char *) argument);
  va_end (list);
  g_ptr_array_add (arguments, NULL);
  result = perry_live_engine_perryctl_argv (place->live, NULL, (const char *const *) arguments->pdata);
  g_test_message ("%s", perry_live_stderr (result));
  if (result->exit_status != status)
    {
      /* the others of a table are tried all the same */
      g_test_message ("ended with %d instead of %d: %s", result->exit_status, status, words);
      g_test_fail ();
      verify_place_clean (place);
      return;
    }
  g_assert_cmpstr (perry_live_stdout (result), ==, "");
  verify_place_assert_words (result, words);
  g_assert_cmpuint (verify_place_count_containers (place), ==, 0);
  g_assert_false (verify_place_has_image (place, "127.0.0.1"));
  g_assert_cmpuint (verify_place_count_cached (place), ==, cached);
}

JsonNode *
verify_place_assert_runs (VerifyPlace *place, const char *reference, const char *mark, const char *id)
{
  g_autoptr (PerryProcessResult) result = NULL;
  g_autofree char *found = NULL;

  result = perry_live_engine_perryctl (place->live, NULL, "run", "--name", "verified", "--network", "none", "--report",
                                       place->report, reference, "cat", "/perry-mark", NULL);
  perry_live_assert_status (result, 0);
  g_assert_cmpstr (perry_live_stdout (result), ==, mark);
  found = verify_place_dup_image_of (place, "verified");
  g_assert_cmpstr (found, ==, id);
  return verify_place_read_report (place);
}
