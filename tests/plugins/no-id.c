/* SPDX-License-Identifier: Apache-2.0 */
/* Has no id. */
#define ZOO_OVERRIDES .id = NULL
#include "tests/plugins/zoo.h"
