/* SPDX-License-Identifier: Apache-2.0 */
/* A second good backend: other capabilities, other texts, three candidates and a newer, longer operations struct. */
#include "plugin-api/perry-plugin.h"

static const PerryCapabilityRow other_capabilities[] = {
  { "seccomp-profile", PERRY_SUPPORT_NATIVE, NULL },
  { "apparmor", PERRY_SUPPORT_NOT_APPLICABLE, "the boundary is a virtual machine" },
  { NULL },
};

static const PerryBackendCandidate candidates[] = {
  { "other", "the other engine" },
  { "other-desktop", "its desktop edition" },
  { "shop", "its shop" },
  { NULL },
};

static const PerryBackendCandidate *
list_candidates (void)
{
  return candidates;
}

#define ZOO_OVERRIDES .version = "4.5", .summary = "Another backend", .capabilities = other_capabilities, .options = NULL
#define ZOO_OPS_OVERRIDES .list_candidates = list_candidates
#include "tests/plugins/zoo.h"
