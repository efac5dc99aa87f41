/* SPDX-License-Identifier: Apache-2.0 */
#include "config/perry-config-key.h"

#include "plugin-api/perry-container-spec.h"
#include "plugin-api/perry-error.h"
#include "plugin-api/perry-json.h"

#define MAX_NAMES 64
#define MAX_NAME 64
#define MAX_PROBE_TIMEOUT_MS (10 * 60 * 1000)
#define MAX_TIMEOUT_MS (60 * 60 * 1000)
#define MAX_CACHE_S (365 * 24 * 60 * 60)
#define MAX_REJECTION_CACHE_S (60 * 60)

/* In the order of PerryEnforcement. */
static const char *const enforcements[] = { "lenient", "warn", "strict", NULL };
G_STATIC_ASSERT (PERRY_ENFORCEMENT_LENIENT == 0 && PERRY_ENFORCEMENT_WARN == 1 && PERRY_ENFORCEMENT_STRICT == 2);

static const char *const proofs[] = { "default", "required", "off", NULL };

gboolean
perry_config_is_name (const char *text)
{
  gsize length = strlen (text);

  return length <= MAX_NAME && g_ascii_islower (text[0]) &&
         strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static gboolean
add_name (GStrvBuilder *names, GHashTable *seen, const char *name, GError **error)
{
  if (!perry_config_is_name (name))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG,
                   "“%s” is no name: those have lower-case letters, digits and “-”", name);
      return FALSE;
    }
  if (!g_hash_table_add (seen, (gpointer) name))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "it names “%s” twice", name);
      return FALSE;
    }
  g_strv_builder_add (names, name);
  return TRUE;
}

static gboolean
parse_names (const PerryConfigKeyInfo *key, const char *text, PerryConfigValue *value, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_auto (GStrv) items = g_strsplit_set (text, ";,", MAX_NAMES + 1);

  for (char **item = items; *item != NULL; item++)
    if (*g_strstrip (*item) != '\0' && !add_name (builder, seen, *item, error))
      return FALSE;
  value->names = g_strv_builder_end (builder);
  return TRUE;
}

static gboolean
parse_name (const PerryConfigKeyInfo *key, const char *text, PerryConfigValue *value, GError **error)
{
  if (perry_config_is_name (text))
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG,
               "“%s” is no name: those have lower-case letters, digits and “-”", text);
  return FALSE;
}

static gboolean
parse_choice (const PerryConfigKeyInfo *key, const char *text, PerryConfigValue *value, GError **error)
{
  g_autofree char *list = NULL;

  for (int i = 0; key->choices[i] != NULL; i++)
    if (g_str_equal (key->choices[i], text))
      {
        value->number = i;
        return TRUE;
      }
  list = g_strjoinv (", ", (char **) key->choices);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "“%s” is none of: %s", text, list);
  return FALSE;
}

static gboolean
parse_number (const PerryConfigKeyInfo *key, const char *text, PerryConfigValue *value, GError **error)
{
  if (g_ascii_string_to_signed (text, 10, key->minimum, key->maximum, &value->number, NULL))
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG,
               "“%s” is no number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, text, key->minimum, key->maximum);
  return FALSE;
}

static gboolean
parse_path (const PerryConfigKeyInfo *key, const char *text, PerryConfigValue *value, GError **error)
{
  if (*text == '\0' || g_path_is_absolute (text))
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "“%s” is no absolute path", text);
  return FALSE;
}

#define ENGINE .group = PERRY_CONFIG_ENGINE_GROUP
#define VERIFICATION .group = PERRY_CONFIG_VERIFICATION_GROUP

