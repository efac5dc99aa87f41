/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/integration/field-matrix.h"

#define MODES 3

static const char head[]
  = "<!-- Written by tests/integration/test-field-matrix.c from what it saw. -->\n"
    "# What is seen of each field\n\n"
    "Each sample was run on each engine in each enforcement mode, and looked at from inside by the probe (`probe/`), or\n"
    "in the way that its note names. `ok`: it ran and what is seen is what was asked for. `dropped` and `partial`, with\n"
    "the note that says why: *logged* in lenient mode, *told* to the caller in warn mode. `emulated`: it ran, and who did\n"
    "it is not the engine. `added`: it ran, and the spec does not say it in so many words. `unproven`: it ran, and nothing\n"
    "but the engine's word is known. `refused`: an error, and nothing was created. `killed`: an error, and the container\n"
    "was removed before its workload's result was given out. *Proof* is the best that a run itself said of the field in\n"
    "the three modes. The test fails for a field that has no sample, for one that is accepted and not seen, and for one\n"
    "that is dropped in silence.\n\n";

typedef struct {
  GString *text;
  GPtrArray *notes;
} Page;

static guint
note_number (Page *page, const char *note)
{
  guint index;

  if (!g_ptr_array_find_with_equal_func (page->notes, note, g_str_equal, &index))
    {
      index = page->notes->len;
      g_ptr_array_add (page->notes, g_strdup (note));
    }
  return index + 1;
}

/* A cell: `|` would end it. */
static void
append_cell (Page *page, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "|", -1);
  g_autofree char *safe = g_strjoinv ("\\|", parts);

  g_string_append_printf (page->text, " %s |", safe);
}

static char *
with_note (Page *page, const char *text, const char *note)
{
  return note != NULL ? g_strdup_printf ("%s [%u]", text, note_number (page, note)) : g_strdup (text);
}

static void
append_outcome (Page *page, const FieldTrial *trial)
{
  g_autofree char *reason = NULL;
  g_autofree char *outcome = field_trial_describe (trial, &reason);
  g_autofree char *cell = with_note (page, outcome, reason);

  append_cell (page, cell);
}

/* The best of the modes: on a busy machine a look can come too late for one of them. */
static const FieldTrial *
find_proven (FieldTrial *const *trials)
{
  for (guint mode = 0; mode < MODES; mode++)
    {
      g_autofree char *reason = NULL;
      g_autofree char *verdict = field_trial_describe_proof (trials[mode], &reason);

      if (verdict != NULL && reason == NULL)
        return trials[mode];
    }
  return trials[PERRY_ENFORCEMENT_WARN];
}

static void
append_proof (Page *page, const FieldTrial *trial)
{
  g_autofree char *reason = NULL;
  g_autofree char *verdict = field_trial_describe_proof (trial, &reason);
  g_autofree char *cell = with_note (page, verdict != NULL ? verdict : "—", reason);

  append_cell (page, cell);
}

/* One sample on one engine: @trials are its modes. */
static void
append_row (Page *page, FieldTrial *const *trials)
{
  const FieldTrial *warn = trials[PERRY_ENFORCEMENT_WARN];
  const FieldSample *sample = warn->sample;
  g_autofree char *spec = g_strdup_printf ("`%s`", sample->spec);
  g_autofree char *sample_cell = with_note (page, spec, sample->note);

  g_string_append_c (page->text, '|');
  append_cell (page, perry_field_get_name (sample->field));
  append_cell (page, sample_cell);
  append_cell (page, warn->live->backend);
  for (guint mode = 0; mode < MODES; mode++)
    append_outcome (page, trials[mode]);
  append_cell (page, warn->seen != NULL ? warn->seen : "—");
  append_proof (page, find_proven (trials));
  g_string_append_c (page->text, '\n');
}

char *
field_page_write (const char *host, GPtrArray *trials)
{
  Page page = { g_string_new (head), g_ptr_array_new_with_free_func (g_free) };

  g_string_append_printf (page.text, FIELD_PAGE_HOST "%s.\n\n", host);
  g_string_append (page.text, "| field | sample | engine | lenient | warn | strict | seen | proof |\n"
                              "|---|---|---|---|---|---|---|---|\n");
  for (guint i = 0; i < trials->len; i += MODES)
    append_row (&page, (FieldTrial *const *) &trials->pdata[i]);
  g_string_append_c (page.text, '\n');
  for (guint i = 0; i < page.notes->len; i++)
    g_string_append_printf (page.text, "- [%u] %s\n", i + 1, (const char *) page.notes->pdata[i]);
  g_ptr_array_unref (page.notes);
  return g_string_free (page.text, FALSE);
}
