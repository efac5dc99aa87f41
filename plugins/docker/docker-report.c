/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/docker/docker-report.h"

#include "plugin-api/perry-image-reference.h"
#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-engine-devices.h"
#include "plugins/http-client/perry-engine-image.h"
#include "plugins/http-client/perry-engine-json.h"
#include "plugins/http-client/perry-engine-lifecycle.h"
#include "plugins/http-client/perry-engine-ports.h"
#include "plugins/http-client/perry-engine-report.h"
#include "plugins/http-client/perry-engine-settings.h"

/* The value after `key=` or `key:`; Docker accepts and repeats both. */
static const char *
option_value (const char *option, const char *key)
{
  gsize length = strlen (key);

  if (strncmp (option, key, length) != 0 || (option[length] != '=' && option[length] != ':'))
    return NULL;
  return option + length + 1;
}

static void
report_security_options (PerryContainerSpec *reported, JsonObject *host_config, gboolean privileged)
{
  g_auto (GStrv) options = NULL;
  const char *seccomp = privileged ? "unconfined" : "default";
  gboolean no_new_privileges = FALSE;

  perry_json_read_strv (host_config, "SecurityOpt", &options);
  for (char **option = options; option != NULL && *option != NULL; option++)
    {
      const char *value;

      if (g_str_equal (*option, "no-new-privileges"))
        no_new_privileges = TRUE;
      else if ((value = option_value (*option, "no-new-privileges")) != NULL)
        no_new_privileges = g_str_equal (value, "true");
      else if ((value = option_value (*option, "seccomp")) != NULL)
        seccomp = g_str_equal (value, "builtin") ? "default" : value;
    }
  perry_engine_report_string (reported, PERRY_FIELD_SECCOMP, seccomp);
  perry_container_spec_take_value (reported, PERRY_FIELD_NO_NEW_PRIVILEGES,
                                   g_variant_new_boolean (no_new_privileges));
}

/* Docker repeats an AppArmor profile and an SELinux label that it did not apply. The label shows in ProcessLabel when
 * it was; for AppArmor nothing here tells, so the matrix and the kernel's view have to. */
static void
report_labels (PerryContainerSpec *reported, JsonObject *container, JsonObject *host_config)
{
  const char *profile = NULL, *process_label = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) labels = NULL;
  g_auto (GStrv) options = NULL;

  if (perry_json_read_string (container, "AppArmorProfile", &profile))
    perry_engine_report_string (reported, PERRY_FIELD_APPARMOR, profile);
  perry_json_read_string (container, "ProcessLabel", &process_label);
  perry_json_read_strv (host_config, "SecurityOpt", &options);
  for (char **option = options; option != NULL && *option != NULL; option++)
    {
      const char *label = option_value (*option, "label");

      if (label != NULL && process_label != NULL && (*process_label != '\0' || g_str_equal (label, "disable")))
        g_strv_builder_add (builder, label);
    }
  labels = g_strv_builder_end (builder);
  if (*labels != NULL)
    perry_engine_report_strv (reported, PERRY_FIELD_SELINUX, labels);
}

static void
report_capabilities (PerryContainerSpec *reported, JsonObject *host_config)
{
  g_auto (GStrv) add = NULL;
  g_auto (GStrv) drop = NULL;

  perry_json_read_strv (host_config, "CapAdd", &add);
  perry_json_read_strv (host_config, "CapDrop", &drop);
  perry_engine_report_strv (reported, PERRY_FIELD_CAP_ADD, add);
  perry_engine_report_strv (reported, PERRY_FIELD_CAP_DROP, drop);
}

