/* SPDX-License-Identifier: Apache-2.0 */
/* Its operations end before the last required one. */
#define ZOO_OPS_OVERRIDES .struct_size = G_STRUCT_OFFSET (PerryBackendOps, container_remove)
#include "tests/plugins/zoo.h"
