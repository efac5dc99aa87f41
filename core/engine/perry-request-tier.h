/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-request.h"

G_BEGIN_DECLS

/* Step 2: @spec is raised to its tier's floor and becomes what the request asks for. */
gboolean perry_request_raise (PerryRequest *request, const PerryContainerSpec *spec, GError **error);

/* Gives a spec that names the profile `perry` its text: what the word means is known here, not where the spec was read. */
void perry_request_fill_profile (PerryContainerSpec *spec);

/* After step 3: a workload that needs a virtual machine names the runtime that makes one. What the backend lacks of it is
 * kept, to be said whenever the request is prepared. */
void perry_request_route (PerryRequest *request);

/* After step 4: an image's own user that is sure not to be root takes the place of the tier's. */
void perry_request_settle_user (PerryRequest *request);

/* Puts what the tier added where the result's adjustments begin. */
void perry_request_add_tier_adjustments (PerryRequest *request);

G_END_DECLS
