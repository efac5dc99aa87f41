/* SPDX-License-Identifier: Apache-2.0 */
#include "config/perry-config-private.h"

#include <string.h>

#include "plugin-api/perry-json.h"

#define MAX_RULES 1000
#define MESSAGE_PREFIX "verification requirement: "
#define ACTION_REQUIRE "require"
#define ACTION_EXEMPT "exempt"

/* The keys of a rule; those from identity on make a requirement, whose members have the same names with “_”. */
enum { KEY_PATTERN, KEY_ACTION, KEY_IDENTITY, KEY_IDENTITY_REGEXP, KEY_ISSUER, KEY_ISSUER_REGEXP, KEY_KEY,
       KEY_IGNORE_TLOG, KEY_IGNORE_SCT, N_KEYS };

static const char *const key_names[N_KEYS + 1] = { "pattern", "action", "identity", "identity-regexp", "issuer",
                                                   "issuer-regexp", "key", "ignore-tlog", "ignore-sct", NULL };

static const char *const member_names[N_KEYS] = { NULL, NULL, "identity", "identity_regexp", "issuer", "issuer_regexp",
                                                  "key", "ignore_tlog", "ignore_sct" };

/* A rule as its files wrote it. What is false counts as not written, so that a later file can take it back. */
typedef struct {
  const char *name;
  const PerryConfigNamedGroup *group;
  const PerryConfigNamedValue *values[N_KEYS];
} Draft;

PerryVerifyRule *
perry_verify_rule_copy (const PerryVerifyRule *rule)
{
  PerryVerifyRule *copy;

  g_return_val_if_fail (rule != NULL, NULL);

  copy = g_new0 (PerryVerifyRule, 1);
  copy->name = g_strdup (rule->name);
  copy->pattern = g_strdup (rule->pattern);
  copy->exempt = rule->exempt;
  copy->requirement = rule->requirement != NULL ? perry_requirement_copy (rule->requirement) : NULL;
  copy->origin = g_strdup (rule->origin);
  return copy;
}

void
perry_verify_rule_free (PerryVerifyRule *rule)
{
  if (rule == NULL)
    return;
  g_free (rule->name);
  g_free (rule->pattern);
  perry_requirement_free (rule->requirement);
  g_free (rule->origin);
  g_free (rule);
}

static gboolean
is_switch (int key)
{
  return key == KEY_IGNORE_TLOG || key == KEY_IGNORE_SCT;
}

static void
set_member (JsonObject *object, int key, const char *text)
{
  if (is_switch (key))
    json_object_set_boolean_member (object, member_names[key], g_str_equal (text, "true"));
  else
    json_object_set_string_member (object, member_names[key], text);
}

/* The reader of requirements has the last word about each text: beside what it needs, the text is all that can be wrong. */
static gboolean
check_member (int key, const char *text, GError **error)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (PerryRequirement) requirement = NULL;
  g_autoptr (GError) read_error = NULL;
  JsonObject *object = json_object_new ();
  const char *message;

  json_node_take_object (node, object);
  if (key != KEY_KEY)
    {
      gboolean of_issuer = key == KEY_ISSUER || key == KEY_ISSUER_REGEXP;

      json_object_set_string_member (object, of_issuer ? "identity" : "issuer", "x");
    }
  set_member (object, key, text);
  requirement = perry_requirement_from_node (node, key_names[key], &read_error);
  if (requirement != NULL)
    return TRUE;
  message = read_error->message;
  for (const char *const *part = (const char *const[]) { MESSAGE_PREFIX, key_names[key], ": ", NULL }; *part != NULL;
       part++)
    message += g_str_has_prefix (message, *part) ? strlen (*part) : 0;
  g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, message);
  return FALSE;
}

static gboolean
check_word (const char *text, const char *one, const char *other, GError **error)
{
  if (g_str_equal (text, one) || g_str_equal (text, other))
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "“%s” is neither %s nor %s", text, one, other);
  return FALSE;
}