static PerryContainerSpec *
report_spec (JsonObject *container)
{
  PerryContainerSpec *reported = perry_container_spec_new ();
  JsonObject *config = NULL, *host_config = NULL;
  const char *text = NULL;
  gboolean privileged = FALSE;

  perry_json_read_object (container, "Config", &config);
  perry_json_read_object (container, "HostConfig", &host_config);
  if (perry_json_read_string (container, "Name", &text))
    perry_engine_report_string (reported, PERRY_FIELD_NAME, *text == '/' ? text + 1 : text);
  perry_engine_report_config (reported, config);
  perry_engine_report_settings (reported, config, host_config);
  perry_engine_report_lifecycle (reported, config, host_config);
  if (host_config == NULL)
    return reported;
  perry_json_read_boolean (host_config, "Privileged", &privileged);
  perry_engine_report_host_config (reported, host_config);
  perry_engine_report_devices (reported, host_config, FALSE);
  report_capabilities (reported, host_config);
  report_security_options (reported, host_config, privileged);
  report_labels (reported, container, host_config);
  if (perry_json_read_string (host_config, "Runtime", &text))
    perry_engine_report_string (reported, PERRY_FIELD_RUNTIME, text);
  if (perry_json_read_string (host_config, "NetworkMode", &text))
    perry_engine_report_string (reported, PERRY_FIELD_NETWORK, g_str_equal (text, "default") ? "bridge" : text);
  perry_engine_report_tmpfs (reported, host_config);
  perry_engine_report_volumes (reported, container);
  perry_engine_report_ports (reported, container);
  return reported;
}

static char *
command_of (JsonObject *container)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_auto (GStrv) arguments = NULL;
  g_auto (GStrv) command = NULL;
  const char *path = NULL;

  if (!perry_json_read_string (container, "Path", &path) || *path == '\0')
    return NULL;
  g_strv_builder_add (words, path);
  if (perry_json_read_strv (container, "Args", &arguments))
    g_strv_builder_addv (words, (const char **) arguments);
  command = g_strv_builder_end (words);
  return perry_engine_command_to_text ((const char *const *) command);
}

PerryContainerInfo *
perry_docker_container_from_inspect (JsonNode *reply, GError **error)
{
  JsonObject *container = perry_json_as_object (reply);
  g_autoptr (PerryContainerInfo) info = perry_container_info_new ();
  JsonObject *state = NULL, *config = NULL, *host_config = NULL;
  const char *text = NULL;

  if (!perry_json_read_string (container, "Id", &text) || *text == '\0'
      || !perry_json_read_object (container, "State", &state))
    {
      perry_engine_set_shape_error (error, "Docker", "container inspect");
      return NULL;
    }
  info->id = g_strdup (text);
  if (perry_json_read_string (container, "Name", &text))
    info->name = g_strdup (*text == '/' ? text + 1 : text);
  if (perry_json_read_string (container, "Image", &text))
    info->image_id = perry_engine_image_id_dup (text);
  if (perry_json_read_string (container, "Created", &text))
    info->created_at = perry_engine_time_parse (text);
  perry_engine_state_read (info, state);
  perry_engine_lifecycle_read (info, container);
  if (perry_json_read_object (container, "Config", &config))
    {
      if (perry_json_read_string (config, "Image", &text))
        info->image = g_strdup (text);
      perry_engine_labels_read (info->labels, config, "Labels");
    }
  if (perry_json_read_object (container, "HostConfig", &host_config)
      && perry_json_read_string (host_config, "Runtime", &text) && *text != '\0')
    info->runtime = g_strdup (text);
  info->command = command_of (container);
  info->reported = report_spec (container);
  info->ports = perry_engine_ports_of_container (container);
  info->networks = perry_engine_networks_of_container (container, "bridge");
  return g_steal_pointer (&info);
}

gboolean
perry_docker_inspect_has_terminal (JsonNode *reply)
{
  gboolean terminal = FALSE;

  perry_json_as_boolean (perry_json_find (reply, "Config", "Tty", NULL), &terminal);
  return terminal;
}

/* `Up 3 seconds (healthy)`, `Up 1 second (health: starting)`. */
static PerryHealth
health_of_row (JsonObject *row)
{
  const char *text = NULL, *open;
  g_autofree char *word = NULL;

  if (!perry_json_read_string (row, "Status", &text) || !g_str_has_prefix (text, "Up ")
      || (open = strchr (text, '(')) == NULL)
    return PERRY_HEALTH_NONE;
  open += g_str_has_prefix (open, "(health: ") ? strlen ("(health: ") : 1;
  word = g_strndup (open, strcspn (open, ")"));
  return perry_engine_health_parse (word);
}

static const PerryEnginePortMembers port_members = { "IP", "PublicPort", "PrivatePort", "Type", NULL };

