/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-request.h"

G_BEGIN_DECLS

/* Explains a prepared request field by field. */
PerryPlan *perry_plan_new (const PerryRequest *request);

G_END_DECLS
