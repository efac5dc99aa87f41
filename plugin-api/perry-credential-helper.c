/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-credential-helper.h"

#include <string.h>
#include <unistd.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-json.h"
#include "plugin-api/perry-process.h"
#include "plugin-api/perry-registry-auth-file.h"

#define TIMEOUT_MS 20000
#define MAX_REPLY (64 * 1024)

/* What a helper gives instead of a name beside a token. */
#define TOKEN_USER "<token>"
/* The words of Docker's helpers, which they write to standard output. */
#define NOTHING_FOUND "credentials not found"

/* The helpers are those of whoever has the credentials, so it is their PATH that counts. */
static char *
find_program (const char *const *environment, const char *program)
{
  const char *path = g_environ_getenv ((char **) environment, "PATH");
  g_auto (GStrv) directories = g_strsplit (path != NULL ? path : "/usr/local/bin:/usr/bin:/bin", ":", -1);

  for (char **directory = directories; *directory != NULL; directory++)
    {
      g_autofree char *file = g_build_filename (*directory, program, NULL);

      if (g_path_is_absolute (*directory) && g_file_test (file, G_FILE_TEST_IS_REGULAR) && access (file, X_OK) == 0)
        return g_steal_pointer (&file);
    }
  return NULL;
}

static void
wipe_bytes (GBytes *bytes)
{
  gsize size;
  gpointer data = (gpointer) g_bytes_get_data (bytes, &size);

  if (size > 0)
    explicit_bzero (data, size);
}

PerryRegistryCredentials *
perry_credential_helper_parse (GBytes *reply, const char *program, GError **error)
{
  const PerryJsonLimits limits = { .max_bytes = MAX_REPLY };
  g_autoptr (JsonNode) root = perry_json_parse_bytes (reply, &limits, NULL);
  JsonObject *object = perry_json_as_object (root);
  g_autoptr (PerryRegistryCredentials) credentials = NULL;
  const char *username = NULL, *secret = NULL;

  if (!perry_json_read_string (object, "Username", &username) || !perry_json_read_string (object, "Secret", &secret)
      || !perry_registry_auth_is_text (username) || !perry_registry_auth_is_text (secret))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PROCESS_FAILED,
                   "%s did not answer with Username and Secret as a helper of Docker does; its answer is not shown, "
                   "because it may hold a secret", program);
      return NULL;
    }
  credentials = g_new0 (PerryRegistryCredentials, 1);
  if (g_str_equal (username, TOKEN_USER))
    credentials->identity_token = g_strdup (secret);
  else
    {
      credentials->username = g_strdup (username);
      credentials->password = g_strdup (secret);
    }
  return g_steal_pointer (&credentials);
}

static gboolean
has_nothing (const PerryProcessResult *result)
{
  gsize size;
  const char *data = g_bytes_get_data (result->stdout_bytes, &size);

  return size > 0 && memmem (data, size, NOTHING_FOUND, strlen (NOTHING_FOUND)) != NULL;
}

/* What a helper writes when it fails is not shown: nobody knows what is in it. */
static gboolean
read_result (const PerryProcessResult *result, const char *program, const char *server,
             PerryRegistryCredentials **ret_credentials, char **ret_note, GError **error)
{
  if (result->exit_status == 0 && result->stdout_truncated)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PROCESS_FAILED, "%s answered with more than %d bytes for %s", program,
                   MAX_REPLY, server);
      return FALSE;
    }
  if (result->exit_status == 0)
    {
      *ret_credentials = perry_credential_helper_parse (result->stdout_bytes, program, error);
      return *ret_credentials != NULL;
    }
  if (has_nothing (result))
    return TRUE;
  g_free (*ret_note);
  *ret_note = result->signal != 0
                ? g_strdup_printf ("%s was ended by signal %d when it was asked for %s", program, result->signal, server)
                : g_strdup_printf ("%s failed with status %d when it was asked for %s; run it with “list” to see why",
                                   program, result->exit_status, server);
  return TRUE;
}

static gboolean
ask (const char *const *environment, const char *file, const char *program, const char *server,
     PerryRegistryCredentials **ret_credentials, char **ret_note, GCancellable *cancellable, GError **error)
{
  const char *const argv[] = { file, "get", NULL };
  g_autoptr (GBytes) input = g_bytes_new (server, strlen (server));
  const PerryProcessOptions options = { .environment = environment, .input = input, .timeout_ms = TIMEOUT_MS,
                                        .max_stdout = MAX_REPLY, .max_stderr = MAX_REPLY };
  g_autoptr (PerryProcessResult) result = perry_process_run (argv, &options, cancellable, error);
  gboolean good;

  if (result == NULL)
    {
      g_prefix_error (error, "asking %s for the credentials for %s: ", program, server);
      return FALSE;
    }
  good = read_result (result, program, server, ret_credentials, ret_note, error);
  wipe_bytes (result->stdout_bytes);
  wipe_bytes (result->stderr_bytes);
  return good;
}

gboolean
perry_credential_helper_get (const char *const *environment, const char *name, const char *const *servers,
                             const char *path, PerryRegistryCredentials **ret_credentials, char **ret_note,
                             GCancellable *cancellable, GError **error)
{
  g_autofree char *program = g_strconcat ("docker-credential-", name, NULL);
  g_autofree char *file = find_program (environment, program);
  g_autofree char *note = NULL;
  PerryRegistryCredentials *credentials = NULL;

  *ret_credentials = NULL;
  *ret_note = NULL;
  if (file == NULL)
    {
      *ret_note = g_strdup_printf ("%s names the credential helper %s, which is not in the PATH; install it, or remove it "
                                   "from the file", path, program);
      return TRUE;
    }
  for (gsize i = 0; servers[i] != NULL && credentials == NULL; i++)
    if (!ask (environment, file, program, servers[i], &credentials, &note, cancellable, error))
      return FALSE;
  if (credentials != NULL)
    credentials->origin = g_strdup_printf ("%s (%s)", program, path);
  else
    *ret_note = g_steal_pointer (&note);
  *ret_credentials = credentials;
  return TRUE;
}
