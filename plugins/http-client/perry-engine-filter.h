/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The `filters` of a list request: `{"label": ["key", "key=value"]}`; NULL for no labels. Pure. */
JsonNode *perry_engine_label_filter (const char *const *labels);

/* Seconds with six decimals, as both engines read a time of microseconds since the epoch. Pure. */
char *perry_engine_time_to_query (gint64 time);

G_END_DECLS
