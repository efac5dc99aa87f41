/* SPDX-License-Identifier: Apache-2.0 */
#include "core/audit/perry-audit.h"

/* Dark where the reader prefers that, and black on white on paper. */
static const char style[] =
    ":root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--line:#d0d7de;--dim:#59636e;--bad:#b3261e;--warn:#8a5a00;"
    "--ok:#1a7f37;--track:#e6e9ed}\n"
    "@media (prefers-color-scheme:dark){:root{--fg:#e6edf3;--bg:#0d1117;--line:#30363d;--dim:#9198a1;--bad:#ff7b72;"
    "--warn:#e3b341;--ok:#56d364;--track:#21262d}}\n"
    "@media print{:root{--fg:#000;--bg:#fff;--line:#999;--dim:#333;--bad:#000;--warn:#000;--ok:#000;--track:#ddd}"
    "section{break-inside:avoid}}\n"
    "body{font:15px/1.45 system-ui,sans-serif;color:var(--fg);background:var(--bg);max-width:70rem;margin:2rem auto;"
    "padding:0 1rem}\n"
    "h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:0}p{margin:.4rem 0}.dim{color:var(--dim)}\n"
    "table{border-collapse:collapse;width:100%;font-size:.9rem}\n"
    "th,td{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;border-bottom:1px solid var(--line)}\n"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}code{overflow-wrap:anywhere}\n"
    "section{border:1px solid var(--line);border-radius:8px;padding:1rem;margin:1rem 0}\n"
    ".critical,.high{color:var(--bad)}.medium{color:var(--warn)}.low{color:var(--ok)}\n"
    "ul{margin:.4rem 0;padding-left:1.2rem}\n"
    ".bar{display:inline-block;width:6rem;height:.6rem;background:var(--track);border-radius:3px;overflow:hidden}"
    ".bar i{display:block;height:100%;background:currentColor;print-color-adjust:exact}\n";

/* Names and texts of engines are nobody's markup. Control characters have no place on a page either. */
static void
append_text (GString *page, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  g_autofree char *escaped = NULL;

  for (char *c = valid; *c != '\0'; c++)
    if ((guchar) *c < 0x20 || *c == 0x7f)
      *c = ' ';
  escaped = g_markup_escape_text (valid, -1);
  g_string_append (page, escaped);
}

static void
append_element (GString *page, const char *open, const char *text, const char *close)
{
  g_string_append (page, open);
  append_text (page, text);
  g_string_append (page, close);
}

static void
append_score (GString *page, double score)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  char width[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (number, sizeof number, "%.1f", score);
  g_ascii_formatd (width, sizeof width, "%.0f", score * 10);
  g_string_append_printf (page,
                          "<span class=\"%s\"><span class=\"bar\"><i style=\"width:%s%%\"></i></span> <b>%s</b> %s</span>",
                          perry_exposure_get_word (score), width, number, perry_exposure_get_word (score));
}

static void
append_list (GString *page, const char *heading, char **lines)
{
  if (lines == NULL || lines[0] == NULL)
    return;
  append_element (page, "<p><b>", heading, "</b></p>\n<ul>\n");
  for (char **line = lines; *line != NULL; line++)
    append_element (page, "<li>", *line, "</li>\n");
  g_string_append (page, "</ul>\n");
}

static void
append_rows (GString *page, const PerryExposure *exposure)
{
  g_string_append (page, "<table>\n<tr><th>what</th><th>exposure</th><th>weight</th><th>why</th></tr>\n");
  for (guint i = 0; i < exposure->rows->len; i++)
    {
      const PerryExposureRow *row = g_ptr_array_index (exposure->rows, i);
      char number[G_ASCII_DTOSTR_BUF_SIZE];

      g_ascii_formatd (number, sizeof number, "%.2f", row->exposure);
      g_string_append_printf (page, "<tr%s><td>", row->least >= PERRY_EXPOSURE_ALARM ? " class=\"critical\"" : "");
      append_text (page, row->id);
      g_string_append_printf (page, "</td><td class=\"n\">%s</td><td class=\"n\">%u</td><td>", number, row->weight);
      append_text (page, row->reason);
      g_string_append (page, "</td></tr>\n");
    }
  g_string_append (page, "</table>\n");
}

static void
append_container (GString *page, const PerryAuditEntry *entry)
{
  const PerryExamination *examination = entry->examination;

  append_element (page, "<section>\n<h2><code>", entry->name, "</code></h2>\n");
  if (examination != NULL)
    {
      append_element (page, "<p class=\"dim\"><code>", examination->info->image, "</code>");
      append_element (page, " on ", examination->backend, examination->ours ? ", made by perry-container" : ", made by others");
      g_string_append (page, "</p>\n");
    }
  if (entry->exposure != NULL)
    {
      g_string_append (page, "<p>");
      append_score (page, entry->exposure->score);
      g_string_append (page, "</p>\n");
    }
  append_list (page, "Findings", entry->findings);
  if (examination != NULL && examination->unseen != NULL)
    append_element (page, "<p class=\"dim\">The kernel was not looked at: ", examination->unseen, "</p>\n");
  if (entry->exposure != NULL)
    append_rows (page, entry->exposure);
  g_string_append (page, "</section>\n");
}

static guint
count_findings (GPtrArray *entries)
{
  guint n = 0;

  for (guint i = 0; i < entries->len; i++)
    n += ((const PerryAuditEntry *) g_ptr_array_index (entries, i))->findings[0] != NULL;
  return n;
}

static void
append_overview (GString *page, GPtrArray *entries)
{
  g_string_append_printf (page, "<p>%u container%s, %u with findings. 0 is as closed as a container can be, 10 as open as a "
                          "process of root on the host.</p>\n<table>\n<tr><th>container</th><th>image</th><th>exposure</th>"
                          "<th>findings</th></tr>\n", entries->len, entries->len == 1 ? "" : "s", count_findings (entries));
  for (guint i = 0; i < entries->len; i++)
    {
      const PerryAuditEntry *entry = g_ptr_array_index (entries, i);

      append_element (page, "<tr><td><code>", entry->name, "</code></td><td><code>");
      append_element (page, "", entry->examination != NULL ? entry->examination->info->image : "", "</code></td><td>");
      if (entry->exposure != NULL)
        append_score (page, entry->exposure->score);
      g_string_append_printf (page, "</td><td class=\"n\">%u</td></tr>\n", g_strv_length (entry->findings));
    }
  g_string_append (page, "</table>\n");
}

char *
perry_audit_to_html (GPtrArray *entries, const char *title)
{
  GString *page = g_string_new ("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                                "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                                "'unsafe-inline'\">\n");

  g_return_val_if_fail (entries != NULL && title != NULL, NULL);

  append_element (page, "<title>", title, "</title>\n<style>\n");
  g_string_append (page, style);
  append_element (page, "</style>\n</head>\n<body>\n<h1>", title, "</h1>\n");
  append_overview (page, entries);
  for (guint i = 0; i < entries->len; i++)
    append_container (page, g_ptr_array_index (entries, i));
  g_string_append (page, "</body>\n</html>\n");
  return g_string_free (page, FALSE);
}
