/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-container-spec.h"

#include <string.h>

#include "plugin-api/perry-container-spec-private.h"
#include "plugin-api/perry-error.h"
#include "plugin-api/perry-field-check.h"
#include "plugin-api/perry-field-devices.h"
#include "plugin-api/perry-field-mounts.h"
#include "plugin-api/perry-field-ports.h"
#include "plugin-api/perry-field-value.h"
#include "plugin-api/perry-json.h"

/* Far beyond what anybody mounts, maps or publishes; without it 100,000 elements cost two seconds. */
#define MAX_ELEMENTS 1000

typedef struct {
  PerryContainerSpec *spec;
  PerrySpecProblems *problems;
  const char *spelling[PERRY_FIELD_LAST]; /* the key that a field was found under */
} Reader;

static void
add_unknown_key (Reader *reader, const char *key, const char *path)
{
  g_autofree char *quoted = perry_spec_quote (key);
  const char *nearest;

  nearest = perry_spec_problems_is_full (reader->problems) ? NULL : perry_field_nearest (key);
  if (nearest != NULL)
    perry_spec_problems_add (reader->problems, path, "unknown field %s; did you mean %s?", quoted, nearest);
  else
    perry_spec_problems_add (reader->problems, path, "unknown field %s", quoted);
}

/* A text where an array is wanted: says how to write it. */
static void
add_not_an_array (Reader *reader, PerryField field, JsonNode *node, const char *path)
{
  const char *text = perry_json_as_string (node);
  g_autoptr (GString) escaped = g_string_new (NULL);

  if (text == NULL)
    {
      perry_spec_problems_add_type (reader->problems, path, "an array of strings", node);
      return;
    }
  perry_spec_append_escaped (escaped, text, 40);
  if (field == PERRY_FIELD_CMD || field == PERRY_FIELD_ENTRYPOINT)
    perry_spec_problems_add (reader->problems, path, "must be an array of strings, not a string, because it is never "
                             "split into words; write [\"sh\", \"-c\", \"%s\"] for a shell's line, or one element per "
                             "argument", escaped->str);
  else
    perry_spec_problems_add (reader->problems, path, "must be an array of strings, not a string; write [\"%s\"]",
                             escaped->str);
}

/* `extra_hosts` as an object, names to addresses, becomes the list that it is the other spelling of. */
static GVariant *
read_hosts (Reader *reader, JsonObject *object, const char *path)
{
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (G_VARIANT_TYPE_STRING_ARRAY);
  gboolean valid = TRUE;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autofree char *member = perry_spec_path_add_member (path, name);
      g_autofree char *pair = g_strdup_printf ("%s=%s", name, perry_json_as_string (node));

      if (perry_json_as_string (node) != NULL)
        g_variant_builder_add (builder, "s", pair);
      else
        perry_spec_problems_add_type (reader->problems, member, "a string (in quotation marks)", node);
      valid = valid && perry_json_as_string (node) != NULL;
    }
  return valid ? g_variant_builder_end (builder) : NULL;
}

static GVariant *
read_strv (Reader *reader, PerryField field, JsonNode *node, const char *path)
{
  JsonArray *array = perry_json_as_array (node);
  g_auto (GStrv) strings = NULL;

  if (field == PERRY_FIELD_EXTRA_HOSTS && perry_json_as_object (node) != NULL)
    return read_hosts (reader, perry_json_as_object (node), path);
  if ((field == PERRY_FIELD_SELINUX || field == PERRY_FIELD_DNS) && perry_json_as_string (node) != NULL)
    {
      const char *const single[] = { perry_json_as_string (node), NULL };

      return g_variant_new_strv (single, -1);
    }
  if (array == NULL)
    {
      add_not_an_array (reader, field, node, path);
      return NULL;
    }
  if (perry_json_as_strv (node, &strings))
    return g_variant_new_strv ((const char *const *) strings, -1);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *item = json_array_get_element (array, i);
      const char *const single[] = { perry_json_as_string (item), NULL };
      g_autofree char *element = perry_spec_path_add_index (path, i);
      g_autoptr (GVariant) checked = NULL;

      /* Checked one by one, so that the element of the wrong type hides nothing that is wrong with the others. */
      if (single[0] == NULL)
        perry_spec_problems_add_type (reader->problems, element, "a string", item);
      else
        checked = perry_field_canonicalise (field, g_variant_new_strv (single, -1), element, reader->problems);
    }
  return NULL;
}

