/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "plugin-api/perry-error.h"
#include "plugins/cosign/cosign-verifier.h"

#define MIN_TIMEOUT_MS 100
#define MAX_TIMEOUT_MS (3600 * 1000)

const PerryPluginOption perry_cosign_options[] = {
  { "program", "s", "'cosign'", "the program: a name that is looked for in PATH, or an absolute path" },
  { "trusted-root", "s", "''", "for cosign 3: a trusted_root.json with all that is trusted; empty: sigstore's own, "
                               "which is fetched" },
  { "ca-roots", "s", "''", "for cosign 2: certificates in PEM to which those of signers have to lead; empty: "
                           "sigstore's own, which are fetched" },
  { "rekor-public-key", "s", "''", "for cosign 2: the public key in PEM of the transparency log; empty: that of "
                                   "sigstore's own, which is fetched" },
  { "ct-log-public-key", "s", "''", "for cosign 2: the public key in PEM of the log of certificates; empty: that of "
                                    "sigstore's own, which is fetched" },
  { "registry-ca", "s", "''", "certificates in PEM to which those of registries may lead; empty: the system's" },
  { "timeout-ms", "x", "60000", "the longest time that one verification may take" },
  { NULL, NULL, NULL, NULL },
};

static gboolean
take_path (GVariant *options, const char *name, char **ret_path, GError **error)
{
  const char *text = NULL;

  if (!g_variant_lookup (options, name, "&s", &text) || *text == '\0')
    return TRUE;
  if (!g_path_is_absolute (text) || strlen (text) > 4000)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "option %s: “%s” is not an absolute path", name,
                   text);
      return FALSE;
    }
  *ret_path = g_strdup (text);
  return TRUE;
}

static gboolean
take_program (PerryCosign *cosign, GVariant *options, GError **error)
{
  const char *text = NULL;

  if (!g_variant_lookup (options, "program", "&s", &text) || *text == '\0')
    text = "cosign";
  if (strchr (text, '/') != NULL && !g_path_is_absolute (text))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "option program: “%s” is neither a name nor an "
                   "absolute path", text);
      return FALSE;
    }
  cosign->program = g_strdup (text);
  return TRUE;
}

static gboolean
take_timeout (PerryCosign *cosign, GVariant *options, GError **error)
{
  cosign->timeout_ms = 60000;
  g_variant_lookup (options, "timeout-ms", "x", &cosign->timeout_ms);
  if (cosign->timeout_ms >= MIN_TIMEOUT_MS && cosign->timeout_ms <= MAX_TIMEOUT_MS)
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "option timeout-ms: %" G_GINT64_FORMAT " is not between "
               "%d and %d", cosign->timeout_ms, MIN_TIMEOUT_MS, MAX_TIMEOUT_MS);
  return FALSE;
}

gpointer
perry_cosign_open (GVariant *options, GCancellable *cancellable, GError **error)
{
  PerryCosign *cosign = g_new0 (PerryCosign, 1);

  g_mutex_init (&cosign->lock);
  cosign->kept_directory = g_build_filename (g_get_user_cache_dir (), "perry-container", "cosign", NULL);
  if (take_program (cosign, options, error) && take_timeout (cosign, options, error) &&
      take_path (options, "trusted-root", &cosign->trusted_root, error) &&
      take_path (options, "ca-roots", &cosign->ca_roots, error) &&
      take_path (options, "rekor-public-key", &cosign->rekor_key, error) &&
      take_path (options, "ct-log-public-key", &cosign->ct_log_key, error) &&
      take_path (options, "registry-ca", &cosign->registry_ca, error))
    return cosign;
  perry_cosign_close (cosign);
  return NULL;
}

void
perry_cosign_close (gpointer verifier)
{
  PerryCosign *cosign = verifier;

  g_free (cosign->program);
  g_free (cosign->trusted_root);
  g_free (cosign->ca_roots);
  g_free (cosign->rekor_key);
  g_free (cosign->ct_log_key);
  g_free (cosign->registry_ca);
  g_free (cosign->kept_directory);
  perry_cosign_program_free (cosign->known);
  g_mutex_clear (&cosign->lock);
  g_free (cosign);
}
