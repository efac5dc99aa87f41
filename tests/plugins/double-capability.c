/* SPDX-License-Identifier: Apache-2.0 */
/* Declares a capability twice. */
#include "plugin-api/perry-plugin.h"

static const PerryCapabilityRow bad_capabilities[] = {
  { "exec", PERRY_SUPPORT_NATIVE, NULL },
  { "init", PERRY_SUPPORT_NATIVE, NULL },
  { "exec", PERRY_SUPPORT_UNSUPPORTED, NULL },
  { NULL },
};

#define ZOO_OVERRIDES .capabilities = bad_capabilities
#include "tests/plugins/zoo.h"
