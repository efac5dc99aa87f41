/* SPDX-License-Identifier: Apache-2.0 */
/* Has a capability with an empty name. */
#include "plugin-api/perry-plugin.h"

static const PerryCapabilityRow bad_capabilities[] = {
  { "", PERRY_SUPPORT_NATIVE, NULL },
  { NULL },
};

#define ZOO_OVERRIDES .capabilities = bad_capabilities
#include "tests/plugins/zoo.h"
