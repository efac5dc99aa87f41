/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/verification/perry-registry-challenge.h"
#include "core/verification/perry-registry-fetch.h"
#include "plugin-api/perry-error.h"
#include "plugin-api/perry-registry-credentials.h"

#define MAX_TOKENS 256
#define MAX_TOKEN_REPLY (128 * 1024)
/* What a token's life is cut by, so that none expires on its way. */
#define MARGIN_SECONDS 5
/* How long a name and a password are sent without being asked for. */
#define BASIC_SECONDS 60

struct _PerryRegistryTokens {
  GMutex lock;
  GHashTable *entries;
};

typedef struct {
  char *authorization;
  gint64 expires_at; /* on the monotonic clock */
} Entry;

void
perry_registry_secret_free (char *secret)
{
  if (secret == NULL)
    return;
  explicit_bzero (secret, strlen (secret));
  g_free (secret);
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  perry_registry_secret_free (entry->authorization);
  g_free (entry);
}

PerryRegistryTokens *
perry_registry_tokens_new (void)
{
  PerryRegistryTokens *tokens = g_new0 (PerryRegistryTokens, 1);

  g_mutex_init (&tokens->lock);
  tokens->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  return tokens;
}

void
perry_registry_tokens_free (PerryRegistryTokens *tokens)
{
  if (tokens == NULL)
    return;
  g_hash_table_unref (tokens->entries);
  g_mutex_clear (&tokens->lock);
  g_free (tokens);
}

/* Where a token may be sent to: nowhere else. */
static char *
make_key (const PerryRegistryVisit *visit)
{
  return g_strconcat (visit->endpoint->base, " ", visit->repository, NULL);
}

char *
perry_registry_visit_dup_authorization (const PerryRegistryVisit *visit)
{
  g_autofree char *key = make_key (visit);
  char *authorization = NULL;
  Entry *entry;

  g_mutex_lock (&visit->tokens->lock);
  entry = g_hash_table_lookup (visit->tokens->entries, key);
  if (entry != NULL && entry->expires_at > g_get_monotonic_time ())
    authorization = g_strdup (entry->authorization);
  g_mutex_unlock (&visit->tokens->lock);
  return authorization;
}

void
perry_registry_visit_forget_authorization (const PerryRegistryVisit *visit, const char *refused)
{
  g_autofree char *key = make_key (visit);
  Entry *entry;

  g_mutex_lock (&visit->tokens->lock);
  entry = g_hash_table_lookup (visit->tokens->entries, key);
  if (entry != NULL && g_strcmp0 (entry->authorization, refused) == 0)
    g_hash_table_remove (visit->tokens->entries, key);
  g_mutex_unlock (&visit->tokens->lock);
}

static void
keep (const PerryRegistryVisit *visit, const char *authorization, gint64 seconds)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->authorization = g_strdup (authorization);
  entry->expires_at = g_get_monotonic_time () + (seconds - MARGIN_SECONDS) * G_TIME_SPAN_SECOND;
  g_mutex_lock (&visit->tokens->lock);
  if (g_hash_table_size (visit->tokens->entries) >= MAX_TOKENS)
    g_hash_table_remove_all (visit->tokens->entries);
  g_hash_table_replace (visit->tokens->entries, make_key (visit), entry);
  g_mutex_unlock (&visit->tokens->lock);
}

static char *
make_basic (const PerryRegistryCredentials *credentials)
{
  char *plain, *encoded, *value;

  if (credentials == NULL || credentials->username == NULL || credentials->password == NULL)
    return NULL;
  plain = g_strconcat (credentials->username, ":", credentials->password, NULL);
  encoded = g_base64_encode ((const guchar *) plain, strlen (plain));
  value = g_strconcat ("Basic ", encoded, NULL);
  perry_registry_secret_free (plain);
  perry_registry_secret_free (encoded);
  return value;
}

static void
add_parameter (GString *to, const char *name, const char *value)
{
  g_autofree char *escaped = NULL;

  if (value == NULL)
    return;
  escaped = g_uri_escape_string (value, NULL, FALSE);
  g_string_append_printf (to, "%s%s=%s", to->len > 0 ? "&" : "", name, escaped);
  explicit_bzero (escaped, strlen (escaped));
}