/* `{soft, hard}` of a limit as `SOFT:HARD`; NULL when a problem was added. */
static char *
read_limit (Reader *reader, JsonObject *object, const char *path)
{
  static const char *const known[] = { "soft", "hard", NULL };
  gint64 limits[2];
  g_autoptr (GList) members = json_object_get_members (object);
  guint before = perry_spec_problems_get_length (reader->problems);

  for (GList *member = members; member != NULL; member = member->next)
    if (!g_strv_contains (known, member->data))
      {
        g_autofree char *place = perry_spec_path_add_member (path, member->data);

        perry_spec_problems_add (reader->problems, place, "is unknown; a limit has soft and hard");
      }
  for (guint i = 0; known[i] != NULL; i++)
    {
      JsonNode *node = json_object_get_member (object, known[i]);
      g_autofree char *place = perry_spec_path_add_member (path, known[i]);

      if (node == NULL)
        perry_spec_problems_add (reader->problems, place, "is missing");
      else if (!perry_json_as_int64 (node, &limits[i]))
        perry_spec_problems_add_type (reader->problems, place, "a whole number", node);
    }
  if (perry_spec_problems_get_length (reader->problems) > before)
    return NULL;
  return g_strdup_printf ("%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, limits[0], limits[1]);
}

/* The text of a map's value; limits and kernel parameters are numbers as often. NULL when a problem was added. */
static char *
read_map_value (Reader *reader, PerryField field, JsonNode *node, const char *path)
{
  gboolean takes_numbers = field == PERRY_FIELD_ULIMITS || field == PERRY_FIELD_SYSCTLS;
  gint64 number;

  if (perry_json_as_string (node) != NULL)
    return g_strdup (perry_json_as_string (node));
  if (takes_numbers && perry_json_as_int64 (node, &number))
    return g_strdup_printf ("%" G_GINT64_FORMAT, number);
  if (field == PERRY_FIELD_ULIMITS && perry_json_as_object (node) != NULL)
    return read_limit (reader, perry_json_as_object (node), path);
  perry_spec_problems_add_type (reader->problems, path,
                                field == PERRY_FIELD_ULIMITS   ? "a whole number or an object of soft and hard"
                                : field == PERRY_FIELD_SYSCTLS ? "a string or a whole number"
                                                               : "a string (in quotation marks)", node);
  return NULL;
}

static void
read_map_object (Reader *reader, PerryField field, JsonObject *object, const char *path, GVariantBuilder *builder)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, &node))
    {
      g_autofree char *member = perry_spec_path_add_member (path, key);
      g_autofree char *text = read_map_value (reader, field, node, member);

      if (text != NULL)
        g_variant_builder_add (builder, "{ss}", key, text);
    }
}

static void
read_map_list (Reader *reader, PerryField field, JsonArray *array, const char *path, GVariantBuilder *builder)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      const char *text = perry_json_as_string (node);
      g_autofree char *element = perry_spec_path_add_index (path, i);
      g_autofree char *key = NULL;
      g_autofree char *value = NULL;

      if (text == NULL)
        perry_spec_problems_add_type (reader->problems, element, "a string KEY=VALUE", node);
      else if (perry_field_split_pair (field, text, element, reader->problems, &key, &value))
        {
          g_variant_builder_add (builder, "{ss}", key, value);
          if (!g_hash_table_add (seen, g_strdup (key)))
            {
              g_autofree char *quoted = perry_spec_quote (key);

              perry_spec_problems_add (reader->problems, element, "%s is there twice", quoted);
            }
        }
    }
}

