/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugins/http-client/perry-http-reply.h"

G_BEGIN_DECLS

/* What libpod's failures mean; for perry_http_reply_check(). Podman answers 500 for nearly everything, so the text
 * decides. */
extern const PerryHttpErrorRule perry_podman_error_rules[];

/* Gives the failure of an init, attach or start its code where the workload itself is to blame. Pure. */
void perry_podman_classify_start_error (GError *error);

/* Whether a forced removal failed because the container ended by itself before it could be killed: it is there still, and
 * removing it once more works. */
gboolean perry_podman_error_is_end_meanwhile (const GError *error);

G_END_DECLS
