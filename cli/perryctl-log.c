/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-log.h"

#include <stdio.h>

static gboolean
is_wanted (GLogLevelFlags level, const GLogField *fields, gsize n_fields)
{
  const char *debug = g_getenv ("G_MESSAGES_DEBUG");
  gboolean ours = FALSE;

  if ((level & G_LOG_LEVEL_MASK) != G_LOG_LEVEL_MESSAGE)
    return TRUE;
  for (gsize i = 0; i < n_fields; i++)
    ours |= g_str_equal (fields[i].key, "GLIB_DOMAIN") && g_strcmp0 (fields[i].value, "perry") == 0;
  if (ours && debug != NULL)
    {
      g_auto (GStrv) domains = g_strsplit_set (debug, " ,", -1);

      return g_strv_contains ((const char *const *) domains, "perry")
             || g_strv_contains ((const char *const *) domains, "all");
    }
  return !ours;
}

static GLogWriterOutput
write_record (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if (g_log_writer_is_journald (fileno (stderr))
      && g_log_writer_journald (level, fields, n_fields, NULL) == G_LOG_WRITER_HANDLED)
    return G_LOG_WRITER_HANDLED;
  if (!is_wanted (level, fields, n_fields))
    return G_LOG_WRITER_HANDLED;
  return g_log_writer_default (level, fields, n_fields, NULL);
}

void
perryctl_log_install (void)
{
  g_log_set_writer_func (write_record, NULL, NULL);
}
