/* SPDX-License-Identifier: Apache-2.0 */
/* Forgot its size. */
#define ZOO_OVERRIDES .struct_size = 0
#include "tests/plugins/zoo.h"
