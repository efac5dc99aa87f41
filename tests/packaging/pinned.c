/* SPDX-License-Identifier: Apache-2.0 */
/* A verifier built outside the tree: it knows by heart which digests are good. */
#include <plugin-api/perry-plugin.h>

typedef struct {
  char **digests;
} Pinned;

static gpointer
open_pinned (GVariant *options, GCancellable *cancellable, GError **error)
{
  Pinned *pinned = g_new0 (Pinned, 1);

  g_variant_lookup (options, "digests", "^as", &pinned->digests);
  return pinned;
}

static void
close_pinned (gpointer verifier)
{
  Pinned *pinned = verifier;

  g_strfreev (pinned->digests);
  g_free (pinned);
}

static char *
describe (gpointer verifier, GCancellable *cancellable, GError **error)
{
  Pinned *pinned = verifier;
  g_autofree char *list = g_strjoinv (" ", pinned->digests);

  return g_strdup_printf ("pinned 1; %s", list);
}

static PerryVerification *
verify (gpointer verifier, const char *reference, const char *digest, JsonNode *requirement, int timeout_ms,
        GCancellable *cancellable, GError **error)
{
  Pinned *pinned = verifier;
  g_autoptr (PerryRequirement) read = perry_requirement_from_node (requirement, "$", error);
  g_autofree char *note = NULL;
  PerryVerification *answer;

  if (read == NULL)
    return NULL;
  if (g_strv_contains ((const char *const *) pinned->digests, digest))
    return perry_verification_new (PERRY_VERIFICATION_VERIFIED, PERRY_VERIFICATION_REASON_NONE, NULL);
  note = g_strdup_printf ("%s is not in the list; add its digest to the option digests", reference);
  answer = perry_verification_new (PERRY_VERIFICATION_REJECTED, PERRY_VERIFICATION_REASON_MISMATCH, note);
  answer->certain = TRUE;
  return answer;
}

static const PerryPluginOption options[] = {
  { "digests", "as", "[]", "the digests that are good" },
  { NULL, NULL, NULL, NULL },
};

static const PerryVerifierOps ops = {
  .struct_size = sizeof (PerryVerifierOps),
  .open = open_pinned,
  .close = close_pinned,
  .describe = describe,
  .verify = verify,
};

const PerryPluginDescriptor perry_plugin_descriptor = {
  .struct_size = sizeof (PerryPluginDescriptor),
  .api_major = PERRY_PLUGIN_API_MAJOR,
  .api_minor = PERRY_PLUGIN_API_MINOR,
  .kind = PERRY_PLUGIN_VERIFIER,
  .id = "pinned",
  .version = "1",
  .licence = "Apache-2.0",
  .summary = "Knows the good digests by heart",
  .options = options,
  .ops = &ops,
};
