/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-spec.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int
perryctl_spec_open (const char *path, GError **error)
{
  int fd = g_str_equal (path, "-") ? fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    g_set_error (error, PERRY_ERROR, errno == ENOENT ? PERRY_ERROR_NOT_FOUND : PERRY_ERROR_FAILED,
                 "opening %s failed: %s", path, g_strerror (errno));
  return fd;
}

static GByteArray *
read_spec (const char *path, GError **error)
{
  g_autoptr (GByteArray) document = g_byte_array_new ();
  char buffer[16384];
  int fd = perryctl_spec_open (path, error);
  gssize n;

  if (fd < 0)
    return NULL;
  while ((n = read (fd, buffer, sizeof buffer)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 || document->len > PERRY_JSON_DEFAULT_MAX_BYTES)
        break;
      g_byte_array_append (document, (const guint8 *) buffer, (guint) n);
    }
  if (n < 0)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "reading %s failed: %s", path, g_strerror (errno));
  else if (n > 0)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED, "%s is larger than %d MiB", path,
                 PERRY_JSON_DEFAULT_MAX_BYTES / 1024 / 1024);
  close (fd);
  return n == 0 ? g_steal_pointer (&document) : NULL;
}

static PerryContainerSpec *
load_spec (const char *path, GError **error)
{
  g_autoptr (GByteArray) document = NULL;
  PerryContainerSpec *spec;

  if (path == NULL)
    return perry_container_spec_new ();
  document = read_spec (path, error);
  if (document == NULL)
    return NULL;
  /* An array that nothing was appended to has no data. */
  spec = perry_container_spec_new_from_json (document->len > 0 ? (const char *) document->data : "", document->len,
                                             error);
  if (spec == NULL)
    g_prefix_error (error, "%s: ", g_str_equal (path, "-") ? "standard input" : path);
  return spec;
}

/* A tier is a floor, whoever has named it: an option that comes on top of a spec's can only raise it. */
static gboolean
check_tier (const PerryContainerSpec *spec, const char *name, GError **error)
{
  const char *before = perry_container_spec_get_string (spec, PERRY_FIELD_TIER);
  PerryTier tier, floor;

  if (!perry_tier_from_name (before, &floor) || !perry_tier_from_name (name, &tier) || perry_tier_includes (tier, floor))
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC,
               "--tier %s would loosen the tier “%s” of the spec; a tier can only be raised: leave the option out, or change "
               "the spec", name, before);
  return FALSE;
}

static gboolean
apply_option (PerryContainerSpec *spec, const PerryctlValue *value, GError **error)
{
  const PerryFieldInfo *info = value->option->field;
  g_autofree char *where = g_strconcat ("--", value->option->name, NULL);
  g_autofree char *pair = NULL;
  const char *own;

  if (info->field == PERRY_FIELD_TIER && !check_tier (spec, value->text, error))
    return FALSE;
  if (value->option->member != NULL)
    return perry_container_spec_set_member_from_text (spec, info->field, value->option->member, value->text, where,
                                                      error);
  if (info->field != PERRY_FIELD_ENV || strchr (value->text, '=') != NULL)
    return perry_container_spec_set_from_text (spec, info->field, value->text, where, error);
  own = g_getenv (value->text);
  if (own == NULL)
    return TRUE;
  pair = g_strconcat (value->text, "=", own, NULL);
  return perry_container_spec_set_from_text (spec, info->field, pair, where, error);
}

static gboolean
set_command (PerryContainerSpec *spec, const char *const *words, GError **error)
{
  /* No GVariant can hold another text; the library's own error says so. */
  for (const char *const *word = words; *word != NULL; word++)
    if (!g_utf8_validate (*word, -1, NULL))
      return perry_container_spec_set_from_text (spec, PERRY_FIELD_CMD, *word, "COMMAND", error);
  return perry_container_spec_set_value (spec, PERRY_FIELD_CMD, g_variant_new_strv (words, -1), error);
}

PerryContainerSpec *
perryctl_spec_new (const PerryctlArguments *arguments, GError **error)
{
  g_autoptr (PerryContainerSpec) spec = load_spec (perryctl_arguments_get (arguments, "spec"), error);

  if (spec == NULL)
    return NULL;
  for (guint i = 0; i < arguments->values->len; i++)
    {
      const PerryctlValue *value = g_ptr_array_index (arguments->values, i);

      if (value->option->field != NULL && !apply_option (spec, value, error))
        return NULL;
    }
  if (arguments->operands[0] == NULL)
    return g_steal_pointer (&spec);
  if (!perry_container_spec_set_from_text (spec, PERRY_FIELD_IMAGE, arguments->operands[0], "IMAGE", error))
    return NULL;
  if (arguments->operands[1] != NULL && !set_command (spec, (const char *const *) arguments->operands + 1, error))
    return NULL;
  return g_steal_pointer (&spec);
}

PerryContainerSpec *
perryctl_spec_read (const PerryctlArguments *arguments, GError **error)
{
  g_autoptr (PerryContainerSpec) spec = NULL;

  if (arguments->operands[0] == NULL && perryctl_arguments_get (arguments, "spec") == NULL)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "which image? Name one, or use --spec");
      return NULL;
    }
  spec = perryctl_spec_new (arguments, error);
  if (spec == NULL || !perry_container_spec_complete (spec, NULL, error))
    return NULL;
  return g_steal_pointer (&spec);
}

PerryRunOptions *
perryctl_spec_new_run_options (const PerryctlArguments *arguments, GError **error)
{
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  const char *proof = perryctl_arguments_get (arguments, "proof");
  const char *pull = perryctl_arguments_get (arguments, "pull");

  if (proof != NULL && !perry_proof_mode_from_name (proof, &options->proof))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
                   "--proof is default, required or off, not \"%s\"", proof);
      return NULL;
    }
  options->proof_set = proof != NULL;
  options->no_verify_cache = perryctl_arguments_is_on (arguments, "no-verify-cache");
  if (pull != NULL && !perry_pull_policy_from_name (pull, &options->pull))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
                   "--pull is missing, always or never, not \"%s\"", pull);
      return NULL;
    }
  return g_steal_pointer (&options);
}
