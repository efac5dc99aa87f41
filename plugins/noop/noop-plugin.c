/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-plugin.h"

static gpointer
open_noop (GVariant *options, GCancellable *cancellable, GError **error)
{
  return (gpointer) &perry_plugin_descriptor; /* there is nothing to keep, and NULL would be a failure */
}

static void
close_noop (gpointer verifier)
{
}

static char *
describe (gpointer verifier, GCancellable *cancellable, GError **error)
{
  return g_strdup ("noop " PERRY_VERSION);
}

static PerryVerification *
verify (gpointer verifier, const char *reference, const char *digest, JsonNode *requirement, int timeout_ms,
        GCancellable *cancellable, GError **error)
{
  return perry_verification_new (PERRY_VERIFICATION_NOT_VERIFIED, PERRY_VERIFICATION_REASON_VERIFIES_NOTHING,
                                 "the verifier “noop” looks at no signature; choose another, such as cosign, or switch "
                                 "verification off if that is what is meant");
}

static const PerryVerifierOps ops = {
  .struct_size = sizeof (PerryVerifierOps),
  .open = open_noop,
  .close = close_noop,
  .describe = describe,
  .verify = verify,
};

const PerryPluginDescriptor perry_plugin_descriptor = {
  .struct_size = sizeof (PerryPluginDescriptor),
  .api_major = PERRY_PLUGIN_API_MAJOR,
  .api_minor = PERRY_PLUGIN_API_MINOR,
  .kind = PERRY_PLUGIN_VERIFIER,
  .id = "noop",
  .version = PERRY_VERSION,
  .licence = "Apache-2.0",
  .summary = "Verifies nothing, and says so",
  .ops = &ops,
};
