/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-json.h"

#include <math.h>
#include <string.h>

#include "plugin-api/perry-error.h"

/* The digits that the longest exact double needs are 1077; whoever writes more wants to make strtod() slow. */
#define MAX_NUMBER_LENGTH 1100

/* Up to here comparing the hashes one by one is cheaper than keeping a table. */
#define MAX_KEYS_WITHOUT_TABLE 16

/* json-glib keeps members in a GHashTable by g_str_hash(), for which anybody can make colliding keys: 40,000 of them
 * cost 17 seconds. Real documents stay far below this number of pairs with the same hash in one object. */
#define MAX_COLLISIONS 10000

/* A key in a message is cut here; nobody needs more of it to find it. */
#define MAX_KEY_IN_PATH 64

/* And a path here: 64 levels of keys that are all escapes would fill 20 KiB. */
#define MAX_PATH_LENGTH 1024

typedef struct {
  const char *text; /* in the document, or in Check.decoded when the key has escapes */
  gsize length;
  guint32 hash;
} Key;

typedef struct {
  gboolean is_object;
  gboolean has_key; /* the last key in Check.keys is the one of the value that is being read */
  gsize index;      /* of the value that is being read */
  guint first_key;  /* in Check.keys */
  guint32 *slots;   /* open addressing; a slot is 1 + a position in Check.keys; NULL while there are few keys */
  guint n_slots;    /* a power of two */
  guint n_collisions;
} Frame;

typedef struct {
  const char *start;
  const char *next;
  const char *end;
  PerryJsonLimits limits;
  gsize n_values;
  Frame frames[PERRY_JSON_MAX_DEPTH];
  guint depth;
  GArray *keys;
  GStringChunk *decoded;
  GError **error;
} Check;

typedef enum {
  STATE_VALUE,
  STATE_FIRST_ELEMENT,
  STATE_KEY,
  STATE_FIRST_KEY,
  STATE_AFTER_VALUE,
  STATE_DONE,
} State;

static void
append_printable (GString *text, gunichar c)
{
  if (c == '"' || c == '\\')
    g_string_append_printf (text, "\\%c", (char) c);
  else if (g_unichar_isprint (c))
    g_string_append_unichar (text, c);
  else
    g_string_append_printf (text, "\\u%04x", c);
}

static gboolean
is_plain_key (const Key *key)
{
  if (key->length == 0 || key->length > MAX_KEY_IN_PATH || g_ascii_isdigit (key->text[0]))
    return FALSE;
  for (gsize i = 0; i < key->length; i++)
    {
      if (!g_ascii_isalnum (key->text[i]) && strchr ("_-$", key->text[i]) == NULL)
        return FALSE;
    }
  return TRUE;
}

static void
append_key (GString *path, const Key *key)
{
  const char *end = key->text + MIN (key->length, MAX_KEY_IN_PATH);

  if (is_plain_key (key))
    {
      g_string_append_c (path, '.');
      g_string_append_len (path, key->text, (gssize) key->length);
      return;
    }

  g_string_append (path, "[\"");
  for (const char *p = key->text; p < end; p = g_utf8_next_char (p))
    append_printable (path, g_utf8_get_char (p));
  g_string_append (path, key->length > MAX_KEY_IN_PATH ? "…\"]" : "\"]");
}

static char *
get_path (const Check *check)
{
  GString *path = g_string_new ("$");

  for (guint i = 0; i < check->depth; i++)
    {
      const Frame *frame = &check->frames[i];
      guint key_end = i + 1 < check->depth ? check->frames[i + 1].first_key : check->keys->len;

      if (path->len > MAX_PATH_LENGTH)
        {
          g_string_append (path, "…");
          break;
        }
      if (!frame->is_object)
        g_string_append_printf (path, "[%" G_GSIZE_FORMAT "]", frame->index);
      else if (frame->has_key)
        append_key (path, &g_array_index (check->keys, Key, key_end - 1));
    }
  return g_string_free (path, FALSE);
}

