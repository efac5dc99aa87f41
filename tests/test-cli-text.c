/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/perryctl-table.h"
#include "cli/perryctl-text.h"
#include "core/perry-container.h"

#define NOW (G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC)

static void
test_escape (void)
{
  static const struct {
    const char *text;
    gboolean multi_line;
    const char *expected;
  } rows[] = {
    { "plain", FALSE, "plain" },
    { "größe 漢字 …", FALSE, "größe 漢字 …" },
    { "\033[2J\033]0;title\007", FALSE, "\\x1b[2J\\x1b]0;title\\x07" },
    { "a\nb\tc", FALSE, "a\\x0ab\\x09c" },
    { "a\nb\tc\rd", TRUE, "a\nb\tc\\x0dd" },
    { "\xc2\x9b" "31m", FALSE, "\\u{9b}31m" },                /* the one-byte CSI */
    { "abc\xe2\x80\xae" "def", FALSE, "abc\\u{202e}def" },    /* right-to-left override */
    { "bad\xff\xc3", FALSE, "bad\\xff\\xc3" },
    { "", FALSE, "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *escaped = perryctl_text_escape (rows[i].text, rows[i].multi_line);

      g_assert_cmpstr (escaped, ==, rows[i].expected);
    }
}

/* Zero bytes are bytes, and the beginning of a character waits for its end where that may come. */
static void
test_escape_bytes (void)
{
  static const char data[] = "a\0b\xe2\x82";
  g_autoptr (GString) all = g_string_new (NULL);
  g_autoptr (GString) some = g_string_new (">");

  g_assert_cmpuint (perry_text_escape (all, data, 5, PERRY_TEXT_DEFAULT), ==, 5);
  g_assert_cmpstr (all->str, ==, "a\\x00b\\xe2\\x82");
  g_assert_cmpuint (perry_text_escape (some, data, 5, PERRY_TEXT_CONTINUES), ==, 3);
  g_assert_cmpstr (some->str, ==, ">a\\x00b");
  g_assert_cmpuint (perry_text_escape (some, NULL, 0, PERRY_TEXT_CONTINUES), ==, 0);
}

static void
test_cut (void)
{
  static const struct
  {
    const char *text;
    gsize size;
    const char *cut;
  } rows[] = {
    { "", 3, "" },           { "abc", 3, "abc" },       { "abcd", 3, "…" },          { "abcdef", 5, "ab…" },
    { "äöü", 6, "äöü" }, { "äöüä", 6, "ä…" }, { "äöüä", 7, "äö…" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *cut = perryctl_text_cut (rows[i].text, rows[i].size);

      g_assert_cmpstr (cut, ==, rows[i].cut);
    }
}

static void
test_shorten (void)
{
  static const struct {
    const char *text;
    gsize width;
    const char *expected;
  } rows[] = {
    { "abcdef", 6, "abcdef" }, { "abcdef", 5, "abcd…" }, { "漢字漢字", 8, "漢字漢字" },
    { "漢字漢字", 7, "漢字漢…" }, { "漢字漢字", 6, "漢字…" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = perryctl_text_shorten (rows[i].text, rows[i].width);

      g_assert_cmpstr (text, ==, rows[i].expected);
      g_assert_cmpuint (perryctl_text_get_width (text), <=, rows[i].width);
    }
}

static void
test_age (void)
{
  static const struct {
    gint64 seconds;
    const char *expected;
  } rows[] = {
    { 0, "0 seconds ago" },   { 1, "1 second ago" },      { 59, "59 seconds ago" }, { 60, "1 minute ago" },
    { 7200, "2 hours ago" },  { 86400, "1 day ago" },     { 8 * 86400, "1 week ago" },
    { 800 * 86400, "2 years ago" }, { -5, "in the future" },
  };
  g_autofree char *unknown = perryctl_text_format_age (0, NOW);

  g_assert_cmpstr (unknown, ==, "-");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *age = perryctl_text_format_age (NOW - rows[i].seconds * G_USEC_PER_SEC, NOW);

      g_assert_cmpstr (age, ==, rows[i].expected);
    }
}

static void
test_size (void)
{
  static const struct {
    gint64 bytes;
    const char *expected;
  } rows[] = {
    { -1, "-" },           { 0, "0 B" },           { 999, "999 B" },
    { 1000, "1.0 kB" },    { 4500000, "4.5 MB" },  { 123456789, "123 MB" },
    { 5000000000, "5.0 GB" }, { G_MAXINT64, "9223372 TB" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *size = perryctl_text_format_size (rows[i].bytes);

      g_assert_cmpstr (size, ==, rows[i].expected);
    }
}

static void
test_id (void)
{
  g_autofree char *image = perryctl_text_format_id ("sha256:0123456789abcdef");
  g_autofree char *container = perryctl_text_format_id ("abc");
  g_autofree char *none = perryctl_text_format_id (NULL);

  g_assert_cmpstr (image, ==, "0123456789ab");
  g_assert_cmpstr (container, ==, "abc");
  g_assert_cmpstr (none, ==, "-");
}

static void
test_time (void)
{
  static const struct {
    const char *text;
    gint64 expected; /* -1 for one that can't be read */
  } rows[] = {
    { "10m", NOW - 600 * (gint64) G_USEC_PER_SEC },
    { "1h30m", NOW - 5400 * (gint64) G_USEC_PER_SEC },
    { "2d", NOW - 172800 * (gint64) G_USEC_PER_SEC },
    { "0s", NOW },
    { "999999999d", 0 },
    { "1700000000", NOW },
    { "1700000000.5", NOW + 500000 },
    { "2023-11-14T22:13:20Z", NOW },
    { "2023-11-14T23:13:20+01:00", NOW },
    { "2023-11-14T22:13:20.25Z", NOW + 250000 },
    { "2023-11-14T22:13:20", NOW },
    { "", -1 },
    { "-5m", -1 },
    { "5", 5 * (gint64) G_USEC_PER_SEC },
    { "5x", -1 },
    { "m", -1 },
    { "1.2.3", -1 },
    { "99999999999999999999", -1 },
    { "99999999999999999999s", -1 },
    { "1e400", -1 },
    { "2023-13-01T00:00:00Z", -1 },
    { "yesterday", -1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gint64 time = -1;
      gboolean ok = perryctl_text_read_time (rows[i].text, NOW, &time);

      g_assert_true (ok == (rows[i].expected >= 0));
      g_assert_cmpint (time, ==, rows[i].expected);
    }
}

static PerryctlTable *
make_table (void)
{
  PerryctlTable *table = perryctl_table_new (3);

  perryctl_table_add_row (table, PERRYCTL_COLOUR_BOLD, "A", "LONGER", "LAST", NULL);
  perryctl_table_add_row (table, PERRYCTL_COLOUR_NONE, "漢字", "x", "a text that is much wider than the others",
                          NULL);
  perryctl_table_add (table, "b", PERRYCTL_COLOUR_GREEN);
  perryctl_table_add (table, NULL, PERRYCTL_COLOUR_RED);
  perryctl_table_add (table, "", PERRYCTL_COLOUR_NONE);
  return table;
}

static void
test_table (void)
{
  g_autoptr (PerryctlTable) table = make_table ();
  g_autofree char *text = perryctl_table_to_text (table, 0, FALSE);
  g_autofree char *narrow = perryctl_table_to_text (table, 32, FALSE);
  g_autofree char *coloured = perryctl_table_to_text (table, 0, TRUE);

  g_assert_cmpstr (text, ==,
                   "A     LONGER  LAST\n"
                   "漢字  x       a text that is much wider than the others\n"
                   "b\n");
  g_assert_cmpstr (narrow, ==,
                   "A     LONGER  LAST\n"
                   "漢字  x       a text that is mu…\n"
                   "b\n");
  g_assert_nonnull (strstr (coloured, "\033[1mA\033[0m     \033[1mLONGER\033[0m  \033[1mLAST\033[0m\n"));
  g_assert_nonnull (strstr (coloured, "\033[32mb\033[0m\n"));
  g_assert_null (strstr (coloured, "\033[31m"));
}

static void
test_a_table_cannot_harm (void)
{
  g_autoptr (PerryctlTable) table = perryctl_table_new (1);
  g_autofree char *text = NULL;

  perryctl_table_add (table, "\033[2J\nfake row", PERRYCTL_COLOUR_NONE);
  text = perryctl_table_to_text (table, 0, TRUE);
  g_assert_cmpstr (text, ==, "\\x1b[2J\\x0afake row\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-text/escape", test_escape);
  g_test_add_func ("/cli-text/escape-bytes", test_escape_bytes);
  g_test_add_func ("/cli-text/cut", test_cut);
  g_test_add_func ("/cli-text/shorten", test_shorten);
  g_test_add_func ("/cli-text/age", test_age);
  g_test_add_func ("/cli-text/size", test_size);
  g_test_add_func ("/cli-text/id", test_id);
  g_test_add_func ("/cli-text/time", test_time);
  g_test_add_func ("/cli-text/table", test_table);
  g_test_add_func ("/cli-text/a-table-cannot-harm", test_a_table_cannot_harm);
  return g_test_run ();
}
