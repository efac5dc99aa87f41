/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "cli/perryctl-command.h"
#include "cli/perryctl-exposure.h"
#include "cli/perryctl-output.h"
#include "cli/perryctl-table.h"

static const PerryctlOption options[] = {
  PERRYCTL_OPTION_FAIL_ABOVE,
  { "html", 0, "FILE", "Write the audit as one page to FILE as well" },
  { NULL },
};

static void
print_table (GPtrArray *entries)
{
  g_autoptr (PerryctlTable) table = perryctl_table_new (4);

  perryctl_table_add_row (table, PERRYCTL_COLOUR_BOLD, "CONTAINER", "IMAGE", "EXPOSURE", "FINDINGS", NULL);
  for (guint i = 0; i < entries->len; i++)
    {
      const PerryAuditEntry *entry = g_ptr_array_index (entries, i);
      g_autofree char *score = entry->exposure != NULL ? perryctl_exposure_format (entry->exposure->score) : g_strdup ("?");
      g_autofree char *n = g_strdup_printf ("%u", g_strv_length (entry->findings));

      perryctl_table_add (table, entry->name, PERRYCTL_COLOUR_NONE);
      perryctl_table_add (table, entry->examination != NULL ? entry->examination->info->image : "?", PERRYCTL_COLOUR_NONE);
      perryctl_table_add (table, score,
                          entry->exposure != NULL ? perryctl_exposure_get_colour (entry->exposure->score)
                                                  : PERRYCTL_COLOUR_RED);
      perryctl_table_add (table, n, entry->findings[0] != NULL ? PERRYCTL_COLOUR_RED : PERRYCTL_COLOUR_GREEN);
    }
  perryctl_table_print (table);
}

static void
print_findings (GPtrArray *entries)
{
  gboolean any = FALSE;

  for (guint i = 0; i < entries->len; i++)
    {
      const PerryAuditEntry *entry = g_ptr_array_index (entries, i);

      for (char **finding = entry->findings; *finding != NULL; finding++)
        {
          g_autofree char *line = g_strdup_printf ("  %s: %s", entry->name, *finding);

          if (!any)
            fputs ("\nTo be looked at:\n", stdout);
          any = TRUE;
          perryctl_output_print_line (line);
        }
    }
}

static gboolean
write_page (const char *path, GPtrArray *entries, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *day = g_date_time_format (now, "%Y-%m-%d %H:%M");
  g_autofree char *title = g_strdup_printf ("Containers of %s, %s", g_get_host_name (), day);
  g_autofree char *page = perry_audit_to_html (entries, title);
  g_autoptr (GError) foreign = NULL;

  if (g_file_set_contents (path, page, -1, &foreign))
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "the page %s could not be written: %s", path, foreign->message);
  return FALSE;
}

static gboolean
has_findings (GPtrArray *entries, double fail_above)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const PerryAuditEntry *entry = g_ptr_array_index (entries, i);

      if (entry->findings[0] != NULL || (entry->exposure != NULL && entry->exposure->score > fail_above))
        return TRUE;
    }
  return FALSE;
}

static int
run (PerryctlCall *call, GError **error)
{
  g_autoptr (GPtrArray) entries = NULL;
  const char *html = perryctl_arguments_get (call->arguments, "html");
  double fail_above = PERRYCTL_EXPOSURE_NEVER;
  PerryEngine *engine;

  if (!perryctl_exposure_read_limit (call->arguments, &fail_above, error))
    return 0;
  engine = perryctl_call_get_engine (call, error);
  entries = engine != NULL ? perry_audit_run (engine, NULL, error) : NULL;
  if (entries == NULL || (html != NULL && !write_page (html, entries, error)))
    return 0;
  if (perryctl_call_wants_json (call))
    perryctl_output_take_json (perry_audit_to_json (entries));
  else
    {
      print_table (entries);
      print_findings (entries);
    }
  return has_findings (entries, fail_above) ? 3 : 0;
}

const PerryctlCommand perryctl_audit_command = {
  .name = "audit",
  .operands = "",
  .summary = "rate the containers that run, ours and others', and name what somebody has to look at",
  .flags = PERRYCTL_COMMAND_BACKEND | PERRYCTL_COMMAND_FORMAT,
  .options = options,
  .run = run,
};
