/* SPDX-License-Identifier: Apache-2.0 */
/* An operations struct that ends after the last required operation; what lies beyond its size is not of this plugin. */
#include "plugin-api/perry-plugin.h"

static PerryProcessLocation *
beyond (gpointer backend, const char *id, GCancellable *cancellable, GError **error)
{
  return NULL;
}

#define ZOO_OPS_OVERRIDES .struct_size = G_STRUCT_OFFSET (PerryBackendOps, container_pause), .locate_process = beyond
#include "tests/plugins/zoo.h"
