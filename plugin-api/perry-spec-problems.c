/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-spec-problems.h"

#include <string.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-json.h"

#define MAX_MESSAGE_BYTES 3900
#define MAX_LINE_BYTES 800
#define MAX_STORED 200 /* more do not fit a message */
#define MAX_QUOTED_CHARS 60
#define MAX_MEMBER_CHARS 40

typedef struct {
  char *path;
  char *text;
} Problem;

struct _PerrySpecProblems {
  GPtrArray *items; /* the first MAX_STORED */
  guint length;
  gboolean has_mistake; /* as opposed to what is merely not available yet */
};

static void
problem_free (gpointer data)
{
  Problem *problem = data;

  g_free (problem->path);
  g_free (problem->text);
  g_free (problem);
}

PerrySpecProblems *
perry_spec_problems_new (void)
{
  PerrySpecProblems *problems = g_new0 (PerrySpecProblems, 1);

  problems->items = g_ptr_array_new_with_free_func (problem_free);
  return problems;
}

void
perry_spec_problems_free (PerrySpecProblems *problems)
{
  if (problems == NULL)
    return;
  g_ptr_array_unref (problems->items);
  g_free (problems);
}

static void
take_problem (PerrySpecProblems *problems, const char *path, char *text)
{
  Problem *problem;

  problems->length++;
  if (problems->length > MAX_STORED)
    {
      g_free (text);
      return;
    }
  problem = g_new0 (Problem, 1);
  problem->path = g_strdup (path);
  problem->text = text;
  g_ptr_array_add (problems->items, problem);
}

void
perry_spec_problems_add (PerrySpecProblems *problems, const char *path, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  take_problem (problems, path, g_strdup_vprintf (format, args));
  va_end (args);
  problems->has_mistake = TRUE;
}

void
perry_spec_problems_add_about (PerrySpecProblems *problems, const char *path, const char *text, const char *format,
                               ...)
{
  g_autofree char *quoted = perry_spec_quote (text);
  g_autofree char *rest = NULL;
  va_list args;

  va_start (args, format);
  rest = g_strdup_vprintf (format, args);
  va_end (args);
  perry_spec_problems_add (problems, path, "%s %s", quoted, rest);
}

void
perry_spec_problems_add_unknown_key (PerrySpecProblems *problems, const char *path, const char *name,
                                     const char *const *known)
{
  g_autofree char *quoted = perry_spec_quote (name);
  const char *nearest = perry_spec_problems_find_nearest (problems, name, known);

  if (nearest != NULL)
    perry_spec_problems_add (problems, path, "unknown key %s; did you mean %s?", quoted, nearest);
  else
    perry_spec_problems_add (problems, path, "unknown key %s", quoted);
}

void
perry_spec_problems_add_twice (PerrySpecProblems *problems, const char *path, const char *name, const char *camel_case)
{
  perry_spec_problems_add (problems, path, "is there twice, as %s and as %s", name, camel_case);
}

void
perry_spec_problems_add_unavailable (PerrySpecProblems *problems, const char *path, const char *what)
{
  take_problem (problems, path, g_strdup_printf ("%s is not available in this version", what));
}

static const PerrySpecMember *
get_row (gconstpointer rows, gsize row_size, guint row)
{
  return (gconstpointer) ((const char *) rows + row * row_size);
}

static void
add_unknown_member (PerrySpecProblems *problems, const char *path, const char *name, gconstpointer rows, gsize row_size,
                    const char *const *unavailable, const char *also)
{
  g_autoptr (GPtrArray) names = NULL;

  if (unavailable != NULL && g_strv_contains (unavailable, name))
    {
      perry_spec_problems_add_unavailable (problems, path, name);
      return;
    }
  names = g_ptr_array_new ();
  for (guint row = 0; get_row (rows, row_size, row)->name != NULL; row++)
    g_ptr_array_add (names, (gpointer) get_row (rows, row_size, row)->name);
  g_ptr_array_add (names, (gpointer) also);
  g_ptr_array_add (names, NULL);
  perry_spec_problems_add_unknown_key (problems, path, name, (const char *const *) names->pdata);
}

guint
perry_spec_problems_read_members (PerrySpecProblems *problems, JsonObject *object, const char *path, gconstpointer rows,
                                  gsize row_size, const char *const *unavailable, const char *also,
                                  PerrySpecMemberReader read, gpointer data)
{
  guint seen = 0;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autofree char *member_path = perry_spec_path_add_member (path, name);
      const PerrySpecMember *member = rows;
      guint row = 0;

      while (member->name != NULL && !g_str_equal (name, member->name) && !g_str_equal (name, member->camel_case))
        member = get_row (rows, row_size, ++row);
      if (member->name == NULL)
        add_unknown_member (problems, member_path, name, rows, row_size, unavailable, also);
      else if ((seen & (1u << row)) != 0)
        perry_spec_problems_add_twice (problems, member_path, member->name, member->camel_case);
      else
        {
          seen |= 1u << row;
          read (data, row, node, member_path);
        }
    }
  return seen;
}

