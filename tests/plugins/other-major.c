/* SPDX-License-Identifier: Apache-2.0 */
/* Was built for another major version; its sizes are nothing that this one could judge. */
#define ZOO_OVERRIDES .api_major = PERRY_PLUGIN_API_MAJOR + 1, .kind = 77
#include "tests/plugins/zoo.h"
