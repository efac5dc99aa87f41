/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-healthcheck.h"

#include <string.h>

#include "plugin-api/perry-field-value.h"
#include "plugin-api/perry-healthcheck.h"
#include "plugin-api/perry-json.h"
#include "plugin-api/perry-spec-problems.h"

#define MAX_DAYS 365
#define MAX_RETRIES G_MAXINT32
#define MAX_TEST_WORDS 10000
#define ON_FAILURE "on-failure"

static const char *const test_words[] = { "CMD", "CMD-SHELL", "NONE", NULL };

/* The sub-table of `healthcheck`. */
static const PerryHealthcheckMember members[] = {
  { "test", "test", PERRY_FIELD_TYPE_STRV,
    "A shell's line as a string, or CMD and the words of a command, CMD-SHELL and a line, or NONE" },
  { "interval", "interval", PERRY_FIELD_TYPE_SECONDS, "Time between two probes" },
  { "timeout", "timeout", PERRY_FIELD_TYPE_SECONDS, "Time that a probe may take" },
  { "retries", "retries", PERRY_FIELD_TYPE_INTEGER, "Failures in a row that make the container unhealthy" },
  { "start_period", "startPeriod", PERRY_FIELD_TYPE_SECONDS, "Time after the start in which failures do not count" },
  { "start_interval", "startInterval", PERRY_FIELD_TYPE_SECONDS, "Time between two probes in the start period" },
  { "disable", "disable", PERRY_FIELD_TYPE_BOOLEAN, "Whether the image's health check is switched off" },
  { NULL, NULL, PERRY_FIELD_TYPE_STRING, NULL },
};

const PerryFieldOption perry_field_healthcheck_options[] = {
  { "health-cmd", "test", "COMMAND", "Find out with a shell's line in the container whether it is healthy" },
  { "health-interval", "interval", "TIME", "Time between two probes of its health, such as 1m30s" },
  { "health-timeout", "timeout", "TIME", "Time that a probe of its health may take" },
  { "health-retries", "retries", "NUMBER", "Failures in a row that make the container unhealthy" },
  { "health-start-period", "start_period", "TIME", "Time after the start in which failures do not count" },
  { "health-start-interval", "start_interval", "TIME", "Time between two probes in the start period" },
  { "no-healthcheck", "disable", NULL, "Switch the image's health check off" },
  { NULL, NULL, NULL, NULL },
};

typedef struct {
  PerryHealthcheck *check;
  PerrySpecProblems *problems;
} Reader;

const PerryHealthcheckMember *
perry_field_get_healthcheck_members (void)
{
  return members;
}

static void
read_test_words (Reader *reader, char **words, const char *path)
{
  g_autofree char *first = perry_spec_path_add_index (path, 0);
  guint n_words = g_strv_length (words);

  if (n_words == 0)
    perry_spec_problems_add (reader->problems, path, "is empty; leave it out for the image's test");
  else if (!g_strv_contains (test_words, words[0]))
    perry_spec_problems_add_about (reader->problems, first, words[0], "is not one of CMD, CMD-SHELL, NONE; a command's "
                                   "words come after CMD");
  else if (g_str_equal (words[0], "NONE") && n_words > 1)
    perry_spec_problems_add (reader->problems, path, "has words after NONE; remove them");
  else if (g_str_equal (words[0], "CMD") && (n_words == 1 || *words[1] == '\0'))
    perry_spec_problems_add (reader->problems, path, "has no command after CMD");
  else if (g_str_equal (words[0], "CMD-SHELL") && (n_words != 2 || *words[1] == '\0'))
    perry_spec_problems_add (reader->problems, path, "needs one string after CMD-SHELL, the shell's line");
  else if (n_words > MAX_TEST_WORDS)
    perry_spec_problems_add (reader->problems, path, "has more than %d elements", MAX_TEST_WORDS);
  else if (g_str_equal (words[0], "NONE"))
    reader->check->disable = TRUE;
  else
    reader->check->test = g_strdupv (words);
}

static void
read_test (Reader *reader, JsonNode *node, const char *path)
{
  const char *line = perry_json_as_string (node);
  g_auto (GStrv) words = NULL;

  if (line != NULL && *line == '\0')
    perry_spec_problems_add (reader->problems, path, "is empty; leave it out for the image's test");
  else if (line != NULL)
    {
      reader->check->test = g_new0 (char *, 3);
      reader->check->test[0] = g_strdup ("CMD-SHELL");
      reader->check->test[1] = g_strdup (line);
    }
  else if (perry_json_as_strv (node, &words))
    read_test_words (reader, words, path);
  else
    perry_spec_problems_add_type (reader->problems, path, "a string or an array of strings", node);
}

static gint64 *
time_of (PerryHealthcheck *check, const PerryHealthcheckMember *member)
{
  if (g_str_equal (member->name, "interval"))
    return &check->interval_us;
  if (g_str_equal (member->name, "timeout"))
    return &check->timeout_us;
  return g_str_equal (member->name, "start_period") ? &check->start_period_us : &check->start_interval_us;
}

