/* SPDX-License-Identifier: Apache-2.0 */
/* The name of an image. */
#include "plugin-api/perry-image-reference.h"
#include "tests/fuzz/fuzz-input.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_dup_text (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryImageReference) reference = perry_image_reference_parse (text, &error);
  g_autoptr (PerryImageReference) long_again = NULL;
  g_autoptr (PerryImageReference) short_again = NULL;
  g_autofree char *long_text = NULL;
  g_autofree char *short_text = NULL;

  if (reference == NULL)
    {
      fuzz_check_error (error, TRUE);
      return 0;
    }
  fuzz_require (*text != '-', "no name is an option");
  long_text = perry_image_reference_to_string (reference);
  short_text = perry_image_reference_to_familiar_string (reference);
  long_again = perry_image_reference_parse (long_text, NULL);
  short_again = perry_image_reference_parse (short_text, NULL);
  fuzz_require (long_again != NULL && perry_image_reference_equal (reference, long_again), "the long form is the same");
  fuzz_require (short_again != NULL && perry_image_reference_equal (reference, short_again),
                "the short form is the same");
  return 0;
}
