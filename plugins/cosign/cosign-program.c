/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/cosign/cosign-program.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "plugin-api/perry-error.h"

static const char *const required_flags[] = {
  "certificate-identity", "certificate-identity-regexp", "certificate-oidc-issuer", "certificate-oidc-issuer-regexp",
  "insecure-ignore-sct",  "insecure-ignore-tlog",        "key",
};

/* The name of the flag that a line of help is about, after blanks and a short form: `--key=''`, `-a, --annotations`. */
static const char *
flag_of_line (const char *line, gsize *ret_length)
{
  const char *name = line + strspn (line, " \t");

  if (name[0] == '-' && g_ascii_isalpha (name[1]) && g_str_has_prefix (name + 2, ", "))
    name += 4;
  if (!g_str_has_prefix (name, "--"))
    return NULL;
  name += 2;
  *ret_length = strcspn (name, "= \t:");
  return name;
}

static const char *
find_flag (char *const *lines, const char *flag)
{
  for (char *const *line = lines; *line != NULL; line++)
    {
      gsize length = 0;
      const char *name = flag_of_line (*line, &length);

      if (name != NULL && strlen (flag) == length && strncmp (name, flag, length) == 0)
        return *line;
    }
  return NULL;
}

gboolean
perry_cosign_read_help (const char *text, PerryCosignFeatures *ret_features, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  const char *bundle_line = find_flag (lines, "new-bundle-format");
  gboolean bundles_by_default;

  for (gsize i = 0; i < G_N_ELEMENTS (required_flags); i++)
    if (find_flag (lines, required_flags[i]) == NULL)
      {
        g_set_error (error, PERRY_ERROR, PERRY_ERROR_PROCESS_FAILED, "its “verify” knows no --%s: it is no cosign, or "
                     "one before 2.0", required_flags[i]);
        return FALSE;
      }
  /* 3.0 has the flag with another default than 2.x, 3.1 lists neither it nor --ca-roots. */
  bundles_by_default = bundle_line != NULL ? strstr (bundle_line, "=true") != NULL ||
                                               strstr (bundle_line, "(default true)") != NULL
                                           : find_flag (lines, "ca-roots") == NULL;
  ret_features->reads_trusted_root = bundles_by_default && find_flag (lines, "trusted-root") != NULL;
  ret_features->has_registry_ca = find_flag (lines, "registry-cacert") != NULL;
  return TRUE;
}

PerryCosignProgram *
perry_cosign_program_new (const char *path, GError **error)
{
  PerryCosignProgram *program;
  struct stat info;
  int code = 0;

  if (stat (path, &info) != 0)
    code = errno;
  else if (!S_ISREG (info.st_mode))
    code = EISDIR;
  if (code != 0)
    {
      g_set_error (error, PERRY_ERROR, code == EACCES ? PERRY_ERROR_PERMISSION_DENIED : PERRY_ERROR_NOT_FOUND, "%s: %s",
                   path, g_strerror (code));
      return NULL;
    }
  program = g_new0 (PerryCosignProgram, 1);
  program->path = g_strdup (path);
  program->device = info.st_dev;
  program->inode = info.st_ino;
  program->size = info.st_size;
  program->changed_ns = (gint64) info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec;
  return program;
}

PerryCosignProgram *
perry_cosign_program_copy (const PerryCosignProgram *program)
{
  PerryCosignProgram *copy = g_new (PerryCosignProgram, 1);

  *copy = *program;
  copy->path = g_strdup (program->path);
  return copy;
}

void
perry_cosign_program_free (PerryCosignProgram *program)
{
  if (program == NULL)
    return;
  g_free (program->path);
  g_free (program);
}

gboolean
perry_cosign_program_is_same (const PerryCosignProgram *a, const PerryCosignProgram *b)
{
  return g_str_equal (a->path, b->path) && a->device == b->device && a->inode == b->inode && a->size == b->size &&
         a->changed_ns == b->changed_ns;
}
