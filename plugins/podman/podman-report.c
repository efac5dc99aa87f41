/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-report.h"

#include "plugin-api/perry-image-reference.h"
#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-engine-devices.h"
#include "plugins/http-client/perry-engine-image.h"
#include "plugins/http-client/perry-engine-json.h"
#include "plugins/http-client/perry-engine-lifecycle.h"
#include "plugins/http-client/perry-engine-ports.h"
#include "plugins/http-client/perry-engine-report.h"
#include "plugins/http-client/perry-engine-settings.h"

/* The bounding set itself is reported, so that nobody has to know which default the lists of added and dropped
 * capabilities are relative to. An empty set is null. */
static void
report_capabilities (PerryContainerSpec *reported, JsonObject *container)
{
  static char *all[] = { (char *) "ALL", NULL };
  g_auto (GStrv) bounding = NULL;

  if (!json_object_has_member (container, "BoundingCaps"))
    return;
  if (!perry_json_read_strv (container, "BoundingCaps", &bounding)
      && !JSON_NODE_HOLDS_NULL (json_object_get_member (container, "BoundingCaps")))
    return;
  perry_engine_report_strv (reported, PERRY_FIELD_CAP_DROP, all);
  perry_engine_report_strv (reported, PERRY_FIELD_CAP_ADD, bounding);
}

static void
report_security_options (PerryContainerSpec *reported, JsonObject *container, JsonObject *host_config)
{
  g_auto (GStrv) options = NULL;
  const char *profile = NULL;
  gboolean no_new_privileges = FALSE;

  perry_json_read_strv (host_config, "SecurityOpt", &options);
  for (char **option = options; option != NULL && *option != NULL; option++)
    {
      if (g_str_has_prefix (*option, "no-new-privileges"))
        no_new_privileges = !g_str_has_suffix (*option, "false");
      else if (g_str_has_prefix (*option, "seccomp="))
        perry_engine_report_string (reported, PERRY_FIELD_SECCOMP, *option + strlen ("seccomp="));
    }
  perry_container_spec_take_value (reported, PERRY_FIELD_NO_NEW_PRIVILEGES,
                                   g_variant_new_boolean (no_new_privileges));
  if (perry_json_read_string (container, "AppArmorProfile", &profile))
    perry_engine_report_string (reported, PERRY_FIELD_APPARMOR, profile);
}

/* With a bridge, the network's name stands elsewhere; `podman` is the default one. */
static void
report_network (PerryContainerSpec *reported, JsonObject *container, JsonObject *host_config)
{
  const char *mode = NULL;
  JsonObject *networks = NULL;

  if (!perry_json_read_string (host_config, "NetworkMode", &mode))
    return;
  if (g_str_equal (mode, "bridge"))
    {
      JsonNode *node = perry_json_find (json_object_get_member (container, "NetworkSettings"), "Networks", NULL);

      networks = perry_json_as_object (node);
    }
  if (networks != NULL && json_object_get_size (networks) == 1)
    {
      g_autoptr (GList) names = json_object_get_members (networks);

      if (!g_str_equal (names->data, "podman"))
        mode = names->data;
    }
  perry_engine_report_string (reported, PERRY_FIELD_NETWORK, mode);
}

/* The words that are executed, without the init program in front. */
static char **
executed_words (JsonObject *container)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_auto (GStrv) arguments = NULL;
  gboolean init = FALSE;
  const char *path = NULL;

  if (!perry_json_read_string (container, "Path", &path) || *path == '\0')
    return NULL;
  perry_json_read_strv (container, "Args", &arguments);
  perry_json_as_boolean (perry_json_find (json_object_get_member (container, "HostConfig"), "Init", NULL), &init);
  if (init && arguments != NULL && g_strcmp0 (arguments[0], "--") == 0)
    {
      g_strv_builder_addv (words, (const char **) arguments + 1);
      return g_strv_builder_end (words);
    }
  g_strv_builder_add (words, path);
  if (arguments != NULL)
    g_strv_builder_addv (words, (const char **) arguments);
  return g_strv_builder_end (words);
}

/* Podman joins the entrypoint's words with blanks, which cannot be undone; but it is what the command follows. */
static void
report_entrypoint (PerryContainerSpec *reported, JsonObject *container)
{
  g_auto (GStrv) words = executed_words (container);
  g_autofree const char **command = perry_container_spec_get_strv (reported, PERRY_FIELD_CMD);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) entrypoint = NULL;
  guint n_command = command != NULL ? g_strv_length ((char **) command) : 0;
  guint n_words = words != NULL ? g_strv_length (words) : 0;

  if (n_words <= n_command)
    return;
  for (guint i = 0; i < n_command; i++)
    if (!g_str_equal (words[n_words - n_command + i], command[i]))
      return;
  for (guint i = 0; i < n_words - n_command; i++)
    g_strv_builder_add (builder, words[i]);
  entrypoint = g_strv_builder_end (builder);
  perry_engine_report_strv (reported, PERRY_FIELD_ENTRYPOINT, entrypoint);
}

