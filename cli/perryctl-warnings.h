/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/perry-container.h"

G_BEGIN_DECLS

/*
 * Prints to standard error how the container is not literally what was asked for, where the enforcement mode wants it
 * printed and a log record has not said it before the start, and what the engine itself said.
 */
void perryctl_warnings_print (const PerryRunResult *result);

G_END_DECLS
