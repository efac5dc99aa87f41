/* SPDX-License-Identifier: Apache-2.0 */
/* Has no operations at all. */
#define ZOO_OVERRIDES .ops = NULL
#include "tests/plugins/zoo.h"
