/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/cosign/cosign-failure.h"

#include <string.h>

#define MAX_READ 65536
#define MAX_MESSAGE 600
#define EXIT_PANIC 2
#define NO_SIGNATURES "no signatures found"
#define IDENTITIES "none of the expected identities matched"

typedef enum {
  MATCH_PREFIX,
  MATCH_ANYWHERE,
} Match;

typedef struct {
  const char *text;
  Match match;
  PerryVerificationKind kind;
  PerryVerificationReason reason;
  const char *note;
} Row;

#define TROUBLE(text, match, reason, note) \
  { text, match, PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_##reason, note }
#define REFUSAL(text, reason, note) \
  { text, MATCH_ANYWHERE, PERRY_VERIFICATION_REJECTED, PERRY_VERIFICATION_REASON_##reason, note }

#define NO_ROOT "the trust root could not be fetched; name its files in the plugin's options (trusted-root for " \
                "cosign 3, ca-roots, rekor-public-key and ct-log-public-key for cosign 2)"
#define BAD_ROOT "the trust root cannot be used; look at the files of the plugin's options"
#define NO_REGISTRY "the registry was not reached, or it failed; try again when it answers"
#define NO_CREDENTIALS "the registry wants other credentials than cosign found for it; log in to it as this user"

/* What the program says before it has looked at a signature. The first row that matches counts. */
static const Row before_signatures[] = {
  TROUBLE ("unknown flag: ", MATCH_PREFIX, CONFIGURATION, "this cosign lacks a flag; install a newer one"),
  TROUBLE ("is required for verification in keyless mode", MATCH_ANYWHERE, CONFIGURATION, "the requirement is not "
           "whole"),
  TROUBLE ("parsing reference", MATCH_PREFIX, CONFIGURATION, "cosign does not take the image's name"),
  TROUBLE ("loading public key", MATCH_ANYWHERE, CONFIGURATION, "the key of the requirement cannot be used; it has to "
           "be a public key in PEM"),
  TROUBLE ("error unmarshalling certificates", MATCH_ANYWHERE, TRUST_ROOT, "a file of the trust root holds no "
           "certificate"),
  TROUBLE ("error during PEM decoding", MATCH_ANYWHERE, TRUST_ROOT, "a file of the trust root holds no certificate in "
           "PEM"),
  TROUBLE ("loading trusted root", MATCH_ANYWHERE, TRUST_ROOT, "the file of the option trusted-root is no trust root; "
           "“cosign trusted-root create” makes one"),
  TROUBLE ("TUF", MATCH_ANYWHERE, TRUST_ROOT, NO_ROOT),
  TROUBLE ("tuf: ", MATCH_ANYWHERE, TRUST_ROOT, NO_ROOT),
  TROUBLE ("tuf refresh", MATCH_ANYWHERE, TRUST_ROOT, NO_ROOT),
  TROUBLE ("getting Fulcio roots: ", MATCH_PREFIX, TRUST_ROOT, BAD_ROOT),
  TROUBLE ("getting Rekor public keys: ", MATCH_PREFIX, TRUST_ROOT, BAD_ROOT),
  TROUBLE ("getting ctlog public keys: ", MATCH_PREFIX, TRUST_ROOT, BAD_ROOT),
  TROUBLE ("setting trusted material: ", MATCH_PREFIX, TRUST_ROOT, BAD_ROOT),
  TROUBLE ("UNAUTHORIZED", MATCH_ANYWHERE, CREDENTIALS, NO_CREDENTIALS),
  TROUBLE ("DENIED", MATCH_ANYWHERE, CREDENTIALS, NO_CREDENTIALS),
  TROUBLE ("401 Unauthorized", MATCH_ANYWHERE, CREDENTIALS, NO_CREDENTIALS),
  TROUBLE ("403 Forbidden", MATCH_ANYWHERE, CREDENTIALS, NO_CREDENTIALS),
  TROUBLE ("error getting credentials", MATCH_ANYWHERE, CREDENTIALS, "a credential helper is missing or failed; "
           "install the docker-credential program that config.json names, or remove it there"),
  TROUBLE ("docker-credential-", MATCH_ANYWHERE, CREDENTIALS, "a credential helper is missing or failed; install the "
           "docker-credential program that config.json names, or remove it there"),
  TROUBLE ("image tag not found", MATCH_ANYWHERE, REGISTRY, "the registry does not have the image"),
  TROUBLE ("MANIFEST_UNKNOWN", MATCH_ANYWHERE, REGISTRY, "the registry does not have the image"),
  TROUBLE ("NAME_UNKNOWN", MATCH_ANYWHERE, REGISTRY, "the registry does not have the repository"),
  TROUBLE ("dial tcp", MATCH_ANYWHERE, REGISTRY, NO_REGISTRY),
  TROUBLE ("unexpected status code", MATCH_ANYWHERE, REGISTRY, NO_REGISTRY),
  TROUBLE ("context deadline exceeded", MATCH_ANYWHERE, REGISTRY, NO_REGISTRY),
  TROUBLE ("GET http", MATCH_ANYWHERE, REGISTRY, NO_REGISTRY),
  TROUBLE ("Get \"http", MATCH_ANYWHERE, REGISTRY, NO_REGISTRY),
  TROUBLE ("Head \"http", MATCH_ANYWHERE, REGISTRY, NO_REGISTRY),
};

/* What can go wrong between two signatures: then none was really refused. */
static const Row among_signatures[] = {
  TROUBLE ("error parsing regexp", MATCH_ANYWHERE, CONFIGURATION, "cosign does not know a regular expression of the "
           "requirement; it has no look-around and no back references"),
  TROUBLE ("searching log query", MATCH_ANYWHERE, TRUST_ROOT, "the signature comes without its log entry, and the log "
           "was not reached; ask for no log with ignore_tlog where there is none"),
  TROUBLE ("TUF remote", MATCH_ANYWHERE, TRUST_ROOT, NO_ROOT),
  TROUBLE ("tuf: ", MATCH_ANYWHERE, TRUST_ROOT, NO_ROOT),
  TROUBLE ("UNAUTHORIZED", MATCH_ANYWHERE, CREDENTIALS, NO_CREDENTIALS),
  TROUBLE ("dial tcp", MATCH_ANYWHERE, REGISTRY, NO_REGISTRY),
  TROUBLE ("unexpected status code", MATCH_ANYWHERE, REGISTRY, NO_REGISTRY),
  TROUBLE ("context deadline exceeded", MATCH_ANYWHERE, REGISTRY, NO_REGISTRY),
  TROUBLE ("GET http", MATCH_ANYWHERE, REGISTRY, NO_REGISTRY),
  TROUBLE ("Get \"http", MATCH_ANYWHERE, REGISTRY, NO_REGISTRY),
  TROUBLE ("Post \"http", MATCH_ANYWHERE, REGISTRY, NO_REGISTRY),
};

static const Row refusals[] = {
  REFUSAL (IDENTITIES, WRONG_IDENTITY, "signed by somebody else"),
  REFUSAL ("expected SAN value", WRONG_IDENTITY, "signed by somebody else"),
  REFUSAL ("expected issuer value", WRONG_ISSUER, "the signer's identity is vouched for by another issuer"),
  REFUSAL ("failed to verify certificate identity", WRONG_IDENTITY, "signed by somebody else"),
  REFUSAL ("no certificate found on signature", NO_CERTIFICATE, "signed with a key, and a certificate is required"),
  REFUSAL ("outside of public key validity window", NO_CERTIFICATE, "signed with a key that is in no trust root, and a "
           "certificate is required"),
  REFUSAL ("verify an expired certificate", EXPIRED_CERTIFICATE, "the certificate has expired, and nothing shows that "
           "it was signed before"),
  REFUSAL ("certificate has expired", EXPIRED_CERTIFICATE, "the certificate has expired, and nothing shows that it was "
           "signed before"),
  REFUSAL ("checking expiry on certificate", EXPIRED_CERTIFICATE, "the certificate was not valid when the log saw the "
           "signature"),
  REFUSAL ("outside certificate validity", EXPIRED_CERTIFICATE, "the certificate was not valid when the log saw the "
           "signature"),
  REFUSAL ("cert verification failed", UNTRUSTED_CERTIFICATE, "the certificate leads to no trusted root"),
  REFUSAL ("leaf certificate verification failed", UNTRUSTED_CERTIFICATE, "the certificate leads to no trusted root, "
           "or was not valid when it was used"),
  REFUSAL ("rekor log public key not found", NO_LOG_ENTRY, "the signature's log entry is of a log that is not trusted"),
  REFUSAL ("error verifying bundle", NO_LOG_ENTRY, "the signature's log entry is not valid or belongs to another one"),
  REFUSAL ("ctfe public key not found", NO_LOG_ENTRY, "the certificate's promise is of a log of certificates that is "
           "not trusted"),
  REFUSAL ("embedded SCT", NO_LOG_ENTRY, "the certificate comes without the promise of a log of certificates"),
  REFUSAL ("SCT entries", NO_LOG_ENTRY, "the certificate comes without the promise of a log of certificates that is "
           "trusted"),
  REFUSAL ("transparency log", NO_LOG_ENTRY, "the signature has no entry in a transparency log that is trusted"),
  REFUSAL ("verified signed timestamps", NO_LOG_ENTRY, "the signature has no timestamp that is trusted"),
  REFUSAL ("invalid or missing digest in claim", OTHER_DIGEST, "the signature belongs to another image"),
  REFUSAL ("does not match any digest in statement", OTHER_DIGEST, "the signature belongs to another image"),
  REFUSAL ("invalid signature when validating", WRONG_KEY, "signed with another key"),
  REFUSAL ("accepted signatures do not match threshold", WRONG_KEY, "signed with another key"),
};

static const char *const refusal_prefixes[] = { "no matching signatures", "no matching attestations" };

static void
append_line (GString *text, const char *line)
{
  const char *rest = line;

  while (*rest != '\0')
    {
      const char *address = strstr (rest, "http");
      const char *query = address != NULL ? address + strcspn (address, "? \"") : NULL;

      if (query == NULL || *query != '?')
        {
          gsize length = query != NULL ? (gsize) (query - rest) : strlen (rest);

          g_string_append_len (text, rest, (gssize) length);
          rest += length;
          continue;
        }
      g_string_append_len (text, rest, (gssize) (query - rest));
      g_string_append (text, "?…");
      rest = query + strcspn (query, " \"");
    }
}

/* With several signatures, each has a line of its own. */
static char *
dup_text (GBytes *stderr_bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (stderr_bytes, &size);
  g_autofree char *valid = g_utf8_make_valid (data != NULL ? data : "", (gssize) MIN (size, MAX_READ));
  g_auto (GStrv) lines = g_strsplit (valid, "\n", -1);
  GString *text = g_string_new (NULL);
  gboolean inside = FALSE;

  for (char **line = lines; *line != NULL; line++)
    {
      if (strstr (*line, "error during command execution") != NULL)
        break;
      if (!inside && !g_str_has_prefix (*line, "Error: "))
        continue;
      if (inside && *g_strstrip (*line) != '\0')
        g_string_append (text, "; ");
      append_line (text, inside ? *line : *line + strlen ("Error: "));
      inside = TRUE;
    }
  return g_string_free (text, FALSE);
}

char *
perry_cosign_dup_message (GBytes *stderr_bytes)
{
  g_autofree char *text = dup_text (stderr_bytes);
  g_autofree char *cut = NULL;

  if (strlen (text) <= MAX_MESSAGE)
    return g_steal_pointer (&text);
  text[MAX_MESSAGE] = '\0';
  cut = g_utf8_make_valid (text, -1);
  return g_strconcat (cut, "…", NULL);
}

gboolean
perry_cosign_is_unknown_flag (const PerryProcessResult *result)
{
  g_autofree char *text = dup_text (result->stderr_bytes);

  return result->exit_status != 0 && g_str_has_prefix (text, "unknown flag: ");
}

static const Row *
find_row (const Row *rows, gsize n_rows, const char *text)
{
  for (gsize i = 0; i < n_rows; i++)
    if (rows[i].match == MATCH_PREFIX ? g_str_has_prefix (text, rows[i].text) : strstr (text, rows[i].text) != NULL)
      return &rows[i];
  return NULL;
}

static PerryVerification *
make (PerryVerificationKind kind, PerryVerificationReason reason, const char *note, const char *message)
{
  g_autofree char *whole = *message != '\0' ? g_strdup_printf ("%s (cosign: %s)", note, message) : g_strdup (note);

  return perry_verification_new (kind, reason, whole);
}

/* cosign has one text for both halves: `… got subjects [A B] with issuer I`. Who signed is known, so the half that
 * differs is. */
static gboolean
is_issuer_alone (const char *text, const PerryRequirement *requirement)
{
  const char *names = strstr (text, IDENTITIES);
  const char *begin = names != NULL ? strstr (names, "got subjects [") : NULL;
  const char *end = begin != NULL ? strstr (begin, "] with issuer ") : NULL;
  g_autofree char *subject = NULL;

  if (end == NULL)
    return FALSE;
  begin += strlen ("got subjects [");
  subject = g_strndup (begin, (gsize) (end - begin));
  return perry_requirement_matches_identity (requirement, subject);
}

static PerryVerification *
explain_refusal (const char *text, const char *message, const PerryRequirement *requirement)
{
  const Row *row = find_row (among_signatures, G_N_ELEMENTS (among_signatures), text);
  PerryVerificationReason reason = PERRY_VERIFICATION_REASON_MISMATCH;
  const char *note = "no signature satisfies the requirement";
  g_autofree char *required = perry_requirement_describe (requirement);
  g_autofree char *whole = NULL;
  PerryVerification *answer;

  if (row != NULL)
    return make (row->kind, row->reason, row->note, message);
  row = find_row (refusals, G_N_ELEMENTS (refusals), text);
  if (row != NULL)
    {
      reason = row->reason;
      note = row->note;
    }
  if (reason == PERRY_VERIFICATION_REASON_WRONG_IDENTITY && is_issuer_alone (text, requirement))
    {
      reason = PERRY_VERIFICATION_REASON_WRONG_ISSUER;
      note = "the signer's identity is vouched for by another issuer";
    }
  whole = g_strdup_printf ("%s; required: %s", note, required);
  answer = make (PERRY_VERIFICATION_REJECTED, reason, whole, message);
  answer->certain = TRUE;
  return answer;
}

static PerryVerification *
explain_end (const PerryProcessResult *result, const char *message)
{
  g_autofree char *note = NULL;

  if (result->signal == 0 && result->exit_status != EXIT_PANIC)
    {
      note = g_strdup_printf ("cosign failed with status %d and what it said is not known", result->exit_status);
      return make (PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_PROGRAM_FAILED, note, message);
    }
  note = result->signal != 0 ? g_strdup_printf ("cosign crashed (signal %d)", result->signal)
                             : g_strdup ("cosign crashed (exit status 2)");
  return make (PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_PROGRAM_FAILED, note, message);
}

PerryVerification *
perry_cosign_explain_failure (const PerryProcessResult *result, const PerryRequirement *requirement)
{
  g_autofree char *text = dup_text (result->stderr_bytes);
  g_autofree char *message = perry_cosign_dup_message (result->stderr_bytes);
  const Row *row = find_row (before_signatures, G_N_ELEMENTS (before_signatures), text);

  /* What a program wrote before it crashed was not its last word. */
  if (result->signal != 0 || result->exit_status == EXIT_PANIC || result->stderr_truncated)
    return explain_end (result, message);
  if (row == NULL && g_str_has_prefix (text, NO_SIGNATURES))
    return make (PERRY_VERIFICATION_UNSIGNED, PERRY_VERIFICATION_REASON_NO_SIGNATURE, "no signature was found",
                 message);
  for (gsize i = 0; i < G_N_ELEMENTS (refusal_prefixes); i++)
    if (g_str_has_prefix (text, refusal_prefixes[i]))
      return explain_refusal (text, message, requirement);
  if (row != NULL)
    return make (row->kind, row->reason, row->note, message);
  return explain_end (result, message);
}
