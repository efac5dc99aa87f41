/* SPDX-License-Identifier: Apache-2.0 */
/* An option says nothing about itself. */
#include "plugin-api/perry-plugin.h"

static const PerryPluginOption bad_options[] = {
  { "retries", "x", "3", NULL },
  { NULL },
};

#define ZOO_OVERRIDES .options = bad_options
#include "tests/plugins/zoo.h"
