/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-json.h"

G_BEGIN_DECLS

typedef enum {
  PERRY_SECCOMP_NE,
  PERRY_SECCOMP_LT,
  PERRY_SECCOMP_LE,
  PERRY_SECCOMP_EQ,
  PERRY_SECCOMP_GE,
  PERRY_SECCOMP_GT,
  PERRY_SECCOMP_MASKED_EQ,
} PerrySeccompOperator;

/* One comparison of a call's argument @index. With PERRY_SECCOMP_MASKED_EQ the bits of @mask have to be those of @value;
 * otherwise @mask has all bits. */
typedef struct {
  guint index;
  PerrySeccompOperator op;
  guint64 mask;
  guint64 value;
} PerrySeccompComparison;

/* What a rule says about one call, when all comparisons hold.
 * @lets_through: whether the call is then executed, or somebody else decides (SCMP_ACT_LOG, TRACE, NOTIFY, and every action
 *   that is not known to refuse)
 * @ambiguous: whether it compares one argument twice; runtimes take that for alternatives
 * @filters: (nullable): the text of what has to be true of the machine and the container, `includes` and `excludes` */
typedef struct {
  gboolean lets_through;
  gboolean ambiguous;
  GArray *comparisons;
  char *filters;
} PerrySeccompRule;

/* A profile in the format of Docker and Podman.
 * @rest: whether calls that no rule names are let through
 * @default_action: the word for that
 * @calls: from a call's name to its rules, a GPtrArray of PerrySeccompRule in the order of the text
 * @architectures: those that are named beside the machine's own, as `ARCHITECTURE` or `ARCHITECTURE of NATIVE ONE`
 * @natives: those that are named as the machine's own
 * @flags: flags of the filter that change what it is good for */
typedef struct {
  gboolean rest;
  char *default_action;
  GHashTable *calls;
  GHashTable *architectures;
  GHashTable *natives;
  GHashTable *flags;
} PerrySeccompProfile;

/* Reads a profile strictly: a member that is not known is an error, because the engines find members in any case of their
 * letters. Errors: PERRY_ERROR_INVALID_JSON, PERRY_ERROR_INVALID_SPEC; the message calls the profile @what. */
PerrySeccompProfile *perry_seccomp_profile_new (const char *text, const char *what, GError **error);
void perry_seccomp_profile_free (PerrySeccompProfile *profile);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerrySeccompProfile, perry_seccomp_profile_free)

G_END_DECLS
