/* SPDX-License-Identifier: Apache-2.0 */
/* Loads a verifier as the core does and asks it one thing:
 *
 *   ask-verifier DIRECTORY ID OPTIONS REFERENCE DIGEST REQUIREMENT
 *
 * OPTIONS are a dictionary in GVariant's text format, with what differs from the defaults. Prints the answer as JSON,
 * and what the verifier says of itself. */
#include <stdio.h>

#include "core/loader/perry-plugin-private.h"
#include "plugin-api/perry-json.h"

#define TIMEOUT_MS 60000

static GVariant *
complete_options (const PerryPluginOption *rows, const char *text)
{
  g_autoptr (GVariant) given = g_variant_ref_sink (g_variant_new_parsed (text));
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (given);

  for (const PerryPluginOption *row = rows; row != NULL && row->name != NULL; row++)
    if (!g_variant_dict_contains (&dict, row->name))
      g_variant_dict_insert_value (&dict, row->name, g_variant_parse (G_VARIANT_TYPE (row->type), row->default_value,
                                                                      NULL, NULL, NULL));
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static void
print (JsonObject *object)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;

  json_node_take_object (root, object);
  text = perry_json_to_text (root, FALSE);
  puts (text);
}

static void
print_answer (const PerryVerification *answer, const char *description)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "kind", perry_verification_kind_get_name (answer->kind));
  json_object_set_string_member (object, "reason", perry_verification_reason_get_name (answer->reason));
  json_object_set_boolean_member (object, "certain", answer->certain);
  json_object_set_string_member (object, "note", answer->note);
  json_object_set_string_member (object, "description", description != NULL ? description : "");
  print (object);
}

static int
print_error (const GError *error)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "error", perry_error_get_name ((PerryError) error->code));
  json_object_set_string_member (object, "message", error->message);
  print (object);
  return 1;
}

int
main (int argc, char **argv)
{
  g_autoptr (PerryPluginRegistry) registry = NULL;
  g_autoptr (PerryPlugin) plugin = NULL;
  g_autoptr (GVariant) options = NULL;
  g_autoptr (JsonNode) requirement = NULL;
  g_autoptr (PerryVerification) answer = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *description = NULL;
  const PerryVerifierOps *ops;
  gpointer verifier;

  if (argc != 7)
    return 2;
  registry = perry_plugin_registry_new_for_path (NULL, FALSE, argv[1]);
  plugin = perry_plugin_registry_get (registry, PERRY_PLUGIN_VERIFIER, argv[2], &error);
  if (plugin == NULL)
    return print_error (error);
  ops = perry_plugin_get_verifier_ops (plugin);
  options = complete_options (perry_plugin_get_options (plugin), argv[3]);
  requirement = perry_json_parse (argv[6], -1, NULL, &error);
  verifier = requirement != NULL ? ops->open (options, NULL, &error) : NULL;
  if (verifier == NULL)
    return print_error (error);
  answer = ops->verify (verifier, argv[4], argv[5], requirement, TIMEOUT_MS, NULL, &error);
  description = ops->describe (verifier, NULL, NULL);
  ops->close (verifier);
  if (answer == NULL)
    return print_error (error);
  print_answer (answer, description);
  return 0;
}
