/* SPDX-License-Identifier: Apache-2.0 */
#include "core/verification/perry-registry-challenge.h"

#include <string.h>

#include "core/verification/perry-registry-digest.h"
#include "plugin-api/perry-error.h"
#include "plugin-api/perry-json.h"

#define MAX_HEADER 8192
#define MAX_TOKEN_REPLY (128 * 1024)
/* What the specification of the token server says where the server does not. */
#define DEFAULT_EXPIRES_IN 60
#define MAX_EXPIRES_IN 3600

/* The characters of a word in a header beside letters and digits (RFC 9110). */
#define WORD_SIGNS "!#$%&'*+-.^_`|~"

void
perry_registry_challenge_clear (PerryRegistryChallenge *challenge)
{
  g_clear_pointer (&challenge->realm, g_free);
  g_clear_pointer (&challenge->service, g_free);
  g_clear_pointer (&challenge->scope, g_free);
}

void
perry_registry_token_clear (PerryRegistryToken *token)
{
  if (token->token != NULL)
    explicit_bzero (token->token, strlen (token->token));
  g_clear_pointer (&token->token, g_free);
}

static void
skip (const char **at, const char *characters)
{
  *at += strspn (*at, characters);
}

static char *
read_word (const char **at)
{
  const char *begin = *at;

  while (g_ascii_isalnum (**at) || (**at != '\0' && strchr (WORD_SIGNS, **at) != NULL))
    (*at)++;
  return *at > begin ? g_strndup (begin, (gsize) (*at - begin)) : NULL;
}

/* A text in quotation marks, or a word; NULL where it is neither. */
static char *
read_value (const char **at)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (**at != '"')
    return read_word (at);
  for ((*at)++; **at != '"'; (*at)++)
    {
      if (**at == '\\')
        (*at)++;
      if ((guchar) **at < 0x20 || (guchar) **at >= 0x7f)
        return NULL;
      g_string_append_c (text, **at);
    }
  (*at)++;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* A parameter that appears twice could be read in two ways. */
static gboolean
take_parameter (PerryRegistryChallenge *challenge, const char *name, char *value)
{
  char **place = g_ascii_strcasecmp (name, "realm") == 0     ? &challenge->realm
                 : g_ascii_strcasecmp (name, "service") == 0 ? &challenge->service
                 : g_ascii_strcasecmp (name, "scope") == 0   ? &challenge->scope : NULL;

  if (place == NULL || *place != NULL)
    {
      g_free (value);
      return place == NULL;
    }
  *place = value;
  return TRUE;
}

/* Reads `name=value` for as long as there are some; what follows is another challenge or nothing. */
static gboolean
read_parameters (const char **at, PerryRegistryChallenge *challenge)
{
  for (;;)
    {
      const char *begin;
      g_autofree char *name = NULL;
      char *value;

      skip (at, " \t,");
      begin = *at;
      name = read_word (at);
      skip (at, " \t");
      if (name == NULL || **at != '=')
        {
          *at = begin;
          return TRUE;
        }
      (*at)++;
      skip (at, " \t");
      value = read_value (at);
      if (value == NULL || !take_parameter (challenge, name, value))
        return FALSE;
      if (**at != '\0' && strchr (" \t,", **at) == NULL)
        return FALSE;
    }
}

/* Keeps what was read if it is better than what there was. */
static void
choose (PerryRegistryChallenge *best, gboolean *have_best, const char *scheme, PerryRegistryChallenge *read)
{
  gboolean is_bearer = g_ascii_strcasecmp (scheme, "Bearer") == 0 && read->realm != NULL;

  if (*have_best && best->kind == PERRY_REGISTRY_CHALLENGE_BEARER)
    return;
  if (!is_bearer && (*have_best || g_ascii_strcasecmp (scheme, "Basic") != 0))
    return;
  perry_registry_challenge_clear (best);
  *best = *read;
  best->kind = is_bearer ? PERRY_REGISTRY_CHALLENGE_BEARER : PERRY_REGISTRY_CHALLENGE_BASIC;
  *read = (PerryRegistryChallenge) { 0 };
  *have_best = TRUE;
}

static gboolean
fail (const char *header, GError **error)
{
  g_autofree char *shown = perry_registry_text_for_message (header);

  g_set_error (error, PERRY_ERROR, PERRY_ERROR_REGISTRY_FAILED,
               "the registry asks for authentication in a way that is not understood: WWW-Authenticate: %s", shown);
  return FALSE;
}

gboolean
perry_registry_challenge_parse (const char *header, PerryRegistryChallenge *ret_challenge, GError **error)
{
  g_auto (PerryRegistryChallenge) best = { 0 };
  gboolean have_best = FALSE;
  const char *at = header;

  if (strlen (header) > MAX_HEADER)
    return fail (header, error);
  for (skip (&at, " \t,"); *at != '\0'; skip (&at, " \t,"))
    {
      g_auto (PerryRegistryChallenge) read = { 0 };
      g_autofree char *scheme = read_word (&at);

      if (scheme == NULL || (*at != '\0' && strchr (" \t,", *at) == NULL) || !read_parameters (&at, &read))
        return fail (header, error);
      choose (&best, &have_best, scheme, &read);
    }
  if (!have_best)
    return fail (header, error);
  *ret_challenge = best;
  best = (PerryRegistryChallenge) { 0 };
  return TRUE;
}

/* It goes into a header. */
static gboolean
is_token (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if ((guchar) *p <= 0x20 || (guchar) *p >= 0x7f)
      return FALSE;
  return *text != '\0';
}

gboolean
perry_registry_token_parse (GBytes *body, PerryRegistryToken *ret_token, GError **error)
{
  const PerryJsonLimits limits = { .max_bytes = MAX_TOKEN_REPLY };
  g_autoptr (JsonNode) root = perry_json_parse_bytes (body, &limits, NULL);
  JsonObject *object = perry_json_as_object (root);
  gint64 expires_in = DEFAULT_EXPIRES_IN;
  const char *token = NULL;

  if (!perry_json_read_string (object, "token", &token) && !perry_json_read_string (object, "access_token", &token))
    token = "";
  if (!is_token (token))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_REGISTRY_FAILED,
                   "the token server's answer has no token; it is not shown, because it may hold a secret");
      return FALSE;
    }
  perry_json_read_int64 (object, "expires_in", &expires_in);
  ret_token->token = g_strdup (token);
  ret_token->expires_in = CLAMP (expires_in, DEFAULT_EXPIRES_IN, MAX_EXPIRES_IN);
  return TRUE;
}
