/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Write one member of an object that is being built. A NULL string becomes null, a NULL array an empty one, a time is
 * microseconds since the epoch and becomes ISO 8601 or null. */
void perry_json_add_string (JsonBuilder *builder, const char *name, const char *value);
void perry_json_add_int (JsonBuilder *builder, const char *name, gint64 value);
void perry_json_add_boolean (JsonBuilder *builder, const char *name, gboolean value);
void perry_json_add_strv (JsonBuilder *builder, const char *name, char **values);
void perry_json_add_time (JsonBuilder *builder, const char *name, gint64 microseconds);
void perry_json_add_milliseconds (JsonBuilder *builder, const char *name, double milliseconds);

G_END_DECLS
