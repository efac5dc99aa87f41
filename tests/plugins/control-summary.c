/* SPDX-License-Identifier: Apache-2.0 */
/* Its summary would clear a terminal. */
#define ZOO_OVERRIDES .summary = "\033[2Jnothing to see here"
#include "tests/plugins/zoo.h"
