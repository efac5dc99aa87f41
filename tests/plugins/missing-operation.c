/* SPDX-License-Identifier: Apache-2.0 */
/* Lacks one required operation: built once for each, ZOO_MISSING. */
#define ZOO_OPS_OVERRIDES .ZOO_MISSING = NULL
#include "tests/plugins/zoo.h"
