/* SPDX-License-Identifier: Apache-2.0 */
/* Lists no candidate. */
#include "plugin-api/perry-plugin.h"

static const PerryBackendCandidate bad_candidates[] = {
  { NULL },
};

static const PerryBackendCandidate *
list_candidates (void)
{
  return bad_candidates;
}

#define ZOO_OPS_OVERRIDES .list_candidates = list_candidates
#include "tests/plugins/zoo.h"
