/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/perry-seccomp-profile.h"

#include <string.h>

#include "plugin-api/perry-error.h"

#define MAX_ARGUMENTS 6
#define MAX_WORD 64
#define WORD_CHARACTERS G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_"

/* Calls, actions, architectures and flags; with that, a message can have any of them as it is. */
static gboolean
is_word (const char *text)
{
  gsize length = strlen (text);

  return length > 0 && length <= MAX_WORD && strspn (text, WORD_CHARACTERS) == length;
}

static gboolean
fail (GError **error, const char *what, const char *member, const char *problem)
{
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC, "%s: “%s” %s", what, is_word (member) ? member : "…",
               problem);
  return FALSE;
}

static gboolean
check_members (JsonObject *object, const char *const *known, const char *what, GError **error)
{
  JsonObjectIter iter;
  const char *member;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &member, NULL))
    if (!g_strv_contains (known, member))
      return fail (error, what, member, "is not a member of a seccomp profile that is known here");
  return TRUE;
}

/* A list that may be absent or null. Returns FALSE for something else. */
static gboolean
read_list (JsonObject *object, const char *member, JsonArray **ret_list, const char *what, GError **error)
{
  JsonNode *node = json_object_get_member (object, member);

  *ret_list = NULL;
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  *ret_list = perry_json_as_array (node);
  return *ret_list != NULL || fail (error, what, member, "is not a list");
}

static gboolean
add_words (JsonObject *object, const char *member, GHashTable *words, const char *suffix, const char *what, GError **error)
{
  JsonArray *list;

  if (!read_list (object, member, &list, what, error))
    return FALSE;
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      const char *word = perry_json_as_string (json_array_get_element (list, i));

      if (word == NULL || !is_word (word))
        return fail (error, what, member, "has something that is not a word");
      g_hash_table_add (words, suffix != NULL ? g_strconcat (word, " of ", suffix, NULL) : g_strdup (word));
    }
  return TRUE;
}

static gboolean
read_arch_map (PerrySeccompProfile *profile, JsonObject *object, const char *what, GError **error)
{
  static const char *const known[] = { "architecture", "subArchitectures", NULL };
  JsonArray *map;

  if (!read_list (object, "archMap", &map, what, error))
    return FALSE;
  for (guint i = 0; map != NULL && i < json_array_get_length (map); i++)
    {
      JsonObject *row = perry_json_as_object (json_array_get_element (map, i));
      const char *native = NULL;

      if (row == NULL || !perry_json_read_string (row, "architecture", &native) || !is_word (native))
        return fail (error, what, "archMap", "has a row without “architecture”");
      if (!check_members (row, known, what, error) ||
          !add_words (row, "subArchitectures", profile->architectures, native, what, error))
        return FALSE;
      g_hash_table_add (profile->natives, g_strdup (native));
    }
  return TRUE;
}

/* Flags that only say how a filter is installed, or that it logs, are left out. */
static gboolean
read_flags (PerrySeccompProfile *profile, JsonObject *object, const char *what, GError **error)
{
  if (!add_words (object, "flags", profile->flags, NULL, what, error))
    return FALSE;
  g_hash_table_remove (profile->flags, "SECCOMP_FILTER_FLAG_LOG");
  g_hash_table_remove (profile->flags, "SECCOMP_FILTER_FLAG_TSYNC");
  return TRUE;
}

static gboolean
lets_through (const char *action)
{
  static const char *const refusing[] = { "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRAP",
                                          "SCMP_ACT_ERRNO", NULL };

  return !g_strv_contains (refusing, action);
}

static gboolean
read_operator (JsonObject *object, PerrySeccompOperator *ret_op, const char *what, GError **error)
{
  static const char *const names[] = {
    [PERRY_SECCOMP_NE] = "SCMP_CMP_NE", [PERRY_SECCOMP_LT] = "SCMP_CMP_LT", [PERRY_SECCOMP_LE] = "SCMP_CMP_LE",
    [PERRY_SECCOMP_EQ] = "SCMP_CMP_EQ", [PERRY_SECCOMP_GE] = "SCMP_CMP_GE", [PERRY_SECCOMP_GT] = "SCMP_CMP_GT",
    [PERRY_SECCOMP_MASKED_EQ] = "SCMP_CMP_MASKED_EQ",
  };
  const char *name = "";

  perry_json_read_string (object, "op", &name);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (name, names[i]))
      {
        *ret_op = i;
        return TRUE;
      }
  return fail (error, what, "op", "is not one of SCMP_CMP_NE, LT, LE, EQ, GE, GT and MASKED_EQ");
}

/* A number that is absent is 0 to the engines. */
static gboolean
read_number (JsonObject *object, const char *member, guint64 *ret_value, const char *what, GError **error)
{
  gint64 value = 0;

  if (json_object_has_member (object, member) && (!perry_json_read_int64 (object, member, &value) || value < 0))
    return fail (error, what, member, "is not a whole number from 0");
  *ret_value = (guint64) value;
  return TRUE;
}

static gboolean
read_comparison (JsonObject *object, PerrySeccompComparison *comparison, const char *what, GError **error)
{
  static const char *const known[] = { "index", "value", "valueTwo", "op", NULL };
  guint64 index, value, second;

  if (!check_members (object, known, what, error) || !read_operator (object, &comparison->op, what, error) ||
      !read_number (object, "index", &index, what, error) || !read_number (object, "value", &value, what, error) ||
      !read_number (object, "valueTwo", &second, what, error))
    return FALSE;
  if (index >= MAX_ARGUMENTS)
    return fail (error, what, "index", "is not from 0 to 5");
  comparison->index = (guint) index;
  comparison->mask = comparison->op == PERRY_SECCOMP_MASKED_EQ ? value : G_MAXUINT64;
  comparison->value = comparison->op == PERRY_SECCOMP_MASKED_EQ ? second : value;
  return TRUE;
}

