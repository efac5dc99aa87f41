/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/perry-proof-readers.h"

#include <string.h>

#include "plugin-api/perry-error.h"

gboolean
perry_proof_parse_namespace_link (const char *link, const char *kind, guint64 *ret_inode)
{
  gsize length = strlen (kind);
  g_autofree char *number = NULL;

  if (strncmp (link, kind, length) != 0 || link[length] != ':' || link[length + 1] != '[' ||
      !g_str_has_suffix (link, "]"))
    return FALSE;
  number = g_strndup (link + length + 2, strlen (link) - length - 3);
  return g_ascii_string_to_unsigned (number, 10, 1, G_MAXUINT64, ret_inode, NULL);
}

/* Two lines of headings, then `  name: numbers`. */
GStrv
perry_proof_parse_net_dev (const char *text, GError **error)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint n = g_strv_length (lines);

  if (!perry_proof_ends_with_newline (text, "net/dev", error))
    return NULL;
  if (n < 3 || n - 3 > PERRY_PROOF_MAX_INTERFACES || strchr (lines[0], '|') == NULL || strchr (lines[1], '|') == NULL)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_FAILED, "net/dev: not a table of interfaces");
      return NULL;
    }
  for (guint i = 2; i + 1 < n; i++)
    {
      char *colon = strrchr (lines[i], ':');

      if (colon == NULL)
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "net/dev: line %u is malformed", i + 1);
          return NULL;
        }
      *colon = '\0';
      g_strv_builder_add (names, g_strstrip (lines[i]));
    }
  return g_strv_builder_end (names);
}

GStrv
perry_proof_parse_cmdline (const char *bytes, gsize length, GError **error)
{
  g_autoptr (GStrvBuilder) arguments = g_strv_builder_new ();
  const char *end = bytes + length;
  guint n = 0;

  while (bytes < end)
    {
      gsize argument_length = strnlen (bytes, (gsize) (end - bytes));
      g_autofree char *argument = g_strndup (bytes, argument_length);

      if (++n > PERRY_PROOF_MAX_ARGUMENTS)
        {
          g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED, "cmdline: too many arguments");
          return NULL;
        }
      g_strv_builder_add (arguments, argument);
      bytes += argument_length + 1;
    }
  return g_strv_builder_end (arguments);
}

GArray *
perry_proof_parse_pids (const char *text, GError **error)
{
  g_autoptr (GArray) pids = g_array_new (FALSE, FALSE, sizeof (gint));

  while (*text != '\0')
    {
      char *end;
      guint64 number = g_ascii_isdigit (*text) ? g_ascii_strtoull (text, &end, 10) : G_MAXUINT64;
      gint pid = (gint) number;

      if (number > G_MAXINT32 || *end != '\n')
        {
          g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_FAILED, "cgroup.procs: not a list of pids");
          return NULL;
        }
      if (pids->len == PERRY_PROOF_MAX_PIDS)
        {
          g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED, "cgroup.procs: too many processes");
          return NULL;
        }
      /* 0 stands for a process that has no number in our process namespace. */
      if (pid > 0)
        g_array_append_val (pids, pid);
      text = end + 1;
    }
  return g_steal_pointer (&pids);
}