static void
get_position (const Check *check, const char *at, gsize *ret_line, gsize *ret_column)
{
  gsize line = 1;
  gsize column = 1;

  for (const char *p = check->start; p < at; p++)
    {
      if (*p == '\n')
        {
          line++;
          column = 1;
        }
      else if (((guchar) *p & 0xc0) != 0x80)
        column++;
    }
  *ret_line = line;
  *ret_column = column;
}

static gboolean fail (Check *check, const char *at, PerryError code, const char *format, ...) G_GNUC_PRINTF (4, 5);

static gboolean
fail (Check *check, const char *at, PerryError code, const char *format, ...)
{
  g_autofree char *path = get_path (check);
  g_autofree char *what = NULL;
  gsize line, column;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);

  get_position (check, at, &line, &column);
  g_set_error (check->error, PERRY_ERROR, (int) code, "JSON line %" G_GSIZE_FORMAT ", column %" G_GSIZE_FORMAT
               " (%s): %s", line, column, path, what);
  return FALSE;
}

static gboolean
fail_unexpected (Check *check, const char *wanted)
{
  const char *at = check->next;
  gunichar c;

  if (at == check->end)
    return fail (check, at, PERRY_ERROR_INVALID_JSON, "the document ends where %s should be", wanted);
  if (*at == '/' || *at == '#')
    return fail (check, at, PERRY_ERROR_INVALID_JSON, "found \"%c\" where %s should be; JSON has no comments", *at,
                 wanted);

  c = g_utf8_get_char_validated (at, check->end - at);
  if (*at == '\0' || c >= 0x110000)
    return fail (check, at, PERRY_ERROR_INVALID_JSON, "found the byte \\x%02x where %s should be", (guchar) *at,
                 wanted);
  if (c == 0xfeff && at == check->start)
    return fail (check, at, PERRY_ERROR_INVALID_JSON, "the document begins with a byte order mark; save it without");
  if (!g_unichar_isprint (c) || (c != ' ' && g_unichar_isspace (c)))
    return fail (check, at, PERRY_ERROR_INVALID_JSON, "found the character U+%04X where %s should be", c, wanted);
  return fail (check, at, PERRY_ERROR_INVALID_JSON, "found \"%.*s\" where %s should be", g_utf8_skip[(guchar) *at], at,
               wanted);
}

static void
skip_space (Check *check)
{
  while (check->next < check->end
         && (*check->next == ' ' || *check->next == '\n' || *check->next == '\t' || *check->next == '\r'))
    check->next++;
}

/* Reads the four digits of an escape; returns -1 when they are not there. */
static gint32
read_hex4 (const char *p, const char *end)
{
  gint32 value = 0;

  if (end - p < 4)
    return -1;
  for (int i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (p[i]);

      if (digit < 0)
        return -1;
      value = value * 16 + digit;
    }
  return value;
}

/* Checks the escape that begins at check->next, which is a backslash, and steps over it. */
static gboolean
check_escape (Check *check)
{
  const char *at = check->next;
  gint32 unit, low;

  if (check->end - at < 2)
    return fail (check, at, PERRY_ERROR_INVALID_JSON, "the document ends in the middle of an escape");
  if (at[1] != 'u')
    {
      if (at[1] == '\0' || strchr ("\"\\/bfnrt", at[1]) == NULL)
        return fail (check, at, PERRY_ERROR_INVALID_JSON,
                     "a backslash is not followed by one of \" \\ / b f n r t u; write \\\\ for a backslash");
      check->next += 2;
      return TRUE;
    }

  unit = read_hex4 (at + 2, check->end);
  if (unit < 0)
    return fail (check, at, PERRY_ERROR_INVALID_JSON, "\\u is not followed by four hexadecimal digits");
  if (unit == 0)
    return fail (check, at, PERRY_ERROR_INVALID_JSON, "U+0000 is not allowed in a string");
  check->next += 6;
  if (unit < 0xd800 || unit > 0xdfff)
    return TRUE;

  low = -1;
  if (unit < 0xdc00 && check->end - check->next >= 6 && check->next[0] == '\\' && check->next[1] == 'u')
    low = read_hex4 (check->next + 2, check->end);
  if (low < 0xdc00 || low > 0xdfff)
    return fail (check, at, PERRY_ERROR_INVALID_JSON, "\\u%04x is half of a surrogate pair; the other half is missing",
                 (guint) unit);
  check->next += 6;
  return TRUE;
}

