/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-requirement.h"

#include "cli/perryctl-output.h"

static const struct {
  const char *option;
  const char *member;
} members[] = {
  { "verify-identity", "identity" },
  { "verify-identity-regexp", "identity_regexp" },
  { "verify-issuer", "issuer" },
  { "verify-issuer-regexp", "issuer_regexp" },
  { "verify-key", "key" },
};

/* A file is named from where the caller is. */
static char *
make_value (const char *member, const char *text)
{
  return g_str_equal (member, "key") && *text != '\0' ? g_canonicalize_filename (text, NULL) : g_strdup (text);
}

gboolean
perryctl_requirement_read (const PerryctlArguments *arguments, PerryRequirement **ret_requirement, GError **error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) node = NULL;
  gboolean any = FALSE;

  *ret_requirement = NULL;
  json_builder_begin_object (builder);
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    {
      const char *text = perryctl_arguments_get (arguments, members[i].option);
      g_autofree char *value = text != NULL ? make_value (members[i].member, text) : NULL;

      if (value == NULL)
        continue;
      if (*value == '\0')
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
                       "--%s: is empty, which would ask for nothing; leave it out or fill it in", members[i].option);
          return FALSE;
        }
      any = TRUE;
      perryctl_output_add_member (builder, members[i].member, value);
    }
  json_builder_end_object (builder);
  if (!any)
    return TRUE;
  node = json_builder_get_root (builder);
  *ret_requirement = perry_requirement_from_node (node, "$", error);
  return *ret_requirement != NULL;
}
