/* SPDX-License-Identifier: Apache-2.0 */
/* Says that it is larger than it is. */
#define ZOO_OVERRIDES .struct_size = 1 << 20
#include "tests/plugins/zoo.h"