static gboolean
is_plain_string_byte (char c)
{
  return (guchar) c >= 0x20 && (guchar) c < 0x80 && c != '"' && c != '\\';
}

/* Checks one character of a string that is not a plain ASCII one, and steps over it. */
static gboolean
check_special_character (Check *check)
{
  const char *at = check->next;

  if (*at == '\\')
    return check_escape (check);
  if ((guchar) *at < 0x20)
    return fail (check, at, PERRY_ERROR_INVALID_JSON,
                 "the control character U+%04X stands in a string; write it as \\u%04x", (guchar) *at, (guchar) *at);
  if (g_utf8_get_char_validated (at, check->end - at) >= 0x110000)
    return fail (check, at, PERRY_ERROR_INVALID_JSON, "the byte \\x%02x is not part of valid UTF-8", (guchar) *at);
  check->next += g_utf8_skip[(guchar) *at];
  return TRUE;
}

/* Steps over the string that begins at check->next; what is between the quotes is returned. */
static gboolean
check_string (Check *check, const char **ret_text, gsize *ret_length, gboolean *ret_has_escape)
{
  const char *quote = check->next++;
  const char *text = check->next;
  gboolean has_escape = FALSE;

  for (;;)
    {
      while (check->next < check->end && is_plain_string_byte (*check->next))
        check->next++;
      if (check->next == check->end)
        return fail (check, quote, PERRY_ERROR_INVALID_JSON, "the string that begins here has no end");
      if (*check->next == '"')
        break;
      has_escape |= *check->next == '\\';
      if (!check_special_character (check))
        return FALSE;
    }

  if ((gsize) (check->next - text) > check->limits.max_string_bytes)
    return fail (check, quote, PERRY_ERROR_LIMIT_EXCEEDED,
                 "the string that begins here has %" G_GSIZE_FORMAT " bytes, more than the limit of %" G_GSIZE_FORMAT,
                 (gsize) (check->next - text), check->limits.max_string_bytes);
  *ret_text = text;
  *ret_length = (gsize) (check->next - text);
  *ret_has_escape = has_escape;
  check->next++;
  return TRUE;
}

static gunichar
decode_unicode_escape (const char **p, const char *end)
{
  gunichar unit = (gunichar) read_hex4 (*p, end);

  *p += 4;
  if (unit < 0xd800 || unit > 0xdfff)
    return unit;
  unit = 0x10000 + ((unit - 0xd800) << 10) + ((gunichar) read_hex4 (*p + 2, end) - 0xdc00);
  *p += 6;
  return unit;
}

/* Resolves the escapes of a key that check_string() has accepted, so that "a" and "\u0061" are the same key. */
static void
decode_key (Check *check, Key *key)
{
  static const char letters[] = "bfnrt";
  static const char meanings[] = "\b\f\n\r\t";
  g_autoptr (GString) text = g_string_sized_new (key->length);
  const char *end = key->text + key->length;

  for (const char *p = key->text; p < end;)
    {
      const char *letter;

      if (*p != '\\')
        {
          g_string_append_c (text, *p++);
          continue;
        }
      p += 2;
      letter = strchr (letters, p[-1]);
      if (p[-1] == 'u')
        g_string_append_unichar (text, decode_unicode_escape (&p, end));
      else
        g_string_append_c (text, letter != NULL ? meanings[letter - letters] : p[-1]);
    }

  if (check->decoded == NULL)
    check->decoded = g_string_chunk_new (256);
  key->length = text->len;
  key->text = g_string_chunk_insert_len (check->decoded, text->str, (gssize) text->len);
}

