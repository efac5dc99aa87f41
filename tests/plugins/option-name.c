/* SPDX-License-Identifier: Apache-2.0 */
/* An option's name could not stand in a configuration file. */
#include "plugin-api/perry-plugin.h"

static const PerryPluginOption bad_options[] = {
  { "re tries=", "x", "3", "how often to try" },
  { NULL },
};

#define ZOO_OVERRIDES .options = bad_options
#include "tests/plugins/zoo.h"
