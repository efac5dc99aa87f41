/* SPDX-License-Identifier: Apache-2.0 */
/* Forgot its size, so that nothing behind it can be believed. */
#define ZOO_OVERRIDES .struct_size = 0, .api_major = PERRY_PLUGIN_API_MAJOR + 1
#include "tests/plugins/zoo.h"
