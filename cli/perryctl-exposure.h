/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/perryctl-arguments.h"
#include "cli/perryctl-table.h"

G_BEGIN_DECLS

#define PERRYCTL_OPTION_FAIL_ABOVE                                                                                     \
  { "fail-above", 0, "SCORE", "End with exit status 3 where an exposure is above SCORE, a number from 0 to 10" }

/* Above every score. */
#define PERRYCTL_EXPOSURE_NEVER 11.0

/* Reads `--fail-above`; leaves @ret_limit alone where it is absent. */
gboolean perryctl_exposure_read_limit (const PerryctlArguments *arguments, double *ret_limit, GError **error);

/* `3.4 medium`. (transfer full) */
char *perryctl_exposure_format (double score);
PerryctlColour perryctl_exposure_get_colour (double score);

/* Prints a rating, row by row, those that expose most first. */
void perryctl_exposure_print (const PerryExposure *exposure);

G_END_DECLS
