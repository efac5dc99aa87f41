/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-verb.h"

#include <string.h>

static const PerryctlVerb *
find_verb (PerryctlCall *call, const PerryctlVerb *verbs, GError **error)
{
  const char *name = call->arguments->operands[0];
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const char *nearest;

  for (const PerryctlVerb *verb = verbs; verb->name != NULL; verb++)
    {
      if (g_str_equal (verb->name, name))
        return verb;
      g_ptr_array_add (names, (gpointer) verb->name);
    }
  g_ptr_array_add (names, NULL);
  nearest = perry_json_nearest_key (name, (const char *const *) names->pdata);
  if (nearest != NULL)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "unknown verb \"%s\", did you mean \"%s\"?", name,
                 nearest);
  else
    {
      g_autofree char *all = g_strjoinv (", ", (char **) names->pdata);

      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "unknown verb \"%s\", there are %s", name, all);
    }
  return NULL;
}

static gboolean
is_of_the_command (PerryctlCall *call, const char *option)
{
  for (const PerryctlOption *own = call->command->options; own->name != NULL; own++)
    if (g_str_equal (own->name, option))
      return TRUE;
  return FALSE;
}

/* An option of another verb would be without effect. */
static gboolean
check_options (PerryctlCall *call, const PerryctlVerb *verb, GError **error)
{
  for (guint i = 0; i < call->arguments->values->len; i++)
    {
      const PerryctlValue *value = g_ptr_array_index (call->arguments->values, i);
      const char *name = value->option->name;

      if (!is_of_the_command (call, name) || (verb->options != NULL && g_strv_contains (verb->options, name)))
        continue;
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "%s has no option --%s", verb->name, name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_operands (const PerryctlVerb *verb, char **operands, GError **error)
{
  guint n = g_strv_length (operands);

  if (n < verb->least_operands)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "too few arguments, expected: %s %s", verb->name,
                   verb->operands);
      return FALSE;
    }
  if (n > verb->most_operands)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "unexpected argument \"%s\"",
                   operands[verb->most_operands]);
      return FALSE;
    }
  return TRUE;
}

int
perryctl_verb_run (PerryctlCall *call, const PerryctlVerb *verbs, GError **error)
{
  const PerryctlVerb *verb = find_verb (call, verbs, error);
  char **operands = call->arguments->operands + 1;

  if (verb == NULL || !check_options (call, verb, error) || !check_operands (verb, operands, error))
    return 0;
  return verb->run (call, operands, error);
}

char **
perryctl_verb_get_all (PerryctlCall *call, const char *option)
{
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();

  for (guint i = 0; i < call->arguments->values->len; i++)
    {
      const PerryctlValue *value = g_ptr_array_index (call->arguments->values, i);

      if (g_str_equal (value->option->name, option))
        g_strv_builder_add (all, value->text);
    }
  return g_strv_builder_end (all);
}

void
perryctl_verb_read_pairs (PerryctlCall *call, const char *option, GHashTable *pairs)
{
  g_auto (GStrv) all = perryctl_verb_get_all (call, option);

  for (char **pair = all; *pair != NULL; pair++)
    {
      const char *equals = strchr (*pair, '=');

      g_hash_table_replace (pairs, equals != NULL ? g_strndup (*pair, (gsize) (equals - *pair)) : g_strdup (*pair),
                            g_strdup (equals != NULL ? equals + 1 : ""));
    }
}

int
perryctl_verb_list (PerryctlCall *call, PerryctlLister list, const PerryctlListing *listing, GError **error)
{
  PerryEngine *engine = perryctl_call_get_engine (call, error);
  g_auto (GStrv) labels = perryctl_verb_get_all (call, "label");
  g_autoptr (GPtrArray) elements = NULL;

  if (engine != NULL)
    elements = list (engine, (const char *const *) labels, NULL, error);
  if (elements != NULL)
    perryctl_call_print_list (call, elements, listing);
  return 0;
}
