/* SPDX-License-Identifier: Apache-2.0 */
/* An option is declared twice. */
#include "plugin-api/perry-plugin.h"

static const PerryPluginOption bad_options[] = {
  { "retries", "x", "3", "how often to try" },
  { "retries", "x", "4", "how often to try" },
  { NULL },
};

#define ZOO_OVERRIDES .options = bad_options
#include "tests/plugins/zoo.h"
