/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugins/cosign/cosign-verifier.h"

G_BEGIN_DECLS

/* Looks at the files that the program will be given. @requirement may be NULL: then as for one that needs them all.
 * PERRY_ERROR_INVALID_CONFIG where the options are for another cosign or a file does not hold what it has to, and those
 * of perry_file_read(). */
gboolean perry_cosign_check_trust (const PerryCosign *cosign, const PerryCosignProgram *program,
                                   const PerryRequirement *requirement, GError **error);

/* One line that changes when the content of a file of the options does, whichever kind of cosign it is for. */
char *perry_cosign_describe_trust (const PerryCosign *cosign, GError **error);

G_END_DECLS
