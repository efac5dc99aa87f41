/* SPDX-License-Identifier: Apache-2.0 */
/* An option has a type that is not offered. */
#include "plugin-api/perry-plugin.h"

static const PerryPluginOption bad_options[] = {
  { "socket", "a{sv}", "{}", "where the engine listens" },
  { NULL },
};

#define ZOO_OVERRIDES .options = bad_options
#include "tests/plugins/zoo.h"