static gboolean
check_value (int key, const char *text, GError **error)
{
  if (key == KEY_PATTERN)
    return perry_config_check_pattern (text, error);
  if (key == KEY_ACTION)
    return check_word (text, ACTION_REQUIRE, ACTION_EXEMPT, error);
  if (is_switch (key))
    return check_word (text, "true", "false", error);
  return check_member (key, text, error);
}

static int
find_key (const char *name)
{
  for (int key = 0; key < N_KEYS; key++)
    if (g_str_equal (key_names[key], name))
      return key;
  return N_KEYS;
}

static gboolean
set_error_unknown_key (const char *name, GError **error)
{
  const char *nearest = perry_json_nearest_key (name, key_names);

  if (nearest != NULL)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "there is no such key; did you mean “%s”?", nearest);
  else
    g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "there is no such key");
  return FALSE;
}

gboolean
perry_config_set_rule_value (PerryConfig *config, const char *group, const char *key, const char *value,
                             const char *origin, guint line, GError **error)
{
  const char *name = group + strlen (PERRY_CONFIG_RULE_PREFIX);
  g_autofree char *stripped = value != NULL ? g_strstrip (g_strdup (value)) : NULL;
  int index = key != NULL ? find_key (key) : N_KEYS;

  if (line == 0)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "rules of images stand in files alone");
      return FALSE;
    }
  if (key != NULL && index == N_KEYS)
    return set_error_unknown_key (key, error);
  if (key != NULL && !check_value (index, stripped, error))
    return FALSE;
  return perry_config_set_named_value (config->rules, name, key, stripped, origin, line, error);
}

static void
read_draft (Draft *draft, const char *name, const PerryConfigNamedGroup *group)
{
  draft->name = name;
  draft->group = group;
  for (int key = 0; key < N_KEYS; key++)
    {
      draft->values[key] = perry_config_get_named_value (group, key_names[key]);
      if (is_switch (key) && draft->values[key] != NULL && g_str_equal (draft->values[key]->value, "false"))
        draft->values[key] = NULL;
    }
}

static gboolean set_error_at (const Draft *draft, int key, GError **error, const char *format, ...)
  G_GNUC_PRINTF (4, 5);

static gboolean
set_error_at (const Draft *draft, int key, GError **error, const char *format, ...)
{
  const PerryConfigNamedValue *value = draft->values[key];
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "%s: [" PERRY_CONFIG_RULE_PREFIX "%s] %s: %s",
               value != NULL ? value->place : draft->group->place, draft->name, key_names[key], message);
  return FALSE;
}

static gboolean
check_exempt (const Draft *draft, GError **error)
{
  for (int key = KEY_IDENTITY; key < N_KEYS; key++)
    if (draft->values[key] != NULL)
      return set_error_at (draft, key, error, "contradicts action=" ACTION_EXEMPT "; remove one of the two");
  return TRUE;
}

/* A key says by itself who signed; what belongs to certificates would be ignored beside it. */
static gboolean
check_key_alone (const Draft *draft, GError **error)
{
  for (int key = KEY_IDENTITY; key < N_KEYS; key++)
    if (key != KEY_KEY && key != KEY_IGNORE_TLOG && draft->values[key] != NULL)
      return set_error_at (draft, key, error, "belongs to certificates and contradicts key; remove one of the two");
  return TRUE;
}

static gboolean
check_pair (const Draft *draft, int exact, int regexp, GError **error)
{
  if (draft->values[exact] != NULL && draft->values[regexp] != NULL)
    return set_error_at (draft, regexp, error, "contradicts %s; remove one of the two", key_names[exact]);
  return TRUE;
}

