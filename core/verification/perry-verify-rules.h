/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "config/perry-config.h"
#include "plugin-api/perry-image-reference.h"

G_BEGIN_DECLS

/* Whether @pattern, which the configuration has checked, covers @reference: `*` stands for any text within one component of
 * a path, `**` for any text. A pattern without a tag or digest covers all of a repository. Pure. */
gboolean perry_verify_pattern_matches (const char *pattern, const PerryImageReference *reference);

/* The rule that counts for @reference, NULL where none covers it: the one whose pattern has the most characters that are no
 * wildcard; of those the one with the fewest wildcards; of those the first by name. @rules: elements PerryVerifyRule. Pure. */
const PerryVerifyRule *perry_verify_find_rule (const GPtrArray *rules, const PerryImageReference *reference);

/* Who decides about verification, and what. */
typedef struct {
  PerryVerifyMode mode;    /* the configuration's, with the minimum in it */
  const char *mode_origin;
  PerryVerifyMode minimum; /* what nothing goes below */
  const char *minimum_origin;
  const GPtrArray *rules;

  gboolean has_own_mode; /* the spec's `verify`, or an option of the call */
  PerryVerifyMode own_mode;
  const PerryRequirement *own_requirement; /* NULL for none */
} PerryVerifyPolicy;

typedef struct {
  PerryVerifyMode mode; /* off where a rule exempts the image */
  char *mode_reason;    /* for people: who set it, and what raised it */
  PerryRequirement *requirement;
  char *requirement_reason;
  char *rule;           /* the name of the rule that covers the image, NULL for none */
  gboolean exempt;
  gboolean exemption_void; /* the rule exempts, but an administrator's minimum is above it */
} PerryVerifyDecision;

/* What is to be done about an image. What a caller says for one call comes before rules, rules before the default
 * requirement, and nothing below the minimum. Pure. */
PerryVerifyDecision *perry_verify_decide (const PerryVerifyPolicy *policy, const PerryImageReference *reference);
void perry_verify_decision_free (PerryVerifyDecision *decision);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryVerifyDecision, perry_verify_decision_free)

G_END_DECLS