static void
read_time (Reader *reader, const PerryHealthcheckMember *member, JsonNode *node, const char *path)
{
  const char *text = perry_json_as_string (node);
  gboolean may_be_zero = g_str_equal (member->name, "start_period");
  gint64 us;

  if (text == NULL)
    perry_spec_problems_add_type (reader->problems, path, "a time with its unit such as \"30s\" or \"1m30s\"", node);
  else if (!perry_field_parse_duration (text, &us))
    perry_spec_problems_add_about (reader->problems, path, text, "is not a time with its unit such as 500ms, 30s or "
                                   "1m30s");
  else if (us == 0 && !may_be_zero)
    perry_spec_problems_add (reader->problems, path, "is 0; leave it out for the default");
  else if ((us > 0 && us < PERRY_HEALTH_LEAST_TIME_US) || us > MAX_DAYS * G_TIME_SPAN_DAY)
    perry_spec_problems_add_about (reader->problems, path, text, "is not between 1ms and %d days, what engines accept",
                                   MAX_DAYS);
  else
    *time_of (reader->check, member) = us;
}

static void
read_member (gpointer data, guint row, JsonNode *node, const char *path)
{
  Reader *reader = data;
  const PerryHealthcheckMember *member = &members[row];

  switch (member->type)
    {
    case PERRY_FIELD_TYPE_STRV:
      read_test (reader, node, path);
      break;
    case PERRY_FIELD_TYPE_SECONDS:
      read_time (reader, member, node, path);
      break;
    case PERRY_FIELD_TYPE_BOOLEAN:
      if (!perry_json_as_boolean (node, &reader->check->disable))
        perry_spec_problems_add_type (reader->problems, path, "true or false", node);
      break;
    default:
      if (!perry_json_as_int64 (node, &reader->check->retries))
        perry_spec_problems_add_type (reader->problems, path, "a whole number", node);
      else if (reader->check->retries < 1 || reader->check->retries > MAX_RETRIES)
        perry_spec_problems_add (reader->problems, path, "must be between 1 and %d", MAX_RETRIES);
      break;
    }
}

/* A check that is off has nothing to say about how it is done. */
static void
check_disabled (Reader *reader, JsonObject *object, const char *path)
{
  for (const PerryHealthcheckMember *member = members; member->name != NULL; member++)
    {
      gboolean has_member = json_object_has_member (object, member->name) ||
                            json_object_has_member (object, member->camel_case);
      gboolean is_none = g_str_equal (member->name, "test") && reader->check->test == NULL;
      g_autofree char *member_path = perry_spec_path_add_member (path, member->name);

      if (has_member && !is_none && !g_str_equal (member->name, "disable"))
        perry_spec_problems_add (reader->problems, member_path, "contradicts a health check that is switched off "
                                 "(disable, or the test NONE); remove one of the two");
    }
}

GVariant *
perry_field_check_healthcheck (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  g_autoptr (JsonNode) root = perry_json_parse (g_variant_get_string (value, NULL), -1, NULL, NULL);
  JsonObject *object = perry_json_as_object (root);
  g_autoptr (PerryHealthcheck) check = perry_healthcheck_new ();
  Reader reader = { check, problems };
  guint before = perry_spec_problems_get_length (problems);

  if (object == NULL)
    {
      perry_spec_problems_add (problems, path, "is not a JSON object");
      return NULL;
    }
  if (json_object_get_size (object) == 0)
    perry_spec_problems_add (problems, path, "has no members; give it a test or leave it out");
  perry_spec_problems_read_members (problems, object, path, members, sizeof *members, NULL, NULL, read_member, &reader);
  if (check->disable)
    check_disabled (&reader, object, path);
  if (perry_spec_problems_get_length (problems) > before)
    return NULL;
  return g_variant_new_take_string (perry_healthcheck_to_json (check));
}

GVariant *
perry_field_check_restart (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  static const char *const words[] = { "no", "always", ON_FAILURE, "unless-stopped", NULL };
  const char *text = g_variant_get_string (value, NULL);
  const char *colon = strchr (text, ':');
  g_autofree char *word = colon != NULL ? g_strndup (text, (gsize) (colon - text)) : g_strdup (text);
  const char *nearest;

  if (!g_strv_contains (words, word))
    {
      nearest = perry_spec_problems_find_nearest (problems, word, words);
      perry_spec_problems_add_about (problems, path, text, "is not one of no, always, on-failure[:TRIES], "
                                     "unless-stopped%s%s%s", nearest != NULL ? "; did you mean " : "",
                                     nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
      return NULL;
    }
  if (colon == NULL)
    return value;
  if (!g_str_equal (word, ON_FAILURE))
    {
      perry_spec_problems_add_about (problems, path, text, "has a number of tries, which on-failure alone can have");
      return NULL;
    }
  if (!g_ascii_string_to_unsigned (colon + 1, 10, 1, G_MAXINT32, NULL, NULL))
    {
      perry_spec_problems_add_about (problems, path, text, "has no number of tries from 1 to %d after the colon; leave "
                                     "it out for no limit", G_MAXINT32);
      return NULL;
    }
  return value;
}
