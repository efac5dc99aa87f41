/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugins/http-client/perry-http-reply.h"

G_BEGIN_DECLS

/* What Docker's failures mean; for perry_http_reply_check(). */
extern const PerryHttpErrorRule perry_docker_error_rules[];

/* Gives the failure of a start its code where the workload itself is to blame: Docker answers 400 or 500 and leaves the
 * reason to the text of the OCI runtime. Pure. */
void perry_docker_classify_start_error (GError *error);

/* Whether a removal failed because the engine is at it already, as after the end of a container with AutoRemove. */
gboolean perry_docker_error_is_removal_in_progress (const GError *error);

/* The warnings of a create that say that something asked for will not be done; never NULL. The others are about the
 * host and not about this container. Pure. */
char **perry_docker_warnings_dup (JsonNode *reply);

/* Whether a warning of a create says that something that was asked for will not be done. Pure. */
gboolean perry_docker_warning_is_loss (const char *warning);

G_END_DECLS
