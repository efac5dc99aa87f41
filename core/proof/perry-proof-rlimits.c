/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/perry-proof-readers.h"

#include <string.h>

#include "plugin-api/perry-error.h"

/* What /proc/PID/limits calls a limit, and what `ulimits` of a spec calls it. */
static const struct {
  const char *label;
  const char *name;
} labels[] = {
  { "Max cpu time", "cpu" },
  { "Max file size", "fsize" },
  { "Max data size", "data" },
  { "Max stack size", "stack" },
  { "Max core file size", "core" },
  { "Max resident set", "rss" },
  { "Max processes", "nproc" },
  { "Max open files", "nofile" },
  { "Max locked memory", "memlock" },
  { "Max address space", "as" },
  { "Max file locks", "locks" },
  { "Max pending signals", "sigpending" },
  { "Max msgqueue size", "msgqueue" },
  { "Max nice priority", "nice" },
  { "Max realtime priority", "rtprio" },
  { "Max realtime timeout", "rttime" },
};

static gboolean
parse_value (const char **cursor, guint64 *ret_value)
{
  const char *start = *cursor + strspn (*cursor, " ");
  g_autofree char *word = g_strndup (start, strcspn (start, " "));

  *cursor = start + strlen (word);
  if (strcmp (word, "unlimited") == 0)
    {
      *ret_value = G_MAXUINT64;
      return TRUE;
    }
  return g_ascii_string_to_unsigned (word, 10, 0, G_MAXUINT64, ret_value, NULL);
}

GArray *
perry_proof_parse_rlimits (const char *text, GError **error)
{
  g_autoptr (GArray) rlimits = g_array_new (FALSE, FALSE, sizeof (PerryObservedRlimit));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  if (!perry_proof_ends_with_newline (text, "limits", error))
    return NULL;
  for (char **line = lines; *line != NULL; line++)
    for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
      {
        PerryObservedRlimit rlimit = { .name = labels[i].name };
        const char *cursor = *line + strlen (labels[i].label);

        if (!g_str_has_prefix (*line, labels[i].label) || *cursor != ' ')
          continue;
        if (!parse_value (&cursor, &rlimit.soft) || !parse_value (&cursor, &rlimit.hard))
          {
            g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "limits: the line %s is malformed", labels[i].label);
            return NULL;
          }
        g_array_append_val (rlimits, rlimit);
      }
  if (rlimits->len == 0 || rlimits->len > G_N_ELEMENTS (labels))
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_FAILED, "limits: not a table of limits");
      return NULL;
    }
  return g_steal_pointer (&rlimits);
}
