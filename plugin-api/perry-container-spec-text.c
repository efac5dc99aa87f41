/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-container-spec.h"

#include <string.h>

#include "plugin-api/perry-container-spec-private.h"
#include "plugin-api/perry-field-devices.h"
#include "plugin-api/perry-field-mounts.h"
#include "plugin-api/perry-field-value.h"
#include "plugin-api/perry-json.h"

gboolean
perry_field_split_pair (PerryField field, const char *pair, const char *path, PerrySpecProblems *problems,
                        char **ret_key, char **ret_value)
{
  const char *equals = strchr (pair, '=');

  if (equals == NULL && field != PERRY_FIELD_LABELS)
    {
      g_autofree char *quoted = perry_spec_quote (pair);

      perry_spec_problems_add (problems, path, "%s has no “=”; write NAME=VALUE", quoted);
      return FALSE;
    }
  *ret_key = equals != NULL ? g_strndup (pair, (gsize) (equals - pair)) : g_strdup (pair);
  *ret_value = g_strdup (equals != NULL ? equals + 1 : "");
  return TRUE;
}

/* The elements that the field has already, then @element. */
static GVariant *
append_element (const PerryContainerSpec *spec, PerryField field, const GVariantType *type, GVariant *element)
{
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (type);
  GVariant *present = perry_container_spec_get_value (spec, field);

  /* A program's name is not a list that grows: each --entrypoint replaces the one before. */
  for (gsize i = 0; present != NULL && field != PERRY_FIELD_ENTRYPOINT && i < g_variant_n_children (present); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (present, i);

      g_variant_builder_add_value (builder, child);
    }
  g_variant_builder_add_value (builder, element);
  return g_variant_builder_end (builder);
}

static GVariant *
parse_scalar (PerryFieldType type, const char *text, const char *where, PerrySpecProblems *problems)
{
  g_autofree char *quoted = perry_spec_quote (text);
  gint64 integer;
  double number;

  switch (type)
    {
    case PERRY_FIELD_TYPE_BOOLEAN:
      if (g_str_equal (text, "true") || g_str_equal (text, "false"))
        return g_variant_new_boolean (g_str_equal (text, "true"));
      perry_spec_problems_add (problems, where, "%s is not true or false", quoted);
      return NULL;
    case PERRY_FIELD_TYPE_INTEGER:
      if (g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &integer, NULL))
        return g_variant_new_int64 (integer);
      perry_spec_problems_add (problems, where, "%s is not a whole number", quoted);
      return NULL;
    case PERRY_FIELD_TYPE_SECONDS:
      if (perry_field_parse_seconds (text, &integer))
        return g_variant_new_int64 (integer);
      perry_spec_problems_add (problems, where, "%s is not a time in whole seconds such as 90 or 1m30s", quoted);
      return NULL;
    case PERRY_FIELD_TYPE_SIZE:
      if (perry_field_parse_size (text, &integer))
        return g_variant_new_int64 (integer);
      perry_spec_problems_add (problems, where, "%s is not an amount such as 256m", quoted);
      return NULL;
    case PERRY_FIELD_TYPE_NUMBER:
      if (perry_field_parse_number (text, &number))
        return g_variant_new_double (number);
      perry_spec_problems_add (problems, where, "%s is not a number such as 1.5", quoted);
      return NULL;
    default:
      return g_variant_new_string (text);
    }
}

/* Keeps the object's text in the one form that the writer gives. */
static GVariant *
parse_object (const char *text, const char *where, PerrySpecProblems *problems)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = perry_json_parse (text, -1, NULL, &error);

  if (perry_json_as_object (root) != NULL)
    return g_variant_new_take_string (perry_json_to_text (root, FALSE));
  perry_spec_problems_add (problems, where, "is not a JSON object%s%s", error != NULL ? ": " : "",
                           error != NULL ? error->message : "");
  return NULL;
}

