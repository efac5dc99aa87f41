/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-json.h"

#include <string.h>

#include "plugin-api/perry-error.h"

/* A document of known length, which may hold NUL bytes. */
#define DOC(literal) literal, sizeof (literal) - 1

/* Parses a copy that ends where the document ends, so that a sanitizer sees a read behind it. */
static JsonNode *
parse_exact (const char *data, gsize length, GError **error)
{
  g_autofree char *copy = g_malloc (MAX (length, 1));

  memcpy (copy, data, length);
  return perry_json_parse (copy, (gssize) length, NULL, error);
}

static void
test_good (void)
{
  static const struct { const char *text; const char *compact; } cases[] = {
    { "null", "null" },
    { " true ", "true" },
    { "\t\r\nfalse\n", "false" },
    { "0", "0" },
    { "-0", "0" },
    { "-1", "-1" },
    { "9223372036854775807", "9223372036854775807" },
    { "-9223372036854775808", "-9223372036854775808" },
    { "[-9223372036854775808,-9223372036854775807]", "[-9223372036854775808,-9223372036854775807]" },
    { "0.5", "0.5" },
    { "0.1", "0.1" },
    { "1.0", "1.0" },
    { "-0.25", "-0.25" },
    { "1e3", "1000.0" },
    { "1E+3", "1000.0" },
    { "-2.5e-3", "-0.0025" },
    { "1e300", "1e+300" },
    { "1e-400", "0.0" },
    { "123456789012345678901234567890.0", "1.2345678901234568e+29" },
    { "\"\"", "\"\"" },
    { "\"a b\"", "\"a b\"" },
    { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\"" },
    { "\"\\u0041\\u00e9\\u20AC\"", "\"A\xc3\xa9\xe2\x82\xac\"" },
    { "\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"" },
    { "\"\\uDBFF\\uDFFF\"", "\"\xf4\x8f\xbf\xbf\"" },
    { "\"\\uffff\"", "\"\xef\xbf\xbf\"" },
    { "\"\\u0001\x7f\"", "\"\\u0001\\u007f\"" },
    { "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"", "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"" },
    { "[]", "[]" },
    { "[ ]", "[]" },
    { "{}", "{}" },
    { "{ }", "{}" },
    { "[1,2 , 3]", "[1,2,3]" },
    { "[[],{},[[]]]", "[[],{},[[]]]" },
    { "{\"b\":1,\"a\":{\"b\":[null]}}", "{\"b\":1,\"a\":{\"b\":[null]}}" },
    { "{\"\":1}", "{\"\":1}" },
    { "{\"a\":1,\"A\":2,\"a \":3}", "{\"a\":1,\"A\":2,\"a \":3}" },
    { "{\"x\":{\"a\":1},\"y\":{\"a\":1},\"a\":1}", "{\"x\":{\"a\":1},\"y\":{\"a\":1},\"a\":1}" },
    { "{\"\\u0061\\n\\ud83d\\ude00\":1}", "{\"a\\n\xf0\x9f\x98\x80\":1}" },
    { "{\"//\":\"/* */ #\"}", "{\"//\":\"/* */ #\"}" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) root = parse_exact (cases[i].text, strlen (cases[i].text), &error);
      g_autofree char *compact = NULL;

      g_assert_no_error (error);
      g_assert_nonnull (root);
      compact = perry_json_to_text (root, FALSE);
      g_assert_cmpstr (compact, ==, cases[i].compact);
    }
}

static const struct { const char *text; gsize length; const char *message; } bad_documents[] = {
  { DOC (""), "line 1, column 1 ($): the document ends where a value should be" },
  { DOC (" \n "), "line 2, column 2 ($): the document ends where a value should be" },
  { DOC ("\xef\xbb\xbf{}"), "byte order mark" },
  { DOC ("{} {}"), "column 4 ($): found \"{\" where the end of the document should be" },
  { DOC ("1 2"), "the end of the document" },
  { DOC ("{}\0"), "column 3 ($): found the byte \\x00" },
  { DOC ("nul"), "a value" },
  { DOC ("nulll"), "the end of the document" },
  { DOC ("True"), "found \"T\" where a value should be" },
  { DOC ("NaN"), "a value" },
  { DOC ("Infinity"), "a value" },
  { DOC ("-Infinity"), "a digit" },
  { DOC ("undefined"), "a value" },
  { DOC ("var x = {}"), "a value" },
  { DOC ("'a'"), "found \"'\"" },
  { DOC ("// c\n1"), "JSON has no comments" },
  { DOC ("/* c */1"), "JSON has no comments" },
  { DOC ("[1 /* c */]"), "column 4 ($[0]): found \"/\" where a comma or ] should be; JSON has no comments" },
  { DOC ("# c\n1"), "JSON has no comments" },
  { DOC ("[1,]"), "($[1]): found \"]\" where a value should be" },
  { DOC ("[,1]"), "($[0]): found \",\"" },
  { DOC ("[1 2]"), "a comma or ]" },
  { DOC ("[1}"), "a comma or ]" },
  { DOC ("["), "the document ends" },
  { DOC ("[1"), "the document ends where a comma or ] should be" },
  { DOC ("]"), "a value" },
  { DOC ("{\"a\":1,}"), "($): found \"}\" where a key in double quotes should be" },
  { DOC ("{a:1}"), "a key in double quotes" },
  { DOC ("{\"a\" 1}"), "($.a): found \"1\" where a colon should be" },
  { DOC ("{\"a\"}"), "a colon" },
  { DOC ("{\"a\":}"), "a value" },
  { DOC ("{\"a\":1]"), "a comma or }" },
  { DOC ("{"), "a key" },
  { DOC ("{\"a"), "has no end" },
  { DOC ("\""), "column 1 ($): the string that begins here has no end" },
  { DOC ("\"\\"), "middle of an escape" },
  { DOC ("\"\\\""), "has no end" },
  { DOC ("\"\\x41\""), "a backslash is not followed" },
  { DOC ("\"\\\0\""), "a backslash is not followed" },
  { DOC ("\"\\u12\""), "four hexadecimal" },
  { DOC ("\"\\u12"), "four hexadecimal" },
  { DOC ("\"\\u123g\""), "four hexadecimal" },
  { DOC ("\"\\u+123\""), "four hexadecimal" },
  { DOC ("\"a\\u0000b\""), "column 3 ($): U+0000" },
  { DOC ("{\"a\\u0000\":1}"), "U+0000" },
  { DOC ("\"a\0b\""), "U+0000" },
  { DOC ("\"\\ud800\""), "surrogate" },
  { DOC ("\"\\ud800x\""), "surrogate" },
  { DOC ("\"\\ud800\\n\""), "surrogate" },
  { DOC ("\"\\ud800\\u0041\""), "surrogate" },
  { DOC ("\"\\ud800\\ud800\""), "surrogate" },
  { DOC ("\"\\udc00\""), "surrogate" },
  { DOC ("\"\\udc00\\ud800\""), "surrogate" },
  { DOC ("\"\\ud800\\udc0"), "surrogate" },
  { DOC ("\"a\nb\""), "the control character U+000A" },
  { DOC ("\"a\tb\""), "the control character U+0009" },
  { DOC ("\"\x1f\""), "the control character U+001F" },
  { DOC ("\"\xff\""), "column 2 ($): the byte \\xff is not part of valid UTF-8" },
  { DOC ("\"\x80\""), "the byte \\x80" },
  { DOC ("\"\xc0\x80\""), "the byte \\xc0" },
  { DOC ("\"\xc3\""), "the byte \\xc3" },
  { DOC ("\"\xe2\x82"), "the byte \\xe2" },
  { DOC ("\"\xed\xa0\x80\""), "the byte \\xed" },
  { DOC ("\"\xf4\x90\x80\x80\""), "the byte \\xf4" },
  { DOC ("\xff"), "found the byte \\xff where a value should be" },
  { DOC ("\xc3\xa9"), "found \"\xc3\xa9\" where a value" },
  { DOC ("\xc2\xa0" "1"), "where a value" },
  { DOC ("\xe2\x80\xae" "1"), "found the character U+202E" },
  { DOC ("\v1"), "found the character U+000B" },
  { DOC ("-"), "a digit" },
  { DOC ("+1"), "a value" },
  { DOC ("- 1"), "a digit" },
  { DOC ("01"), "a zero that is not needed" },
  { DOC ("-01"), "a zero that is not needed" },
  { DOC ("00"), "a zero that is not needed" },
  { DOC ("0x10"), "the end of the document" },
  { DOC ("1."), "a digit after the decimal point" },
  { DOC (".5"), "a value" },
  { DOC ("1.e5"), "a digit after the decimal point" },
  { DOC ("1e"), "a digit of the exponent" },
  { DOC ("1e+"), "a digit of the exponent" },
  { DOC ("[1a]"), "a comma or ]" },
  { DOC ("9223372036854775808"), "does not fit 64 bits" },
  { DOC ("-9223372036854775809"), "does not fit 64 bits" },
  { DOC ("{\"memory\":99999999999999999999}"), "column 11 ($.memory): the integer does not fit 64 bits" },
  { DOC ("1e309"), "too large for a double" },
  { DOC ("-1e99999999999"), "too large for a double" },
  { DOC ("{\"a\":1,\"a\":2}"), "column 8 ($.a): the key appears twice" },
  { DOC ("{\"a\":1,\"\\u0061\":2}"), "($.a): the key appears twice" },
  { DOC ("{\"\":1,\"\":2}"), "($[\"\"]): the key appears twice" },
  { DOC ("{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":2}"), "the key appears twice" },
  { DOC ("{\"\\n\":1,\"b\":1,\"\\u000a\":2}"), "($[\"\\u000a\"]): the key appears twice" },
};

static void
test_bad (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad_documents); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) root = parse_exact (bad_documents[i].text, bad_documents[i].length, &error);

      g_assert_null (root);
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_JSON);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      if (strstr (error->message, bad_documents[i].message) == NULL)
        g_error ("case %" G_GSIZE_FORMAT ": \"%s\" is not in \"%s\"", i, bad_documents[i].message, error->message);
    }
}

