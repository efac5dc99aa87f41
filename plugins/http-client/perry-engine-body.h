/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-container-spec.h"

G_BEGIN_DECLS

/* Writes fields of a spec into a request body. A field that is not set writes nothing. Pure. */

void perry_engine_body_set_boolean (JsonObject *body, const char *member, const PerryContainerSpec *spec,
                                    PerryField field);
void perry_engine_body_set_string (JsonObject *body, const char *member, const PerryContainerSpec *spec,
                                   PerryField field);
void perry_engine_body_set_strv (JsonObject *body, const char *member, const PerryContainerSpec *spec,
                                 PerryField field);

/* A map as an object, or as an array of `KEY=VALUE`, sorted by key. */
void perry_engine_body_set_map (JsonObject *body, const char *member, const PerryContainerSpec *spec,
                                PerryField field);
void perry_engine_body_set_pairs (JsonObject *body, const char *member, const PerryContainerSpec *spec,
                                  PerryField field);

/* A table of strings as an object, sorted by key; @labels may be NULL. */
void perry_engine_body_set_labels (JsonObject *body, const char *member, GHashTable *labels);

void perry_engine_body_add_element (JsonArray *array, const char *format, ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