/* Returns a floating value, or NULL when a problem was added. */
static GVariant *
parse_text (const PerryContainerSpec *spec, PerryField field, const char *text, const char *where,
            PerrySpecProblems *problems)
{
  PerryFieldType type = perry_field_get_info (field)->type;
  const GVariantType *variant_type = perry_field_type_get_variant_type (type);
  g_autofree char *key = NULL;
  g_autofree char *rest = NULL;
  GVariant *element;

  switch (type)
    {
    case PERRY_FIELD_TYPE_STRV:
    case PERRY_FIELD_TYPE_PORTS:
      return append_element (spec, field, variant_type, g_variant_new_string (text));
    case PERRY_FIELD_TYPE_MAP:
      if (!perry_field_split_pair (field, text, where, problems, &key, &rest))
        return NULL;
      return append_element (spec, field, variant_type, g_variant_new ("{ss}", key, rest));
    case PERRY_FIELD_TYPE_MOUNTS:
      element = perry_field_parse_mount (text, where, problems);
      return element != NULL ? append_element (spec, field, variant_type, element) : NULL;
    case PERRY_FIELD_TYPE_DEVICES:
      element = perry_field_parse_device (text, where, problems);
      return element != NULL ? append_element (spec, field, variant_type, element) : NULL;
    case PERRY_FIELD_TYPE_OBJECT:
      return parse_object (text, where, problems);
    default:
      if (field == PERRY_FIELD_MEMORY_SWAP && g_str_equal (text, "-1"))
        return g_variant_new_int64 (-1);
      return parse_scalar (type, text, where, problems);
    }
}

gboolean
perry_container_spec_add_text (PerryContainerSpec *spec, PerryField field, const char *text, const char *where,
                               PerrySpecProblems *problems)
{
  g_autoptr (GVariant) canonical = NULL;
  GVariant *value;

  if (!g_utf8_validate (text, -1, NULL))
    {
      g_autofree char *quoted = perry_spec_quote (text);

      perry_spec_problems_add (problems, where, "%s is not valid UTF-8", quoted);
      return FALSE;
    }

  value = parse_text (spec, field, text, where, problems);
  if (value != NULL)
    canonical = perry_field_canonicalise (field, value, where, problems);
  if (canonical == NULL)
    return FALSE;
  perry_container_spec_take_value (spec, field, canonical);
  return TRUE;
}

gboolean
perry_container_spec_set_from_text (PerryContainerSpec *spec, PerryField field, const char *text, const char *where,
                                    GError **error)
{
  g_autoptr (PerrySpecProblems) problems = NULL;

  g_return_val_if_fail (spec != NULL, FALSE);
  g_return_val_if_fail ((guint) field < PERRY_FIELD_LAST, FALSE);
  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (where != NULL, FALSE);

  problems = perry_spec_problems_new ();
  perry_container_spec_add_text (spec, field, text, where, problems);
  return perry_spec_problems_to_result (problems, error);
}

static const PerryFieldOption *
find_member_option (PerryField field, const char *member)
{
  const PerryFieldOption *option = perry_field_get_info (field)->options;

  for (; option != NULL && option->name != NULL; option++)
    if (g_str_equal (option->member, member))
      return option;
  return NULL;
}

/* The field's object, or a new one, with one member set; a switch and a whole number are not texts in it. */
static char *
set_member (const PerryContainerSpec *spec, PerryField field, const PerryFieldOption *option, const char *text)
{
  const char *present = perry_container_spec_get_string (spec, field);
  g_autoptr (JsonNode) root = present != NULL ? perry_json_parse (present, -1, NULL, NULL) : NULL;
  JsonObject *object;
  gint64 number;

  if (root == NULL)
    {
      root = json_node_new (JSON_NODE_OBJECT);
      json_node_take_object (root, json_object_new ());
    }
  object = json_node_get_object (root);
  if (option->argument == NULL)
    json_object_set_boolean_member (object, option->member, g_str_equal (text, "true"));
  else if (g_str_equal (option->argument, "NUMBER") &&
           g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &number, NULL))
    json_object_set_int_member (object, option->member, number);
  else
    json_object_set_string_member (object, option->member, text);
  return perry_json_to_text (root, FALSE);
}

gboolean
perry_container_spec_set_member_from_text (PerryContainerSpec *spec, PerryField field, const char *member,
                                           const char *text, const char *where, GError **error)
{
  g_autoptr (PerrySpecProblems) problems = NULL;
  const PerryFieldOption *option;
  g_autofree char *object = NULL;

  g_return_val_if_fail (spec != NULL, FALSE);
  g_return_val_if_fail ((guint) field < PERRY_FIELD_LAST, FALSE);
  g_return_val_if_fail (text != NULL && where != NULL, FALSE);
  option = find_member_option (field, member);
  g_return_val_if_fail (option != NULL, FALSE);

  /* A switch that is off changes nothing where it was never on. */
  if (option->argument == NULL && g_str_equal (text, "false") && !perry_container_spec_is_set (spec, field))
    return TRUE;
  problems = perry_spec_problems_new ();
  if (g_utf8_validate (text, -1, NULL))
    object = set_member (spec, field, option, text);
  perry_container_spec_add_text (spec, field, object != NULL ? object : text, where, problems);
  return perry_spec_problems_to_result (problems, error);
}
