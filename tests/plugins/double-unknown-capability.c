/* SPDX-License-Identifier: Apache-2.0 */
/* Declares a capability twice that this library does not know. */
#include "plugin-api/perry-plugin.h"

static const PerryCapabilityRow bad_capabilities[] = {
  { "time-travel", PERRY_SUPPORT_NATIVE, NULL },
  { "time-travel", PERRY_SUPPORT_NATIVE, NULL },
  { NULL },
};

#define ZOO_OVERRIDES .capabilities = bad_capabilities
#include "tests/plugins/zoo.h"
