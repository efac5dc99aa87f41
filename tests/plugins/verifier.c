/* SPDX-License-Identifier: Apache-2.0 */
/* A good verifier, which rejects everything. */
#include "plugin-api/perry-plugin.h"

static gpointer
open_verifier (GVariant *options, GCancellable *cancellable, GError **error)
{
  return g_variant_ref (options);
}

static void
close_verifier (gpointer verifier)
{
  g_variant_unref (verifier);
}

static char *
describe (gpointer verifier, GCancellable *cancellable, GError **error)
{
  return g_strdup ("zoo 1");
}

#ifndef ZOO_WITHOUT_VERIFY
static PerryVerification *
verify (gpointer verifier, const char *reference, const char *digest, JsonNode *requirement, int timeout_ms,
        GCancellable *cancellable, GError **error)
{
  g_autofree char *note = g_strdup_printf ("%s is not of this zoo", reference);

  return perry_verification_new (PERRY_VERIFICATION_REJECTED, PERRY_VERIFICATION_REASON_MISMATCH, note);
}
#endif

static const PerryVerifierOps verifier_ops = {
  .struct_size = sizeof (PerryVerifierOps),
  .open = open_verifier,
  .close = close_verifier,
  .describe = describe,
#ifndef ZOO_WITHOUT_VERIFY
  .verify = verify,
#endif
};

const PerryPluginDescriptor perry_plugin_descriptor = {
  .struct_size = sizeof (PerryPluginDescriptor),
  .api_major = PERRY_PLUGIN_API_MAJOR,
  .api_minor = PERRY_PLUGIN_API_MINOR,
  .kind = PERRY_PLUGIN_VERIFIER,
  .id = ZOO_FILE,
  .version = "1",
  .licence = "Apache-2.0",
  .summary = "A verifier of the zoo",
  .ops = &verifier_ops,
};
