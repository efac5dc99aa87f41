/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-requirement.h"

#include <string.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-file.h"
#include "plugin-api/perry-json.h"
#include "plugin-api/perry-requirement-private.h"

#define MAX_KEY_BYTES (64 * 1024)

PerryRequirement *
perry_requirement_new_default (void)
{
  PerryRequirement *requirement = g_new0 (PerryRequirement, 1);

  requirement->identity = g_strdup (PERRY_REQUIREMENT_DEFAULT_IDENTITY);
  requirement->issuer = g_strdup (PERRY_REQUIREMENT_DEFAULT_ISSUER);
  return requirement;
}

PerryRequirement *
perry_requirement_copy (const PerryRequirement *requirement)
{
  PerryRequirement *copy;

  g_return_val_if_fail (requirement != NULL, NULL);

  copy = g_new (PerryRequirement, 1);
  *copy = *requirement;
  copy->identity = g_strdup (requirement->identity);
  copy->identity_regexp = g_strdup (requirement->identity_regexp);
  copy->issuer = g_strdup (requirement->issuer);
  copy->issuer_regexp = g_strdup (requirement->issuer_regexp);
  copy->key = g_strdup (requirement->key);
  return copy;
}

void
perry_requirement_free (PerryRequirement *requirement)
{
  if (requirement == NULL)
    return;
  g_free (requirement->identity);
  g_free (requirement->identity_regexp);
  g_free (requirement->issuer);
  g_free (requirement->issuer_regexp);
  g_free (requirement->key);
  g_free (requirement);
}

gboolean
perry_requirement_equal (const PerryRequirement *a, const PerryRequirement *b)
{
  g_return_val_if_fail (a != NULL && b != NULL, FALSE);

  return g_strcmp0 (a->identity, b->identity) == 0 && g_strcmp0 (a->identity_regexp, b->identity_regexp) == 0 &&
         g_strcmp0 (a->issuer, b->issuer) == 0 && g_strcmp0 (a->issuer_regexp, b->issuer_regexp) == 0 &&
         g_strcmp0 (a->key, b->key) == 0 && !a->ignore_tlog == !b->ignore_tlog && !a->ignore_sct == !b->ignore_sct;
}

/* Inside a group, so that an alternative does not leave an anchor to one of its sides. The pattern is compiled alone as
 * well: one with a lone parenthesis could close the group. */
GRegex *
perry_requirement_compile (const char *pattern, GError **error)
{
  g_autofree char *anchored = g_strconcat ("\\A(?:", pattern, ")\\z", NULL);
  g_autoptr (GRegex) alone = g_regex_new (pattern, 0, 0, error);

  return alone != NULL ? g_regex_new (anchored, 0, 0, error) : NULL;
}

static gboolean
matches (const char *exact, const char *pattern, const char *text)
{
  g_autoptr (GRegex) regex = NULL;

  if (exact != NULL)
    return g_str_equal (exact, text);
  if (pattern == NULL || *pattern == '\0' || !g_utf8_validate (text, -1, NULL))
    return FALSE;
  regex = perry_requirement_compile (pattern, NULL);
  return regex != NULL && g_regex_match (regex, text, 0, NULL);
}

gboolean
perry_requirement_matches_identity (const PerryRequirement *requirement, const char *identity)
{
  g_return_val_if_fail (requirement != NULL && identity != NULL, FALSE);

  return matches (requirement->identity, requirement->identity_regexp, identity);
}

gboolean
perry_requirement_matches_issuer (const PerryRequirement *requirement, const char *issuer)
{
  g_return_val_if_fail (requirement != NULL && issuer != NULL, FALSE);

  return matches (requirement->issuer, requirement->issuer_regexp, issuer);
}

char *
perry_requirement_describe (const PerryRequirement *requirement)
{
  GString *text = g_string_new (NULL);

  g_return_val_if_fail (requirement != NULL, NULL);

  if (requirement->key != NULL)
    g_string_append_printf (text, "key %s", requirement->key);
  else
    g_string_append_printf (text, "identity %s“%s”, issuer %s“%s”", requirement->identity == NULL ? "matching " : "",
                            requirement->identity != NULL ? requirement->identity : requirement->identity_regexp,
                            requirement->issuer == NULL ? "matching " : "",
                            requirement->issuer != NULL ? requirement->issuer : requirement->issuer_regexp);
  if (requirement->ignore_tlog)
    g_string_append (text, ", without transparency log");
  if (requirement->ignore_sct)
    g_string_append (text, ", without log of certificates");
  return g_string_free (text, FALSE);
}

static char *
hash_key (const char *path, GError **error)
{
  g_autoptr (GBytes) content = perry_file_read (path, MAX_KEY_BYTES, error);
  const char *data;
  gsize size;

  if (content == NULL)
    return NULL;
  data = g_bytes_get_data (content, &size);
  if (g_strstr_len (data, (gssize) size, "PUBLIC KEY-----") == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "%s holds no public key in PEM", path);
      return NULL;
    }
  return g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, content);
}

char *
perry_requirement_dup_cache_key (const PerryRequirement *requirement, GError **error)
{
  g_autofree char *json = NULL;
  g_autofree char *hash = NULL;

  g_return_val_if_fail (requirement != NULL, NULL);

  json = perry_requirement_to_json (requirement);
  if (requirement->key == NULL)
    return g_steal_pointer (&json);
  hash = hash_key (requirement->key, error);
  if (hash == NULL)
    {
      g_prefix_error (error, "the key of the verification requirement: ");
      return NULL;
    }
  json[strlen (json) - 1] = '\0'; /* the brace; there is one member at least */
  return g_strdup_printf ("%s,\"key_sha256\":\"%s\"}", json, hash);
}
