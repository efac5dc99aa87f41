/* SPDX-License-Identifier: Apache-2.0 */
/* A verification requirement as JSON, then a NUL and the identity of a certificate. */
#include <string.h>

#include "plugin-api/perry-json.h"
#include "plugin-api/perry-requirement.h"
#include "tests/fuzz/fuzz-input.h"

static void
check_requirement (const PerryRequirement *requirement, const char *identity)
{
  g_autofree char *text = perry_requirement_to_json (requirement);
  g_autofree char *line = perry_requirement_describe (requirement);
  g_autoptr (JsonNode) node = perry_json_parse (text, -1, NULL, NULL);
  g_autoptr (PerryRequirement) again = perry_requirement_from_node (node, "$", NULL);

  fuzz_require (again != NULL && perry_requirement_equal (requirement, again), "a round trip changes nothing");
  fuzz_require (g_utf8_validate (line, -1, NULL), "what is shown is UTF-8");
  fuzz_require (requirement->key != NULL || (requirement->identity == NULL) != (requirement->identity_regexp == NULL),
                "one identity is asked for");
  fuzz_require (requirement->key != NULL || (requirement->issuer == NULL) != (requirement->issuer_regexp == NULL),
                "one issuer is asked for");
  fuzz_require (requirement->key == NULL || (requirement->identity == NULL && requirement->issuer == NULL &&
                                             requirement->identity_regexp == NULL && requirement->issuer_regexp == NULL),
                "a key stands alone");
  fuzz_require (!perry_requirement_matches_identity (requirement, ""), "nobody has no identity");
  fuzz_require (!perry_requirement_matches_issuer (requirement, ""), "nobody has no issuer");
  if (perry_requirement_matches_identity (requirement, identity) && requirement->identity != NULL)
    fuzz_require (g_str_equal (identity, requirement->identity), "an identity is compared byte for byte");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const uint8_t *end = size > 0 ? memchr (data, '\0', size) : NULL;
  size_t length = end != NULL ? (size_t) (end - data) : size;
  g_autofree char *identity = end != NULL ? fuzz_dup_text (end + 1, size - length - 1) : g_strdup ("a");
  g_autoptr (JsonNode) node = size > 0 ? perry_json_parse ((const char *) data, (gssize) length, NULL, NULL) : NULL;
  g_autoptr (PerryRequirement) requirement = NULL;
  g_autoptr (GError) error = NULL;

  if (node == NULL)
    return 0;
  requirement = perry_requirement_from_node (node, "$.verify", &error);
  if (requirement == NULL)
    fuzz_check_error (error, TRUE);
  else
    check_requirement (requirement, identity);
  return 0;
}
