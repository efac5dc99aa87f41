/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * perry-container:
 *
 * Everything that an application needs: `#include <perry-container-1/core/perry-container.h>` with
 * `pkg-config --cflags perry-container-1`.
 */
#include "config/perry-config.h"
#include "core/audit/perry-audit.h"
#include "core/audit/perry-exposure.h"
#include "core/engine/perry-engine-networks.h"
#include "core/engine/perry-engine-verify.h"
#include "core/engine/perry-engine.h"
#include "core/engine/perry-examine.h"
#include "core/engine/perry-pull-options.h"
#include "core/engine/perry-result.h"
#include "core/loader/perry-plugin-registry.h"
#include "core/policy/perry-adjustment.h"
#include "core/policy/perry-proof-result.h"
#include "core/policy/perry-tier.h"
#include "core/sandbox/perry-sandbox-batch.h"
#include "core/sandbox/perry-sandbox.h"
#include "plugin-api/perry-backend.h"
#include "plugin-api/perry-capability.h"
#include "plugin-api/perry-container-spec.h"
#include "plugin-api/perry-error.h"
#include "plugin-api/perry-image-reference.h"
#include "plugin-api/perry-json.h"
#include "plugin-api/perry-network.h"
#include "plugin-api/perry-requirement.h"
#include "plugin-api/perry-stream.h"
#include "plugin-api/perry-text.h"
#include "plugin-api/perry-verification.h"
#include "plugin-api/perry-verify-mode.h"