/* The same function as g_str_hash(), so that MAX_COLLISIONS counts what will collide there. */
static guint32
hash_key (const Key *key)
{
  guint32 hash = 5381;

  for (gsize i = 0; i < key->length; i++)
    hash = hash * 33 + (guint32) (signed char) key->text[i];
  return hash;
}

static guint
first_slot (const Frame *frame, const Key *key)
{
  guint32 mixed = key->hash * 2654435769u;

  return (mixed ^ (mixed >> 15)) & (frame->n_slots - 1);
}

static gboolean
keys_equal (const Key *a, const Key *b)
{
  return a->hash == b->hash && a->length == b->length && memcmp (a->text, b->text, a->length) == 0;
}

/* Puts the key at @position into the frame's table; returns FALSE when an equal one is there. */
static gboolean
add_to_table (Check *check, Frame *frame, guint position)
{
  const Key *key = &g_array_index (check->keys, Key, position);
  guint slot = first_slot (frame, key);

  while (frame->slots[slot] != 0)
    {
      const Key *other = &g_array_index (check->keys, Key, frame->slots[slot] - 1);

      if (keys_equal (other, key))
        return FALSE;
      frame->n_collisions += other->hash == key->hash ? 1 : 0;
      slot = (slot + 1) & (frame->n_slots - 1);
    }
  frame->slots[slot] = position + 1;
  return TRUE;
}

/* Remembers a key of the innermost object; returns FALSE when the object has it already. */
static gboolean
add_key (Check *check, const Key *key)
{
  Frame *frame = &check->frames[check->depth - 1];
  guint n_keys;

  g_array_append_val (check->keys, *key);
  n_keys = check->keys->len - frame->first_key;

  if (n_keys <= MAX_KEYS_WITHOUT_TABLE)
    {
      for (guint i = frame->first_key; i < check->keys->len - 1; i++)
        {
          if (keys_equal (&g_array_index (check->keys, Key, i), key))
            return FALSE;
        }
      return TRUE;
    }

  if (n_keys * 2 <= frame->n_slots)
    return add_to_table (check, frame, check->keys->len - 1);

  g_free (frame->slots);
  frame->n_slots = MAX (frame->n_slots * 2, MAX_KEYS_WITHOUT_TABLE * 4);
  frame->slots = g_new0 (guint32, frame->n_slots);
  for (guint i = frame->first_key; i < check->keys->len - 1; i++)
    add_to_table (check, frame, i);
  return add_to_table (check, frame, check->keys->len - 1);
}

static gboolean
check_key (Check *check)
{
  Frame *frame = &check->frames[check->depth - 1];
  const char *at = check->next;
  gboolean has_escape;
  Key key;

  if (at == check->end || *at != '"')
    return fail_unexpected (check, "a key in double quotes");
  if (frame->index >= check->limits.max_members)
    return fail (check, at, PERRY_ERROR_LIMIT_EXCEEDED, "the object has more than %" G_GSIZE_FORMAT " members",
                 check->limits.max_members);
  if (!check_string (check, &key.text, &key.length, &has_escape))
    return FALSE;
  if (has_escape)
    decode_key (check, &key);
  key.hash = hash_key (&key);

  frame->has_key = TRUE;
  if (!add_key (check, &key))
    return fail (check, at, PERRY_ERROR_INVALID_JSON, "the key appears twice in its object; remove one");
  if (frame->n_collisions > MAX_COLLISIONS)
    return fail (check, at, PERRY_ERROR_LIMIT_EXCEEDED,
                 "the keys of the object were chosen to collide in a hash table");

  skip_space (check);
  if (check->next == check->end || *check->next != ':')
    return fail_unexpected (check, "a colon");
  check->next++;
  return TRUE;
}

static gboolean
skip_digits (Check *check)
{
  const char *first = check->next;

  while (check->next < check->end && g_ascii_isdigit (*check->next))
    check->next++;
  return check->next > first;
}

