/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-report.h"

#include <string.h>

#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-engine-mounts.h"

#define MOUNT_TYPE "(sssbas)"
#define NANO 1e9
#define MAX_MOUNT_OPTIONS 64

void
perry_engine_report_string (PerryContainerSpec *reported, PerryField field, const char *text)
{
  if (text != NULL && *text != '\0')
    perry_container_spec_take_value (reported, field, g_variant_new_string (text));
}

void
perry_engine_report_strv (PerryContainerSpec *reported, PerryField field, char **strings)
{
  gssize length = strings != NULL ? -1 : 0;

  perry_container_spec_take_value (reported, field, g_variant_new_strv ((const char *const *) strings, length));
}

static void
report_string (PerryContainerSpec *reported, PerryField field, JsonObject *object, const char *member)
{
  const char *text = NULL;

  perry_json_read_string (object, member, &text);
  perry_engine_report_string (reported, field, text);
}

static void
report_strv (PerryContainerSpec *reported, PerryField field, JsonObject *object, const char *member)
{
  g_auto (GStrv) strings = NULL;

  if (perry_json_read_strv (object, member, &strings))
    perry_engine_report_strv (reported, field, strings);
}

static void
report_boolean (PerryContainerSpec *reported, PerryField field, JsonObject *object, const char *member)
{
  gboolean value;

  if (perry_json_read_boolean (object, member, &value))
    perry_container_spec_take_value (reported, field, g_variant_new_boolean (value));
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Maps of a spec are sorted by key. */
static void
report_map (PerryContainerSpec *reported, PerryField field, GHashTable *map)
{
  guint n_keys;
  g_autofree const char **keys = (const char **) g_hash_table_get_keys_as_array (map, &n_keys);
  GVariantBuilder builder;

  qsort (keys, n_keys, sizeof *keys, compare_keys);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  for (guint i = 0; i < n_keys; i++)
    g_variant_builder_add (&builder, "{ss}", keys[i], g_hash_table_lookup (map, keys[i]));
  perry_container_spec_take_value (reported, field, g_variant_builder_end (&builder));
}

static void
report_environment (PerryContainerSpec *reported, JsonObject *config)
{
  g_autoptr (GHashTable) map = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) pairs = NULL;

  if (!perry_json_read_strv (config, "Env", &pairs))
    return;
  for (char **pair = pairs; *pair != NULL; pair++)
    {
      const char *equals = strchr (*pair, '=');

      if (equals != NULL && equals != *pair)
        g_hash_table_replace (map, g_strndup (*pair, (gsize) (equals - *pair)), (gpointer) (equals + 1));
    }
  report_map (reported, PERRY_FIELD_ENV, map);
}

static void
report_labels (PerryContainerSpec *reported, JsonObject *config)
{
  g_autoptr (GHashTable) map = g_hash_table_new (g_str_hash, g_str_equal);
  JsonObject *labels;
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  if (!perry_json_read_object (config, "Labels", &labels))
    return;
  json_object_iter_init_ordered (&iter, labels);
  while (json_object_iter_next_ordered (&iter, &key, &value))
    if (perry_json_as_string (value) != NULL)
      g_hash_table_replace (map, (gpointer) key, (gpointer) perry_json_as_string (value));
  report_map (reported, PERRY_FIELD_LABELS, map);
}

void
perry_engine_report_config (PerryContainerSpec *reported, JsonObject *config)
{
  report_string (reported, PERRY_FIELD_IMAGE, config, "Image");
  report_string (reported, PERRY_FIELD_USER, config, "User");
  report_string (reported, PERRY_FIELD_WORKDIR, config, "WorkingDir");
  report_strv (reported, PERRY_FIELD_ENTRYPOINT, config, "Entrypoint");
  report_strv (reported, PERRY_FIELD_CMD, config, "Cmd");
  report_environment (reported, config);
  report_labels (reported, config);
}

void
perry_engine_report_host_config (PerryContainerSpec *reported, JsonObject *host_config)
{
  gint64 memory = 0, nano_cpus = 0, pids = 0;
  gboolean init = FALSE;

  if (host_config == NULL)
    return;
  report_boolean (reported, PERRY_FIELD_READ_ONLY, host_config, "ReadonlyRootfs");
  report_boolean (reported, PERRY_FIELD_PRIVILEGED, host_config, "Privileged");
  report_boolean (reported, PERRY_FIELD_RM, host_config, "AutoRemove");

  perry_json_read_boolean (host_config, "Init", &init);
  perry_container_spec_take_value (reported, PERRY_FIELD_INIT, g_variant_new_boolean (init));
  perry_json_read_int64 (host_config, "Memory", &memory);
  perry_container_spec_take_value (reported, PERRY_FIELD_MEMORY, g_variant_new_int64 (memory));
  perry_json_read_int64 (host_config, "NanoCpus", &nano_cpus);
  perry_container_spec_take_value (reported, PERRY_FIELD_CPUS, g_variant_new_double ((double) nano_cpus / NANO));
  perry_json_read_int64 (host_config, "PidsLimit", &pids);
  perry_container_spec_take_value (reported, PERRY_FIELD_PIDS_LIMIT, g_variant_new_int64 (pids > 0 ? pids : -1));
}

/* Words that say how a mount is made, not what it is. */
static gboolean
is_mechanical (const char *option)
{
  static const char *const words[] = { "rw", "tmpcopyup", "notmpcopyup", "rbind", NULL };

  return *option == '\0' || g_strv_contains (words, option) || perry_engine_is_propagation (option);
}

