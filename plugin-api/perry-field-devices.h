/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-container-spec.h"

G_BEGIN_DECLS

#define PERRY_DEVICE_VARIANT_TYPE "(sss)"
#define PERRY_DEVICES_VARIANT_TYPE "a(sss)"

/* Reads `HOST[:CONTAINER[:PERMISSIONS]]`. Returns NULL when a problem was added, a floating tuple otherwise. The tuple is
 * not checked beyond its parts. */
GVariant *perry_field_parse_device (const char *text, const char *path, PerrySpecProblems *problems);

/* Reads the long form. Returns as perry_field_parse_device(). */
GVariant *perry_field_read_device (JsonObject *object, const char *path, PerrySpecProblems *problems);

/* Checks one tuple of `devices`; returns a floating canonical one, or NULL when a problem was added. */
GVariant *perry_field_check_device (GVariant *device, const char *path, PerrySpecProblems *problems);

/* Looks whether each source is a device node, and follows links. Adds problems. */
void perry_field_complete_devices (PerryContainerSpec *spec, PerrySpecProblems *problems);

/* What a device and another field cannot both mean. */
void perry_field_check_devices_whole (const PerryContainerSpec *spec, PerrySpecProblems *problems);

/* For people: `/dev/a:/dev/b:rw`, with the parts that say nothing left out. */
void perry_field_append_devices (GString *text, GVariant *devices);

/* The long form, because a path with a colon has no short one. */
JsonArray *perry_field_write_devices (GVariant *devices);

G_END_DECLS
