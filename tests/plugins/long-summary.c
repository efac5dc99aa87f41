/* SPDX-License-Identifier: Apache-2.0 */
/* Its summary has 257 bytes. */
#define ZOO_16 "sixteen letters "
#define ZOO_64 ZOO_16 ZOO_16 ZOO_16 ZOO_16
#define ZOO_OVERRIDES .summary = ZOO_64 ZOO_64 ZOO_64 ZOO_64 "!"
#include "tests/plugins/zoo.h"
