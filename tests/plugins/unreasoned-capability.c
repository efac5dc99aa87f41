/* SPDX-License-Identifier: Apache-2.0 */
/* Says partial, and not why. */
#include "plugin-api/perry-plugin.h"

static const PerryCapabilityRow bad_capabilities[] = {
  { "exec", PERRY_SUPPORT_PARTIAL, NULL },
  { NULL },
};

#define ZOO_OVERRIDES .capabilities = bad_capabilities
#include "tests/plugins/zoo.h"
