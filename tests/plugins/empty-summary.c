/* SPDX-License-Identifier: Apache-2.0 */
/* Has an empty summary. */
#define ZOO_OVERRIDES .summary = ""
#include "tests/plugins/zoo.h"
