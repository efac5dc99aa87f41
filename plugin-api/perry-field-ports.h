/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-container-spec.h"

G_BEGIN_DECLS

/* A member of the long form of `ports`. The table ends with a row whose name is NULL. */
typedef struct {
  const char *name;
  const char *camel_case;
  gboolean is_port;         /* a number, or a text with a number or a range */
  const char *const *words; /* nullable */
  const char *help;
} PerryPortMember;

/* How a value is written in JSON or text, before it is checked; NULL where a part was left out. */
typedef struct {
  const char *host_ip;
  const char *published;
  const char *target;
  const char *protocol;
} PerryPortText;

const PerryPortMember *perry_field_get_port_members (void);

/* Reads `[address:][host:]container[/protocol]`. Returns NULL when a problem was added. */
PerryPort *perry_field_parse_port (const char *text, const char *path, PerrySpecProblems *problems);

/* Reads the long form, each part of which has a path of its own. Returns NULL when a problem was added. */
PerryPort *perry_field_read_port (JsonObject *object, const char *path, PerrySpecProblems *problems);

/* Makes a port of its parts; @part_paths are those of the parts, in the order of the struct. Returns NULL when a problem
 * was added. */
PerryPort *perry_field_make_port (const PerryPortText *text, const char *const part_paths[4], const char *path,
                                  PerrySpecProblems *problems);

/* Checks what is between the elements of @ports, in which NULL stands for one that could not be read. */
gboolean perry_field_check_port_set (GPtrArray *ports, const char *path, PerrySpecProblems *problems);

/* Reads one stored value, for values that were checked and for those that an engine reported; NULL for another text. */
PerryPort *perry_port_new_from_text (const char *text);

extern const char *const perry_port_protocol_words[];

G_END_DECLS
