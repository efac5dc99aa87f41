/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-rootless.h"

void
perry_engine_limit_rootless (const PerryContainerSpec *spec, const PerryEngineInfo *engine, PerryFieldSupport *support)
{
  if (engine == NULL || !engine->rootless)
    return;
  if (g_strcmp0 (perry_container_spec_get_string (spec, PERRY_FIELD_USERNS), "host") == 0)
    perry_field_support_limit (support, PERRY_FIELD_USERNS, PERRY_SUPPORT_UNSUPPORTED,
                               "a rootless engine's containers live in its own user namespace, never in the host's");
}
