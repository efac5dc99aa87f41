/* SPDX-License-Identifier: Apache-2.0 */
/* Has no licence. */
#define ZOO_OVERRIDES .licence = NULL
#include "tests/plugins/zoo.h"
