/* SPDX-License-Identifier: Apache-2.0 */
/* Registry credentials: `REGISTRY REPOSITORY`, a newline, the file; or `-`, a newline, what a helper has written. */
#include <string.h>

#include "plugin-api/perry-credential-helper.h"
#include "plugin-api/perry-registry-auth-file.h"
#include "tests/fuzz/fuzz-input.h"

static void
check_text (const char *text)
{
  fuzz_require (text == NULL || (perry_registry_auth_is_text (text) && g_utf8_validate (text, -1, NULL)),
                "a name or a secret can go into a header");
}

static void
check_credentials (const PerryRegistryCredentials *credentials)
{
  g_autofree char *header = perry_registry_credentials_to_header (credentials, "r.example");

  check_text (credentials->username);
  check_text (credentials->password);
  check_text (credentials->identity_token);
  fuzz_require (credentials->identity_token != NULL || (credentials->username != NULL && credentials->password != NULL),
                "there is a secret");
  fuzz_require (strspn (header, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=") == strlen (header),
                "the header is URL-safe base64");
}

static void
check_helper (const PerryRegistryAuth *auth)
{
  fuzz_require (auth->helper[0] != '\0' && strpbrk (auth->helper, "/ \n") == NULL, "a helper's name is a plain word");
  fuzz_require (auth->servers != NULL && auth->servers[0] != NULL, "a helper is asked for something");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const uint8_t *line_end = size > 0 ? memchr (data, '\n', size) : NULL;
  g_autofree char *line = line_end != NULL ? fuzz_dup_text (data, (size_t) (line_end - data)) : NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (PerryRegistryAuth) auth = { 0 };
  g_autoptr (PerryRegistryCredentials) credentials = NULL;
  char *space;

  if (line == NULL)
    return 0;
  bytes = g_bytes_new (line_end + 1, size - (size_t) (line_end + 1 - data));
  if (g_str_equal (line, "-"))
    {
      credentials = perry_credential_helper_parse (bytes, "docker-credential-x", &error);
      if (credentials != NULL)
        check_credentials (credentials);
      else
        fuzz_check_error (error, TRUE);
      return 0;
    }
  space = strchr (line, ' ');
  if (space != NULL)
    *space++ = '\0';
  if (!perry_registry_auth_file_parse (bytes, "auth.json", line, space, &auth, &error))
    {
      fuzz_check_error (error, TRUE);
      return 0;
    }
  if (auth.helper != NULL)
    check_helper (&auth);
  if (auth.credentials != NULL)
    check_credentials (auth.credentials);
  return 0;
}
