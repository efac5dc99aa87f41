/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-pull.h"

#include <string.h>

#include "plugin-api/perry-json.h"

#define DIGEST "sha256:ca1c93690d86bd4e1d7e6e89ac86194d39f2c64dcc2eff52ba08acd60333d122"

static JsonNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = perry_json_parse (text, -1, NULL, &error);

  g_assert_no_error (error);
  return node;
}

/* Lines as Docker 20.10.24 and 28.5.2 and Podman 4.3.1 and 6.1.1 write them, and as neither does. */
static void
test_progress (void)
{
  static const struct { const char *line, *progress; } samples[] = {
    { "{\"status\":\"Pulling from demo\",\"id\":\"1\"}",
      "{\"layer\":null,\"status\":\"Pulling from demo\",\"current\":null,\"total\":null}" },
    { "{\"status\":\"Already exists\",\"progressDetail\":{},\"id\":\"d2e04443c930\"}",
      "{\"layer\":\"d2e04443c930\",\"status\":\"Already exists\",\"current\":null,\"total\":null}" },
    { "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":32768,\"total\":1031809},"
      "\"progress\":\"[=\\u003e ]  32.77kB/1.032MB\",\"id\":\"d2e04443c930\"}",
      "{\"layer\":\"d2e04443c930\",\"status\":\"Downloading\",\"current\":32768,\"total\":1031809}" },
    { "{\"status\":\"Extracting\",\"progressDetail\":{\"current\":1,\"units\":\"s\"},\"progress\":\"1 s\","
      "\"id\":\"d2e04443c930\"}",
      "{\"layer\":\"d2e04443c930\",\"status\":\"Extracting\",\"current\":null,\"total\":null}" },
    { "{\"status\":\"Digest: " DIGEST "\"}",
      "{\"layer\":null,\"status\":\"Digest: " DIGEST "\",\"current\":null,\"total\":null}" },
    { "{\"status\":\"a\\nb\\u001b[2J\",\"progressDetail\":{\"current\":-1,\"total\":1e3},\"id\":\"\"}",
      "{\"layer\":null,\"status\":\"a b [2J\",\"current\":null,\"total\":null}" },
    { "{\"status\":\"x\",\"progressDetail\":[1],\"id\":7}",
      "{\"layer\":null,\"status\":\"x\",\"current\":null,\"total\":null}" },
    { "{\"status\":\"\"}", NULL },
    { "{\"status\":1}", NULL },
    { "{}", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (JsonNode) line = parse (samples[i].line);
      g_autoptr (JsonNode) progress = perry_engine_pull_translate (json_node_get_object (line));
      g_autofree char *text = progress != NULL ? perry_json_to_text (progress, FALSE) : NULL;

      g_assert_cmpstr (text, ==, samples[i].progress);
    }
}

static void
test_digest (void)
{
  static const struct { const char *line, *digest; } samples[] = {
    { "{\"status\":\"Digest: " DIGEST "\"}", DIGEST },
    { "{\"status\":\"Digest: sha256:ca1c\"}", NULL },
    { "{\"status\":\"Digest: x@" DIGEST "\"}", NULL },
    { "{\"status\":\"" DIGEST "\"}", NULL },
    { "{\"Digest\":\"" DIGEST "\"}", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (JsonNode) line = parse (samples[i].line);
      g_autofree char *digest = perry_engine_pull_dup_digest (json_node_get_object (line));

      g_assert_cmpstr (digest, ==, samples[i].digest);
    }
}

static void
test_failure (void)
{
  static const struct { const char *line, *failure; } samples[] = {
    { "{\"errorDetail\":{\"message\":\"new\"},\"error\":\"old\"}", "new" },
    { "{\"error\":\"old\"}", "old" },
    { "{\"errorDetail\":{\"code\":1},\"error\":\"old\"}", "old" },
    { "{\"errorDetail\":{}}", "the engine does not say why" },
    { "{\"error\":null}", "the engine does not say why" },
    { "{\"status\":\"error\"}", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (JsonNode) line = parse (samples[i].line);
      g_autofree char *failure = perry_engine_pull_dup_failure (json_node_get_object (line));

      g_assert_cmpstr (failure, ==, samples[i].failure);
    }
}

/* What engines have been seen to say, with the status that they said it with; 500 for a line of the stream. */
static void
test_errors (void)
{
  static const struct { guint status; const char *message; PerryError code; const char *advice; } samples[] = {
    /* Docker 20.10.24 */
    { 404, "manifest for r:5/demo:none not found: manifest unknown: manifest unknown", PERRY_ERROR_IMAGE_NOT_FOUND,
      "check the name; if the repository is private, log in to r:5 first" },
    { 404, "pull access denied for demo, repository does not exist or may require 'docker login': denied: requested access "
           "to the resource is denied", PERRY_ERROR_IMAGE_NOT_FOUND, "log in to r:5 first" },
    { 500, "Get \"http://r:5/v2/\": dial tcp 127.0.0.1:5: connect: connection refused", PERRY_ERROR_BACKEND_FAILED,
      "cannot talk to the registry r:5" },
    { 500, "Head \"http://r:5/v2/demo/manifests/1\": no basic auth credentials", PERRY_ERROR_PERMISSION_DENIED,
      "log in with `docker login r:5` or `podman login r:5`" },
    { 500, "unauthorized: authentication required", PERRY_ERROR_PERMISSION_DENIED, "`podman login r:5`" },
    { 500, "no matching manifest for linux/s390x in the manifest list entries", PERRY_ERROR_IMAGE_NOT_FOUND,
      "not for this platform" },
    { 500, "Cannot overwrite digest " DIGEST, PERRY_ERROR_CONFLICT, "keeps one only" },
    /* Docker 28.5.2 with containerd's image store */
    { 404, "failed to resolve reference \"r:5/demo:none\": r:5/demo:none: not found", PERRY_ERROR_IMAGE_NOT_FOUND,
      "check the name" },
    { 404, "failed to resolve reference \"r:5/demo:1\": pull access denied, repository does not exist or may require "
           "authorization: authorization failed: no basic auth credentials", PERRY_ERROR_PERMISSION_DENIED,
      "log in with" },
    { 500, "no matching manifest for linux/s390x in the manifest list entries: no match for platform in manifest: not found",
      PERRY_ERROR_IMAGE_NOT_FOUND, "not for this platform" },
    /* Podman 4.3.1 */
    { 500, "initializing source docker://r:5/demo:none: reading manifest none in r:5/demo: manifest unknown: manifest "
           "unknown", PERRY_ERROR_IMAGE_NOT_FOUND, "check the name" },
    { 500, "choosing an image from manifest list docker://r:5/demo:1: no image found in manifest list for architecture "
           "s390x, variant \"\", OS linux", PERRY_ERROR_IMAGE_NOT_FOUND, "not for this platform" },
    { 500, "initializing source docker://r:5/demo:1: pinging container registry r:5: Get \"http://r:5/v2/\": dial tcp "
           "127.0.0.1:5: connect: connection refused", PERRY_ERROR_BACKEND_FAILED, "cannot talk to the registry r:5" },
    /* Podman 5.4.2 and 6.1.1 */
    { 404, "manifest unknown: manifest unknown", PERRY_ERROR_IMAGE_NOT_FOUND, "check the name" },
    { 401, "unauthorized: authentication required", PERRY_ERROR_PERMISSION_DENIED, "log in with" },
    { 500, "connection refused", PERRY_ERROR_BACKEND_FAILED, "cannot talk to the registry r:5" },
    { 500, "no image found in manifest list for architecture \"s390x\", variant \"\", OS \"linux\"",
      PERRY_ERROR_IMAGE_NOT_FOUND, "not for this platform" },
    /* by the status alone, and by nothing */
    { 403, "no", PERRY_ERROR_PERMISSION_DENIED, "log in with" },
    { 404, "no", PERRY_ERROR_IMAGE_NOT_FOUND, "check the name" },
    { 500, "write /var/lib/x: no space left on device", PERRY_ERROR_BACKEND_FAILED, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (GError) error = NULL;

      perry_engine_pull_set_error (&error, "r:5/demo:1", samples[i].status, samples[i].message);
      g_test_message ("%s", error->message);
      g_assert_error (error, PERRY_ERROR, (int) samples[i].code);
      g_assert_true (g_str_has_prefix (error->message, "pulling r:5/demo:1: "));
      g_assert_nonnull (strstr (error->message, samples[i].message));
      g_assert_true (samples[i].advice == NULL ? strchr (error->message, ';') == NULL
                                               : strstr (error->message, samples[i].advice) != NULL);
    }
}

/* An engine may say anything, and at any length. */
static void
test_long_words (void)
{
  g_autofree char *words = g_strnfill (100000, 'w');
  g_autoptr (GError) error = NULL;

  words[10] = '\n';
  words[11] = (char) 0xff;
  perry_engine_pull_set_error (&error, "r:5/demo:1", 500, words);
  g_assert_cmpuint (strlen (error->message), <, 1200);
  g_assert_null (strchr (error->message, '\n'));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine-pull/progress", test_progress);
  g_test_add_func ("/engine-pull/digest", test_digest);
  g_test_add_func ("/engine-pull/failure", test_failure);
  g_test_add_func ("/engine-pull/errors", test_errors);
  g_test_add_func ("/engine-pull/long-words", test_long_words);
  return g_test_run ();
}