/* Who signed is not known before it is said who vouches for it. */
static gboolean
check_both (const Draft *draft, int key, int other, GError **error)
{
  int set = draft->values[key] != NULL ? key : key + 1;

  if (draft->values[set] == NULL || draft->values[other] != NULL || draft->values[other + 1] != NULL)
    return TRUE;
  return set_error_at (draft, set, error, "has no %s and no %s beside it", key_names[other], key_names[other + 1]);
}

static gboolean
check_certificates (const Draft *draft, GError **error)
{
  if (!check_pair (draft, KEY_IDENTITY, KEY_IDENTITY_REGEXP, error) ||
      !check_pair (draft, KEY_ISSUER, KEY_ISSUER_REGEXP, error) ||
      !check_both (draft, KEY_IDENTITY, KEY_ISSUER, error) || !check_both (draft, KEY_ISSUER, KEY_IDENTITY, error))
    return FALSE;
  for (int key = KEY_IGNORE_TLOG; key <= KEY_IGNORE_SCT; key++)
    if (draft->values[key] != NULL && draft->values[KEY_IDENTITY] == NULL &&
        draft->values[KEY_IDENTITY_REGEXP] == NULL)
      return set_error_at (draft, key, error, "needs identity and issuer, or key, beside it");
  return TRUE;
}

static PerryRequirement *
build_requirement (const Draft *draft, GError **error)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  PerryRequirement *requirement;

  json_node_take_object (node, object);
  if (!(draft->values[KEY_KEY] != NULL ? check_key_alone : check_certificates) (draft, error))
    return NULL;
  for (int key = KEY_IDENTITY; key < N_KEYS; key++)
    if (draft->values[key] != NULL)
      set_member (object, key, draft->values[key]->value);
  if (json_object_get_size (object) == 0)
    return perry_requirement_new_default ();
  requirement = perry_requirement_from_node (node, draft->name, error);
  if (requirement == NULL)
    g_prefix_error (error, "%s: ", draft->group->place);
  return requirement;
}

static PerryVerifyRule *
build_rule (const Draft *draft, GError **error)
{
  g_autoptr (PerryVerifyRule) rule = g_new0 (PerryVerifyRule, 1);
  const PerryConfigNamedValue *action = draft->values[KEY_ACTION];

  if (draft->values[KEY_PATTERN] == NULL)
    {
      set_error_at (draft, KEY_PATTERN, error, "the rule has none; say which images it is about, such as "
                    "docker.io/library/* or **");
      return NULL;
    }
  rule->name = g_strdup (draft->name);
  rule->pattern = g_strdup (draft->values[KEY_PATTERN]->value);
  rule->origin = g_strdup (draft->values[KEY_PATTERN]->origin);
  rule->exempt = action != NULL && g_str_equal (action->value, ACTION_EXEMPT);
  if (rule->exempt)
    return check_exempt (draft, error) ? g_steal_pointer (&rule) : NULL;
  rule->requirement = build_requirement (draft, error);
  return rule->requirement != NULL ? g_steal_pointer (&rule) : NULL;
}

gboolean
perry_config_build_rules (PerryConfig *config, GError **error)
{
  g_autoptr (GPtrArray) rules = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_verify_rule_free);

  for (GTreeNode *at = g_tree_node_first (config->rules); at != NULL; at = g_tree_node_next (at))
    {
      PerryVerifyRule *rule;
      Draft draft;

      read_draft (&draft, g_tree_node_key (at), g_tree_node_value (at));
      if (rules->len >= MAX_RULES)
        return set_error_at (&draft, KEY_PATTERN, error, "there are more than %d rules", MAX_RULES);
      rule = build_rule (&draft, error);
      if (rule == NULL)
        return FALSE;
      g_ptr_array_add (rules, rule);
    }
  config->verify_rules = g_steal_pointer (&rules);
  return TRUE;
}

GPtrArray *
perry_config_list_verify_rules (const PerryConfig *config)
{
  g_return_val_if_fail (config != NULL, NULL);

  return g_ptr_array_ref (config->verify_rules);
}
