/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/cosign/cosign-answer.h"

#include "plugin-api/perry-json.h"

#define MAX_ELEMENTS 10000

static const char *const signature_types[] = {
  "cosign container image signature",    /* the payload of a signature in cosign's first format */
  "https://sigstore.dev/cosign/sign/v1", /* the predicate of one in a bundle */
  NULL,
};

/* What is wrong with the element that came nearest to a signature of this image. The later, the nearer. */
typedef enum {
  FAULT_NO_ELEMENT,
  FAULT_SHAPE,
  FAULT_DIGEST,
  FAULT_TYPE,
  FAULT_ISSUER,
  FAULT_IDENTITY,
  FAULT_NONE,
} Fault;

static const char *
find_text (JsonNode *element, const char *outer, const char *inner, const char *member)
{
  JsonNode *node = inner != NULL ? perry_json_find (element, outer, inner, member, NULL)
                                 : perry_json_find (element, outer, member, NULL);

  return perry_json_as_string (node);
}

/* Bundles come without subject and issuer; where cosign names them, its comparison is made a second time. */
static Fault
judge_certificate (JsonNode *element, const PerryRequirement *requirement)
{
  const char *subject = find_text (element, "optional", NULL, "Subject");
  const char *issuer = find_text (element, "optional", NULL, "Issuer");

  if (requirement->key != NULL)
    return FAULT_NONE;
  if (subject != NULL && !perry_requirement_matches_identity (requirement, subject))
    return FAULT_IDENTITY;
  if (issuer != NULL && !perry_requirement_matches_issuer (requirement, issuer))
    return FAULT_ISSUER;
  return FAULT_NONE;
}

static Fault
judge (JsonNode *element, const char *digest, const PerryRequirement *requirement)
{
  const char *type = find_text (element, "critical", NULL, "type");
  const char *signed_digest = find_text (element, "critical", "image", "docker-manifest-digest");

  if (type == NULL || signed_digest == NULL)
    return FAULT_SHAPE;
  if (!g_str_equal (signed_digest, digest))
    return FAULT_DIGEST;
  if (!g_strv_contains (signature_types, type))
    return FAULT_TYPE;
  return judge_certificate (element, requirement);
}

static PerryVerification *
reject (PerryVerificationReason reason, const char *note)
{
  return perry_verification_new (PERRY_VERIFICATION_REJECTED, reason, note);
}

static PerryVerification *
answer_for (Fault fault)
{
  switch (fault)
    {
    case FAULT_NONE:
      return perry_verification_new (PERRY_VERIFICATION_VERIFIED, PERRY_VERIFICATION_REASON_NONE, NULL);
    case FAULT_IDENTITY:
      return reject (PERRY_VERIFICATION_REASON_WRONG_IDENTITY, "cosign accepted a signature of which the certificate "
                     "names another identity first");
    case FAULT_ISSUER:
      return reject (PERRY_VERIFICATION_REASON_WRONG_ISSUER, "cosign accepted a signature of which the certificate "
                     "names another issuer");
    case FAULT_TYPE:
      return reject (PERRY_VERIFICATION_REASON_ONLY_ATTESTATIONS, "there are only signed statements about the image, "
                     "such as where it comes from, and no signature of the image itself");
    case FAULT_DIGEST:
      return reject (PERRY_VERIFICATION_REASON_OTHER_DIGEST, "cosign accepted a signature of another digest");
    case FAULT_SHAPE:
      return perry_verification_new (PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_PROGRAM_FAILED,
                                     "cosign reported success and printed a signature without type or digest");
    default:
      return perry_verification_new (PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_PROGRAM_FAILED,
                                     "cosign reported success and named no signature");
    }
}

PerryVerification *
perry_cosign_read_answer (const char *data, gsize size, const char *digest, const PerryRequirement *requirement)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = perry_json_parse (data, (gssize) size, NULL, &error);
  JsonArray *elements = perry_json_as_array (root);
  g_autofree char *note = NULL;
  Fault best = FAULT_NO_ELEMENT;

  if (elements == NULL || json_array_get_length (elements) > MAX_ELEMENTS)
    {
      note = g_strdup_printf ("cosign reported success and did not print a list of signatures%s%s",
                              error != NULL ? ": " : "", error != NULL ? error->message : "");
      return perry_verification_new (PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_PROGRAM_FAILED, note);
    }
  for (guint i = 0; i < json_array_get_length (elements); i++)
    best = MAX (best, judge (json_array_get_element (elements, i), digest, requirement));
  return answer_for (best);
}
