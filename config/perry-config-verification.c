/* SPDX-License-Identifier: Apache-2.0 */
#include "config/perry-config-private.h"

#include <string.h>

#include "plugin-api/perry-image-reference.h"

#define MAX_MIRRORS 64
#define MAX_MIRROR_BYTES 255
#define SOME_REPOSITORY "some/image"

gboolean
perry_config_parse_verify_mode (const PerryConfigKeyInfo *key, const char *text, PerryConfigValue *value,
                                GError **error)
{
  PerryVerifyMode mode;

  if (!perry_verify_mode_from_text (text, &mode))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG,
                   "“%s” is no mode of verification; write off, warn or enforce", text);
      return FALSE;
    }
  value->number = mode;
  value->text = g_strdup (perry_verify_mode_get_name (mode));
  return TRUE;
}

gboolean
perry_config_parse_log (const PerryConfigKeyInfo *key, const char *text, PerryConfigValue *value, GError **error)
{
  if (*text == '\0' || g_str_equal (text, PERRY_CONFIG_LOG_JOURNAL) || g_path_is_absolute (text))
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG,
               "“%s” is neither “" PERRY_CONFIG_LOG_JOURNAL "” nor an absolute path", text);
  return FALSE;
}

/* A registry's name as it stands in references. NULL where it would be read as the beginning of a repository. */
static char *
normalise_registry (const char *text)
{
  g_autofree char *image = g_strconcat (text, "/" SOME_REPOSITORY, NULL);
  g_autoptr (PerryImageReference) reference = perry_image_reference_parse (image, NULL);

  if (reference == NULL || perry_image_reference_get_kind (reference) != PERRY_IMAGE_REFERENCE_NAME ||
      g_strcmp0 (perry_image_reference_get_repository (reference), SOME_REPOSITORY) != 0)
    return NULL;
  return g_strdup (perry_image_reference_get_registry (reference));
}

/* HOST[:PORT][/PREFIX] without a scheme: whether it is asked with TLS is decided by where it is. */
static char *
normalise_mirror (const char *text)
{
  g_autofree char *image = g_strconcat (text, "/" SOME_REPOSITORY, NULL);
  g_autoptr (PerryImageReference) reference = perry_image_reference_parse (image, NULL);
  const char *slash = strchr (text, '/');
  g_autofree char *host = slash != NULL ? g_strndup (text, (gsize) (slash - text)) : g_strdup (text);
  g_autofree char *registry = normalise_registry (host);

  if (reference == NULL || registry == NULL || strlen (text) > MAX_MIRROR_BYTES)
    return NULL;
  return g_strconcat (registry, slash, NULL);
}

static gboolean
add_mirror (GStrvBuilder *mirrors, GHashTable *seen, const char *item, GError **error)
{
  const char *equals = strchr (item, '=');
  g_autofree char *left = equals != NULL ? g_strstrip (g_strndup (item, (gsize) (equals - item))) : NULL;
  g_autofree char *right = equals != NULL ? g_strstrip (g_strdup (equals + 1)) : NULL;
  g_autofree char *registry = left != NULL ? normalise_registry (left) : NULL;
  g_autofree char *mirror = right != NULL ? normalise_mirror (right) : NULL;
  char *pair;

  if (registry == NULL || mirror == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG,
                   "“%s” is no REGISTRY=MIRROR, such as docker.io=mirror.example.com:5000/proxy", item);
      return FALSE;
    }
  pair = g_strdup_printf ("%s=%s", registry, mirror);
  g_strv_builder_add (mirrors, pair);
  if (g_hash_table_add (seen, pair))
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "it names “%s” twice", item);
  return FALSE;
}

gboolean
perry_config_parse_mirrors (const PerryConfigKeyInfo *key, const char *text, PerryConfigValue *value, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) items = g_strsplit_set (text, ";,", MAX_MIRRORS + 1);

  if (g_strv_length (items) > MAX_MIRRORS)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "it has more than %d mirrors", MAX_MIRRORS);
      return FALSE;
    }
  for (char **item = items; *item != NULL; item++)
    if (*g_strstrip (*item) != '\0' && !add_mirror (builder, seen, *item, error))
      return FALSE;
  value->names = g_strv_builder_end (builder);
  return TRUE;
}

/* Which of the two keys decides: the minimum, where it is stricter. */
PerryConfigKey
perry_config_deciding_verify_mode (const PerryConfig *config)
{
  return config->values[PERRY_CONFIG_MINIMUM_VERIFICATION].number > config->values[PERRY_CONFIG_VERIFY_MODE].number ?
         PERRY_CONFIG_MINIMUM_VERIFICATION : PERRY_CONFIG_VERIFY_MODE;
}

static PerryVerifyMode
get_mode (const PerryConfig *config, PerryConfigKey key, const char **ret_origin)
{
  if (ret_origin != NULL)
    *ret_origin = config->origins[key];
  return (PerryVerifyMode) config->values[key].number;
}

PerryVerifyMode
perry_config_get_verify_mode (const PerryConfig *config, const char **ret_origin)
{
  g_return_val_if_fail (config != NULL, PERRY_VERIFY_ENFORCE);

  return get_mode (config, perry_config_deciding_verify_mode (config), ret_origin);
}

PerryVerifyMode
perry_config_get_minimum_verify_mode (const PerryConfig *config, const char **ret_origin)
{
  g_return_val_if_fail (config != NULL, PERRY_VERIFY_ENFORCE);

  return get_mode (config, PERRY_CONFIG_MINIMUM_VERIFICATION, ret_origin);
}

const char *
perry_config_get_verifier (const PerryConfig *config, const char **ret_origin)
{
  g_return_val_if_fail (config != NULL, NULL);

  if (ret_origin != NULL)
    *ret_origin = config->origins[PERRY_CONFIG_VERIFIER];
  return config->values[PERRY_CONFIG_VERIFIER].text;
}

int
perry_config_get_verification_cache_s (const PerryConfig *config)
{
  g_return_val_if_fail (config != NULL, 0);

  return (int) config->values[PERRY_CONFIG_CACHE].number;
}

int
perry_config_get_rejection_cache_s (const PerryConfig *config)
{
  g_return_val_if_fail (config != NULL, 0);

  return (int) config->values[PERRY_CONFIG_REJECTION_CACHE].number;
}

int
perry_config_get_verification_timeout_ms (const PerryConfig *config)
{
  g_return_val_if_fail (config != NULL, 1);

  return (int) config->values[PERRY_CONFIG_VERIFICATION_TIMEOUT].number;
}

const char *
perry_config_get_verification_log (const PerryConfig *config)
{
  g_return_val_if_fail (config != NULL, NULL);

  return config->values[PERRY_CONFIG_VERIFICATION_LOG].text;
}

const char *
perry_config_get_registry_ca_file (const PerryConfig *config)
{
  g_return_val_if_fail (config != NULL, NULL);

  return config->values[PERRY_CONFIG_REGISTRY_CA_FILE].text;
}

const char *const *
perry_config_get_registry_mirrors (const PerryConfig *config)
{
  g_return_val_if_fail (config != NULL, NULL);

  return (const char *const *) config->values[PERRY_CONFIG_REGISTRY_MIRRORS].names;
}
