/* SPDX-License-Identifier: Apache-2.0 */
/* Is of a kind that does not exist. */
#define ZOO_OVERRIDES .kind = 77
#include "tests/plugins/zoo.h"
