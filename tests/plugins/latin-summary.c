/* SPDX-License-Identifier: Apache-2.0 */
/* Its summary is Latin-1. */
#define ZOO_OVERRIDES .summary = "K\xf6ln"
#include "tests/plugins/zoo.h"
