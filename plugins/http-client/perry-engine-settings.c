/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-settings.h"

#include <signal.h>

#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-engine-report.h"

#define FIRST_REAL_TIME 34

void
perry_engine_add_ulimits (JsonArray *array, const PerryContainerSpec *spec, const char *name, const char *soft,
                          const char *hard)
{
  GVariant *map = perry_container_spec_get_value (spec, PERRY_FIELD_ULIMITS);
  const char *key, *value;
  GVariantIter iter;

  if (map == NULL)
    return;
  g_variant_iter_init (&iter, map);
  while (g_variant_iter_next (&iter, "{&s&s}", &key, &value))
    {
      const char *colon = strchr (value, ':');
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, name, key);
      json_object_set_int_member (object, soft, g_ascii_strtoll (value, NULL, 10));
      json_object_set_int_member (object, hard, g_ascii_strtoll (colon != NULL ? colon + 1 : value, NULL, 10));
      json_array_add_object_element (array, object);
    }
}

int
perry_engine_stop_signal_number (const PerryContainerSpec *spec)
{
  const char *name = perry_container_spec_get_string (spec, PERRY_FIELD_STOP_SIGNAL);

  if (name == NULL || !g_str_has_prefix (name, "SIG"))
    return 0;
  if (g_str_has_prefix (name, "SIGRTMIN"))
    return FIRST_REAL_TIME + (name[8] == '+' ? (int) g_ascii_strtoll (name + 9, NULL, 10) : 0);
  for (int number = 1; number < FIRST_REAL_TIME; number++)
    if (g_strcmp0 (sigabbrev_np (number), name + 3) == 0)
      return number;
  return 0;
}

/* A validated field takes what is well formed and ignores what is not: that counts as not reported. */
static void
report_text (PerryContainerSpec *reported, PerryField field, const char *text)
{
  if (text != NULL && *text != '\0')
    perry_container_spec_set_from_text (reported, field, text, "reported", NULL);
}

/* Podman 4 writes the signal's number, later ones its name, as Docker does. */
static void
report_stop (PerryContainerSpec *reported, JsonObject *config)
{
  const char *text = NULL;
  gint64 number;

  if (perry_json_read_string (config, "StopSignal", &text))
    report_text (reported, PERRY_FIELD_STOP_SIGNAL, text);
  else if (perry_json_read_int64 (config, "StopSignal", &number))
    {
      g_autofree char *digits = g_strdup_printf ("%" G_GINT64_FORMAT, number);

      report_text (reported, PERRY_FIELD_STOP_SIGNAL, digits);
    }
  if (perry_json_read_int64 (config, "StopTimeout", &number))
    perry_container_spec_take_value (reported, PERRY_FIELD_STOP_TIMEOUT, g_variant_new_int64 (number));
}

static void
report_list (PerryContainerSpec *reported, PerryField field, JsonObject *host_config, const char *member)
{
  g_auto (GStrv) strings = NULL;

  if (!json_object_has_member (host_config, member))
    return;
  perry_json_read_strv (host_config, member, &strings);
  perry_engine_report_strv (reported, field, strings);
}

/* `RLIMIT_NOFILE` (Podman) and `nofile` (Docker) are one name. */
static char *
limit_name (const char *name)
{
  return g_ascii_strdown (g_str_has_prefix (name, "RLIMIT_") ? name + strlen ("RLIMIT_") : name, -1);
}

static void
report_ulimits (PerryContainerSpec *reported, JsonObject *host_config)
{
  JsonArray *array = NULL;
  GVariantBuilder builder;

  if (!json_object_has_member (host_config, "Ulimits"))
    return;
  perry_json_read_array (host_config, "Ulimits", &array);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonObject *limit = perry_json_as_object (json_array_get_element (array, i));
      const char *name = NULL;
      gint64 soft, hard;
      g_autofree char *key = NULL;
      g_autofree char *text = NULL;

      if (!perry_json_read_string (limit, "Name", &name) || !perry_json_read_int64 (limit, "Soft", &soft)
          || !perry_json_read_int64 (limit, "Hard", &hard))
        continue;
      key = limit_name (name);
      text = soft == hard ? g_strdup_printf ("%" G_GINT64_FORMAT, soft)
                          : g_strdup_printf ("%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, soft, hard);
      g_variant_builder_add (&builder, "{ss}", key, text);
    }
  perry_container_spec_take_value (reported, PERRY_FIELD_ULIMITS, g_variant_builder_end (&builder));
}

static void
report_sysctls (PerryContainerSpec *reported, JsonObject *host_config)
{
  JsonObject *object = NULL;
  GVariantBuilder builder;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  /* Docker leaves the member out where nothing is set, and so does a Podman that never writes it. */
  if (!perry_json_read_object (host_config, "Sysctls", &object))
    return;
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (perry_json_as_string (node) != NULL)
      g_variant_builder_add (&builder, "{ss}", name, perry_json_as_string (node));
  perry_container_spec_take_value (reported, PERRY_FIELD_SYSCTLS, g_variant_builder_end (&builder));
}

/* Docker writes an empty word for a namespace of the container's own. Of the user namespace it says nothing so. */
static void
report_namespaces (PerryContainerSpec *reported, JsonObject *host_config)
{
  static const struct { PerryField field; const char *member; } modes[] = { { PERRY_FIELD_PID, "PidMode" },
                                                                            { PERRY_FIELD_IPC, "IpcMode" },
                                                                            { PERRY_FIELD_UTS, "UTSMode" },
                                                                            { PERRY_FIELD_USERNS, "UsernsMode" } };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      const char *mode = NULL;

      if (!perry_json_read_string (host_config, modes[i].member, &mode))
        continue;
      if (*mode == '\0' && (modes[i].field == PERRY_FIELD_PID || modes[i].field == PERRY_FIELD_UTS))
        mode = "private";
      report_text (reported, modes[i].field, mode);
    }
}

void
perry_engine_report_settings (PerryContainerSpec *reported, JsonObject *config, JsonObject *host_config)
{
  const char *text = NULL;
  gint64 number;

  if (config != NULL)
    {
      if (perry_json_read_string (config, "Hostname", &text))
        perry_engine_report_string (reported, PERRY_FIELD_HOSTNAME, text);
      report_stop (reported, config);
    }
  if (host_config == NULL)
    return;
  if (perry_json_read_int64 (host_config, "ShmSize", &number))
    perry_container_spec_take_value (reported, PERRY_FIELD_SHM_SIZE, g_variant_new_int64 (number));
  if (perry_json_read_int64 (host_config, "MemorySwap", &number))
    perry_container_spec_take_value (reported, PERRY_FIELD_MEMORY_SWAP, g_variant_new_int64 (number));
  report_list (reported, PERRY_FIELD_GROUP_ADD, host_config, "GroupAdd");
  report_list (reported, PERRY_FIELD_EXTRA_HOSTS, host_config, "ExtraHosts");
  report_list (reported, PERRY_FIELD_DNS, host_config, "Dns");
  report_namespaces (reported, host_config);
  report_ulimits (reported, host_config);
  report_sysctls (reported, host_config);
}
