/* SPDX-License-Identifier: Apache-2.0 */
/* Has an empty version. */
#define ZOO_OVERRIDES .version = ""
#include "tests/plugins/zoo.h"