static gboolean
read_comparisons (JsonObject *object, PerrySeccompRule *rule, const char *what, GError **error)
{
  gboolean seen[MAX_ARGUMENTS] = { FALSE };
  JsonArray *list;

  if (!read_list (object, "args", &list, what, error))
    return FALSE;
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *row = perry_json_as_object (json_array_get_element (list, i));
      PerrySeccompComparison comparison;

      if (row == NULL)
        return fail (error, what, "args", "has something that is not an object");
      if (!read_comparison (row, &comparison, what, error))
        return FALSE;
      rule->ambiguous |= seen[comparison.index];
      seen[comparison.index] = TRUE;
      g_array_append_val (rule->comparisons, comparison);
    }
  return TRUE;
}

static void
append_filter (GString *text, JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);
  JsonObject *filter = perry_json_as_object (node);
  g_autofree char *json = NULL;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node) || (filter != NULL && json_object_get_size (filter) == 0))
    return;
  json = perry_json_to_text (node, FALSE);
  g_string_append_printf (text, "%s %s\n", member, json);
}

static void
rule_free (gpointer data)
{
  PerrySeccompRule *rule = data;

  g_array_unref (rule->comparisons);
  g_free (rule->filters);
  g_free (rule);
}

static PerrySeccompRule *
rule_new (JsonObject *object, const char *action, const char *what, GError **error)
{
  g_autoptr (GString) filters = g_string_new (NULL);
  PerrySeccompRule *rule = g_new0 (PerrySeccompRule, 1);

  rule->lets_through = lets_through (action);
  rule->comparisons = g_array_new (FALSE, FALSE, sizeof (PerrySeccompComparison));
  append_filter (filters, object, "includes");
  append_filter (filters, object, "excludes");
  rule->filters = filters->len > 0 ? g_strdup (filters->str) : NULL;
  if (read_comparisons (object, rule, what, error))
    return rule;
  rule_free (rule);
  return NULL;
}

static gboolean
add_rule (PerrySeccompProfile *profile, JsonObject *object, const char *what, GError **error)
{
  static const char *const known[] = { "name", "names", "action", "errnoRet", "errno", "args", "comment", "includes",
                                       "excludes", NULL };
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const char *action = NULL, *single = NULL;
  GHashTableIter iter;
  gpointer name;

  if (!check_members (object, known, what, error) || !add_words (object, "names", names, NULL, what, error))
    return FALSE;
  if (!perry_json_read_string (object, "action", &action))
    return fail (error, what, "syscalls", "has a rule without “action”");
  if (perry_json_read_string (object, "name", &single) && *single != '\0')
    {
      if (!is_word (single))
        return fail (error, what, "name", "is not a word");
      g_hash_table_add (names, g_strdup (single));
    }

  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      GPtrArray *rules = g_hash_table_lookup (profile->calls, name);
      PerrySeccompRule *rule = rule_new (object, action, what, error);

      if (rule == NULL)
        return FALSE;
      if (rules == NULL)
        {
          rules = g_ptr_array_new_with_free_func (rule_free);
          g_hash_table_insert (profile->calls, g_strdup (name), rules);
        }
      g_ptr_array_add (rules, rule);
    }
  return TRUE;
}

static gboolean
read_profile (PerrySeccompProfile *profile, JsonObject *object, const char *what, GError **error)
{
  static const char *const known[] = { "defaultAction", "defaultErrnoRet", "defaultErrno", "architectures", "archMap",
                                       "syscalls", "flags", NULL };
  const char *action = NULL;
  JsonArray *rules;

  if (!check_members (object, known, what, error))
    return FALSE;
  if (!perry_json_read_string (object, "defaultAction", &action) || !is_word (action))
    return fail (error, what, "defaultAction", "is missing, or is not a word");
  profile->default_action = g_strdup (action);
  profile->rest = lets_through (action);
  if (!add_words (object, "architectures", profile->architectures, NULL, what, error) ||
      !read_arch_map (profile, object, what, error) || !read_flags (profile, object, what, error) ||
      !read_list (object, "syscalls", &rules, what, error))
    return FALSE;
  for (guint i = 0; rules != NULL && i < json_array_get_length (rules); i++)
    {
      JsonObject *rule = perry_json_as_object (json_array_get_element (rules, i));

      if (rule == NULL)
        return fail (error, what, "syscalls", "has something that is not an object");
      if (!add_rule (profile, rule, what, error))
        return FALSE;
    }
  return TRUE;
}

PerrySeccompProfile *
perry_seccomp_profile_new (const char *text, const char *what, GError **error)
{
  g_autoptr (PerrySeccompProfile) profile = g_new0 (PerrySeccompProfile, 1);
  g_autoptr (JsonNode) root = NULL;
  GError *local_error = NULL;

  profile->calls = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  profile->architectures = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  profile->natives = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  profile->flags = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  root = perry_json_parse (text, -1, NULL, &local_error);
  if (root == NULL)
    {
      g_propagate_prefixed_error (error, local_error, "%s: ", what);
      return NULL;
    }
  if (perry_json_as_object (root) == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC, "%s: is not a JSON object", what);
      return NULL;
    }
  return read_profile (profile, perry_json_as_object (root), what, error) ? g_steal_pointer (&profile) : NULL;
}

void
perry_seccomp_profile_free (PerrySeccompProfile *profile)
{
  if (profile == NULL)
    return;
  g_hash_table_unref (profile->calls);
  g_hash_table_unref (profile->architectures);
  g_hash_table_unref (profile->natives);
  g_hash_table_unref (profile->flags);
  g_free (profile->default_action);
  g_free (profile);
}
