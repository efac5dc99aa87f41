/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/cosign/cosign-arguments.h"

static const char *const kept_variables[] = {
  "PATH", "HOME", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "SSL_CERT_FILE", "SSL_CERT_DIR",
  "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
};

gboolean
perry_cosign_needs_trust (const PerryRequirement *requirement)
{
  return requirement->key == NULL || !requirement->ignore_tlog;
}

/* In one word with its flag, so that no value is ever taken for a flag. */
static void
add (GPtrArray *words, const char *flag, const char *value)
{
  if (value != NULL)
    g_ptr_array_add (words, g_strconcat (flag, "=", value, NULL));
}

/* cosign looks for a match anywhere in the text, and the group keeps the anchors at both sides of an alternative. */
static void
add_regexp (GPtrArray *words, const char *flag, const char *pattern)
{
  g_autofree char *anchored = pattern != NULL ? g_strconcat ("^(?:", pattern, ")$", NULL) : NULL;

  add (words, flag, anchored);
}

char **
perry_cosign_make_arguments (const PerryCosign *cosign, const PerryCosignProgram *program,
                             const PerryRequirement *requirement, const char *reference, gboolean legacy)
{
  GPtrArray *words = g_ptr_array_new ();

  g_ptr_array_add (words, g_strdup (program->path));
  g_ptr_array_add (words, g_strdup ("verify"));
  add (words, "--key", requirement->key);
  add (words, "--certificate-identity", requirement->identity);
  add_regexp (words, "--certificate-identity-regexp", requirement->identity_regexp);
  add (words, "--certificate-oidc-issuer", requirement->issuer);
  add_regexp (words, "--certificate-oidc-issuer-regexp", requirement->issuer_regexp);
  add (words, "--insecure-ignore-tlog", requirement->ignore_tlog ? "true" : NULL);
  add (words, "--insecure-ignore-sct", requirement->ignore_sct ? "true" : NULL);
  if (program->features.reads_trusted_root && perry_cosign_needs_trust (requirement))
    add (words, "--trusted-root", cosign->trusted_root);
  add (words, "--registry-cacert", cosign->registry_ca);
  add (words, "--new-bundle-format", legacy ? "false" : NULL);
  add (words, "--output", "json");
  g_ptr_array_add (words, g_strdup ("--"));
  g_ptr_array_add (words, g_strdup (reference));
  g_ptr_array_add (words, NULL);
  return (char **) g_ptr_array_free (words, FALSE);
}

char **
perry_cosign_make_environment (const PerryCosign *cosign, const PerryCosignProgram *program,
                               const PerryRequirement *requirement, char *const *ours)
{
  g_auto (GStrv) environment = g_new0 (char *, 1);

  for (gsize i = 0; i < G_N_ELEMENTS (kept_variables); i++)
    {
      const char *value = g_environ_getenv ((char **) ours, kept_variables[i]);

      if (value != NULL && *value != '\0')
        environment = g_environ_setenv (environment, kept_variables[i], value, TRUE);
    }
  if (requirement == NULL || program->features.reads_trusted_root || !perry_cosign_needs_trust (requirement))
    return g_steal_pointer (&environment);
  if (cosign->ca_roots != NULL)
    environment = g_environ_setenv (environment, "SIGSTORE_ROOT_FILE", cosign->ca_roots, TRUE);
  if (cosign->rekor_key != NULL)
    environment = g_environ_setenv (environment, "SIGSTORE_REKOR_PUBLIC_KEY", cosign->rekor_key, TRUE);
  if (cosign->ct_log_key != NULL)
    environment = g_environ_setenv (environment, "SIGSTORE_CT_LOG_PUBLIC_KEY_FILE", cosign->ct_log_key, TRUE);
  return g_steal_pointer (&environment);
}