static PerryContainerSpec *
report_spec (JsonObject *container)
{
  PerryContainerSpec *reported = perry_container_spec_new ();
  JsonObject *config = NULL, *host_config = NULL;
  const char *text = NULL;

  perry_json_read_object (container, "Config", &config);
  perry_json_read_object (container, "HostConfig", &host_config);
  if (perry_json_read_string (container, "Name", &text))
    perry_engine_report_string (reported, PERRY_FIELD_NAME, text);
  perry_engine_report_config (reported, config);
  perry_engine_report_settings (reported, config, host_config);
  perry_engine_report_lifecycle (reported, config, host_config);
  /* Podman 4.3 says so of the host's and of a private one as well: it is no evidence. */
  if (g_strcmp0 (perry_container_spec_get_string (reported, PERRY_FIELD_IPC), "shareable") == 0)
    perry_container_spec_unset (reported, PERRY_FIELD_IPC);
  report_entrypoint (reported, container);
  report_capabilities (reported, container);
  if (perry_json_read_string (container, "OCIRuntime", &text) && *text != '\0')
    {
      g_autofree char *runtime = g_path_get_basename (text);

      perry_engine_report_string (reported, PERRY_FIELD_RUNTIME, runtime);
    }
  if (host_config == NULL)
    return reported;
  perry_engine_report_host_config (reported, host_config);
  perry_engine_report_devices (reported, host_config, TRUE);
  report_security_options (reported, container, host_config);
  report_network (reported, container, host_config);
  perry_engine_report_tmpfs (reported, host_config);
  perry_engine_report_volumes (reported, container);
  perry_engine_report_ports (reported, container);
  return reported;
}

PerryContainerInfo *
perry_podman_container_from_inspect (JsonNode *reply, GError **error)
{
  JsonObject *container = perry_json_as_object (reply);
  g_autoptr (PerryContainerInfo) info = perry_container_info_new ();
  JsonObject *state = NULL, *config = NULL;
  g_auto (GStrv) words = NULL;
  const char *text = NULL;

  if (!perry_json_read_string (container, "Id", &text) || *text == '\0'
      || !perry_json_read_object (container, "State", &state))
    {
      perry_engine_set_shape_error (error, "Podman", "container inspect");
      return NULL;
    }
  info->id = g_strdup (text);
  if (perry_json_read_string (container, "Name", &text))
    info->name = g_strdup (text);
  if (perry_json_read_string (container, "ImageName", &text))
    info->image = g_strdup (text);
  if (perry_json_read_string (container, "Image", &text))
    info->image_id = perry_engine_image_id_dup (text);
  if (perry_json_read_string (container, "Created", &text))
    info->created_at = perry_engine_time_parse (text);
  if (perry_json_read_string (container, "OCIRuntime", &text) && *text != '\0')
    info->runtime = g_path_get_basename (text);
  perry_engine_state_read (info, state);
  perry_engine_lifecycle_read (info, container);
  if (perry_json_read_object (container, "Config", &config))
    perry_engine_labels_read (info->labels, config, "Labels");
  words = executed_words (container);
  info->command = perry_engine_command_to_text ((const char *const *) words);
  info->reported = report_spec (container);
  info->ports = perry_engine_ports_of_container (container);
  info->networks = perry_engine_networks_of_container (container, "podman");
  return g_steal_pointer (&info);
}

gboolean
perry_podman_inspect_has_terminal (JsonNode *reply)
{
  gboolean terminal = FALSE;

  perry_json_as_boolean (perry_json_find (reply, "Config", "Tty", NULL), &terminal);
  return terminal;
}

char *
perry_podman_inspect_cgroup_path (JsonNode *reply)
{
  const char *path = perry_json_as_string (perry_json_find (reply, "State", "CgroupPath", NULL));

  if (path == NULL || *path != '/' || path[1] == '\0' || strstr (path, "..") != NULL)
    return NULL;
  return g_strdup (path + 1);
}

static void
read_row_times (PerryContainerInfo *info, JsonObject *row)
{
  const char *text = NULL;
  gboolean exited = FALSE;
  gint64 number;

  if (perry_json_read_string (row, "Created", &text))
    info->created_at = perry_engine_time_parse (text);
  if (perry_json_read_int64 (row, "StartedAt", &number))
    info->started_at = perry_engine_time_from_seconds (number);
  if (!perry_json_read_boolean (row, "Exited", &exited) || !exited)
    return;
  if (perry_json_read_int64 (row, "ExitedAt", &number))
    info->finished_at = perry_engine_time_from_seconds (number);
  if (perry_json_read_int64 (row, "ExitCode", &number))
    info->exit_code = number;
}

static const PerryEnginePortMembers port_members = { "host_ip", "host_port", "container_port", "protocol", "range" };

