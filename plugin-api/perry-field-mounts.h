/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-container-spec.h"

G_BEGIN_DECLS

/* A member of the long form of `volumes`, or of an object in it. The table ends with a row whose name is NULL. */
typedef struct {
  const char *parent; /* NULL, `bind`, `volume` or `tmpfs` */
  const char *name;
  const char *camel_case;
  PerryFieldType type;
  const char *const *words; /* nullable */
  const char *help;
} PerryMountMember;

const PerryMountMember *perry_field_get_mount_members (void);

const char *perry_mount_type_get_word (PerryMountType type);
gboolean perry_mount_type_from_word (const char *word, PerryMountType *ret_type);

/* Reads `source:target[:options]`. Returns NULL when a problem was added, a floating tuple otherwise. The tuple is
 * checked by perry_field_check_mount(). */
GVariant *perry_field_parse_mount (const char *text, const char *path, PerrySpecProblems *problems);

/* Reads the long form. Returns as perry_field_parse_mount(). */
GVariant *perry_field_read_mount (JsonObject *object, const char *path, PerrySpecProblems *problems);

/* Checks one tuple of `volumes`; returns a floating canonical one, or NULL when a problem was added. */
GVariant *perry_field_check_mount (GVariant *mount, const char *path, PerrySpecProblems *problems);

/* Checks `path[:options]`; returns the canonical text, or NULL when a problem was added. */
char *perry_field_check_tmpfs (const char *text, const char *path, PerrySpecProblems *problems);

/* Makes an absolute path of the container canonical; returns NULL when a problem was added. */
char *perry_field_normalise_path (const char *text, const char *path, PerrySpecProblems *problems);

/* Turns stored values into mounts, for values that were checked and for those that an engine reported. */
PerryMount *perry_mount_new_from_tmpfs (const char *text);
PerryMount *perry_mount_new_from_variant (GVariant *mount);
GVariant *perry_mount_to_variant (const PerryMount *mount);

G_END_DECLS