static const char *
describe_node (JsonNode *node)
{
  if (perry_json_as_object (node) != NULL)
    return "an object";
  if (perry_json_as_array (node) != NULL)
    return "an array";
  if (perry_json_as_string (node) != NULL)
    return "a string";
  if (perry_json_as_boolean (node, NULL))
    return "a boolean";
  if (perry_json_as_double (node, NULL))
    return "a number";
  return "null";
}

void
perry_spec_problems_add_type (PerrySpecProblems *problems, const char *path, const char *wanted, JsonNode *node)
{
  perry_spec_problems_add (problems, path, "must be %s, not %s", wanted, describe_node (node));
}

guint
perry_spec_problems_get_length (const PerrySpecProblems *problems)
{
  return problems->length;
}

gboolean
perry_spec_problems_is_full (const PerrySpecProblems *problems)
{
  return problems->length >= MAX_STORED;
}

const char *
perry_spec_problems_find_nearest (const PerrySpecProblems *problems, const char *unknown, const char *const *known)
{
  return perry_spec_problems_is_full (problems) ? NULL : perry_json_nearest_key (unknown, known);
}

static char *
format_line (const Problem *problem)
{
  g_autofree char *line = g_strdup_printf ("%s: %s", problem->path, problem->text);
  g_autofree char *cut = NULL;

  if (strlen (line) <= MAX_LINE_BYTES)
    return g_steal_pointer (&line);
  line[MAX_LINE_BYTES] = '\0';
  cut = g_utf8_make_valid (line, -1);
  return g_strconcat (cut, "…", NULL);
}

gboolean
perry_spec_problems_to_error (const PerrySpecProblems *problems, const char *what, PerryError code, GError **error)
{
  g_autoptr (GString) message = NULL;
  guint length = problems->length;

  if (length == 0)
    return TRUE;

  if (length == 1)
    {
      const Problem *problem = g_ptr_array_index (problems->items, 0);
      g_autofree char *line = format_line (problem);

      g_set_error (error, PERRY_ERROR, (int) code, "%s%s%s", *problem->path == '$' ? what : "",
                   *problem->path == '$' ? ": " : "", line);
      return FALSE;
    }

  message = g_string_new (NULL);
  g_string_printf (message, "%u problems in the %s:", length, what);
  for (guint i = 0; i < problems->items->len; i++)
    {
      g_autofree char *line = format_line (g_ptr_array_index (problems->items, i));

      if (message->len + strlen (line) > MAX_MESSAGE_BYTES)
        {
          g_string_append_printf (message, "\n  … and %u more", length - i);
          break;
        }
      g_string_append_printf (message, "\n  %s", line);
    }
  g_set_error_literal (error, PERRY_ERROR, (int) code, message->str);
  return FALSE;
}

gboolean
perry_spec_problems_to_result (const PerrySpecProblems *problems, GError **error)
{
  PerryError code = problems->has_mistake ? PERRY_ERROR_INVALID_SPEC : PERRY_ERROR_NOT_AVAILABLE;

  return perry_spec_problems_to_error (problems, "container spec", code, error);
}

char *
perry_spec_path_add_index (const char *path, gsize index)
{
  if (*path != '$' || g_str_has_suffix (path, "]"))
    return g_strdup (path);
  return g_strdup_printf ("%s[%" G_GSIZE_FORMAT "]", path, index);
}

static gboolean
is_plain_member (const char *member)
{
  if (!g_ascii_isalpha (*member) && *member != '_')
    return FALSE;
  for (const char *p = member; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && *p != '_')
      return FALSE;
  return strlen (member) <= MAX_MEMBER_CHARS;
}

char *
perry_spec_path_add_member (const char *path, const char *member)
{
  GString *longer;

  if (*path != '$')
    return g_strdup (path);
  if (is_plain_member (member))
    return g_strdup_printf ("%s.%s", path, member);

  longer = g_string_new (path);
  g_string_append (longer, "[\"");
  perry_spec_append_escaped (longer, member, MAX_MEMBER_CHARS);
  g_string_append (longer, "\"]");
  return g_string_free (longer, FALSE);
}

void
perry_spec_append_escaped (GString *to, const char *text, gsize max_chars)
{
  gsize length = 0;

  while (*text != '\0')
    {
      gunichar c = g_utf8_get_char_validated (text, -1);
      gboolean valid = c != (gunichar) -1 && c != (gunichar) -2;
      GUnicodeType type = valid ? g_unichar_type (c) : G_UNICODE_UNASSIGNED;

      if (length++ == max_chars)
        {
          g_string_append (to, "…");
          return;
        }
      if (!valid || (c < 0x80 && g_ascii_iscntrl ((char) c)))
        g_string_append_printf (to, "\\x%02x", (guint) (guchar) *text);
      else if (!g_unichar_isprint (c) || type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR)
        g_string_append_printf (to, "\\u{%x}", c);
      else
        g_string_append_unichar (to, c);
      text = valid ? g_utf8_next_char (text) : text + 1;
    }
}

char *
perry_spec_quote (const char *text)
{
  GString *quoted = g_string_new ("“");

  perry_spec_append_escaped (quoted, text, MAX_QUOTED_CHARS);
  g_string_append (quoted, "”");
  return g_string_free (quoted, FALSE);
}
