/* SPDX-License-Identifier: Apache-2.0 */
/* What a cosign prints: a letter (success, error, help), a newline, the text. */
#include <string.h>

#include "plugins/cosign/cosign-answer.h"
#include "plugins/cosign/cosign-failure.h"
#include "plugins/cosign/cosign-program.h"
#include "tests/fuzz/fuzz-input.h"

#define DIGEST "sha256:6ea98e7565f51f70a29d3675f3a60c52f8c843ae98985b0733613f92fb77fe71"

static const PerryRequirement requirement = { .identity_regexp = (char *) "ci@.+", .issuer = (char *) "i" };

static void
check_answer (const PerryVerification *answer)
{
  fuzz_require (g_utf8_validate (answer->note, -1, NULL) && strlen (answer->note) <= 1000, "a note is short UTF-8");
  fuzz_require (strchr (answer->note, '\n') == NULL && strchr (answer->note, '\x1b') == NULL, "a note is one line");
}

/* Nothing but the digest itself, beside a type of signature, verifies. */
static void
read_success (const char *text, gsize size)
{
  g_autoptr (PerryVerification) answer = perry_cosign_read_answer (text, size, DIGEST, &requirement);

  check_answer (answer);
  fuzz_require (answer->kind != PERRY_VERIFICATION_UNSIGNED, "success is not unsigned");
  if (answer->kind == PERRY_VERIFICATION_VERIFIED)
    fuzz_require (memmem (text, size, "sha256:", 7) != NULL || memchr (text, '\\', size) != NULL,
                  "what is verified has a digest");
}

static void
explain (const char *text, gsize size)
{
  g_autoptr (GBytes) none = g_bytes_new (NULL, 0);
  g_autoptr (GBytes) bytes = g_bytes_new (text, size);
  PerryProcessResult result = { 1, 0, none, bytes, FALSE, FALSE };
  g_autoptr (PerryVerification) answer = perry_cosign_explain_failure (&result, &requirement);

  check_answer (answer);
  fuzz_require (answer->kind != PERRY_VERIFICATION_VERIFIED, "a failure verifies nothing");
  if (answer->kind == PERRY_VERIFICATION_UNSIGNED)
    fuzz_require (memmem (text, size, "Error: no signatures found", 26) != NULL, "unsigned is said, not guessed");
  perry_cosign_is_unknown_flag (&result);
}

static void
read_help (const char *text)
{
  PerryCosignFeatures features = { 0 };
  g_autoptr (GError) error = NULL;

  if (!perry_cosign_read_help (text, &features, &error))
    fuzz_check_error (error, TRUE);
  else
    fuzz_require (!features.reads_trusted_root || strstr (text, "--trusted-root") != NULL, "a flag is listed");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = NULL;

  if (size < 3 || data[1] != '\n')
    return 0;
  text = g_memdup2 (data + 2, size - 2);
  if (text == NULL)
    return 0;
  if (data[0] == 's')
    read_success (text, size - 2);
  if (data[0] == 'e')
    explain (text, size - 2);
  if (data[0] == 'h')
    {
      g_autofree char *help = fuzz_dup_text (data + 2, size - 2);

      read_help (help);
    }
  return 0;
}