static PerryContainerInfo *
container_from_row (JsonObject *row)
{
  g_autoptr (PerryContainerInfo) info = perry_container_info_new ();
  g_auto (GStrv) names = NULL;
  const char *text = NULL;
  gint64 created;

  if (!perry_json_read_string (row, "Id", &text) || *text == '\0')
    return NULL;
  info->id = g_strdup (text);
  if (perry_json_read_strv (row, "Names", &names) && names[0] != NULL)
    info->name = g_strdup (*names[0] == '/' ? names[0] + 1 : names[0]);
  if (perry_json_read_string (row, "Image", &text))
    info->image = g_strdup (text);
  if (perry_json_read_string (row, "ImageID", &text))
    info->image_id = perry_engine_image_id_dup (text);
  if (perry_json_read_string (row, "State", &text))
    info->status = perry_engine_status_parse (text);
  if (perry_json_read_string (row, "Command", &text))
    info->command = g_strdup (text);
  if (perry_json_read_int64 (row, "Created", &created))
    info->created_at = perry_engine_time_from_seconds (created);
  info->health = health_of_row (row);
  perry_engine_labels_read (info->labels, row, "Labels");
  info->ports = perry_engine_ports_of_row (row, &port_members);
  return g_steal_pointer (&info);
}

GPtrArray *
perry_docker_containers_from_list (JsonNode *reply, GError **error)
{
  JsonArray *rows = perry_json_as_array (reply);
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_container_info_free);

  for (guint i = 0; rows != NULL && i < json_array_get_length (rows); i++)
    {
      PerryContainerInfo *info = container_from_row (perry_json_as_object (json_array_get_element (rows, i)));

      if (info == NULL)
        rows = NULL;
      else
        g_ptr_array_add (list, info);
    }
  if (rows == NULL)
    {
      perry_engine_set_shape_error (error, "Docker", "list of containers");
      return NULL;
    }
  return g_steal_pointer (&list);
}

PerryImageInfo *
perry_docker_image_from_inspect (JsonNode *reply, GError **error)
{
  PerryImageInfo *info = perry_engine_image_from_inspect (perry_json_as_object (reply));

  if (info == NULL)
    perry_engine_set_shape_error (error, "Docker", "image inspect");
  return info;
}

GPtrArray *
perry_docker_images_from_list (JsonNode *reply, GError **error)
{
  GPtrArray *list = perry_engine_images_from_list (reply);

  if (list == NULL)
    perry_engine_set_shape_error (error, "Docker", "list of images");
  return list;
}

static const char *
line_error (JsonNode *line)
{
  const char *text = perry_json_as_string (perry_json_find (line, "errorDetail", "message", NULL));

  return text != NULL ? text : perry_json_as_string (perry_json_find (line, "error", NULL));
}

/* The name or id that a line of progress announces, NULL for any other line. */
static char *
loaded_image (JsonNode *line)
{
  static const char *const marks[] = { "Loaded image: ", "Loaded image ID: " };
  const char *text = perry_json_as_string (perry_json_find (line, "stream", NULL));

  for (gsize i = 0; text != NULL && i < G_N_ELEMENTS (marks); i++)
    if (g_str_has_prefix (text, marks[i]))
      {
        g_autofree char *name = g_strchomp (g_strdup (text + strlen (marks[i])));
        g_autoptr (PerryImageReference) reference = perry_image_reference_parse (name, NULL);

        return reference != NULL ? perry_image_reference_to_string (reference) : g_steal_pointer (&name);
      }
  return NULL;
}

char **
perry_docker_images_from_load (GPtrArray *lines, GError **error)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) result = NULL;

  for (guint i = 0; i < lines->len; i++)
    {
      const char *message = line_error (lines->pdata[i]);
      g_autofree char *name = message == NULL ? loaded_image (lines->pdata[i]) : NULL;

      if (message != NULL)
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED, "loading an image: %s", message);
          return NULL;
        }
      if (name != NULL)
        g_strv_builder_add (names, name);
    }
  result = g_strv_builder_end (names);
  if (*result == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED,
                   "loading an image: the archive holds no image that Docker recognises");
      return NULL;
    }
  return g_steal_pointer (&result);
}
