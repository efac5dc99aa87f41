/* SPDX-License-Identifier: Apache-2.0 */
/* A backend without a capability table. */
#define ZOO_OVERRIDES .capabilities = NULL
#include "tests/plugins/zoo.h"
