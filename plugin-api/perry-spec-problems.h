/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-spec-fields.h"

G_BEGIN_DECLS

/* Everything that is wrong with a spec, each with its place: a JSON path that begins with `$`, or an option's name. */
PerrySpecProblems *perry_spec_problems_new (void);
void perry_spec_problems_free (PerrySpecProblems *problems);

void perry_spec_problems_add (PerrySpecProblems *problems, const char *path, const char *format, ...)
  G_GNUC_PRINTF (3, 4);

/* Adds “@text” in quotation marks, escaped and shortened, and a message that begins after it. */
void perry_spec_problems_add_about (PerrySpecProblems *problems, const char *path, const char *text,
                                    const char *format, ...) G_GNUC_PRINTF (4, 5);

/* For a member that no table has: names the nearest of @known, which ends with NULL. */
void perry_spec_problems_add_unknown_key (PerrySpecProblems *problems, const char *path, const char *name,
                                          const char *const *known);

/* For a member that is there in both of its spellings. */
void perry_spec_problems_add_twice (PerrySpecProblems *problems, const char *path, const char *name,
                                    const char *camel_case);

/* For what this version knows and does not offer: adds “@what is not available in this version”. */
void perry_spec_problems_add_unavailable (PerrySpecProblems *problems, const char *path, const char *what);

/* Adds “must be @wanted, not …” with the kind of value that @node is. */
void perry_spec_problems_add_type (PerrySpecProblems *problems, const char *path, const char *wanted, JsonNode *node);

/* How a row of the sub-table of an object begins; the last row's name is NULL. */
typedef struct {
  const char *name;
  const char *camel_case;
} PerrySpecMember;

typedef void (*PerrySpecMemberReader) (gpointer data, guint row, JsonNode *node, const char *path);

/* Hands every member of @object to @read, with the row that has it. One that no row has is a problem, as is one that is
 * there in both spellings. @rows: at most 32 of @row_size bytes, each beginning as a PerrySpecMember. @unavailable: names
 * that are known and not offered, NULL for none. @also: a further name to suggest, or NULL. Returns one bit for each row
 * that was there. */
guint perry_spec_problems_read_members (PerrySpecProblems *problems, JsonObject *object, const char *path,
                                        gconstpointer rows, gsize row_size, const char *const *unavailable,
                                        const char *also, PerrySpecMemberReader read, gpointer data);

guint perry_spec_problems_get_length (const PerrySpecProblems *problems);

/* Whether further problems are only counted. Then no time is spent on finding the name that was meant: a document can
 * hold a million unknown ones. */
gboolean perry_spec_problems_is_full (const PerrySpecProblems *problems);

/* Does what perry_json_nearest_key() does, and returns NULL when the list is full. */
const char *perry_spec_problems_find_nearest (const PerrySpecProblems *problems, const char *unknown,
                                              const char *const *known);

/* Returns TRUE and leaves @error alone where there is no problem. */
gboolean perry_spec_problems_to_result (const PerrySpecProblems *problems, GError **error);

/* The same for a document that is no spec: @what it is called, as in “3 problems in the @what”. */
gboolean perry_spec_problems_to_error (const PerrySpecProblems *problems, const char *what, PerryError code,
                                       GError **error);

/* `$.cap_add` + 1 -> `$.cap_add[1]`. An option's name and the path of an element stay as they are: what they stand for
 * is one element itself. */
char *perry_spec_path_add_index (const char *path, gsize index);

/* `$.env` + `my key` -> `$.env["my key"]`; an option's name stays as it is. */
char *perry_spec_path_add_member (const char *path, const char *member);

/* Appends text of unknown origin so that it can be printed: invalid UTF-8 and control characters escaped, at most
 * @max_chars characters. */
void perry_spec_append_escaped (GString *to, const char *text, gsize max_chars);

/* Puts text of unknown origin into quotation marks, escaped and shortened. */
char *perry_spec_quote (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerrySpecProblems, perry_spec_problems_free)

G_END_DECLS
