/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-json-members.h"

void
perry_json_add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

void
perry_json_add_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

void
perry_json_add_boolean (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

void
perry_json_add_strv (JsonBuilder *builder, const char *name, char **values)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (gsize i = 0; values != NULL && values[i] != NULL; i++)
    json_builder_add_string_value (builder, values[i]);
  json_builder_end_array (builder);
}

void
perry_json_add_time (JsonBuilder *builder, const char *name, gint64 microseconds)
{
  g_autoptr (GDateTime) utc = NULL;
  g_autofree char *text = NULL;

  if (microseconds > 0)
    utc = g_date_time_new_from_unix_utc (microseconds / G_USEC_PER_SEC);
  if (utc != NULL)
    text = g_date_time_format_iso8601 (utc);
  perry_json_add_string (builder, name, text);
}

void
perry_json_add_milliseconds (JsonBuilder *builder, const char *name, double milliseconds)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, ((gint64) (milliseconds * 1000 + 0.5)) / 1000.0);
}
