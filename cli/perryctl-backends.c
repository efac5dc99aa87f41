/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/perryctl-command.h"
#include "cli/perryctl-output.h"
#include "cli/perryctl-table.h"

/* The table for people: a column per backend that can be used, a row per capability, reasons as footnotes. */
typedef struct {
  GPtrArray *usable;    /* PerryBackendEntry, not owned */
  GPtrArray *footnotes; /* char* */
} View;

static void
add_entry (JsonBuilder *builder, const PerryBackendEntry *entry)
{
  json_builder_begin_object (builder);
  perryctl_output_add_member (builder, "name", entry->name);
  perryctl_output_add_member (builder, "plugin", entry->plugin);
  perryctl_output_add_member (builder, "summary", entry->summary);
  json_builder_set_member_name (builder, "selected");
  json_builder_add_boolean_value (builder, entry->selected);
  json_builder_set_member_name (builder, "available");
  json_builder_add_boolean_value (builder, entry->info != NULL);
  perryctl_output_add_member (builder, "error", entry->error != NULL ? entry->error->message : NULL);
  json_builder_set_member_name (builder, "engine");
  if (entry->info != NULL)
    json_builder_add_value (builder, perry_engine_info_to_json (entry->info));
  else
    json_builder_add_null_value (builder);
  json_builder_end_object (builder);
}

static void
print_json (const GPtrArray *entries)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < entries->len; i++)
    add_entry (builder, g_ptr_array_index (entries, i));
  json_builder_end_array (builder);
  perryctl_output_take_json (json_builder_get_root (builder));
}

static const char *
or_dash (const char *text)
{
  return text != NULL && *text != '\0' ? text : "-";
}

static char *
describe_cgroups (const PerryEngineInfo *info)
{
  if (info->cgroup_version == 0)
    return g_strdup ("-");
  return g_strdup_printf ("v%u %s", info->cgroup_version, info->cgroup_driver != NULL ? info->cgroup_driver : "");
}

static void
add_header (const View *view, PerryctlTable *table)
{
  static const char *const headings[] = { "", "version", "endpoint", "runtime", "cgroups", "user" };

  for (gsize row = 0; row < G_N_ELEMENTS (headings); row++)
    {
      perryctl_table_add (table, headings[row], PERRYCTL_COLOUR_NONE);
      for (guint i = 0; i < view->usable->len; i++)
        {
          const PerryBackendEntry *entry = g_ptr_array_index (view->usable, i);
          g_autofree char *title = g_strconcat (entry->name, entry->selected ? " (selected)" : "", NULL);
          g_autofree char *cgroups = describe_cgroups (entry->info);
          const char *texts[] = { title, or_dash (entry->info->version), or_dash (entry->info->endpoint),
                                  or_dash (entry->info->default_runtime), cgroups,
                                  entry->info->rootless ? "rootless" : "root" };

          perryctl_table_add (table, texts[row], row == 0 ? PERRYCTL_COLOUR_BOLD : PERRYCTL_COLOUR_NONE);
        }
    }
}

/* The number of a reason below the table, from 1; the same reason of the same backend has one number. */
static guint
add_footnote (const View *view, const char *backend, const char *reason)
{
  g_autofree char *text = g_strdup_printf ("%s: %s", backend, reason);
  guint index;

  if (g_ptr_array_find_with_equal_func (view->footnotes, text, g_str_equal, &index))
    return index + 1;
  g_ptr_array_add (view->footnotes, g_steal_pointer (&text));
  return view->footnotes->len;
}

static void
add_support (const View *view, PerryctlTable *table, const PerryBackendEntry *entry, PerryCapability capability)
{
  static const PerryctlColour colours[] = {
    [PERRY_SUPPORT_UNSUPPORTED] = PERRYCTL_COLOUR_DIM,       [PERRY_SUPPORT_PARTIAL] = PERRYCTL_COLOUR_YELLOW,
    [PERRY_SUPPORT_EMULATED] = PERRYCTL_COLOUR_GREEN,        [PERRY_SUPPORT_NATIVE] = PERRYCTL_COLOUR_GREEN,
    [PERRY_SUPPORT_NOT_APPLICABLE] = PERRYCTL_COLOUR_YELLOW,
  };
  PerrySupport support = perry_capability_matrix_get_support (entry->info->matrix, capability);
  const char *reason = perry_capability_matrix_get_reason (entry->info->matrix, capability);
  const char *name = support == PERRY_SUPPORT_UNSUPPORTED ? "—" : perry_support_get_name (support);
  g_autofree char *text = NULL;

  if (reason != NULL && *reason != '\0')
    text = g_strdup_printf ("%s [%u]", name, add_footnote (view, entry->name, reason));
  perryctl_table_add (table, text != NULL ? text : name, colours[support]);
}

