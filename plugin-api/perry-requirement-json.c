/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-json.h"
#include "plugin-api/perry-requirement-private.h"

#define MAX_TEXT_BYTES 2048

#define MEMBER(name, camel_case, is_boolean, help) \
  { #name, camel_case, is_boolean, G_STRUCT_OFFSET (PerryRequirement, name), help }

/* The sub-table of `verify`, sorted by name: in this order it is written. */
static const PerryRequirementMember members[] = {
  MEMBER (identity, "identity", FALSE, "The signer's identity, as it stands in the certificate"),
  MEMBER (identity_regexp, "identityRegexp", FALSE, "A regular expression that the whole identity has to match"),
  MEMBER (ignore_sct, "ignoreSct", TRUE, "Whether no promise of a log of certificates is wanted"),
  MEMBER (ignore_tlog, "ignoreTlog", TRUE, "Whether no entry of a transparency log is wanted"),
  MEMBER (issuer, "issuer", FALSE, "Who vouches for the identity"),
  MEMBER (issuer_regexp, "issuerRegexp", FALSE, "A regular expression that the whole issuer has to match"),
  MEMBER (key, "key", FALSE, "Absolute path of a public key in PEM, instead of identity and issuer"),
  { NULL },
};

typedef struct {
  PerryRequirement *requirement;
  guint seen; /* one bit per row, because a member has two spellings */
  PerrySpecProblems *problems;
} Reader;

const PerryRequirementMember *
perry_requirement_get_members (void)
{
  return members;
}

static const PerryRequirementMember *
find_member (const char *name)
{
  for (const PerryRequirementMember *member = members; member->name != NULL; member++)
    if (g_str_equal (name, member->name) || g_str_equal (name, member->camel_case))
      return member;
  return NULL;
}

static gboolean
has_control (const char *text)
{
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    if (g_unichar_iscntrl (g_utf8_get_char (at)))
      return TRUE;
  return FALSE;
}

static void
check_regexp (Reader *reader, const char *pattern, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GRegex) regex = perry_requirement_compile (pattern, &error);

  if (regex == NULL)
    perry_spec_problems_add_about (reader->problems, path, pattern, "is not a regular expression: %s", error->message);
  else if (g_regex_match (regex, "", 0, NULL))
    perry_spec_problems_add_about (reader->problems, path, pattern, "matches an empty text, so it asks for nothing; "
                                   "write what has to be there");
}

static void
check_text (Reader *reader, const PerryRequirementMember *member, const char *text, const char *path)
{
  if (*text == '\0')
    perry_spec_problems_add (reader->problems, path, "is empty, which would ask for nothing; leave it out or fill "
                             "it in");
  else if (strlen (text) > MAX_TEXT_BYTES)
    perry_spec_problems_add (reader->problems, path, "has more than %d bytes", MAX_TEXT_BYTES);
  else if (has_control (text))
    perry_spec_problems_add_about (reader->problems, path, text, "has control characters");
  else if (g_str_has_suffix (member->name, "_regexp"))
    check_regexp (reader, text, path);
  else if (g_str_equal (member->name, "key") && *text != '/')
    perry_spec_problems_add_about (reader->problems, path, text, "is not an absolute path of a public key in PEM");
}

static void
read_member (gpointer data, guint row, JsonNode *node, const char *path)
{
  Reader *reader = data;
  const PerryRequirementMember *member = &members[row];
  gpointer place = G_STRUCT_MEMBER_P (reader->requirement, member->offset);
  const char *text = perry_json_as_string (node);

  if (member->is_boolean)
    {
      if (!perry_json_as_boolean (node, place))
        perry_spec_problems_add_type (reader->problems, path, "true or false", node);
      return;
    }
  if (text == NULL)
    {
      perry_spec_problems_add_type (reader->problems, path, "a string", node);
      return;
    }
  *(char **) place = g_strdup (text);
  check_text (reader, member, text, path);
}

static gboolean
was_seen (const Reader *reader, const char *name)
{
  return (reader->seen & (1u << (find_member (name) - members))) != 0;
}