static GVariant *
read_map (Reader *reader, PerryField field, JsonNode *node, const char *path)
{
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (G_VARIANT_TYPE ("a{ss}"));
  guint before = perry_spec_problems_get_length (reader->problems);

  if (perry_json_as_object (node) != NULL)
    read_map_object (reader, field, perry_json_as_object (node), path, builder);
  else if (perry_json_as_array (node) != NULL)
    read_map_list (reader, field, perry_json_as_array (node), path, builder);
  else
    perry_spec_problems_add_type (reader->problems, path, "an object or an array of KEY=VALUE", node);
  if (perry_spec_problems_get_length (reader->problems) > before)
    return NULL;
  return g_variant_builder_end (builder);
}

/* Returns a floating tuple, or NULL when a problem was added. */
static GVariant *
read_mount (Reader *reader, JsonNode *node, const char *path)
{
  GVariant *raw = NULL;
  g_autoptr (GVariant) mount = NULL;

  if (perry_json_as_string (node) != NULL)
    raw = perry_field_parse_mount (perry_json_as_string (node), path, reader->problems);
  else if (perry_json_as_object (node) != NULL)
    raw = perry_field_read_mount (perry_json_as_object (node), path, reader->problems);
  else
    perry_spec_problems_add_type (reader->problems, path, "a string source:target[:options] or an object", node);
  if (raw == NULL)
    return NULL;

  /* Checked one by one, so that one unreadable element hides nothing that is wrong with the others. */
  mount = g_variant_ref_sink (raw);
  return perry_field_check_mount (mount, path, reader->problems);
}

/* The array's length was checked. NULL where @node is none, when a problem was added. */
static JsonArray *
get_elements (Reader *reader, PerryField field, JsonNode *node, const char *path)
{
  JsonArray *array = perry_json_as_array (node);

  if (array == NULL)
    add_not_an_array (reader, field, node, path);
  else if (json_array_get_length (array) > MAX_ELEMENTS)
    {
      perry_spec_problems_add (reader->problems, path, "has more than %d elements", MAX_ELEMENTS);
      return NULL;
    }
  return array;
}

/* Returns as read_mount() does, and for the same reason checks each element by itself. */
static GVariant *
read_device (Reader *reader, JsonNode *node, const char *path)
{
  GVariant *raw = NULL;
  g_autoptr (GVariant) device = NULL;

  if (perry_json_as_string (node) != NULL)
    raw = perry_field_parse_device (perry_json_as_string (node), path, reader->problems);
  else if (perry_json_as_object (node) != NULL)
    raw = perry_field_read_device (perry_json_as_object (node), path, reader->problems);
  else
    perry_spec_problems_add_type (reader->problems, path, "a string HOST[:CONTAINER[:PERMISSIONS]] or an object", node);
  if (raw == NULL)
    return NULL;
  device = g_variant_ref_sink (raw);
  return perry_field_check_device (device, path, reader->problems);
}

static GVariant *
read_elements (Reader *reader, PerryField field, JsonNode *node, const char *path)
{
  const GVariantType *type = perry_field_type_get_variant_type (perry_field_get_info (field)->type);
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (type);
  JsonArray *array = get_elements (reader, field, node, path);
  GVariant *(*read_one) (Reader *, JsonNode *, const char *)
      = field == PERRY_FIELD_DEVICES ? read_device : read_mount;
  gboolean valid = array != NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      g_autofree char *element = perry_spec_path_add_index (path, i);
      GVariant *value = read_one (reader, json_array_get_element (array, i), element);

      if (value != NULL)
        g_variant_builder_add_value (builder, value);
      else
        valid = FALSE;
    }
  return valid ? g_variant_builder_end (builder) : NULL;
}

/* Returns NULL when a problem was added. */
static PerryPort *
read_port (Reader *reader, JsonNode *node, const char *path)
{
  g_autofree char *digits = NULL;
  gint64 number;

  if (perry_json_as_object (node) != NULL)
    return perry_field_read_port (perry_json_as_object (node), path, reader->problems);
  if (perry_json_as_string (node) != NULL)
    return perry_field_parse_port (perry_json_as_string (node), path, reader->problems);
  if (perry_json_as_int64 (node, &number))
    {
      digits = g_strdup_printf ("%" G_GINT64_FORMAT, number);
      return perry_field_parse_port (digits, path, reader->problems);
    }
  perry_spec_problems_add_type (reader->problems, path, "a string such as \"127.0.0.1:8080:80\", a number or an object",
                                node);
  return NULL;
}

