/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/perryctl-text.h"

/* An engine may name as many layers as it likes. */
#define MAX_LINES 1000
#define MAX_LAYER 32
#define MAX_STATUS 200
#define NARROWEST_BAR 8
#define WIDEST_BAR 40

struct _PerryctlProgress {
  gsize columns; /* 0: no terminal */
  gsize rows;
  gboolean coloured;
  char *reference;
  GPtrArray *layers;      /* one per line, the oldest first; "" for what concerns the whole */
  GHashTable *last_words; /* what each layer's line says */
};

PerryctlProgress *
perryctl_progress_new (void)
{
  PerryctlProgress *progress = g_new0 (PerryctlProgress, 1);

  progress->layers = g_ptr_array_new_with_free_func (g_free);
  progress->last_words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return progress;
}

void
perryctl_progress_free (PerryctlProgress *progress)
{
  if (progress == NULL)
    return;
  g_ptr_array_unref (progress->layers);
  g_hash_table_unref (progress->last_words);
  g_free (progress->reference);
  g_free (progress);
}

void
perryctl_progress_set_terminal (PerryctlProgress *progress, gsize columns, gsize rows, gboolean coloured)
{
  progress->columns = columns;
  progress->rows = rows;
  progress->coloured = coloured;
}

/* What an engine calls a thing, harmless and of a sensible length. */
static char *
tidy (const char *text, gsize size)
{
  g_autofree char *escaped = perryctl_text_escape (text, FALSE);

  return perryctl_text_cut (escaped, size);
}

static void
append_bar (GString *line, gsize width, double share, gboolean coloured)
{
  gsize filled = (gsize) (share * (double) width);

  g_string_append (line, coloured ? " [\033[32m" : " [");
  for (gsize i = 0; i < width; i++)
    g_string_append_c (line, i < filled ? '=' : i == filled ? '>' : ' ');
  g_string_append (line, coloured ? "\033[0m]" : "]");
}

/* The line of a layer in @columns columns: the bar is left out first, then the bytes. */
static char *
format_layer (const PerryPullProgress *pull, gsize columns, gboolean coloured)
{
  g_autofree char *layer = tidy (pull->layer, MAX_LAYER);
  g_autofree char *status = tidy (pull->status, MAX_STATUS);
  g_autofree char *current = perryctl_text_format_size (pull->current);
  g_autofree char *total = perryctl_text_format_size (pull->total);
  g_autofree char *words = g_strdup_printf ("%s: %s", layer, status);
  g_autofree char *bytes = NULL;
  g_autofree char *cut = NULL;
  GString *line;
  gsize used, left;

  if (pull->current < 0)
    return perryctl_text_shorten (words, columns);
  bytes = pull->total > 0 ? g_strdup_printf (" %s/%s", current, total) : g_strdup_printf (" %s", current);
  used = perryctl_text_get_width (words) + strlen (bytes);
  if (used > columns)
    return perryctl_text_shorten (words, columns);
  line = g_string_new (words);
  left = columns - used;
  if (pull->total > 0 && left >= NARROWEST_BAR + 3)
    append_bar (line, MIN (left - 3, WIDEST_BAR), (double) MIN (pull->current, pull->total) / (double) pull->total,
                coloured);
  g_string_append (line, bytes);
  return g_string_free (line, FALSE);
}

static char *
format_line (const PerryctlProgress *progress, const PerryPullProgress *pull)
{
  /* The last column is left free: a terminal may begin a new line when it is written to. */
  gsize columns = progress->columns > 1 ? progress->columns - 1 : progress->columns;
  g_autofree char *status = NULL;

  if (pull->layer != NULL)
    return format_layer (pull, columns, progress->coloured);
  status = tidy (pull->status, MAX_STATUS);
  return perryctl_text_shorten (status, columns);
}

/* Where a layer's line is, counted from below, 1 for the last one; 0 for none. */
static gsize
find_line (const PerryctlProgress *progress, const char *layer)
{
  for (guint i = progress->layers->len; layer != NULL && i > 0; i--)
    if (g_str_equal (progress->layers->pdata[i - 1], layer))
      return progress->layers->len - (i - 1);
  return 0;
}

static char *
draw (PerryctlProgress *progress, const PerryPullProgress *pull)
{
  g_autofree char *layer = pull->layer != NULL ? tidy (pull->layer, MAX_LAYER) : NULL;
  g_autofree char *line = format_line (progress, pull);
  gsize above = find_line (progress, layer);

  if (above == 0 && progress->layers->len == MAX_LINES)
    return g_strdup ("");
  if (above == 0)
    {
      g_ptr_array_add (progress->layers, g_strdup (layer != NULL ? layer : ""));
      return g_strconcat (line, "\n", NULL);
    }
  /* What has moved out at the top cannot be drawn again. */
  if (above >= progress->rows)
    return g_strdup ("");
  return g_strdup_printf ("\033[%" G_GSIZE_FORMAT "A\r%s\033[K\033[%" G_GSIZE_FORMAT "B\r", above, line, above);
}

static char *
write_words (PerryctlProgress *progress, const PerryPullProgress *pull)
{
  g_autofree char *layer = pull->layer != NULL ? tidy (pull->layer, MAX_LAYER) : NULL;
  g_autofree char *status = tidy (pull->status, MAX_STATUS);
  const char *last = layer != NULL ? g_hash_table_lookup (progress->last_words, layer) : NULL;

  if (layer == NULL)
    return g_strconcat (status, "\n", NULL);
  if (g_strcmp0 (last, status) == 0 ||
      (last == NULL && g_hash_table_size (progress->last_words) == MAX_LINES))
    return g_strdup ("");
  g_hash_table_replace (progress->last_words, g_strdup (layer), g_strdup (status));
  return g_strconcat (layer, ": ", status, "\n", NULL);
}

char *
perryctl_progress_update (PerryctlProgress *progress, const PerryPullProgress *pull)
{
  g_autofree char *head = NULL;
  g_autofree char *text = NULL;

  if (g_strcmp0 (progress->reference, pull->reference) != 0)
    {
      g_free (progress->reference);
      progress->reference = g_strdup (pull->reference);
      g_ptr_array_set_size (progress->layers, 0);
      g_hash_table_remove_all (progress->last_words);
      head = tidy (pull->reference, MAX_STATUS);
      if (pull->layer == NULL)
        {
          g_autofree char *status = tidy (pull->status, MAX_STATUS);

          return g_strconcat (head, ": ", status, "\n", NULL);
        }
    }
  text = progress->columns > 0 ? draw (progress, pull) : write_words (progress, pull);
  return g_steal_pointer (&text);
}

static gboolean
has_colour (void)
{
  const char *no_colour = g_getenv ("NO_COLOR");

  return no_colour == NULL || *no_colour == '\0';
}

/* Each time, because the window may have been made narrower. */
static void
look_at_terminal (PerryctlProgress *progress)
{
  struct winsize size;

  if (!isatty (STDERR_FILENO) || g_strcmp0 (g_getenv ("TERM"), "dumb") == 0 ||
      ioctl (STDERR_FILENO, TIOCGWINSZ, &size) != 0)
    perryctl_progress_set_terminal (progress, 0, 0, FALSE);
  else
    perryctl_progress_set_terminal (progress, size.ws_col > 0 ? size.ws_col : 80, size.ws_row > 0 ? size.ws_row : 24,
                                    has_colour ());
}

void
perryctl_progress_print (const PerryPullProgress *pull, gpointer progress)
{
  g_autofree char *text = NULL;

  look_at_terminal (progress);
  text = perryctl_progress_update (progress, pull);
  fputs (text, stderr);
}
