/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-error.h"

G_BEGIN_DECLS

/*
 * perry_seccomp_profile_within:
 * @profile: the text of a seccomp profile in the format of Docker and Podman
 * @limit: another one
 * @error: return location for an error
 *
 * Says whether @profile lets nothing through that @limit does not. In doubt it does: what @profile lets through on some
 * machine or with some capability counts, and so does what another of its rules refuses; of @limit only counts what nothing
 * takes back. A condition has to be within one condition of @limit, not within several together.
 *
 * Errors: PERRY_ERROR_ENFORCEMENT where it lets more through, with the first five calls and their number;
 * PERRY_ERROR_INVALID_JSON and PERRY_ERROR_INVALID_SPEC where one of the two cannot be read.
 *
 * Returns: TRUE if @profile is within @limit
 */
gboolean perry_seccomp_profile_within (const char *profile, const char *limit, GError **error);

G_END_DECLS
