/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-container-spec.h"

#include "plugin-api/perry-field-healthcheck.h"
#include "plugin-api/perry-field-mounts.h"
#include "plugin-api/perry-field-ports.h"
#include "plugin-api/perry-field-verify.h"
#include "plugin-api/perry-json.h"
#include "plugin-api/perry-requirement-private.h"
#include "plugin-api/perry-verify-mode-private.h"

#define SIZE_PATTERN "^[0-9]+(\\.[0-9]+)?([bB]|[kKmMgGtT]([iI]?[bB])?)?$"
#define SECONDS_PATTERN "^([0-9]+|([0-9]+h)?([0-9]+m)?([0-9]+s)?)$"
#define DURATION_PATTERN "^(0|([0-9]+(\\.[0-9]+)?(h|m|s|ms|us))+)$"
#define PORT_PATTERN "^[0-9]+(-[0-9]+)?$"
#define NUMBER_PATTERN "^[0-9]*\\.?[0-9]+$"
#define PAIR_PATTERN "^[^=]+="
#define PERMISSIONS_PATTERN "^[rwm]{1,3}$"
#define LABEL_PATTERN "^[^=]+"

static JsonObject *
new_type (const char *type)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "type", type);
  return object;
}

static JsonObject *
new_text (const char *pattern)
{
  JsonObject *object = new_type ("string");

  json_object_set_string_member (object, "pattern", pattern);
  return object;
}

static JsonObject *
new_array (JsonObject *items)
{
  JsonObject *object = new_type ("array");

  json_object_set_object_member (object, "items", items);
  return object;
}

static JsonObject *
new_choice (JsonObject *first, JsonObject *second)
{
  JsonObject *object = json_object_new ();
  JsonArray *choices = json_array_new ();

  json_array_add_object_element (choices, first);
  json_array_add_object_element (choices, second);
  json_object_set_array_member (object, "anyOf", choices);
  return object;
}

static JsonObject *
new_words (const char *const *words)
{
  JsonObject *object = new_type ("string");
  JsonArray *array = json_array_new ();

  for (; *words != NULL; words++)
    json_array_add_string_element (array, *words);
  json_object_set_array_member (object, "enum", array);
  return object;
}

static JsonObject *
new_map (const char *pair_pattern)
{
  JsonObject *values = new_type ("object");

  json_object_set_object_member (values, "additionalProperties", new_type ("string"));
  return new_choice (values, new_array (new_text (pair_pattern)));
}

static JsonObject *new_mount (void);
static JsonObject *new_device (void);
static JsonObject *new_port (void);

static JsonObject *
new_value (PerryFieldType type, const char *const *words)
{
  switch (type)
    {
    case PERRY_FIELD_TYPE_STRV:
      return new_array (new_type ("string"));
    case PERRY_FIELD_TYPE_MAP:
      return new_map (PAIR_PATTERN);
    case PERRY_FIELD_TYPE_BOOLEAN:
      return new_type ("boolean");
    case PERRY_FIELD_TYPE_INTEGER:
      return new_type ("integer");
    case PERRY_FIELD_TYPE_SIZE:
      return new_choice (new_type ("integer"), new_text (SIZE_PATTERN));
    case PERRY_FIELD_TYPE_SECONDS:
      return new_choice (new_type ("integer"), new_text (SECONDS_PATTERN));
    case PERRY_FIELD_TYPE_NUMBER:
      return new_choice (new_type ("number"), new_text (NUMBER_PATTERN));
    case PERRY_FIELD_TYPE_PROFILE:
      return new_choice (new_type ("string"), new_type ("object"));
    case PERRY_FIELD_TYPE_MOUNTS:
      return new_array (new_choice (new_type ("string"), new_mount ()));
    case PERRY_FIELD_TYPE_DEVICES:
      return new_array (new_choice (new_type ("string"), new_device ()));
    case PERRY_FIELD_TYPE_PORTS:
      return new_array (new_port ());
    case PERRY_FIELD_TYPE_OBJECT:
      return new_type ("object");
    case PERRY_FIELD_TYPE_STRING:
    default:
      return words != NULL ? new_words (words) : new_type ("string");
    }
}

static void
add_spelling (JsonObject *properties, const char *spelling, const char *name)
{
  JsonObject *reference;
  g_autofree char *pointer = NULL;

  if (spelling == NULL || json_object_has_member (properties, spelling))
    return;
  pointer = g_strconcat ("#/properties/", name, NULL);
  reference = json_object_new ();
  json_object_set_string_member (reference, "$ref", pointer);
  json_object_set_object_member (properties, spelling, reference);
}

