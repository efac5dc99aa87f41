/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/perry-probe-json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_DEPTH 16

static bool indent;
static int depth;
static struct { char closing; bool used; } levels[MAX_DEPTH];

/* Length of the valid UTF-8 sequence at @text; 0 when there is none (overlong, surrogate, too large, cut off). */
static size_t
utf8_length (const unsigned char *text)
{
  static const struct { unsigned char mask, lead; size_t length; uint32_t least; } forms[] = {
    { 0xe0, 0xc0, 2, 0x80 }, { 0xf0, 0xe0, 3, 0x800 }, { 0xf8, 0xf0, 4, 0x10000 },
  };

  if (text[0] < 0x80)
    return 1;
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
    {
      uint32_t point = text[0] & (unsigned char) ~forms[i].mask;

      if ((text[0] & forms[i].mask) != forms[i].lead)
        continue;
      for (size_t j = 1; j < forms[i].length; j++)
        {
          if ((text[j] & 0xc0) != 0x80)
            return 0;
          point = point << 6 | (text[j] & 0x3f);
        }
      if (point < forms[i].least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
        return 0;
      return forms[i].length;
    }
  return 0;
}

static void
write_string (const char *value)
{
  const unsigned char *at = (const unsigned char *) value;

  putchar ('"');
  while (*at != '\0')
    {
      size_t length = utf8_length (at);

      if (length == 0)
        {
          fputs ("\\ufffd", stdout);
          at++;
          continue;
        }
      if (*at == '"' || *at == '\\')
        printf ("\\%c", *at);
      else if (*at < 0x20 || *at == 0x7f)
        printf ("\\u%04x", *at);
      else
        fwrite (at, 1, length, stdout);
      at += length;
    }
  putchar ('"');
}

static void
break_line (void)
{
  if (indent)
    printf ("\n%*s", depth * 2, "");
}

static void
begin_member (const char *name)
{
  if (depth > 0)
    {
      if (levels[depth - 1].used)
        putchar (',');
      levels[depth - 1].used = true;
      break_line ();
    }
  if (name == NULL)
    return;
  write_string (name);
  fputs (indent ? ": " : ":", stdout);
}

static void
open_level (const char *name, char opening, char closing)
{
  begin_member (name);
  putchar (opening);
  if (depth == MAX_DEPTH)
    abort ();
  levels[depth].closing = closing;
  levels[depth].used = false;
  depth++;
}

void
probe_json_set_pretty (bool pretty)
{
  indent = pretty;
}

void
probe_json_open_object (const char *name)
{
  open_level (name, '{', '}');
}

void
probe_json_open_array (const char *name)
{
  open_level (name, '[', ']');
}

void
probe_json_close (void)
{
  if (depth == 0)
    abort ();
  depth--;
  if (levels[depth].used)
    break_line ();
  putchar (levels[depth].closing);
}

void
probe_json_add_string (const char *name, const char *value)
{
  begin_member (name);
  write_string (value);
}

void
probe_json_add_integer (const char *name, int64_t value)
{
  begin_member (name);
  printf ("%" PRId64, value);
}

void
probe_json_add_boolean (const char *name, bool value)
{
  begin_member (name);
  fputs (value ? "true" : "false", stdout);
}

void
probe_json_add_null (const char *name)
{
  begin_member (name);
  fputs ("null", stdout);
}

bool
probe_json_finish (void)
{
  putchar ('\n');
  return depth == 0 && fflush (stdout) == 0 && !ferror (stdout);
}
