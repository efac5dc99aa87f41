/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/fake/perry-fake-registry-private.h"

/* What a name and a password look like in a header. */
static char *
make_basic (PerryFakeRegistry *registry)
{
  g_autofree char *plain = NULL;
  g_autofree char *encoded = NULL;

  if (registry->username == NULL)
    return g_strdup ("nobody");
  plain = g_strconcat (registry->username, ":", registry->password, NULL);
  encoded = g_base64_encode ((const guchar *) plain, strlen (plain));
  return g_strconcat ("Basic ", encoded, NULL);
}

static gboolean
may_have_token (PerryFakeRegistry *registry, SoupServerMessage *message, GHashTable *form)
{
  const char *authorization = soup_message_headers_get_one (soup_server_message_get_request_headers (message),
                                                            "Authorization");
  g_autofree char *basic = make_basic (registry);

  if (form != NULL)
    return registry->identity_token != NULL
           && g_strcmp0 (g_hash_table_lookup (form, "grant_type"), "refresh_token") == 0
           && g_strcmp0 (g_hash_table_lookup (form, "refresh_token"), registry->identity_token) == 0;
  return authorization != NULL ? g_str_equal (authorization, basic) : registry->anonymous;
}

void
perry_fake_registry_answer_token (PerryFakeRegistry *registry, SoupServerMessage *message, GHashTable *query)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autoptr (GHashTable) form = NULL;
  g_autofree char *token = NULL;
  g_autofree char *reply = NULL;
  const char *scope;

  if (g_str_equal (soup_server_message_get_method (message), "POST"))
    {
      g_autofree char *text = g_strndup (body->data, (gsize) body->length);

      form = soup_form_decode (text);
    }
  if (!may_have_token (registry, message, form))
    {
      perry_fake_registry_refuse (message, 401, "UNAUTHORIZED");
      return;
    }
  if (form != NULL)
    query = form;
  scope = query != NULL ? g_hash_table_lookup (query, "scope") : NULL;
  token = g_strdup_printf ("token-%u", ++registry->n_tokens);
  g_hash_table_insert (registry->tokens, g_strdup (token), g_strdup (scope != NULL ? scope : ""));
  reply = g_strdup_printf ("{\"token\": \"%s\", \"expires_in\": 300}", token);
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, reply, strlen (reply));
}

static gboolean
has_token (PerryFakeRegistry *registry, const char *authorization, const char *repository)
{
  PerryFakeRegistry *server = registry->token_server != NULL ? registry->token_server : registry;
  g_autofree char *wanted = g_strdup_printf ("repository:%s:pull", repository);
  const char *scope;
  gboolean good;

  if (authorization == NULL || !g_str_has_prefix (authorization, "Bearer "))
    return FALSE;
  if (server != registry)
    g_mutex_lock (&server->lock);
  scope = g_hash_table_lookup (server->tokens, authorization + strlen ("Bearer "));
  good = scope != NULL && g_str_has_prefix (scope, wanted);
  if (server != registry)
    g_mutex_unlock (&server->lock);
  return good;
}

gboolean
perry_fake_registry_admit (PerryFakeRegistry *registry, SoupServerMessage *message, const char *repository)
{
  PerryFakeRegistry *server = registry->token_server != NULL ? registry->token_server : registry;
  const char *authorization = soup_message_headers_get_one (soup_server_message_get_request_headers (message),
                                                            "Authorization");
  g_autofree char *basic = make_basic (registry);
  g_autofree char *challenge = NULL;

  if ((registry->flags & PERRY_FAKE_REGISTRY_TOKENS) && !has_token (registry, authorization, repository))
    challenge = g_strdup_printf ("Bearer realm=\"%s://%s/token\",service=\"fake\",scope=\"repository:%s:%s\"",
                                 server->flags & PERRY_FAKE_REGISTRY_TLS ? "https" : "http", server->name, repository,
                                 g_strcmp0 (soup_server_message_get_method (message), "GET") == 0
                                 || g_strcmp0 (soup_server_message_get_method (message), "HEAD") == 0 ? "pull"
                                                                                                      : "pull,push");
  else if ((registry->flags & PERRY_FAKE_REGISTRY_BASIC) && g_strcmp0 (authorization, basic) != 0)
    challenge = g_strdup ("Basic realm=\"fake\"");
  if (challenge == NULL)
    return TRUE;
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "WWW-Authenticate", challenge);
  perry_fake_registry_refuse (message, 401, "UNAUTHORIZED");
  return FALSE;
}