static void
check_pair (const Reader *reader, const char *name, const char *regexp_name, const char *path)
{
  g_autofree char *regexp_path = perry_spec_path_add_member (path, regexp_name);

  if (was_seen (reader, name) && was_seen (reader, regexp_name))
    perry_spec_problems_add (reader->problems, regexp_path, "contradicts %s; remove one of the two", name);
  else if (!was_seen (reader, name) && !was_seen (reader, regexp_name))
    perry_spec_problems_add (reader->problems, path, "has no %s and no %s", name, regexp_name);
}

/* A key says by itself who signed; what belongs to certificates would be ignored beside it. */
static void
check_key_alone (const Reader *reader, const char *path)
{
  static const char *const of_certificates[] = { "identity", "identity_regexp", "issuer", "issuer_regexp",
                                                 "ignore_sct" };

  for (guint i = 0; i < G_N_ELEMENTS (of_certificates); i++)
    {
      g_autofree char *member_path = perry_spec_path_add_member (path, of_certificates[i]);

      if (was_seen (reader, of_certificates[i]))
        perry_spec_problems_add (reader->problems, member_path, "belongs to certificates and contradicts key; remove "
                                 "one of the two");
    }
}

static void
check_combination (const Reader *reader, const char *path)
{
  if (was_seen (reader, "key"))
    {
      check_key_alone (reader, path);
      return;
    }
  check_pair (reader, "identity", "identity_regexp", path);
  check_pair (reader, "issuer", "issuer_regexp", path);
}

PerryRequirement *
perry_requirement_read_members (JsonObject *object, const char *also, gboolean is_whole, const char *path,
                                PerrySpecProblems *problems)
{
  g_autoptr (PerryRequirement) requirement = g_new0 (PerryRequirement, 1);
  Reader reader = { requirement, 0, problems };
  guint before = perry_spec_problems_get_length (problems);

  reader.seen = perry_spec_problems_read_members (problems, object, path, members, sizeof *members, NULL, also,
                                                  read_member, &reader);
  if (is_whole)
    check_combination (&reader, path);
  return perry_spec_problems_get_length (problems) == before ? g_steal_pointer (&requirement) : NULL;
}

void
perry_requirement_check_whole (const PerryRequirement *requirement, const char *path, PerrySpecProblems *problems)
{
  Reader reader = { NULL, 0, problems };

  for (const PerryRequirementMember *member = members; member->name != NULL; member++)
    {
      gconstpointer place = G_STRUCT_MEMBER_P (requirement, member->offset);

      if (member->is_boolean ? *(const gboolean *) place : *(char *const *) place != NULL)
        reader.seen |= 1u << (member - members);
    }
  check_combination (&reader, path);
}

PerryRequirement *
perry_requirement_read (JsonNode *node, const char *path, PerrySpecProblems *problems)
{
  JsonObject *object = perry_json_as_object (node);

  if (object == NULL)
    {
      perry_spec_problems_add_type (problems, path, "an object", node);
      return NULL;
    }
  if (json_object_get_size (object) > 0)
    return perry_requirement_read_members (object, NULL, TRUE, path, problems);
  perry_spec_problems_add (problems, path, "has no members; give it identity and issuer, or key, or leave it out for "
                           "the default");
  return NULL;
}

PerryRequirement *
perry_requirement_from_node (JsonNode *node, const char *path, GError **error)
{
  g_autoptr (PerrySpecProblems) problems = perry_spec_problems_new ();
  g_autoptr (PerryRequirement) requirement = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  requirement = perry_requirement_read (node, path, problems);
  if (!perry_spec_problems_to_error (problems, "verification requirement", PERRY_ERROR_INVALID_ARGUMENT, error))
    return NULL;
  return g_steal_pointer (&requirement);
}

char *
perry_requirement_to_json (const PerryRequirement *requirement)
{
  JsonObject *object = json_object_new ();
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);

  g_return_val_if_fail (requirement != NULL, NULL);

  json_node_take_object (root, object);
  for (const PerryRequirementMember *member = members; member->name != NULL; member++)
    {
      gconstpointer place = G_STRUCT_MEMBER_P (requirement, member->offset);

      if (member->is_boolean && *(const gboolean *) place)
        json_object_set_boolean_member (object, member->name, TRUE);
      else if (!member->is_boolean && *(char *const *) place != NULL)
        json_object_set_string_member (object, member->name, *(char *const *) place);
    }
  return perry_json_to_text (root, FALSE);
}