static void
print_table (const View *view)
{
  g_autoptr (PerryctlTable) table = perryctl_table_new (view->usable->len + 1);

  add_header (view, table);
  for (guint i = 0; i < view->usable->len + 1; i++)
    perryctl_table_add (table, "", PERRYCTL_COLOUR_NONE);
  for (int capability = 0; capability < PERRY_CAPABILITY_LAST; capability++)
    {
      perryctl_table_add (table, perry_capability_get_name ((PerryCapability) capability), PERRYCTL_COLOUR_NONE);
      for (guint i = 0; i < view->usable->len; i++)
        add_support (view, table, g_ptr_array_index (view->usable, i), (PerryCapability) capability);
    }
  perryctl_table_print (table);
}

static void
print_footnotes (const View *view)
{
  if (view->footnotes->len > 0)
    fputc ('\n', stdout);
  for (guint i = 0; i < view->footnotes->len; i++)
    {
      g_autofree char *line
          = g_strdup_printf ("[%u] %s", i + 1, (const char *) g_ptr_array_index (view->footnotes, i));

      perryctl_output_print_line (line);
    }
}

static void
print_notes (const View *view)
{
  gboolean any = FALSE;

  for (guint i = 0; i < view->usable->len; i++)
    {
      const PerryBackendEntry *entry = g_ptr_array_index (view->usable, i);

      for (char **note = entry->info->notes; note != NULL && *note != NULL; note++)
        {
          g_autofree char *line = g_strdup_printf ("  %s: %s", entry->name, *note);

          if (!any)
            fputs ("\nNotes:\n", stdout);
          any = TRUE;
          perryctl_output_print_line (line);
        }
    }
}

static void
print_failed (const GPtrArray *entries)
{
  gboolean any = FALSE;

  for (guint i = 0; i < entries->len; i++)
    {
      const PerryBackendEntry *entry = g_ptr_array_index (entries, i);
      g_autofree char *line = NULL;

      if (entry->info != NULL)
        continue;
      line = g_strdup_printf ("  %s: %s", entry->name, entry->error != NULL ? entry->error->message : "no answer");
      if (!any)
        fputs ("\nNot available:\n", stdout);
      any = TRUE;
      perryctl_output_print_line (line);
    }
}

static void
print_text (const GPtrArray *entries)
{
  g_autoptr (GPtrArray) usable = g_ptr_array_new ();
  g_autoptr (GPtrArray) footnotes = g_ptr_array_new_with_free_func (g_free);
  View view = { usable, footnotes };

  for (guint i = 0; i < entries->len; i++)
    {
      PerryBackendEntry *entry = g_ptr_array_index (entries, i);

      if (entry->info != NULL)
        g_ptr_array_add (usable, entry);
    }
  if (usable->len > 0)
    print_table (&view);
  else
    fputs ("No backend can be used.\n", stdout);
  print_footnotes (&view);
  print_notes (&view);
  print_failed (entries);
}

static int
run (PerryctlCall *call, GError **error)
{
  PerryEngine *engine = perryctl_call_get_engine (call, error);
  g_autoptr (GPtrArray) entries = NULL;

  if (engine == NULL)
    return 0;
  entries = perry_engine_list_backends (engine, NULL, error);
  if (entries == NULL)
    return 0;
  if (perryctl_call_wants_json (call))
    print_json (entries);
  else
    print_text (entries);
  return 0;
}

const PerryctlCommand perryctl_backends_command = {
  .name = "backends",
  .operands = "",
  .summary = "show the engines of this host and what each can do",
  .flags = PERRYCTL_COMMAND_BACKEND | PERRYCTL_COMMAND_FORMAT,
  .run = run,
};
