/* SPDX-License-Identifier: Apache-2.0 */
/* What registries answer: a letter, a word, a newline, the body. `m` a manifest or an index of the type that the word is,
 * `p` the same, and the platform that the word is chosen; `c` an image's configuration, `t` a token, `w` a challenge, `u`
 * an address that the word leads to. */
#include <string.h>

#include "core/verification/perry-registry-challenge.h"
#include "core/verification/perry-registry-digest.h"
#include "core/verification/perry-registry-endpoint.h"
#include "core/verification/perry-registry-manifest.h"
#include "tests/fuzz/fuzz-input.h"

static void
check_manifest (const PerryRegistryManifest *manifest)
{
  fuzz_require (manifest->is_index == (manifest->entries != NULL), "an index has entries");
  fuzz_require (manifest->is_index != (manifest->config_digest != NULL), "a manifest has a configuration");
  fuzz_require (manifest->is_index || perry_registry_digest_is_valid (manifest->config_digest), "it has a digest");
  for (guint i = 0; manifest->is_index && i < manifest->entries->len; i++)
    {
      const PerryRegistryEntry *entry = g_ptr_array_index (manifest->entries, i);

      fuzz_require (perry_registry_digest_is_valid (entry->digest), "an entry has a digest");
    }
}

static void
read_manifest (GBytes *body, const char *type, const char *platform, GError **error)
{
  g_autoptr (PerryRegistryManifest) manifest = perry_registry_manifest_parse (body, type, error);
  const PerryRegistryEntry *entry;

  if (manifest == NULL)
    return;
  check_manifest (manifest);
  if (!manifest->is_index || platform == NULL)
    return;
  entry = perry_registry_manifest_choose (manifest, NULL, platform, error);
  fuzz_require (entry == NULL || entry->platform != NULL, "what is chosen is for a platform");
}

static void
read_challenge (const char *text, GError **error)
{
  g_auto (PerryRegistryChallenge) challenge = { 0 };

  if (!perry_registry_challenge_parse (text, &challenge, error))
    return;
  fuzz_require (challenge.kind == PERRY_REGISTRY_CHALLENGE_BASIC || challenge.realm != NULL, "a token is had somewhere");
  for (const char *p = challenge.realm; p != NULL && *p != '\0'; p++)
    fuzz_require ((guchar) *p >= 0x20 && (guchar) *p < 0x7f, "a realm is plain text");
}

static void
read_token (GBytes *body, GError **error)
{
  g_auto (PerryRegistryToken) token = { 0 };

  if (!perry_registry_token_parse (body, &token, error))
    return;
  fuzz_require (*token.token != '\0' && strpbrk (token.token, " \r\n") == NULL, "a token can go into a header");
  fuzz_require (token.expires_in >= 60 && token.expires_in <= 3600, "a token lives for a minute to an hour");
}

static void
read_address (const char *address, const char *from, GError **error)
{
  if (!perry_registry_uri_check (address, from, "it", error))
    return;
  fuzz_require (g_ascii_strncasecmp (address, "https:", 6) == 0 || g_ascii_strncasecmp (from, "http:", 5) == 0,
                "nothing leads from HTTPS to HTTP");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const uint8_t *line_end = size > 0 ? memchr (data, '\n', size) : NULL;
  g_autofree char *word = NULL;
  g_autofree char *text = NULL;
  g_autofree char *platform = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;

  if (line_end == NULL || line_end == data)
    return 0;
  word = fuzz_dup_text (data + 1, (size_t) (line_end - data) - 1);
  text = fuzz_dup_text (line_end + 1, size - (size_t) (line_end + 1 - data));
  body = g_bytes_new (line_end + 1, size - (size_t) (line_end + 1 - data));
  if (data[0] == 'm')
    read_manifest (body, word, NULL, &error);
  else if (data[0] == 'p' && g_utf8_validate (word, -1, NULL)) /* it is checked before anybody is asked */
    read_manifest (body, PERRY_REGISTRY_OCI_INDEX, word, &error);
  else if (data[0] == 'c')
    perry_registry_config_parse (body, &platform, &error);
  else if (data[0] == 't')
    read_token (body, &error);
  else if (data[0] == 'w')
    read_challenge (text, &error);
  else if (data[0] == 'u')
    read_address (text, word, &error);
  if (error != NULL)
    fuzz_check_error (error, FALSE);
  return 0;
}