static char *
make_parameters (const PerryRegistryVisit *visit, const PerryRegistryChallenge *challenge,
                 const PerryRegistryCredentials *credentials)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *reading = g_strdup_printf ("repository:%s%s:pull", visit->endpoint->prefix, visit->repository);

  add_parameter (text, "service", challenge->service);
  add_parameter (text, "scope", challenge->scope != NULL ? challenge->scope : reading);
  if (credentials != NULL && credentials->identity_token != NULL)
    {
      add_parameter (text, "client_id", "perry-container");
      add_parameter (text, "grant_type", "refresh_token");
      add_parameter (text, "refresh_token", credentials->identity_token);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* An identity token is exchanged in a form; a name and a password, or nothing at all, in an ordinary request. */
static PerryRegistryHttpReply *
ask_token_server (PerryRegistryVisit *visit, const PerryRegistryChallenge *challenge,
                  const PerryRegistryCredentials *credentials, GError **error)
{
  char *parameters = make_parameters (visit, challenge, credentials);
  char *basic = make_basic (credentials);
  gboolean is_form = credentials != NULL && credentials->identity_token != NULL;
  g_autofree char *uri = is_form ? g_strdup (challenge->realm)
                                 : g_strconcat (challenge->realm, strchr (challenge->realm, '?') != NULL ? "&" : "?",
                                                parameters, NULL);
  const PerryRegistryHttpRequest request = {
    .method = is_form ? "POST" : "GET",
    .uri = uri,
    .accept = "application/json",
    .authorization = is_form ? NULL : basic,
    .form = is_form ? parameters : NULL,
    .max_body = MAX_TOKEN_REPLY,
  };
  PerryRegistryHttpReply *reply = perry_registry_http_send (visit->http, &request, visit->cancellable, error);

  perry_registry_secret_free (parameters);
  perry_registry_secret_free (basic);
  return reply;
}

static gboolean
check_token_reply (const PerryRegistryVisit *visit, const PerryRegistryHttpReply *reply, GError **error)
{
  if (reply->status == 200)
    return TRUE;
  if (reply->status == 401 || reply->status == 403)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_PERMISSION_DENIED,
                 "the token server refuses %s (status %u); log in again", visit->credentials_origin != NULL
                 ? visit->credentials_origin : "to give a token to somebody without credentials", reply->status);
  else
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_REGISTRY_FAILED, "the token server answered with status %u",
                 reply->status);
  return FALSE;
}

static char *
obtain_token (PerryRegistryVisit *visit, const PerryRegistryChallenge *challenge,
              const PerryRegistryCredentials *credentials, GError **error)
{
  g_autoptr (PerryRegistryHttpReply) reply = NULL;
  g_auto (PerryRegistryToken) token = { 0 };
  char *authorization;

  if (!perry_registry_uri_check (challenge->realm, visit->endpoint->base, "the address of the token server", error))
    return NULL;
  reply = ask_token_server (visit, challenge, credentials, error);
  if (reply == NULL)
    {
      g_prefix_error (error, "asking the token server: ");
      return NULL;
    }
  if (!check_token_reply (visit, reply, error) || !perry_registry_token_parse (reply->body, &token, error))
    return NULL;
  authorization = g_strconcat ("Bearer ", token.token, NULL);
  keep (visit, authorization, token.expires_in);
  return authorization;
}

static PerryRegistryCredentials *
look_up (PerryRegistryVisit *visit, GError **error)
{
  g_autofree char *repository = g_strconcat (visit->endpoint->prefix, visit->repository, NULL);
  g_auto (GStrv) notes = NULL;
  PerryRegistryCredentials *credentials;

  credentials = perry_registry_credentials_lookup (visit->environment, visit->endpoint->name, repository, &notes,
                                                   visit->cancellable, error);
  for (char **note = notes; note != NULL && *note != NULL; note++)
    if (!g_ptr_array_find_with_equal_func (visit->notes, *note, g_str_equal, NULL))
      g_ptr_array_add (visit->notes, g_strdup (*note));
  g_clear_pointer (&visit->credentials_origin, g_free);
  if (credentials != NULL)
    visit->credentials_origin = g_strdup_printf ("the credentials from %s", credentials->origin);
  return credentials;
}

char *
perry_registry_visit_authorize (PerryRegistryVisit *visit, const char *challenge, GError **error)
{
  g_auto (PerryRegistryChallenge) parsed = { 0 };
  g_autoptr (PerryRegistryCredentials) credentials = NULL;
  g_autoptr (GError) local_error = NULL;
  char *authorization;

  if (challenge == NULL)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_PERMISSION_DENIED,
                           "it wants a login and does not say how (there is no WWW-Authenticate)");
      return NULL;
    }
  if (!perry_registry_challenge_parse (challenge, &parsed, error))
    return NULL;
  credentials = look_up (visit, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  if (parsed.kind == PERRY_REGISTRY_CHALLENGE_BEARER)
    return obtain_token (visit, &parsed, credentials, error);
  authorization = make_basic (credentials);
  if (authorization != NULL)
    keep (visit, authorization, BASIC_SECONDS);
  else
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_PERMISSION_DENIED,
                 "it wants a name and a password, and there are none for %s; log in with “podman login %s” or “docker "
                 "login %s”", visit->endpoint->name, visit->endpoint->name, visit->endpoint->name);
  return authorization;
}