/* Reads the digits of an integer; returns FALSE when it does not fit 64 bits with sign. */
static gboolean
fits_int64 (const char *digits, const char *end, gboolean negative)
{
  guint64 limit = (guint64) G_MAXINT64 + (negative ? 1 : 0);
  guint64 value = 0;

  for (const char *p = digits; p < end; p++)
    {
      guint64 digit = (guint64) (*p - '0');

      if (value > (limit - digit) / 10)
        return FALSE;
      value = value * 10 + digit;
    }
  return TRUE;
}

static gboolean
is_finite (const char *text, const char *end)
{
  char copy[MAX_NUMBER_LENGTH + 1];

  memcpy (copy, text, (gsize) (end - text));
  copy[end - text] = '\0';
  return isfinite (g_ascii_strtod (copy, NULL));
}

static gboolean
check_number (Check *check)
{
  const char *at = check->next;
  gboolean negative = *at == '-';
  gboolean is_double = FALSE;
  const char *digits;

  digits = check->next += negative ? 1 : 0;
  if (!skip_digits (check))
    return fail_unexpected (check, "a digit");
  if (*digits == '0' && check->next - digits > 1)
    return fail (check, at, PERRY_ERROR_INVALID_JSON, "a number begins with a zero that is not needed");

  if (check->next < check->end && *check->next == '.')
    {
      is_double = TRUE;
      check->next++;
      if (!skip_digits (check))
        return fail_unexpected (check, "a digit after the decimal point");
    }
  if (check->next < check->end && (*check->next == 'e' || *check->next == 'E'))
    {
      is_double = TRUE;
      check->next++;
      if (check->next < check->end && (*check->next == '+' || *check->next == '-'))
        check->next++;
      if (!skip_digits (check))
        return fail_unexpected (check, "a digit of the exponent");
    }

  if (check->next - at > MAX_NUMBER_LENGTH)
    return fail (check, at, PERRY_ERROR_LIMIT_EXCEEDED, "a number has more than %d characters", MAX_NUMBER_LENGTH);
  if (!is_double && !fits_int64 (digits, check->next, negative))
    return fail (check, at, PERRY_ERROR_INVALID_JSON,
                 "the integer does not fit 64 bits (%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ")", G_MININT64,
                 G_MAXINT64);
  if (is_double && !is_finite (at, check->next))
    return fail (check, at, PERRY_ERROR_INVALID_JSON, "the number is too large for a double");
  return TRUE;
}

static gboolean
check_literal (Check *check, const char *literal)
{
  gsize length = strlen (literal);

  if ((gsize) (check->end - check->next) < length || memcmp (check->next, literal, length) != 0)
    return fail_unexpected (check, "a value");
  check->next += length;
  return TRUE;
}

static gboolean
open_frame (Check *check, gboolean is_object)
{
  if (check->depth == PERRY_JSON_MAX_DEPTH)
    return fail (check, check->next, PERRY_ERROR_LIMIT_EXCEEDED,
                 "arrays and objects are nested more than %d deep", PERRY_JSON_MAX_DEPTH);
  check->frames[check->depth++] = (Frame) { .is_object = is_object, .first_key = check->keys->len };
  check->next++;
  return TRUE;
}

static void
close_frame (Check *check)
{
  Frame *frame = &check->frames[--check->depth];

  g_array_set_size (check->keys, frame->first_key);
  g_clear_pointer (&frame->slots, g_free);
  check->next++;
}

