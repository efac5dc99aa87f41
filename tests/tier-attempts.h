/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An attempt to loosen a tier's floor. */
typedef struct {
  const char *tier;
  const char *members; /* of the spec */
  const char *line;    /* how the error's line begins */
} TierAttempt;

/* Ends with a NULL tier. */
extern const TierAttempt tier_attempts[];

G_END_DECLS
