/* SPDX-License-Identifier: Apache-2.0 */
/* A container spec as JSON. */
#include "plugin-api/perry-container-spec.h"
#include "tests/fuzz/fuzz-input.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *exact = size > 0 ? g_memdup2 (data, size) : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerSpec) spec = NULL;
  g_autoptr (PerryContainerSpec) again = NULL;
  g_autofree char *text = NULL;
  g_autofree char *text_again = NULL;

  if (exact == NULL)
    return 0;
  spec = perry_container_spec_new_from_json (exact, (gssize) size, &error);
  if (spec == NULL)
    {
      fuzz_check_error (error, TRUE);
      return 0;
    }
  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    {
      g_autofree char *shown = perry_container_spec_format_value (spec, field);

      fuzz_require (shown == NULL || g_utf8_validate (shown, -1, NULL), "what is shown is UTF-8");
    }
  text = perry_container_spec_to_json (spec);
  again = perry_container_spec_new_from_json (text, -1, NULL);
  fuzz_require (again != NULL, "what was written can be read");
  text_again = perry_container_spec_to_json (again);
  fuzz_require (g_str_equal (text, text_again), "a round trip changes nothing");
  return 0;
}