static const PerryConfigKeyInfo keys[PERRY_CONFIG_N_KEYS] = {
  [PERRY_CONFIG_BACKEND] = { ENGINE, .name = "backend", .default_value = "", .parse = parse_names,
                             .environment = "PERRY_CONTAINER_BACKEND" },
  [PERRY_CONFIG_ORDER_LINUX] = { ENGINE, .name = "order-linux", .default_value = "podman;nerdctl;docker;lima",
                                 .parse = parse_names },
  [PERRY_CONFIG_ORDER_MACOS] = { ENGINE, .name = "order-macos", .parse = parse_names,
                                 .default_value = "apple;orbstack;colima;rancher-desktop;lima;podman;nerdctl;docker" },
  [PERRY_CONFIG_PROBE_TIMEOUT] = { ENGINE, .name = "probe-timeout-ms", .default_value = "2000", .parse = parse_number,
                                   .minimum = 1, .maximum = MAX_PROBE_TIMEOUT_MS },
  [PERRY_CONFIG_TIMEOUT] = { ENGINE, .name = "timeout-ms", .default_value = "30000", .parse = parse_number,
                             .minimum = 1, .maximum = MAX_TIMEOUT_MS },
  [PERRY_CONFIG_ENFORCEMENT] = { ENGINE, .name = "enforcement", .default_value = "warn", .parse = parse_choice,
                                 .choices = enforcements, .environment = "PERRY_CONTAINER_ENFORCEMENT" },
  [PERRY_CONFIG_MINIMUM_ENFORCEMENT] = { ENGINE, .name = "minimum-enforcement", .default_value = "lenient",
                                         .parse = parse_choice, .choices = enforcements, .administrator_only = TRUE },
  [PERRY_CONFIG_PROOF] = { ENGINE, .name = "proof", .default_value = "default", .parse = parse_choice,
                           .choices = proofs, .environment = "PERRY_CONTAINER_PROOF" },
  [PERRY_CONFIG_REQUIRED_PLUGINS] = { ENGINE, .name = "required-plugins", .default_value = "", .parse = parse_names },
  [PERRY_CONFIG_SUPERVISOR] = { ENGINE, .name = "supervisor", .default_value = "", .parse = parse_path,
                                .environment = "PERRY_CONTAINER_SUPERVISOR" },
  [PERRY_CONFIG_VERIFY_MODE] = { VERIFICATION, .name = "mode", .default_value = "off", .empty_is_unset = TRUE,
                                 .parse = perry_config_parse_verify_mode,
                                 .environment = "PERRY_CONTAINER_VERIFY_IMAGES" },
  [PERRY_CONFIG_MINIMUM_VERIFICATION] = { VERIFICATION, .name = "minimum-verification", .default_value = "off",
                                          .empty_is_unset = TRUE, .parse = perry_config_parse_verify_mode,
                                          .administrator_only = TRUE },
  [PERRY_CONFIG_VERIFIER] = { VERIFICATION, .name = "verifier", .default_value = "cosign", .parse = parse_name,
                              .environment = "PERRY_CONTAINER_VERIFIER" },
  [PERRY_CONFIG_CACHE] = { VERIFICATION, .name = "cache-s", .default_value = "3600", .parse = parse_number,
                           .maximum = MAX_CACHE_S },
  [PERRY_CONFIG_REJECTION_CACHE] = { VERIFICATION, .name = "rejection-cache-s", .default_value = "60",
                                     .parse = parse_number, .maximum = MAX_REJECTION_CACHE_S },
  [PERRY_CONFIG_VERIFICATION_TIMEOUT] = { VERIFICATION, .name = "timeout-ms", .default_value = "60000",
                                          .parse = parse_number, .minimum = 1, .maximum = MAX_TIMEOUT_MS },
  [PERRY_CONFIG_VERIFICATION_LOG] = { VERIFICATION, .name = "log", .default_value = "",
                                      .parse = perry_config_parse_log },
  [PERRY_CONFIG_REGISTRY_CA_FILE] = { VERIFICATION, .name = "registry-ca-file", .default_value = "",
                                      .parse = parse_path },
  [PERRY_CONFIG_REGISTRY_MIRRORS] = { VERIFICATION, .name = "registry-mirrors", .default_value = "",
                                      .parse = perry_config_parse_mirrors },
};

const PerryConfigKeyInfo *
perry_config_key_get_info (PerryConfigKey key)
{
  return &keys[key];
}

gboolean
perry_config_key_from_name (const char *group, const char *name, PerryConfigKey *ret_key)
{
  for (PerryConfigKey key = 0; key < PERRY_CONFIG_N_KEYS; key++)
    if (g_str_equal (keys[key].group, group) && g_str_equal (keys[key].name, name))
      {
        *ret_key = key;
        return TRUE;
      }
  return FALSE;
}

const char *
perry_config_key_nearest (const char *group, const char *name)
{
  const char *names[PERRY_CONFIG_N_KEYS + 1] = { NULL };
  guint n = 0;

  for (PerryConfigKey key = 0; key < PERRY_CONFIG_N_KEYS; key++)
    if (g_str_equal (keys[key].group, group))
      names[n++] = keys[key].name;
  return perry_json_nearest_key (name, names);
}

gboolean
perry_config_value_parse (PerryConfigKey key, const char *text, PerryConfigValue *ret_value, GError **error)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  PerryConfigValue value = { NULL };

  if (!keys[key].parse (&keys[key], stripped, &value, error))
    return FALSE;
  if (value.text == NULL)
    value.text = g_steal_pointer (&stripped);
  *ret_value = value;
  return TRUE;
}

void
perry_config_value_clear (PerryConfigValue *value)
{
  g_clear_pointer (&value->text, g_free);
  g_clear_pointer (&value->names, g_strfreev);
}
