/* SPDX-License-Identifier: Apache-2.0 */
/* A container spec as JSON. */
#include "plugin-api/perry-container-spec.h"
#include "tests/fuzz/fuzz-input.h"

/* Two texts can be alike because both leave out the same. */
static gboolean
has_same_values (const PerryContainerSpec *a, const PerryContainerSpec *b)
{
  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    {
      GVariant *value = perry_container_spec_get_value (a, field);
      GVariant *other = perry_container_spec_get_value (b, field);

      if ((value == NULL) != (other == NULL) || (value != NULL && !g_variant_equal (value, other)))
        return FALSE;
    }
  return TRUE;
}

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
  fuzz_require (has_same_values (spec, again), "a round trip keeps every value");
  text_again = perry_container_spec_to_json (again);
  fuzz_require (g_str_equal (text, text_again), "a round trip changes nothing");
  return 0;
}
