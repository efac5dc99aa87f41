/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-report.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
fail (const char *path, int code, GError **error)
{
  g_set_error (error, PERRY_ERROR, code == ENOENT ? PERRY_ERROR_NOT_FOUND : PERRY_ERROR_PERMISSION_DENIED,
               "the report %s could not be written: %s", path, g_strerror (code));
  return FALSE;
}

static gboolean
refuse (const char *path, const char *reason, GError **error)
{
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "the report %s could not be written: %s", path, reason);
  return FALSE;
}

static gboolean
is_same_file (const struct stat *report, const char *spec)
{
  struct stat info;

  return spec != NULL && stat (spec, &info) == 0 && info.st_dev == report->st_dev && info.st_ino == report->st_ino;
}

gboolean
perryctl_report_begin (const PerryctlArguments *arguments, GError **error)
{
  const char *path = perryctl_arguments_get (arguments, "report");
  g_autofree char *directory = NULL;
  struct stat info;

  if (path == NULL)
    return TRUE;
  directory = g_path_get_dirname (path);
  if (access (directory, W_OK | X_OK) != 0)
    return fail (path, errno, error);
  if (lstat (path, &info) != 0)
    return errno == ENOENT || fail (path, errno, error);
  /* A rename would replace a device or a link, not write to it. */
  if (!S_ISREG (info.st_mode))
    return refuse (path, "there is something that is not a regular file", error);
  if (is_same_file (&info, perryctl_arguments_get (arguments, "spec")))
    return refuse (path, "it is the file of --spec", error);
  /* Until the new one is whole, and where none comes of it, there is none that could be taken for it. */
  return unlink (path) == 0 || fail (path, errno, error);
}

gboolean
perryctl_report_write (const char *path, const PerryRunResult *result, GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;
  g_autofree char *document = NULL;
  GError *local_error = NULL;

  if (path == NULL)
    return TRUE;
  node = perry_run_result_to_json (result);
  text = perry_json_to_text (node, TRUE);
  document = g_strconcat (text, "\n", NULL);
  if (g_file_set_contents_full (path, document, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, &local_error))
    return TRUE;
  perry_error_propagate_foreign (error, local_error, PERRY_ERROR_FAILED, "the report %s could not be written", path);
  return FALSE;
}