static GVariant *
read_ports (Reader *reader, JsonNode *node, const char *path)
{
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (G_VARIANT_TYPE_STRING_ARRAY);
  g_autoptr (GPtrArray) ports = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_port_free);
  JsonArray *array = get_elements (reader, PERRY_FIELD_PORTS, node, path);
  gboolean valid = array != NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      g_autofree char *element = perry_spec_path_add_index (path, i);
      PerryPort *port = read_port (reader, json_array_get_element (array, i), element);
      g_autofree char *text = port != NULL ? perry_port_to_string (port) : NULL;

      g_ptr_array_add (ports, port);
      valid = valid && port != NULL;
      if (text != NULL)
        g_variant_builder_add (builder, "s", text);
    }
  if (valid)
    return g_variant_builder_end (builder);
  /* What is wrong between the others is told now; in a whole list it is found when that is checked. */
  perry_field_check_port_set (ports, path, reader->problems);
  return NULL;
}

static GVariant *
read_amount (Reader *reader, PerryFieldType type, JsonNode *node, const char *path)
{
  const char *text = perry_json_as_string (node);
  g_autofree char *quoted = text != NULL ? perry_spec_quote (text) : NULL;
  gint64 integer;
  double number;

  if (type == PERRY_FIELD_TYPE_NUMBER)
    {
      if (perry_json_as_double (node, &number) || (text != NULL && perry_field_parse_number (text, &number)))
        return g_variant_new_double (number);
      if (text != NULL)
        perry_spec_problems_add (reader->problems, path, "%s is not a number such as 1.5", quoted);
      else
        perry_spec_problems_add_type (reader->problems, path, "a number", node);
      return NULL;
    }

  if (perry_json_as_int64 (node, &integer) ||
      (type == PERRY_FIELD_TYPE_SIZE && text != NULL && perry_field_parse_size (text, &integer)) ||
      (type == PERRY_FIELD_TYPE_SECONDS && text != NULL && perry_field_parse_seconds (text, &integer)))
    return g_variant_new_int64 (integer);
  if (type == PERRY_FIELD_TYPE_SECONDS && text != NULL)
    {
      perry_spec_problems_add (reader->problems, path, "%s is not a time in whole seconds such as 1m30s", quoted);
      return NULL;
    }
  if (type == PERRY_FIELD_TYPE_SIZE && text != NULL)
    perry_spec_problems_add (reader->problems, path, "%s is not an amount such as 256m", quoted);
  else if (perry_json_as_double (node, NULL))
    perry_spec_problems_add (reader->problems, path, "must be a whole number, without fraction or exponent");
  else
    perry_spec_problems_add_type (reader->problems, path,
                                  type == PERRY_FIELD_TYPE_SIZE ? "a number of bytes or a text such as \"256m\""
                                                                : "a whole number", node);
  return NULL;
}

