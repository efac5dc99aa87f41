/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-log.h"

#include <stdio.h>
#include <string.h>

#include "cli/perryctl-output.h"

static GMutex said_lock;
static GPtrArray *said; /* `FIELD ACTION` */

static char *
dup_value (const GLogField *fields, gsize n_fields, const char *key)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, key))
      return fields[i].length < 0 ? g_strdup (fields[i].value) : g_strndup (fields[i].value, (gsize) fields[i].length);
  return NULL;
}

static gboolean
is_debugged (void)
{
  const char *debug = g_getenv ("G_MESSAGES_DEBUG");
  g_auto (GStrv) domains = g_strsplit_set (debug != NULL ? debug : "", " ,", -1);

  return g_strv_contains ((const char *const *) domains, "perry")
         || g_strv_contains ((const char *const *) domains, "all");
}

static void
remember (const char *field, const char *action)
{
  g_mutex_lock (&said_lock);
  if (said == NULL)
    said = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (said, g_strconcat (field, " ", action, NULL));
  g_mutex_unlock (&said_lock);
}

gboolean
perryctl_log_has_said (const char *field, const char *action)
{
  g_autofree char *key = g_strconcat (field, " ", action, NULL);
  gboolean found;

  g_mutex_lock (&said_lock);
  found = said != NULL && g_ptr_array_find_with_equal_func (said, key, g_str_equal, NULL);
  g_mutex_unlock (&said_lock);
  return found;
}

/* Returns whether the record was an adjustment. */
static gboolean
take_adjustment (const GLogField *fields, gsize n_fields, gboolean print)
{
  g_autofree char *domain = dup_value (fields, n_fields, "GLIB_DOMAIN");
  g_autofree char *field = dup_value (fields, n_fields, "FIELD");
  g_autofree char *action = dup_value (fields, n_fields, "ACTION");
  g_autofree char *printed = dup_value (fields, n_fields, "PRINTED");
  g_autofree char *message = dup_value (fields, n_fields, "MESSAGE");

  if (g_strcmp0 (domain, "perry") != 0 || field == NULL || action == NULL || message == NULL)
    return FALSE;
  if (g_strcmp0 (printed, "1") != 0)
    return TRUE;
  if (print)
    perryctl_output_print_error ("warning", message);
  remember (field, action);
  return TRUE;
}

static GLogWriterOutput
write_record (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  gboolean message = (level & G_LOG_LEVEL_MASK) == G_LOG_LEVEL_MESSAGE;

  if (g_log_writer_is_journald (fileno (stderr))
      && g_log_writer_journald (level, fields, n_fields, NULL) == G_LOG_WRITER_HANDLED)
    {
      if (message)
        take_adjustment (fields, n_fields, FALSE);
      return G_LOG_WRITER_HANDLED;
    }
  if (message && take_adjustment (fields, n_fields, TRUE) && !is_debugged ())
    return G_LOG_WRITER_HANDLED;
  return g_log_writer_default (level, fields, n_fields, NULL);
}

void
perryctl_log_install (void)
{
  g_log_set_writer_func (write_record, NULL, NULL);
}
