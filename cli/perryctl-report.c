/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-report.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

gboolean
perryctl_report_check (const char *path, GError **error)
{
  g_autofree char *directory = NULL;
  struct stat info;

  if (path == NULL)
    return TRUE;
  directory = g_path_get_dirname (path);
  if (access (directory, W_OK | X_OK) != 0)
    {
      g_set_error (error, PERRY_ERROR, errno == ENOENT ? PERRY_ERROR_NOT_FOUND : PERRY_ERROR_PERMISSION_DENIED,
                   "the report %s could not be written: %s", path, g_strerror (errno));
      return FALSE;
    }
  /* A rename would replace a device or a link, not write to it. */
  if (lstat (path, &info) == 0 && !S_ISREG (info.st_mode))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
                   "the report %s could not be written: there is something that is not a regular file", path);
      return FALSE;
    }
  return TRUE;
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
