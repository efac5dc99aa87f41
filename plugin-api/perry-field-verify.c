/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-verify.h"

#include "plugin-api/perry-container-spec.h"
#include "plugin-api/perry-json.h"
#include "plugin-api/perry-requirement-private.h"
#include "plugin-api/perry-spec-problems.h"

const PerryFieldOption perry_field_verify_options[] = {
  { "verify", PERRY_VERIFY_MODE_MEMBER, "MODE", "How strictly the image is verified: off, warn or enforce" },
  { "verify-identity", "identity", "IDENTITY", "Who has to have signed the image; needs an issuer" },
  { "verify-identity-regexp", "identity_regexp", "REGEXP", "A regular expression that the whole identity has to match" },
  { "verify-issuer", "issuer", "ISSUER", "Who has to vouch for the signer's identity" },
  { "verify-issuer-regexp", "issuer_regexp", "REGEXP", "A regular expression that the whole issuer has to match" },
  { "verify-key", "key", "FILE", "The public key (PEM) that the image has to be signed with" },
  { NULL, NULL, NULL, NULL },
};

/* Takes the mode out of the object; what is left is a requirement. Returns NULL where there is none or a wrong one. */
static const char *
take_mode (JsonObject *object, const char *path, PerrySpecProblems *problems)
{
  JsonNode *node = json_object_get_member (object, PERRY_VERIFY_MODE_MEMBER);
  g_autofree char *member_path = perry_spec_path_add_member (path, PERRY_VERIFY_MODE_MEMBER);
  const char *text = perry_json_as_string (node);
  const char *name = NULL;
  PerryVerifyMode mode;

  if (node == NULL)
    return NULL;
  if (text == NULL)
    perry_spec_problems_add_type (problems, member_path, "a string", node);
  else if (perry_verify_mode_from_text (text, &mode))
    name = perry_verify_mode_get_name (mode);
  else
    perry_spec_problems_add_about (problems, member_path, text, "is no mode of verification; write off, warn or "
                                   "enforce");
  json_object_remove_member (object, PERRY_VERIFY_MODE_MEMBER);
  return name;
}

/* In its one form: the mode, then the requirement's members in their order. */
static GVariant *
write_value (const char *mode, const PerryRequirement *requirement)
{
  g_autofree char *text = requirement != NULL ? perry_requirement_to_json (requirement) : g_strdup ("{}");
  g_autoptr (JsonNode) members = perry_json_parse (text, -1, NULL, NULL);
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_node_take_object (root, object);
  if (mode != NULL)
    json_object_set_string_member (object, PERRY_VERIFY_MODE_MEMBER, mode);
  json_object_iter_init_ordered (&iter, json_node_get_object (members));
  while (json_object_iter_next_ordered (&iter, &name, &node))
    json_object_set_member (object, name, json_node_copy (node));
  return g_variant_new_take_string (perry_json_to_text (root, FALSE));
}

/* Who types an option names a file from where he is; a document does not know where it is read. */
static void
make_key_absolute (JsonObject *object)
{
  const char *key = perry_json_as_string (json_object_get_member (object, "key"));
  g_autofree char *file = key != NULL && *key != '\0' && *key != '~' ? g_canonicalize_filename (key, NULL) : NULL;

  if (file != NULL)
    json_object_set_string_member (object, "key", file);
}

GVariant *
perry_field_check_verify (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  g_autoptr (JsonNode) root = perry_json_parse (g_variant_get_string (value, NULL), -1, NULL, NULL);
  JsonObject *object = perry_json_as_object (root);
  gboolean is_document = *path == '$';
  guint before = perry_spec_problems_get_length (problems);
  g_autoptr (PerryRequirement) requirement = NULL;
  const char *mode;

  if (object == NULL || json_object_get_size (object) == 0)
    {
      perry_spec_problems_add (problems, path, object == NULL ? "is not a JSON object" : "has no members; give it a mode, "
                               "identity and issuer, or key, or leave it out");
      return NULL;
    }
  mode = take_mode (object, path, problems);
  if (!is_document)
    make_key_absolute (object);
  if (json_object_get_size (object) > 0)
    requirement = perry_requirement_read_members (object, PERRY_VERIFY_MODE_MEMBER, is_document, path, problems);
  return perry_spec_problems_get_length (problems) == before ? write_value (mode, requirement) : NULL;
}

/* The value was checked when it was set. */
static JsonNode *
parse_value (const PerryContainerSpec *spec)
{
  const char *text = perry_container_spec_get_string (spec, PERRY_FIELD_VERIFY);

  return text != NULL ? perry_json_parse (text, -1, NULL, NULL) : NULL;
}

gboolean
perry_container_spec_get_verify_mode (const PerryContainerSpec *spec, PerryVerifyMode *ret_mode)
{
  g_autoptr (JsonNode) root = NULL;
  const char *text = NULL;

  g_return_val_if_fail (spec != NULL && ret_mode != NULL, FALSE);

  root = parse_value (spec);
  return root != NULL && perry_json_read_string (perry_json_as_object (root), PERRY_VERIFY_MODE_MEMBER, &text) &&
         perry_verify_mode_from_text (text, ret_mode);
}

PerryRequirement *
perry_container_spec_dup_verify_requirement (const PerryContainerSpec *spec)
{
  g_autoptr (PerrySpecProblems) problems = NULL;
  g_autoptr (JsonNode) root = NULL;
  JsonObject *object;

  g_return_val_if_fail (spec != NULL, NULL);

  root = parse_value (spec);
  object = perry_json_as_object (root);
  if (object == NULL)
    return NULL;
  json_object_remove_member (object, PERRY_VERIFY_MODE_MEMBER);
  if (json_object_get_size (object) == 0)
    return NULL;
  problems = perry_spec_problems_new ();
  return perry_requirement_read_members (object, NULL, FALSE, "$.verify", problems);
}

void
perry_field_check_verify_whole (const PerryContainerSpec *spec, PerrySpecProblems *problems)
{
  g_autoptr (PerryRequirement) requirement = perry_container_spec_dup_verify_requirement (spec);

  if (requirement != NULL)
    perry_requirement_check_whole (requirement, "$.verify", problems);
}
