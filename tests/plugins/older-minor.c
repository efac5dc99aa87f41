/* SPDX-License-Identifier: Apache-2.0 */
/* Was built for an older minor version than any that was published. */
#define ZOO_OVERRIDES .api_minor = PERRY_PLUGIN_API_MINOR - 1
#include "tests/plugins/zoo.h"
