/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-requirement.h"
#include "plugin-api/perry-spec-problems.h"

G_BEGIN_DECLS

/* A row of the sub-table of `verify`, which ends with a row whose name is NULL. */
typedef struct {
  const char *name;
  const char *camel_case;
  gboolean is_boolean; /* else a string */
  gsize offset;        /* in PerryRequirement */
  const char *help;
} PerryRequirementMember;

const PerryRequirementMember *perry_requirement_get_members (void);

/* What perry_requirement_from_node() does, for a document whose problems are told together. NULL where there are
 * some. */
PerryRequirement *perry_requirement_read (JsonNode *node, const char *path, PerrySpecProblems *problems);

/* The same for an object that is not empty; @also is a member that stood in it and is known too, or NULL. What members need
 * of each other is left to perry_requirement_check_whole() where @is_whole is FALSE. */
PerryRequirement *perry_requirement_read_members (JsonObject *object, const char *also, gboolean is_whole,
                                                  const char *path, PerrySpecProblems *problems);
void perry_requirement_check_whole (const PerryRequirement *requirement, const char *path, PerrySpecProblems *problems);

/* Compiles a pattern so that it matches a whole text or not at all. */
GRegex *perry_requirement_compile (const char *pattern, GError **error);

G_END_DECLS
