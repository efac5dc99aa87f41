/* SPDX-License-Identifier: Apache-2.0 */
/* An option has no default. */
#include "plugin-api/perry-plugin.h"

static const PerryPluginOption bad_options[] = {
  { "retries", "x", NULL, "how often to try" },
  { NULL },
};

#define ZOO_OVERRIDES .options = bad_options
#include "tests/plugins/zoo.h"