/* A tmpfs is written `path:option,option` in a spec, with `ro` among the options. */
static char *
tmpfs_to_text (const char *target, const char *options)
{
  g_auto (GStrv) words = g_strsplit (options, ",", MAX_MOUNT_OPTIONS);
  g_autoptr (GString) text = g_string_new (target);

  for (char **word = words; *word != NULL; word++)
    if (!is_mechanical (*word))
      g_string_append_printf (text, "%c%s", text->len == strlen (target) ? ':' : ',', *word);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
perry_engine_report_tmpfs (PerryContainerSpec *reported, JsonObject *host_config)
{
  g_autoptr (GStrvBuilder) mounts = g_strv_builder_new ();
  g_auto (GStrv) texts = NULL;
  JsonObject *tmpfs;
  JsonObjectIter iter;
  const char *target;
  JsonNode *value;

  if (perry_json_read_object (host_config, "Tmpfs", &tmpfs))
    {
      json_object_iter_init_ordered (&iter, tmpfs);
      while (json_object_iter_next_ordered (&iter, &target, &value))
        {
          const char *options = perry_json_as_string (value);
          g_autofree char *text = tmpfs_to_text (target, options != NULL ? options : "");

          g_strv_builder_add (mounts, text);
        }
    }
  texts = g_strv_builder_end (mounts);
  perry_engine_report_strv (reported, PERRY_FIELD_TMPFS, texts);
}

static void
add_options (GVariantBuilder *options, char **words, gboolean *read_only)
{
  for (char **word = words; word != NULL && *word != NULL; word++)
    {
      if (g_str_equal (*word, "ro"))
        *read_only = TRUE;
      else if (!is_mechanical (*word))
        g_variant_builder_add (options, "s", *word);
    }
}

/* Whether the mount was asked for with this option; Docker tells some in what was asked only. */
static gboolean
was_asked_with (JsonObject *container, const char *target, const char *options, const char *option)
{
  JsonNode *node = perry_json_find (json_object_get_member (container, "HostConfig"), "Mounts", NULL);
  JsonArray *asked = perry_json_as_array (node);

  for (guint i = 0; asked != NULL && i < json_array_get_length (asked); i++)
    {
      JsonNode *mount = json_array_get_element (asked, i);
      gboolean value = FALSE;

      perry_json_as_boolean (perry_json_find (mount, options, option, NULL), &value);
      if (value && g_strcmp0 (perry_json_as_string (perry_json_find (mount, "Target", NULL)), target) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
report_volume (GVariantBuilder *mounts, JsonObject *container, JsonObject *mount)
{
  const char *type = NULL, *source = NULL, *target = NULL, *mode = "", *propagation = NULL;
  g_auto (GStrv) options = NULL;
  g_auto (GStrv) modes = NULL;
  gboolean writable = TRUE, read_only;
  GVariantBuilder kept;

  perry_json_read_string (mount, "Type", &type);
  perry_json_read_string (mount, "Destination", &target);
  if (target == NULL || (g_strcmp0 (type, "bind") != 0 && g_strcmp0 (type, "volume") != 0))
    return;
  /* A volume's Source is a directory of the engine; the spec names it. */
  perry_json_read_string (mount, g_str_equal (type, "bind") ? "Source" : "Name", &source);
  perry_json_read_boolean (mount, "RW", &writable);
  perry_json_read_strv (mount, "Options", &options);
  perry_json_read_string (mount, "Mode", &mode);
  perry_json_read_string (mount, "Propagation", &propagation);
  modes = g_strsplit (mode, ",", MAX_MOUNT_OPTIONS);
  read_only = !writable;
  g_variant_builder_init (&kept, G_VARIANT_TYPE_STRING_ARRAY);
  add_options (&kept, options, &read_only);
  add_options (&kept, modes, &read_only);
  if (was_asked_with (container, target, "VolumeOptions", "NoCopy"))
    g_variant_builder_add (&kept, "s", "nocopy");
  if (was_asked_with (container, target, "BindOptions", "NonRecursive"))
    g_variant_builder_add (&kept, "s", "bind");
  /* What is not said is private, on every engine. */
  if (propagation != NULL && perry_engine_is_propagation (propagation) && !g_str_equal (propagation, "rprivate"))
    g_variant_builder_add (&kept, "s", propagation);
  g_variant_builder_add (mounts, "(sss@b@as)", type, source != NULL ? source : "", target,
                         g_variant_new_boolean (read_only), g_variant_builder_end (&kept));
}

void
perry_engine_report_volumes (PerryContainerSpec *reported, JsonObject *container)
{
  JsonArray *array;
  GVariantBuilder mounts;

  if (!perry_json_read_array (container, "Mounts", &array))
    return;
  g_variant_builder_init (&mounts, G_VARIANT_TYPE ("a" MOUNT_TYPE));
  for (guint i = 0; i < json_array_get_length (array); i++)
    report_volume (&mounts, container, perry_json_as_object (json_array_get_element (array, i)));
  perry_container_spec_take_value (reported, PERRY_FIELD_VOLUMES, g_variant_builder_end (&mounts));
}

#define MAX_NETWORKS 256

char **
perry_engine_networks_of_container (JsonObject *container, const char *default_network)
{
  JsonNode *settings = json_object_get_member (container, "NetworkSettings");
  JsonObject *networks = perry_json_as_object (perry_json_find (settings, "Networks", NULL));
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autoptr (GList) members = NULL;
  guint n = 0;

  if (networks == NULL || json_object_get_size (networks) == 0)
    return NULL;
  members = g_list_sort (json_object_get_members (networks), (GCompareFunc) strcmp);
  for (GList *member = members; member != NULL && n < MAX_NETWORKS; member = member->next, n++)
    g_strv_builder_add (names, g_str_equal (member->data, default_network) ? "bridge" : member->data);
  return g_strv_builder_end (names);
}