/* Checks the scalar at check->next, or opens the array or object there. */
static gboolean
check_value (Check *check, State *state)
{
  const char *text;
  gsize length;
  gboolean has_escape;

  if (check->next == check->end)
    return fail_unexpected (check, "a value");
  if (++check->n_values > check->limits.max_values)
    return fail (check, check->next, PERRY_ERROR_LIMIT_EXCEEDED,
                 "the document has more than %" G_GSIZE_FORMAT " values", check->limits.max_values);

  *state = STATE_AFTER_VALUE;
  switch (*check->next)
    {
    case '{':
      *state = STATE_FIRST_KEY;
      return open_frame (check, TRUE);
    case '[':
      *state = STATE_FIRST_ELEMENT;
      return open_frame (check, FALSE);
    case '"':
      return check_string (check, &text, &length, &has_escape);
    case 't':
      return check_literal (check, "true");
    case 'f':
      return check_literal (check, "false");
    case 'n':
      return check_literal (check, "null");
    default:
      if (*check->next == '-' || g_ascii_isdigit (*check->next))
        return check_number (check);
      return fail_unexpected (check, "a value");
    }
}

static gboolean
check_after_value (Check *check, State *state)
{
  Frame *frame = check->depth > 0 ? &check->frames[check->depth - 1] : NULL;
  char c = check->next < check->end ? *check->next : '\0';

  if (frame == NULL)
    {
      *state = STATE_DONE;
      return check->next == check->end || fail_unexpected (check, "the end of the document");
    }
  if (c == (frame->is_object ? '}' : ']'))
    {
      close_frame (check);
      return TRUE;
    }
  if (c != ',')
    return fail_unexpected (check, frame->is_object ? "a comma or }" : "a comma or ]");

  check->next++;
  frame->index++;
  frame->has_key = FALSE;
  *state = frame->is_object ? STATE_KEY : STATE_VALUE;
  return TRUE;
}

static gboolean
check_document (Check *check)
{
  State state = STATE_VALUE;

  while (state != STATE_DONE)
    {
      gboolean is_first = state == STATE_FIRST_KEY || state == STATE_FIRST_ELEMENT;
      gboolean ok;

      skip_space (check);
      if (is_first && check->next < check->end && *check->next == (state == STATE_FIRST_KEY ? '}' : ']'))
        {
          close_frame (check);
          state = STATE_AFTER_VALUE;
          continue;
        }

      if (state == STATE_AFTER_VALUE)
        ok = check_after_value (check, &state);
      else if (state == STATE_KEY || state == STATE_FIRST_KEY)
        {
          ok = check_key (check);
          state = STATE_VALUE;
        }
      else
        ok = check_value (check, &state);
      if (!ok)
        return FALSE;
    }
  return TRUE;
}

static gsize
limit_or_default (gsize limit, gsize fallback)
{
  return limit != 0 ? limit : fallback;
}

gboolean
perry_json_check (const char *data, gssize length, const PerryJsonLimits *limits, GError **error)
{
  Check check = { .start = data, .next = data, .error = error };
  gboolean ok;

  g_return_val_if_fail (data != NULL || length == 0, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (limits != NULL)
    check.limits = *limits;
  check.limits.max_bytes = limit_or_default (check.limits.max_bytes, PERRY_JSON_DEFAULT_MAX_BYTES);
  check.limits.max_values = limit_or_default (check.limits.max_values, PERRY_JSON_DEFAULT_MAX_VALUES);
  check.limits.max_string_bytes = limit_or_default (check.limits.max_string_bytes, PERRY_JSON_DEFAULT_MAX_STRING_BYTES);
  check.limits.max_members = limit_or_default (check.limits.max_members, PERRY_JSON_DEFAULT_MAX_MEMBERS);

  if (length < 0)
    length = (gssize) strlen (data);
  if ((gsize) length > check.limits.max_bytes)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED, "the JSON document has %" G_GSSIZE_FORMAT
                   " bytes, more than the limit of %" G_GSIZE_FORMAT, length, check.limits.max_bytes);
      return FALSE;
    }

  if (length == 0)
    check.start = check.next = "";
  check.end = check.start + length;
  check.keys = g_array_new (FALSE, FALSE, sizeof (Key));
  ok = check_document (&check);

  while (check.depth > 0)
    g_free (check.frames[--check.depth].slots);
  g_array_unref (check.keys);
  g_clear_pointer (&check.decoded, g_string_chunk_free);
  return ok;
}
