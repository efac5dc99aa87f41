/* SPDX-License-Identifier: Apache-2.0 */
#include "config/perry-config-key.h"

#include "plugin-api/perry-container-spec.h"
#include "plugin-api/perry-error.h"
#include "plugin-api/perry-json.h"

#define MAX_NAMES 64
#define MAX_NAME 64
#define MAX_PROBE_TIMEOUT_MS (10 * 60 * 1000)
#define MAX_TIMEOUT_MS (60 * 60 * 1000)

/* In the order of PerryEnforcement. */
static const char *const enforcements[] = { "lenient", "warn", "strict", NULL };
G_STATIC_ASSERT (PERRY_ENFORCEMENT_LENIENT == 0 && PERRY_ENFORCEMENT_WARN == 1 && PERRY_ENFORCEMENT_STRICT == 2);

static const char *const proofs[] = { "default", "required", "off", NULL };

static const PerryConfigKeyInfo keys[PERRY_CONFIG_N_KEYS] = {
  [PERRY_CONFIG_BACKEND] = { .name = "backend", .default_value = "", .environment = "PERRY_CONTAINER_BACKEND" },
  [PERRY_CONFIG_ORDER_LINUX] = { .name = "order-linux", .default_value = "podman;nerdctl;docker;lima" },
  [PERRY_CONFIG_ORDER_MACOS] = { .name = "order-macos",
                                 .default_value = "apple;orbstack;colima;rancher-desktop;lima;podman;nerdctl;docker" },
  [PERRY_CONFIG_PROBE_TIMEOUT] = { .name = "probe-timeout-ms", .default_value = "2000",
                                   .maximum = MAX_PROBE_TIMEOUT_MS },
  [PERRY_CONFIG_TIMEOUT] = { .name = "timeout-ms", .default_value = "30000", .maximum = MAX_TIMEOUT_MS },
  [PERRY_CONFIG_ENFORCEMENT] = { .name = "enforcement", .default_value = "warn", .choices = enforcements,
                                 .environment = "PERRY_CONTAINER_ENFORCEMENT" },
  [PERRY_CONFIG_MINIMUM_ENFORCEMENT] = { .name = "minimum-enforcement", .default_value = "lenient",
                                         .choices = enforcements, .administrator_only = TRUE },
  [PERRY_CONFIG_PROOF] = { .name = "proof", .default_value = "default", .choices = proofs,
                           .environment = "PERRY_CONTAINER_PROOF" },
  [PERRY_CONFIG_REQUIRED_PLUGINS] = { .name = "required-plugins", .default_value = "" },
  [PERRY_CONFIG_SUPERVISOR] = { .name = "supervisor", .default_value = "", .is_path = TRUE,
                                .environment = "PERRY_CONTAINER_SUPERVISOR" },
};

const PerryConfigKeyInfo *
perry_config_key_get_info (PerryConfigKey key)
{
  return &keys[key];
}

gboolean
perry_config_key_from_name (const char *name, PerryConfigKey *ret_key)
{
  for (PerryConfigKey key = 0; key < PERRY_CONFIG_N_KEYS; key++)
    if (g_str_equal (keys[key].name, name))
      {
        *ret_key = key;
        return TRUE;
      }
  return FALSE;
}

const char *
perry_config_key_nearest (const char *name)
{
  const char *names[PERRY_CONFIG_N_KEYS + 1] = { NULL };

  for (PerryConfigKey key = 0; key < PERRY_CONFIG_N_KEYS; key++)
    names[key] = keys[key].name;
  return perry_json_nearest_key (name, names);
}

gboolean
perry_config_is_name (const char *text)
{
  gsize length = strlen (text);

  return length <= MAX_NAME && g_ascii_islower (text[0]) &&
         strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static char **
parse_names (const char *text, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_auto (GStrv) items = g_strsplit_set (text, ";,", MAX_NAMES + 1);

  for (char **item = items; *item != NULL; item++)
    {
      g_strstrip (*item);
      if (**item == '\0')
        continue;
      if (!perry_config_is_name (*item))
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG,
                       "“%s” is no name: those have lower-case letters, digits and “-”", *item);
          return NULL;
        }
      if (!g_hash_table_add (seen, *item))
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "it names “%s” twice", *item);
          return NULL;
        }
      g_strv_builder_add (builder, *item);
    }
  return g_strv_builder_end (builder);
}

static gboolean
parse_choice (const char *const *choices, const char *text, gint64 *ret_index, GError **error)
{
  g_autofree char *list = NULL;

  for (int i = 0; choices[i] != NULL; i++)
    if (g_str_equal (choices[i], text))
      {
        *ret_index = i;
        return TRUE;
      }
  list = g_strjoinv (", ", (char **) choices);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "“%s” is none of: %s", text, list);
  return FALSE;
}

gboolean
perry_config_value_parse (PerryConfigKey key, const char *text, PerryConfigValue *ret_value, GError **error)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  g_auto (GStrv) names = NULL;
  gint64 number = 0;

  if (keys[key].choices != NULL)
    {
      if (!parse_choice (keys[key].choices, stripped, &number, error))
        return FALSE;
    }
  else if (keys[key].maximum > 0)
    {
      if (!g_ascii_string_to_signed (stripped, 10, 1, keys[key].maximum, &number, NULL))
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG,
                       "“%s” is no number from 1 to %" G_GINT64_FORMAT, stripped, keys[key].maximum);
          return FALSE;
        }
    }
  else if (keys[key].is_path)
    {
      if (*stripped != '\0' && !g_path_is_absolute (stripped))
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "“%s” is no absolute path", stripped);
          return FALSE;
        }
    }
  else
    {
      names = parse_names (stripped, error);
      if (names == NULL)
        return FALSE;
    }
  ret_value->text = g_steal_pointer (&stripped);
  ret_value->names = g_steal_pointer (&names);
  ret_value->number = number;
  return TRUE;
}

void
perry_config_value_clear (PerryConfigValue *value)
{
  g_clear_pointer (&value->text, g_free);
  g_clear_pointer (&value->names, g_strfreev);
}
