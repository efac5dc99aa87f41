/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-check.h"

#include <gio/gio.h>
#include <string.h>

#include "plugin-api/perry-spec-problems.h"

#define MAX_HOST 253

static gboolean
is_host (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("._-", *p) == NULL)
      return FALSE;
  return *text != '\0' && *text != '-' && *text != '.' && strlen (text) <= MAX_HOST;
}

/* The address without brackets in its usual spelling; NULL where @text is none. */
static char *
normalise_address (const char *text)
{
  gsize length = strlen (text);
  gboolean brackets = length > 2 && text[0] == '[' && text[length - 1] == ']';
  g_autofree char *bare = brackets ? g_strndup (text + 1, length - 2) : g_strdup (text);
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (bare);

  return address != NULL ? g_inet_address_to_string (address) : NULL;
}

static char *
check_extra_host (const char *text, const char *path, PerrySpecProblems *problems)
{
  gsize length = strcspn (text, ":=");
  g_autofree char *name = g_strndup (text, length);
  const char *rest = text[length] != '\0' ? text + length + 1 : "";
  g_autofree char *address = g_str_equal (rest, "host-gateway") ? g_strdup (rest) : normalise_address (rest);

  if (is_host (name) && address != NULL)
    return g_strdup_printf ("%s:%s", name, address);
  perry_spec_problems_add_about (problems, path, text, "is not NAME:ADDRESS; the address is a number, or host-gateway for "
                                 "the host");
  return NULL;
}

GVariant *
perry_field_check_extra_hosts (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  g_autofree const char **hosts = g_variant_get_strv (value, NULL);
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (G_VARIANT_TYPE_STRING_ARRAY);
  gboolean valid = TRUE;

  for (gsize i = 0; hosts[i] != NULL; i++)
    {
      g_autofree char *element = perry_spec_path_add_index (path, i);
      g_autofree char *host = check_extra_host (hosts[i], element, problems);

      if (host != NULL)
        g_variant_builder_add (builder, "s", host);
      else
        valid = FALSE;
    }
  return valid ? g_variant_builder_end (builder) : NULL;
}

GVariant *
perry_field_check_network_aliases (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  g_autofree const char **names = g_variant_get_strv (value, NULL);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean valid = TRUE;

  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autofree char *element = perry_spec_path_add_index (path, i);
      gboolean is_name = is_host (names[i]);

      if (!is_name)
        perry_spec_problems_add_about (problems, element, names[i], "is not a name on a network; it has letters, digits "
                                       "and “._-” and does not begin with “-” or “.”");
      else if (!g_hash_table_add (seen, g_ascii_strdown (names[i], -1)))
        perry_spec_problems_add_about (problems, element, names[i], "is there twice");
      else
        continue;
      valid = FALSE;
    }
  return valid ? value : NULL;
}

GVariant *
perry_field_check_dns (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  g_autofree const char **servers = g_variant_get_strv (value, NULL);
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (G_VARIANT_TYPE_STRING_ARRAY);
  gboolean valid = TRUE;

  for (gsize i = 0; servers[i] != NULL; i++)
    {
      g_autofree char *element = perry_spec_path_add_index (path, i);
      g_autofree char *address = normalise_address (servers[i]);

      if (address != NULL)
        g_variant_builder_add (builder, "s", address);
      else
        perry_spec_problems_add_about (problems, element, servers[i], "is not the address of a name server, such as "
                                       "192.0.2.1");
      valid = valid && address != NULL;
    }
  return valid ? g_variant_builder_end (builder) : NULL;
}
