/* SPDX-License-Identifier: Apache-2.0 */
/* Has a level of support that does not exist. */
#include "plugin-api/perry-plugin.h"

static const PerryCapabilityRow bad_capabilities[] = {
  { "exec", (PerrySupport) 9, "better than native" },
  { NULL },
};

#define ZOO_OVERRIDES .capabilities = bad_capabilities
#include "tests/plugins/zoo.h"
