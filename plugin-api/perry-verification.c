/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-verification.h"

#include <string.h>

#define MAX_NOTE_BYTES 1000

static const char *const kind_names[] = {
  [PERRY_VERIFICATION_ERROR] = "error",
  [PERRY_VERIFICATION_NOT_VERIFIED] = "not-verified",
  [PERRY_VERIFICATION_UNSIGNED] = "unsigned",
  [PERRY_VERIFICATION_REJECTED] = "rejected",
  [PERRY_VERIFICATION_VERIFIED] = "verified",
};

static const char *const reason_names[] = {
  [PERRY_VERIFICATION_REASON_NONE] = "none",
  [PERRY_VERIFICATION_REASON_VERIFIES_NOTHING] = "verifies-nothing",
  [PERRY_VERIFICATION_REASON_NO_SIGNATURE] = "no-signature",
  [PERRY_VERIFICATION_REASON_WRONG_KEY] = "wrong-key",
  [PERRY_VERIFICATION_REASON_WRONG_IDENTITY] = "wrong-identity",
  [PERRY_VERIFICATION_REASON_WRONG_ISSUER] = "wrong-issuer",
  [PERRY_VERIFICATION_REASON_NO_CERTIFICATE] = "no-certificate",
  [PERRY_VERIFICATION_REASON_UNTRUSTED_CERTIFICATE] = "untrusted-certificate",
  [PERRY_VERIFICATION_REASON_EXPIRED_CERTIFICATE] = "expired-certificate",
  [PERRY_VERIFICATION_REASON_NO_LOG_ENTRY] = "no-log-entry",
  [PERRY_VERIFICATION_REASON_OTHER_DIGEST] = "other-digest",
  [PERRY_VERIFICATION_REASON_ONLY_ATTESTATIONS] = "only-attestations",
  [PERRY_VERIFICATION_REASON_MISMATCH] = "mismatch",
  [PERRY_VERIFICATION_REASON_REGISTRY] = "registry",
  [PERRY_VERIFICATION_REASON_CREDENTIALS] = "credentials",
  [PERRY_VERIFICATION_REASON_TRUST_ROOT] = "trust-root",
  [PERRY_VERIFICATION_REASON_CONFIGURATION] = "configuration",
  [PERRY_VERIFICATION_REASON_PROGRAM_MISSING] = "program-missing",
  [PERRY_VERIFICATION_REASON_PROGRAM_FAILED] = "program-failed",
  [PERRY_VERIFICATION_REASON_TIMED_OUT] = "timed-out",
};

/* A note often quotes what a program or a registry said; it goes to terminals and into records of one line. */
static char *
clean_note (const char *note)
{
  g_autofree char *valid = g_utf8_make_valid (note, (gssize) strnlen (note, 4 * MAX_NOTE_BYTES));
  GString *clean = g_string_new (NULL);

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (clean->len + 6 > MAX_NOTE_BYTES)
        {
          g_string_append (clean, "…");
          break;
        }
      g_string_append_unichar (clean, g_unichar_isprint (c) ? c : ' ');
    }
  return g_string_free (clean, FALSE);
}

PerryVerification *
perry_verification_new (PerryVerificationKind kind, PerryVerificationReason reason, const char *note)
{
  PerryVerification *verification = g_new0 (PerryVerification, 1);

  verification->kind = kind;
  verification->reason = reason;
  verification->note = clean_note (note != NULL ? note : "");
  return verification;
}

void
perry_verification_free (PerryVerification *verification)
{
  if (verification == NULL)
    return;
  g_free (verification->note);
  g_free (verification);
}

PerryVerification *
perry_verification_copy (const PerryVerification *verification)
{
  PerryVerification *copy;

  g_return_val_if_fail (verification != NULL, NULL);

  copy = g_new (PerryVerification, 1);
  *copy = *verification;
  copy->note = g_strdup (verification->note);
  return copy;
}

const char *
perry_verification_kind_get_name (PerryVerificationKind kind)
{
  return kind_names[(guint) kind < G_N_ELEMENTS (kind_names) ? kind : PERRY_VERIFICATION_ERROR];
}

const char *
perry_verification_reason_get_name (PerryVerificationReason reason)
{
  return reason_names[(guint) reason < G_N_ELEMENTS (reason_names) ? reason : PERRY_VERIFICATION_REASON_NONE];
}