/* Returns a floating value, or NULL when a problem was added. */
static GVariant *
read_value (Reader *reader, PerryField field, JsonNode *node, const char *path)
{
  PerryFieldType type = perry_field_get_info (field)->type;
  gboolean truth;

  switch (type)
    {
    case PERRY_FIELD_TYPE_STRV:
      return read_strv (reader, field, node, path);
    case PERRY_FIELD_TYPE_MAP:
      return read_map (reader, field, node, path);
    case PERRY_FIELD_TYPE_MOUNTS:
    case PERRY_FIELD_TYPE_DEVICES:
      return read_elements (reader, field, node, path);
    case PERRY_FIELD_TYPE_PORTS:
      return read_ports (reader, node, path);
    case PERRY_FIELD_TYPE_INTEGER:
    case PERRY_FIELD_TYPE_SECONDS:
    case PERRY_FIELD_TYPE_SIZE:
    case PERRY_FIELD_TYPE_NUMBER:
      return read_amount (reader, type, node, path);
    case PERRY_FIELD_TYPE_BOOLEAN:
      if (perry_json_as_boolean (node, &truth))
        return g_variant_new_boolean (truth);
      perry_spec_problems_add_type (reader->problems, path, "true or false", node);
      return NULL;
    case PERRY_FIELD_TYPE_OBJECT:
    case PERRY_FIELD_TYPE_PROFILE:
      if (perry_json_as_object (node) != NULL)
        return g_variant_new_take_string (perry_json_to_text (node, FALSE));
      if (type == PERRY_FIELD_TYPE_OBJECT)
        {
          perry_spec_problems_add_type (reader->problems, path, "an object", node);
          return NULL;
        }
      break;
    default:
      break;
    }

  if (perry_json_as_string (node) != NULL)
    return g_variant_new_string (perry_json_as_string (node));
  perry_spec_problems_add_type (reader->problems, path,
                                type == PERRY_FIELD_TYPE_PROFILE ? "a string or an object"
                                                                 : "a string (in quotation marks)", node);
  return NULL;
}

static void
read_field (Reader *reader, PerryField field, const char *key, JsonNode *node, const char *path)
{
  g_autoptr (GVariant) canonical = NULL;
  GVariant *value;

  if (reader->spelling[field] != NULL)
    {
      perry_spec_problems_add (reader->problems, path, "is the same field as %s, which is there too; remove one",
                               reader->spelling[field]);
      return;
    }
  reader->spelling[field] = key;
  if (JSON_NODE_HOLDS_NULL (node))
    {
      perry_spec_problems_add (reader->problems, path, "is null; give it a value or leave it out");
      return;
    }

  value = read_value (reader, field, node, path);
  if (value != NULL)
    canonical = perry_field_canonicalise (field, value, path, reader->problems);
  if (canonical != NULL)
    perry_container_spec_take_value (reader->spec, field, canonical);
}

static void
read_fields (Reader *reader, JsonObject *object)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, &node))
    {
      g_autofree char *path = perry_spec_path_add_member ("$", key);
      PerryField field;

      if (perry_field_from_name (key, &field))
        read_field (reader, field, key, node, path);
      else
        add_unknown_key (reader, key, path);
    }
}

/* When a spec is refused anyway, its problems between fields are reported with the others, not in a second round. */
static void
add_problems_between_fields (Reader *reader)
{
  g_autoptr (PerryContainerSpec) copy = perry_container_spec_copy (reader->spec);

  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    if ((perry_field_get_info (field)->flags & PERRY_FIELD_REQUIRED) != 0 && reader->spelling[field] == NULL)
      {
        g_autofree char *path = g_strconcat ("$.", perry_field_get_name (field), NULL);

        perry_spec_problems_add (reader->problems, path, "is missing");
      }
  perry_container_spec_check_whole (copy, reader->problems);
}

