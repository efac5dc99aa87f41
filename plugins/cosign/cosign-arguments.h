/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-requirement.h"
#include "plugins/cosign/cosign-verifier.h"

G_BEGIN_DECLS

/* Whether the requirement is one that needs roots or keys of logs: all but a key without a log. */
gboolean perry_cosign_needs_trust (const PerryRequirement *requirement);

/* The words of `cosign verify`, the one reference last. @legacy asks a cosign 3 for the format of the first one. */
char **perry_cosign_make_arguments (const PerryCosign *cosign, const PerryCosignProgram *program,
                                    const PerryRequirement *requirement, const char *reference, gboolean legacy);

/* The whole environment of the program: what it needs to reach a registry as the user who calls, out of @ours, and the
 * files of the trust root for a cosign 2. Nothing else of ours comes in, because many variables change what is trusted
 * or where signatures are looked for. */
char **perry_cosign_make_environment (const PerryCosign *cosign, const PerryCosignProgram *program,
                                      const PerryRequirement *requirement, char *const *ours);

G_END_DECLS
