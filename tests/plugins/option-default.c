/* SPDX-License-Identifier: Apache-2.0 */
/* An option's default is not of its type. */
#include "plugin-api/perry-plugin.h"

static const PerryPluginOption bad_options[] = {
  { "retries", "x", "'three'", "how often to try" },
  { NULL },
};

#define ZOO_OVERRIDES .options = bad_options
#include "tests/plugins/zoo.h"
