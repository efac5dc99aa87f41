/* SPDX-License-Identifier: Apache-2.0 */
/* Says that it is another plugin. */
#define ZOO_OVERRIDES .id = "docker"
#include "tests/plugins/zoo.h"