/* The properties of the long form of `volumes`, or of an object in it. */
static JsonObject *
new_mount_properties (const char *parent)
{
  JsonObject *object = new_type ("object");
  JsonObject *properties = json_object_new ();

  for (const PerryMountMember *member = perry_field_get_mount_members (); member->name != NULL; member++)
    {
      const char *spellings[] = { member->name, member->camel_case };

      if (g_strcmp0 (member->parent, parent) != 0)
        continue;
      for (guint i = 0; i < G_N_ELEMENTS (spellings); i++)
        {
          JsonObject *value;

          if (json_object_has_member (properties, spellings[i]))
            continue;
          value = new_value (member->type, member->words);
          json_object_set_string_member (value, "description", member->help);
          json_object_set_object_member (properties, spellings[i], value);
        }
    }
  json_object_set_object_member (object, "properties", properties);
  json_object_set_boolean_member (object, "additionalProperties", FALSE);
  return object;
}

static JsonObject *
new_mount (void)
{
  static const char *const parents[] = { "bind", "volume", "tmpfs" };
  JsonObject *mount = new_mount_properties (NULL);
  JsonObject *properties = json_object_get_object_member (mount, "properties");
  JsonArray *required = json_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (parents); i++)
    json_object_set_object_member (properties, parents[i], new_mount_properties (parents[i]));
  json_array_add_string_element (required, "type");
  json_array_add_string_element (required, "target");
  json_object_set_array_member (mount, "required", required);
  return mount;
}

static JsonObject *
new_device (void)
{
  JsonObject *device = new_type ("object");
  JsonObject *properties = json_object_new ();
  JsonArray *required = json_array_new ();

  json_object_set_object_member (properties, "source", new_type ("string"));
  json_object_set_object_member (properties, "target", new_type ("string"));
  json_object_set_object_member (properties, "permissions", new_text (PERMISSIONS_PATTERN));
  json_array_add_string_element (required, "source");
  json_object_set_object_member (device, "properties", properties);
  json_object_set_array_member (device, "required", required);
  json_object_set_boolean_member (device, "additionalProperties", FALSE);
  return device;
}

/* A text, the number of a port in the container, or the long form. */
static JsonObject *
new_port (void)
{
  JsonObject *port = new_choice (new_type ("string"), new_type ("integer"));
  JsonObject *object = new_type ("object");
  JsonObject *properties = json_object_new ();
  JsonArray *required = json_array_new ();

  for (const PerryPortMember *member = perry_field_get_port_members (); member->name != NULL; member++)
    {
      const char *spellings[] = { member->name, member->camel_case };

      for (guint i = 0; i < G_N_ELEMENTS (spellings); i++)
        if (!json_object_has_member (properties, spellings[i]))
          {
            JsonObject *value = member->is_port ? new_choice (new_type ("integer"), new_text (PORT_PATTERN))
                                                : new_value (PERRY_FIELD_TYPE_STRING, member->words);

            json_object_set_string_member (value, "description", member->help);
            json_object_set_object_member (properties, spellings[i], value);
          }
    }
  json_array_add_string_element (required, "target");
  json_object_set_object_member (object, "properties", properties);
  json_object_set_array_member (object, "required", required);
  json_object_set_boolean_member (object, "additionalProperties", FALSE);
  json_array_add_object_element (json_object_get_array_member (port, "anyOf"), object);
  return port;
}

/* A number, a text, and for a limit an object of soft and hard. */
static JsonObject *
new_number_map (gboolean with_limits)
{
  JsonObject *map = new_type ("object");
  JsonObject *value = new_choice (new_type ("integer"), new_type ("string"));
  JsonObject *limit = new_type ("object");
  JsonObject *members = json_object_new ();
  JsonArray *required = json_array_new ();

  json_object_set_object_member (members, "soft", new_type ("integer"));
  json_object_set_object_member (members, "hard", new_type ("integer"));
  json_array_add_string_element (required, "soft");
  json_array_add_string_element (required, "hard");
  json_object_set_object_member (limit, "properties", members);
  json_object_set_array_member (limit, "required", required);
  json_object_set_boolean_member (limit, "additionalProperties", FALSE);
  if (with_limits)
    json_array_add_object_element (json_object_get_array_member (value, "anyOf"), limit);
  else
    json_object_unref (limit);
  json_object_set_object_member (map, "additionalProperties", value);
  return new_choice (map, new_array (new_text (PAIR_PATTERN)));
}

static JsonObject *
new_healthcheck_value (gconstpointer row)
{
  const PerryHealthcheckMember *member = row;

  if (member->type == PERRY_FIELD_TYPE_SECONDS)
    return new_text (DURATION_PATTERN);
  if (member->type == PERRY_FIELD_TYPE_STRV)
    return new_choice (new_type ("string"), new_array (new_type ("string")));
  return new_value (member->type, NULL);
}