static PerryContainerInfo *
container_from_row (JsonObject *row)
{
  g_autoptr (PerryContainerInfo) info = perry_container_info_new ();
  g_auto (GStrv) names = NULL;
  g_auto (GStrv) command = NULL;
  const char *text = NULL;
  gint64 pid;

  if (!perry_json_read_string (row, "Id", &text) || *text == '\0')
    return NULL;
  info->id = g_strdup (text);
  if (perry_json_read_strv (row, "Names", &names) && names[0] != NULL)
    info->name = g_strdup (names[0]);
  if (perry_json_read_string (row, "Image", &text))
    info->image = g_strdup (text);
  if (perry_json_read_string (row, "ImageID", &text))
    info->image_id = perry_engine_image_id_dup (text);
  if (perry_json_read_string (row, "State", &text))
    info->status = perry_engine_status_parse (text);
  /* The word of its health, where it has a check. */
  if (perry_json_read_string (row, "Status", &text))
    info->health = perry_engine_health_parse (text);
  if (perry_json_read_strv (row, "Command", &command))
    info->command = perry_engine_command_to_text ((const char *const *) command);
  if (perry_json_read_int64 (row, "Pid", &pid) && pid > 0)
    info->pid = pid;
  read_row_times (info, row);
  perry_engine_labels_read (info->labels, row, "Labels");
  info->ports = perry_engine_ports_of_row (row, &port_members);
  return g_steal_pointer (&info);
}

GPtrArray *
perry_podman_containers_from_list (JsonNode *reply, GError **error)
{
  JsonArray *rows = perry_json_as_array (reply);
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_container_info_free);

  for (guint i = 0; rows != NULL && i < json_array_get_length (rows); i++)
    {
      PerryContainerInfo *info = container_from_row (perry_json_as_object (json_array_get_element (rows, i)));

      if (info == NULL)
        {
          rows = NULL;
          break;
        }
      g_ptr_array_add (list, info);
    }
  if (rows == NULL)
    {
      perry_engine_set_shape_error (error, "Podman", "list of containers");
      return NULL;
    }
  return g_steal_pointer (&list);
}

/* The list is in the order of the alphabet. `Digest` is that of the index on Podman 4, that of the platform on 5 and 6. */
static void
put_own_digest_first (PerryImageInfo *info, const char *digest)
{
  g_autofree char *end = g_strconcat ("@", digest, NULL);
  g_autoptr (GStrvBuilder) sorted = g_strv_builder_new ();

  for (char **entry = info->digests; entry != NULL && *entry != NULL; entry++)
    if (g_str_has_suffix (*entry, end))
      g_strv_builder_add (sorted, *entry);
  for (char **entry = info->digests; entry != NULL && *entry != NULL; entry++)
    if (!g_str_has_suffix (*entry, end))
      g_strv_builder_add (sorted, *entry);
  g_strfreev (info->digests);
  info->digests = g_strv_builder_end (sorted);
}

PerryImageInfo *
perry_podman_image_from_inspect (JsonNode *reply, GError **error)
{
  JsonObject *image = perry_json_as_object (reply);
  PerryImageInfo *info = perry_engine_image_from_inspect (image);
  JsonObject *config = NULL;
  const char *user = NULL;
  const char *digest = NULL;

  if (info == NULL)
    {
      perry_engine_set_shape_error (error, "Podman", "image inspect");
      return NULL;
    }
  /* libpod repeats the user beside the configuration, and some configurations leave it out */
  perry_json_read_object (image, "Config", &config);
  if (!perry_json_read_string (config, "User", &user) && perry_json_read_string (image, "User", &user) && *user != '\0')
    info->user = g_strdup (user);
  if (perry_json_read_string (image, "Digest", &digest) && *digest != '\0')
    put_own_digest_first (info, digest);
  return info;
}

GPtrArray *
perry_podman_images_from_list (JsonNode *reply, GError **error)
{
  GPtrArray *list = perry_engine_images_from_list (reply);

  if (list == NULL)
    perry_engine_set_shape_error (error, "Podman", "list of images");
  return list;
}

char **
perry_podman_images_from_load (JsonNode *reply, GError **error)
{
  g_auto (GStrv) names = NULL;
  g_autoptr (GStrvBuilder) normalised = g_strv_builder_new ();

  if (!perry_json_read_strv (perry_json_as_object (reply), "Names", &names) || names[0] == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED,
                   "loading an image: the archive holds no image that Podman recognises");
      return NULL;
    }
  for (char **name = names; *name != NULL; name++)
    {
      g_autoptr (PerryImageReference) reference = perry_image_reference_parse (*name, NULL);
      g_autofree char *text = reference != NULL ? perry_image_reference_to_string (reference) : g_strdup (*name);

      g_strv_builder_add (normalised, text);
    }
  return g_strv_builder_end (normalised);
}

gboolean
perry_podman_check_removal (JsonNode *reply, const char *id, GError **error)
{
  JsonArray *reports = perry_json_as_array (reply);

  for (guint i = 0; reports != NULL && i < json_array_get_length (reports); i++)
    {
      const char *message = perry_json_as_string (perry_json_find (json_array_get_element (reports, i), "Err", NULL));

      if (message == NULL || *message == '\0')
        continue;
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED, "removing container %s: %s", id, message);
      return FALSE;
    }
  return TRUE;
}
