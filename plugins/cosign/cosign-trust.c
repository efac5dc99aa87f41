/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/cosign/cosign-trust.h"

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-file.h"
#include "plugin-api/perry-json.h"
#include "plugins/cosign/cosign-arguments.h"

#define MAX_FILE_BYTES (4 * 1024 * 1024)

typedef struct {
  const char *option;
  const char *path;
  const char *holds; /* a text that such a file has; NULL for JSON */
} TrustFile;

#define MAX_TRUST_FILES 5

/* Those for the old kind of cosign, the new one, or both, that are set, up to the first without an option. */
static void
list_files (const PerryCosign *cosign, gboolean old, gboolean new, TrustFile files[MAX_TRUST_FILES + 1])
{
  const TrustFile all[] = {
    { "trusted-root", new ? cosign->trusted_root : NULL, NULL },
    { "ca-roots", old ? cosign->ca_roots : NULL, "-----BEGIN CERTIFICATE-----" },
    { "rekor-public-key", old ? cosign->rekor_key : NULL, "PUBLIC KEY-----" },
    { "ct-log-public-key", old ? cosign->ct_log_key : NULL, "PUBLIC KEY-----" },
    { "registry-ca", cosign->registry_ca, "-----BEGIN CERTIFICATE-----" },
  };
  guint n_files = 0;

  G_STATIC_ASSERT (G_N_ELEMENTS (all) == MAX_TRUST_FILES);
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i].path != NULL)
      files[n_files++] = all[i];
  files[n_files] = (TrustFile){ NULL };
}

/* A root that is set for the other kind of cosign would be left out in silence, and sigstore's own be trusted. */
static gboolean
check_kind (const PerryCosign *cosign, const PerryCosignProgram *program, GError **error)
{
  gboolean is_new = program->features.reads_trusted_root;

  if (is_new && cosign->trusted_root == NULL &&
      (cosign->ca_roots != NULL || cosign->rekor_key != NULL || cosign->ct_log_key != NULL))
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "%s is a cosign 3, which takes its trust from the "
                 "option trusted-root alone; ca-roots, rekor-public-key and ct-log-public-key are for cosign 2. "
                 "“cosign trusted-root create” makes such a file from them", program->path);
  else if (!is_new && cosign->trusted_root != NULL && cosign->ca_roots == NULL && cosign->rekor_key == NULL &&
           cosign->ct_log_key == NULL)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "%s is a cosign 2, which ignores a trusted root for "
                 "images; set ca-roots, rekor-public-key and ct-log-public-key, or install cosign 3", program->path);
  else
    return TRUE;
  return FALSE;
}

static GBytes *
read_trust_file (const TrustFile *file, GError **error)
{
  g_autoptr (GError) content_error = NULL;
  g_autoptr (GBytes) content = perry_file_read (file->path, MAX_FILE_BYTES, error);
  gsize size;
  const char *data;

  if (content == NULL)
    {
      g_prefix_error (error, "option %s: ", file->option);
      return NULL;
    }
  data = g_bytes_get_data (content, &size);
  if (file->holds != NULL ? g_strstr_len (size > 0 ? data : "", (gssize) size, file->holds) != NULL
                          : perry_json_check (data, (gssize) size, NULL, &content_error))
    return g_steal_pointer (&content);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "option %s: %s does not hold what it has to: %s%s",
               file->option, file->path, file->holds != NULL ? "there is no " : "",
               file->holds != NULL ? file->holds : content_error->message);
  return NULL;
}

gboolean
perry_cosign_check_trust (const PerryCosign *cosign, const PerryCosignProgram *program,
                          const PerryRequirement *requirement, GError **error)
{
  gboolean needs_trust = requirement == NULL || perry_cosign_needs_trust (requirement);
  TrustFile files[MAX_TRUST_FILES + 1];

  if (needs_trust && !check_kind (cosign, program, error))
    return FALSE;
  list_files (cosign, needs_trust && !program->features.reads_trusted_root,
              needs_trust && program->features.reads_trusted_root, files);
  for (const TrustFile *file = files; file->option != NULL; file++)
    {
      g_autoptr (GBytes) content = read_trust_file (file, error);

      if (content == NULL)
        return FALSE;
    }
  return TRUE;
}

/* Of both kinds, as which of them counts is decided by the program, whose file is named beside this. */
char *
perry_cosign_describe_trust (const PerryCosign *cosign, GError **error)
{
  g_autoptr (GString) text = g_string_new ("trust:");
  TrustFile files[MAX_TRUST_FILES + 1];

  list_files (cosign, TRUE, TRUE, files);
  for (const TrustFile *file = files; file->option != NULL; file++)
    {
      g_autoptr (GBytes) content = read_trust_file (file, error);
      g_autofree char *hash = NULL;

      if (content == NULL)
        return NULL;
      hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, content);
      g_string_append_printf (text, " %s sha256:%s", file->option, hash);
    }
  if (files[0].option == NULL)
    g_string_append (text, " sigstore's own");
  return g_strdup (text->str);
}
