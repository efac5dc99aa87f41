/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz-input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
  return 0;
}

char *
fuzz_dup_text (const uint8_t *data, size_t size)
{
  size_t length = strnlen ((const char *) data, size);
  char *text = g_malloc (length + 1);

  if (length > 0)
    memcpy (text, data, length);
  text[length] = '\0';
  return text;
}

void
fuzz_require (gboolean truth, const char *what)
{
  if (truth)
    return;
  fprintf (stderr, "not true: %s\n", what);
  abort ();
}

void
fuzz_check_error (const GError *error, gboolean bounded)
{
  fuzz_require (error != NULL, "a failure has an error");
  fuzz_require (g_utf8_validate (error->message, -1, NULL), "a message is UTF-8");
  fuzz_require (!bounded || strlen (error->message) < 4096, "a message is shorter than 4 kB");
}
