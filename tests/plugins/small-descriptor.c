/* SPDX-License-Identifier: Apache-2.0 */
/* Says that it ends before the operations. */
#define ZOO_OVERRIDES .struct_size = G_STRUCT_OFFSET (PerryPluginDescriptor, ops)
#include "tests/plugins/zoo.h"