PerryContainerSpec *
perry_container_spec_new_from_json (const char *json, gssize length, GError **error)
{
  g_autoptr (PerryContainerSpec) spec = NULL;
  g_autoptr (PerrySpecProblems) problems = NULL;
  g_autoptr (JsonNode) root = NULL;
  Reader reader = { NULL };

  g_return_val_if_fail (json != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  root = perry_json_parse (json, length, NULL, error);
  if (root == NULL)
    {
      g_prefix_error (error, "container spec: ");
      return NULL;
    }

  spec = perry_container_spec_new ();
  problems = perry_spec_problems_new ();
  reader.spec = spec;
  reader.problems = problems;
  if (perry_json_as_object (root) != NULL)
    read_fields (&reader, perry_json_as_object (root));
  else
    perry_spec_problems_add_type (problems, "$", "an object", root);

  if (perry_spec_problems_get_length (problems) > 0 && perry_json_as_object (root) != NULL)
    add_problems_between_fields (&reader);
  if (!perry_spec_problems_to_result (problems, error))
    return NULL;
  return g_steal_pointer (&spec);
}

static JsonNode *
take_array (JsonArray *array)
{
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  json_node_take_array (node, array);
  return node;
}

static JsonNode *
take_object (JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  return node;
}

static JsonNode *
write_strv (GVariant *strings)
{
  g_autofree const char **texts = g_variant_get_strv (strings, NULL);
  JsonArray *array = json_array_new ();

  for (gsize i = 0; texts[i] != NULL; i++)
    json_array_add_string_element (array, texts[i]);
  return take_array (array);
}

static JsonNode *
write_map (GVariant *map)
{
  JsonObject *object = json_object_new ();
  GVariantIter iter;
  const char *key;
  const char *value;

  g_variant_iter_init (&iter, map);
  while (g_variant_iter_next (&iter, "{&s&s}", &key, &value))
    json_object_set_string_member (object, key, value);
  return take_object (object);
}

/* The long form, because a path with a colon has no short one. */
static JsonNode *
write_mounts (GVariant *mounts)
{
  JsonArray *array = json_array_new ();

  for (gsize i = 0; i < g_variant_n_children (mounts); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (mounts, i);
      g_autoptr (GVariant) options = g_variant_get_child_value (child, 4);
      const char *type;
      const char *source;
      const char *target;
      gboolean read_only;
      JsonObject *object = json_object_new ();

      g_variant_get (child, "(&s&s&sb@as)", &type, &source, &target, &read_only, NULL);
      json_object_set_string_member (object, "type", type);
      if (*source != '\0')
        json_object_set_string_member (object, "source", source);
      json_object_set_string_member (object, "target", target);
      if (read_only)
        json_object_set_boolean_member (object, "read_only", TRUE);
      if (g_variant_n_children (options) > 0)
        json_object_set_member (object, "options", write_strv (options));
      json_array_add_object_element (array, object);
    }
  return take_array (array);
}

static JsonNode *
write_value (PerryField field, GVariant *value)
{
  PerryFieldType type = perry_field_get_info (field)->type;
  JsonNode *inline_object;

  switch (type)
    {
    case PERRY_FIELD_TYPE_STRV:
    case PERRY_FIELD_TYPE_PORTS:
      return write_strv (value);
    case PERRY_FIELD_TYPE_MAP:
      return write_map (value);
    case PERRY_FIELD_TYPE_MOUNTS:
      return write_mounts (value);
    case PERRY_FIELD_TYPE_DEVICES:
      return take_array (perry_field_write_devices (value));
    case PERRY_FIELD_TYPE_BOOLEAN:
      return json_node_init_boolean (json_node_alloc (), g_variant_get_boolean (value));
    case PERRY_FIELD_TYPE_INTEGER:
    case PERRY_FIELD_TYPE_SECONDS:
    case PERRY_FIELD_TYPE_SIZE:
      return json_node_init_int (json_node_alloc (), g_variant_get_int64 (value));
    case PERRY_FIELD_TYPE_NUMBER:
      return json_node_init_double (json_node_alloc (), g_variant_get_double (value));
    case PERRY_FIELD_TYPE_OBJECT:
    case PERRY_FIELD_TYPE_PROFILE:
      inline_object = perry_field_seccomp_is_inline (g_variant_get_string (value, NULL))
                        ? perry_json_parse (g_variant_get_string (value, NULL), -1, NULL, NULL)
                        : NULL;
      if (inline_object != NULL)
        return inline_object;
      break;
    default:
      break;
    }
  return json_node_init_string (json_node_alloc (), g_variant_get_string (value, NULL));
}

char *
perry_container_spec_to_json (const PerryContainerSpec *spec)
{
  JsonObject *object;
  g_autoptr (JsonNode) root = NULL;

  g_return_val_if_fail (spec != NULL, NULL);

  object = json_object_new ();
  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    if (spec->values[field] != NULL)
      json_object_set_member (object, perry_field_get_name (field), write_value (field, spec->values[field]));
  root = take_object (object);
  return perry_json_to_text (root, FALSE);
}
