/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/* What Docker's and libpod's replies write alike. All of it is pure and takes replies of any shape: a member that is
 * missing or has another type counts as not said. */

/* A copy of a string; NULL where there is none or an empty one. */
char *perry_engine_string_dup (JsonObject *object, const char *member);

/* PERRY_ERROR_BACKEND_PROTOCOL for a reply that lacks what it has to have. */
void perry_engine_set_shape_error (GError **error, const char *engine, const char *what);

/* Microseconds since the epoch; 0 for no time, which engines write as the year 1. */
gint64 perry_engine_time_parse (const char *text);

/* Microseconds of a number of seconds since the epoch; 0 where it is no time. */
gint64 perry_engine_time_from_seconds (gint64 seconds);

/* Puts `sha256:` before an id that lacks it; NULL for NULL and for an empty text. */
char *perry_engine_image_id_dup (const char *id);

/* Normalises an image's tags and leaves out what is none, such as `<none>:<none>`; never NULL. */
char **perry_engine_image_names_dup (JsonObject *image, const char *member);

/* Joins a command for people, quoted where a shell would need it; NULL for no command. */
char *perry_engine_command_to_text (const char *const *command);

void perry_engine_labels_read (GHashTable *labels, JsonObject *object, const char *member);

PerryContainerStatus perry_engine_status_parse (const char *word);

/* Reads the `State` of an inspect reply. */
void perry_engine_state_read (PerryContainerInfo *info, JsonObject *state);

G_END_DECLS
