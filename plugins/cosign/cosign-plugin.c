/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/cosign/cosign-verifier.h"

static const PerryVerifierOps ops = {
  .struct_size = sizeof (PerryVerifierOps),
  .open = perry_cosign_open,
  .close = perry_cosign_close,
  .describe = perry_cosign_describe,
  .verify = perry_cosign_verify,
  .keep = perry_cosign_keep,
};

const PerryPluginDescriptor perry_plugin_descriptor = {
  .struct_size = sizeof (PerryPluginDescriptor),
  .api_major = PERRY_PLUGIN_API_MAJOR,
  .api_minor = PERRY_PLUGIN_API_MINOR,
  .kind = PERRY_PLUGIN_VERIFIER,
  .id = "cosign",
  .version = PERRY_VERSION,
  .licence = "Apache-2.0",
  .summary = "Verifies signatures with the program cosign, 2.5 or newer",
  .options = perry_cosign_options,
  .ops = &ops,
};