static void
test_paths (void)
{
  static const struct { const char *text; const char *prefix; } cases[] = {
    { "{\n  \"HostConfig\": {\n    \"CapAdd\": [\"A\", \"B\", C]\n  }\n}",
      "JSON line 3, column 26 ($.HostConfig.CapAdd[2]): " },
    { "{\"a b\":[{\"c.d\":?", "JSON line 1, column 16 ($[\"a b\"][0][\"c.d\"]): " },
    { "{\"a\\\"\\\\\":?", "JSON line 1, column 10 ($[\"a\\\"\\\\\"]): " },
    { "{\"\xe2\x80\xae\":?", "JSON line 1, column 6 ($[\"\\u202e\"]): " },
    { "{\"\xc3\xa9\xc3\xa9\":?", "JSON line 1, column 7 ($[\"\xc3\xa9\xc3\xa9\"]): " },
    { "{\"a\":1,\"b\":{\"c\":[]},?", "JSON line 1, column 21 ($): " },
    { "{\"a\":{\"x\":1,\"y\":2},\"b\":[0,[1,?", "JSON line 1, column 30 ($.b[1][1]): " },
    { "[[],[?", "JSON line 1, column 6 ($[1][0]): " },
    { "{\"0123456789012345678901234567890123456789012345678901234567890123456789\":?",
      "JSON line 1, column 75 ($[\"0123456789012345678901234567890123456789012345678901234567890123…\"]): " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (perry_json_check (cases[i].text, -1, NULL, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_JSON);
      if (!g_str_has_prefix (error->message, cases[i].prefix))
        g_error ("\"%s\" does not begin with \"%s\"", error->message, cases[i].prefix);
    }
}

static char *
nest (guint depth, const char *open, const char *close)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append (text, open);
  g_string_append_c (text, '1');
  for (guint i = 0; i < depth; i++)
    g_string_append (text, close);
  return g_string_free (text, FALSE);
}

static void
test_depth (void)
{
  static const struct { guint depth; const char *open; const char *close; gboolean ok; } cases[] = {
    { PERRY_JSON_MAX_DEPTH, "[", "]", TRUE },
    { PERRY_JSON_MAX_DEPTH + 1, "[", "]", FALSE },
    { PERRY_JSON_MAX_DEPTH, "{\"a\":", "}", TRUE },
    { PERRY_JSON_MAX_DEPTH + 1, "{\"a\":", "}", FALSE },
    { 500000, "[", "]", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = nest (cases[i].depth, cases[i].open, cases[i].close);
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) root = perry_json_parse (text, -1, NULL, &error);

      g_assert_true ((root != NULL) == cases[i].ok);
      if (!cases[i].ok)
        g_assert_error (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED);
    }
}

static void
test_limits (void)
{
  static const struct {
    PerryJsonLimits limits;
    const char *fits;
    const char *exceeds;
    const char *message;
  } cases[] = {
    { { .max_bytes = 4 }, "1234", "12345", "5 bytes, more than the limit of 4" },
    { { .max_values = 3 }, "[1,{}]", "[1,2,3]", "more than 3 values" },
    { { .max_values = 2 }, "{\"a\":1}", "{\"a\":1,\"b\":2}", "($.b): the document has more than 2 values" },
    { { .max_string_bytes = 3 }, "\"abc\"", "\"abcd\"", "4 bytes, more than the limit of 3" },
    { { .max_string_bytes = 3 }, "{\"abc\":1}", "{\"abcd\":1}", "4 bytes, more than the limit of 3" },
    { { .max_members = 2 }, "[{\"a\":1,\"b\":2},{\"a\":1,\"b\":2}]", "{\"a\":1,\"b\":2,\"c\":3}",
      "more than 2 members" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) root = perry_json_parse (cases[i].fits, -1, &cases[i].limits, &error);

      g_assert_no_error (error);
      g_assert_nonnull (root);
      g_assert_false (perry_json_check (cases[i].exceeds, -1, &cases[i].limits, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED);
      if (strstr (error->message, cases[i].message) == NULL)
        g_error ("\"%s\" is not in \"%s\"", cases[i].message, error->message);
    }
}

static void
test_default_limits (void)
{
  g_autoptr (GString) text = g_string_new ("[1");
  g_autoptr (GString) digits = g_string_new ("0.");
  g_autoptr (GError) error = NULL;

  for (int i = 1; i < PERRY_JSON_DEFAULT_MAX_VALUES - 1; i++)
    g_string_append (text, ",1");
  g_string_append (text, "]");
  g_assert_true (perry_json_check (text->str, (gssize) text->len, NULL, &error));
  g_assert_no_error (error);
  g_string_truncate (text, text->len - 1);
  g_string_append (text, ",1]");
  g_assert_false (perry_json_check (text->str, (gssize) text->len, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED);
  g_clear_error (&error);

  g_string_set_size (text, PERRY_JSON_DEFAULT_MAX_BYTES + 1);
  memset (text->str, ' ', text->len);
  text->str[0] = '1';
  g_assert_false (perry_json_check (text->str, (gssize) text->len, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED);
  g_assert_true (perry_json_check (text->str, (gssize) text->len - 1, NULL, NULL));
  g_clear_error (&error);

  for (int i = 0; i < 2000; i++)
    g_string_append_c (digits, '1');
  g_assert_false (perry_json_check (digits->str, -1, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED);
}

/* The members differ in their last characters, and the twin is put at every distance a table can have grown through. */
static void
test_duplicates_in_large_objects (void)
{
  static const guint sizes[] = { 2, 15, 16, 17, 18, 31, 32, 33, 64, 65, 1000, PERRY_JSON_DEFAULT_MAX_MEMBERS };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      for (guint twin = 0; twin < sizes[i]; twin += sizes[i] < 100 ? 1 : sizes[i] / 3)
        {
          g_autoptr (GString) text = g_string_new ("{");
          g_autoptr (GError) error = NULL;
          gboolean ok;

          for (guint j = 0; j < sizes[i]; j++)
            g_string_append_printf (text, "%s\"key-%u\":{\"key-0\":%u}", j > 0 ? "," : "", j, j);
          g_string_append_c (text, '}');
          g_assert_true (perry_json_check (text->str, -1, NULL, NULL));

          g_string_truncate (text, 1);
          for (guint j = 0; j < sizes[i]; j++)
            g_string_append_printf (text, "%s\"key-%u\":1", j > 0 ? "," : "", j + 1 == sizes[i] ? twin : j);
          g_string_append_c (text, '}');
          ok = perry_json_check (text->str, -1, NULL, &error);
          g_assert_true (ok == (twin + 1 == sizes[i]));
          if (!ok)
            g_assert_nonnull (strstr (error->message, "appears twice"));
        }
    }
}

/* "Ez" and "FY" have the same g_str_hash(), and so have all texts of the same length that are made of them. */
static void
test_colliding_keys (void)
{
  g_autoptr (GString) text = g_string_new ("{\"n\":1");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 4096; i++)
    {
      g_string_append (text, ",\"");
      for (guint bit = 0; bit < 12; bit++)
        g_string_append (text, (i >> bit) & 1 ? "Ez" : "FY");
      g_string_append (text, "\":1");
    }
  g_string_append_c (text, '}');

  g_assert_cmpuint (g_str_hash ("Ez"), ==, g_str_hash ("FY"));
  g_assert_false (perry_json_check (text->str, -1, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED);
  g_assert_nonnull (strstr (error->message, "collide"));
}

static JsonNode *
parse_reply (void)
{
  g_autoptr (GError) error = NULL;
  JsonNode *root = perry_json_parse ("{\"s\":\"text\",\"t\":true,\"i\":-7,\"d\":0.5,\"n\":null,"
                                     "\"o\":{\"p\":{\"q\":\"deep\"}},"
                                     "\"a\":[\"x\",\"y\"],\"m\":[\"x\",1],\"e\":[]}",
                                     -1, NULL, &error);

  g_assert_no_error (error);
  return root;
}

/* Reads every member as every type; only the matching one may succeed, and nothing may log (G_DEBUG=fatal-warnings). */
static void
test_readers_check_types (void)
{
  static const char *const members[] = { "s", "t", "i", "d", "n", "o", "a", "m", "e", "absent" };
  g_autoptr (JsonNode) root = parse_reply ();
  JsonObject *object = perry_json_as_object (root);

  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    {
      const char *m = members[i];
      const char *string = "unset";
      gboolean truth = 77;
      gint64 number = 77;
      double real = 77;
      JsonObject *inner = (JsonObject *) &truth;
      JsonArray *array = (JsonArray *) &truth;
      char **strv = (char **) &truth;

      g_assert_true (perry_json_read_string (object, m, &string) == (*m == 's'));
      g_assert_cmpstr (string, ==, *m == 's' ? "text" : "unset");
      g_assert_true (perry_json_read_boolean (object, m, &truth) == (*m == 't'));
      g_assert_cmpint (truth, ==, *m == 't' ? TRUE : 77);
      g_assert_true (perry_json_read_int64 (object, m, &number) == (*m == 'i'));
      g_assert_cmpint (number, ==, *m == 'i' ? -7 : 77);
      g_assert_true (perry_json_read_double (object, m, &real) == (*m == 'd' || *m == 'i'));
      g_assert_cmpfloat (real, ==, *m == 'd' ? 0.5 : *m == 'i' ? -7.0 : 77.0);
      g_assert_true (perry_json_read_object (object, m, &inner) == (*m == 'o'));
      g_assert_true ((inner == (JsonObject *) &truth) == (*m != 'o'));
      g_assert_true (perry_json_read_array (object, m, &array) == (strchr ("ame", *m) != NULL && m[1] == '\0'));
      g_assert_true (perry_json_read_strv (object, m, &strv) == (strchr ("ae", *m) != NULL && m[1] == '\0'));
      if (strv != (char **) &truth)
        {
          g_assert_cmpuint (g_strv_length (strv), ==, *m == 'a' ? 2 : 0);
          g_strfreev (strv);
        }
    }
}

static void
test_readers_accept_null (void)
{
  g_autoptr (JsonNode) root = parse_reply ();
  JsonObject *object = perry_json_as_object (root);

  g_assert_true (perry_json_read_string (object, "s", NULL));
  g_assert_true (perry_json_read_boolean (object, "t", NULL));
  g_assert_true (perry_json_read_int64 (object, "i", NULL));
  g_assert_true (perry_json_read_double (object, "d", NULL));
  g_assert_true (perry_json_read_object (object, "o", NULL));
  g_assert_true (perry_json_read_array (object, "a", NULL));
  g_assert_true (perry_json_read_strv (object, "a", NULL));
  g_assert_false (perry_json_read_string (NULL, "s", NULL));
  g_assert_false (perry_json_read_strv (NULL, "a", NULL));
  g_assert_null (perry_json_as_string (NULL));
  g_assert_null (perry_json_as_object (NULL));
  g_assert_null (perry_json_as_array (NULL));
  g_assert_false (perry_json_as_boolean (NULL, NULL));
}

static void
test_find (void)
{
  g_autoptr (JsonNode) root = parse_reply ();

  g_assert_true (perry_json_find (root, NULL) == root);
  g_assert_cmpstr (perry_json_as_string (perry_json_find (root, "o", "p", "q", NULL)), ==, "deep");
  g_assert_nonnull (perry_json_find (root, "n", NULL));
  g_assert_null (perry_json_as_string (perry_json_find (root, "n", NULL)));
  g_assert_null (perry_json_find (root, "o", "absent", "q", NULL));
  g_assert_null (perry_json_find (root, "s", "p", NULL));
  g_assert_null (perry_json_find (root, "a", "x", NULL));
  g_assert_null (perry_json_find (NULL, "a", NULL));
}

static void
test_to_text (void)
{
  g_autoptr (JsonNode) root = parse_reply ();
  g_autoptr (JsonNode) empty = json_node_new (JSON_NODE_NULL);
  g_autoptr (JsonNode) odd = json_node_alloc ();
  g_autofree char *pretty = perry_json_to_text (root, TRUE);
  g_autofree char *none = perry_json_to_text (NULL, TRUE);
  g_autofree char *null_text = perry_json_to_text (empty, FALSE);
  g_autofree char *infinite = perry_json_to_text (json_node_init_double (odd, G_MAXDOUBLE * 2), FALSE);
  g_autofree char *repaired = perry_json_to_text (json_node_init_string (odd, "a\xff"), FALSE);

  g_assert_cmpstr (pretty, ==,
                   "{\n  \"s\": \"text\",\n  \"t\": true,\n  \"i\": -7,\n  \"d\": 0.5,\n  \"n\": null,\n"
                   "  \"o\": {\n    \"p\": {\n      \"q\": \"deep\"\n    }\n  },\n"
                   "  \"a\": [\n    \"x\",\n    \"y\"\n  ],\n  \"m\": [\n    \"x\",\n    1\n  ],\n  \"e\": []\n}");
  g_assert_cmpstr (none, ==, "null");
  g_assert_cmpstr (null_text, ==, "null");
  g_assert_cmpstr (infinite, ==, "null");
  g_assert_cmpstr (repaired, ==, "\"a\xef\xbf\xbd\"");
}

static void
test_nearest_key (void)
{
  static const char *const known[] = { "image", "name", "read_only", "cap_add", "cap_drop", "user", "rm", "cmd", NULL };
  static const struct { const char *unknown; const char *nearest; } cases[] = {
    { "imgae", "image" },     { "readonly", "read_only" }, { "readOnly", "read_only" }, { "cap_dorp", "cap_drop" },
    { "capadd", "cap_add" },  { "usr", "user" },           { "cm", "cmd" },             { "nmae", "name" },
    { "image", "image" },     { "xyzzy", NULL },           { "", NULL },                { "q", NULL },
    { "privileged", NULL },   { "names", "name" },
  };
  g_autofree char *huge = g_strnfill (100000, 'a');

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpstr (perry_json_nearest_key (cases[i].unknown, known), ==, cases[i].nearest);
  g_assert_null (perry_json_nearest_key (huge, known));
}

/* What an engine wrote has to be read, and what we write of it has to read back as the same. */
static void
test_recorded_replies (void)
{
  static const char *const names[] = { "docker-info.json", "podman-inspect.json", "podman-image-inspect.json" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "json", names[i], NULL);
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL, *compact = NULL, *again = NULL;
      g_autoptr (JsonNode) root = NULL, second = NULL;

      g_file_get_contents (path, &text, NULL, &error);
      g_assert_no_error (error);
      root = perry_json_parse (text, -1, NULL, &error);
      g_assert_no_error (error);
      compact = perry_json_to_text (root, FALSE);
      second = perry_json_parse (compact, -1, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (json_node_equal (root, second));
      again = perry_json_to_text (second, FALSE);
      g_assert_cmpstr (again, ==, compact);
    }
}

static void
mutate (GString *text, GRand *rand)
{
  static const char interesting[] = "{}[]\",:\\u0e-+. \n\t\0\xff\x80\xc3\xed/#tfn19";
  gint32 n_changes = g_rand_int_range (rand, 1, 4);

  for (gint32 i = 0; i < n_changes && text->len > 0; i++)
    {
      gsize at = (gsize) g_rand_int_range (rand, 0, (gint32) text->len);
      char c = interesting[g_rand_int_range (rand, 0, sizeof interesting - 1)];

      switch (g_rand_int_range (rand, 0, 4))
        {
        case 0:
          text->str[at] = c;
          break;
        case 1:
          g_string_insert_c (text, (gssize) at, c);
          break;
        case 2:
          g_string_erase (text, (gssize) at, 1);
          break;
        default:
          g_string_truncate (text, at);
        }
    }
}

/* Whatever the bytes: no crash, no log message, a message in UTF-8, and what passes the check json-glib accepts too. */
static void
test_mutations (void)
{
  static const char seed[] = "{\"Id\":\"caf\xc3\xa9 \\ud83d\\ude00\",\"a\":[1,-2.5e3,true,null,{\"b\":\"\\n\"}],"
                             "\"\\u0061b\":{},"
                             "\"n\":9223372036854775807}";
  g_autoptr (GRand) rand = g_rand_new_with_seed (20240601);
  guint n_good = 0, n_bad = 0;

  for (int i = 0; i < 20000; i++)
    {
      g_autoptr (GString) text = g_string_new (seed);
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) root = NULL;

      mutate (text, rand);
      root = parse_exact (text->str, text->len, &error);
      if (root != NULL)
        {
          g_autofree char *written = perry_json_to_text (root, FALSE);

          g_assert_true (perry_json_check (written, -1, NULL, NULL));
          n_good++;
          continue;
        }
      g_assert_nonnull (error);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_true (g_str_has_prefix (error->message, "JSON line "));
      n_bad++;
    }
  g_assert_cmpuint (n_good, >, 100);
  g_assert_cmpuint (n_bad, >, 100);
}

/* 60 levels, each with a key of 64 characters that are written as escapes. */
static void
test_long_path (void)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  for (guint depth = 0; depth < 60; depth++)
    {
      g_string_append (text, "{\"");
      for (guint i = 0; i < 64; i++)
        g_string_append (text, "\\u0001");
      g_string_append (text, "\":");
    }
  g_assert_false (perry_json_check (text->str, (gssize) text->len, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_JSON);
  g_assert_cmpuint (strlen (error->message), <, 2048);
  g_assert_nonnull (strstr (error->message, "…): the document ends"));
  g_string_free (text, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/parse/accepts-strict-documents", test_good);
  g_test_add_func ("/json/parse/refuses-what-is-not-strict", test_bad);
  g_test_add_func ("/json/parse/errors-name-line-column-and-path", test_paths);
  g_test_add_func ("/json/parse/long-paths-are-cut", test_long_path);
  g_test_add_func ("/json/parse/depth-is-limited", test_depth);
  g_test_add_func ("/json/parse/limits-are-kept", test_limits);
  g_test_add_func ("/json/parse/default-limits-are-the-documented-ones", test_default_limits);
  g_test_add_func ("/json/parse/finds-duplicates-in-large-objects", test_duplicates_in_large_objects);
  g_test_add_func ("/json/parse/refuses-colliding-keys", test_colliding_keys);
  g_test_add_func ("/json/parse/recorded-replies-survive-a-round-trip", test_recorded_replies);
  g_test_add_func ("/json/parse/survives-mutations", test_mutations);
  g_test_add_func ("/json/read/checks-types", test_readers_check_types);
  g_test_add_func ("/json/read/accepts-null", test_readers_accept_null);
  g_test_add_func ("/json/find/follows-members", test_find);
  g_test_add_func ("/json/write/is-deterministic", test_to_text);
  g_test_add_func ("/json/nearest-key/finds-typing-mistakes", test_nearest_key);
  return g_test_run ();
}
