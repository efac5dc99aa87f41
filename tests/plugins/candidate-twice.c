/* SPDX-License-Identifier: Apache-2.0 */
/* Lists a candidate twice. */
#include "plugin-api/perry-plugin.h"

static const PerryBackendCandidate bad_candidates[] = {
  { "desktop", "the desktop edition" },
  { "desktop", "the desktop edition, again" },
  { NULL },
};

static const PerryBackendCandidate *
list_candidates (void)
{
  return bad_candidates;
}

#define ZOO_OPS_OVERRIDES .list_candidates = list_candidates
#include "tests/plugins/zoo.h"