static void
add_member (JsonObject *properties, const char *name, const char *camel_case, JsonObject *(*make) (gconstpointer member),
            gconstpointer member, const char *help)
{
  const char *spellings[] = { name, camel_case };

  for (guint i = 0; i < G_N_ELEMENTS (spellings); i++)
    {
      JsonObject *value;

      if (json_object_has_member (properties, spellings[i]))
        continue;
      value = make (member);
      json_object_set_string_member (value, "description", help);
      json_object_set_object_member (properties, spellings[i], value);
    }
}

static JsonObject *
new_closed_object (JsonObject *properties)
{
  JsonObject *object = new_type ("object");

  json_object_set_object_member (object, "properties", properties);
  json_object_set_boolean_member (object, "additionalProperties", FALSE);
  return object;
}

static JsonObject *
new_healthcheck (void)
{
  JsonObject *properties = json_object_new ();

  for (const PerryHealthcheckMember *member = perry_field_get_healthcheck_members (); member->name != NULL; member++)
    add_member (properties, member->name, member->camel_case, new_healthcheck_value, member, member->help);
  return new_closed_object (properties);
}

static JsonObject *
new_verify_value (gconstpointer member)
{
  return new_type (((const PerryRequirementMember *) member)->is_boolean ? "boolean" : "string");
}

static JsonObject *
new_verify_mode (gconstpointer member)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  const char *word;

  for (guint i = 0; (word = perry_verify_mode_get_word (i)) != NULL; i++)
    g_ptr_array_add (words, (gpointer) word);
  g_ptr_array_add (words, NULL);
  return new_words ((const char *const *) words->pdata);
}

static JsonObject *
new_verify (void)
{
  JsonObject *properties = json_object_new ();
  JsonObject *object;

  add_member (properties, PERRY_VERIFY_MODE_MEMBER, PERRY_VERIFY_MODE_MEMBER, new_verify_mode, NULL,
              PERRY_VERIFY_MODE_HELP);
  for (const PerryRequirementMember *member = perry_requirement_get_members (); member->name != NULL; member++)
    add_member (properties, member->name, member->camel_case, new_verify_value, member, member->help);
  object = new_closed_object (properties);
  json_object_set_int_member (object, "minProperties", 1);
  return object;
}

/* Other spellings that a field has besides those of its type. */
static JsonObject *
new_spelling (PerryField field)
{
  JsonObject *map;

  switch (field)
    {
    case PERRY_FIELD_LABELS:
      /* A label may stand without a value. */
      return new_map (LABEL_PATTERN);
    case PERRY_FIELD_ULIMITS:
    case PERRY_FIELD_SYSCTLS:
      return new_number_map (field == PERRY_FIELD_ULIMITS);
    case PERRY_FIELD_SELINUX:
    case PERRY_FIELD_DNS:
      /* One element is commoner than several, and Compose has it as a text. */
      return new_choice (new_array (new_type ("string")), new_type ("string"));
    case PERRY_FIELD_HEALTHCHECK:
      return new_healthcheck ();
    case PERRY_FIELD_VERIFY:
      return new_verify ();
    case PERRY_FIELD_EXTRA_HOSTS:
      map = new_type ("object");
      json_object_set_object_member (map, "additionalProperties", new_type ("string"));
      return new_choice (new_array (new_type ("string")), map);
    default:
      return NULL;
    }
}

static JsonObject *
new_field (const PerryFieldInfo *info)
{
  g_autofree char *description = g_strdup_printf ("%s. When left out: %s.", info->help, info->unset);
  JsonObject *value;

  value = new_spelling (info->field);
  if (value == NULL)
    value = new_value (info->type, info->words);
  json_object_set_string_member (value, "description", description);
  return value;
}

char *
perry_container_spec_get_json_schema (void)
{
  JsonObject *schema = json_object_new ();
  JsonObject *properties = json_object_new ();
  JsonArray *required = json_array_new ();
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);

  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    {
      const PerryFieldInfo *info = perry_field_get_info (field);

      json_object_set_object_member (properties, info->name, new_field (info));
      if ((info->flags & PERRY_FIELD_REQUIRED) != 0)
        json_array_add_string_element (required, info->name);
    }
  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    {
      const PerryFieldInfo *info = perry_field_get_info (field);

      add_spelling (properties, info->camel_case, info->name);
      add_spelling (properties, info->alias, info->name);
    }

  json_object_set_string_member (schema, "$schema", "https://json-schema.org/draft/2020-12/schema");
  json_object_set_string_member (schema, "title", "Container spec of perry-container");
  json_object_set_string_member (schema, "type", "object");
  json_object_set_object_member (schema, "properties", properties);
  json_object_set_array_member (schema, "required", required);
  json_object_set_boolean_member (schema, "additionalProperties", FALSE);
  json_node_take_object (root, schema);
  return perry_json_to_text (root, TRUE);
}
