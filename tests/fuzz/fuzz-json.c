/* SPDX-License-Identifier: Apache-2.0 */
/* The strict pass: what it accepts, json-glib reads, and our writer gives back. */
#include "plugin-api/perry-json.h"
#include "tests/fuzz/fuzz-input.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *exact = size > 0 ? g_memdup2 (data, size) : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) parse_error = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) again = NULL;
  g_autofree char *text = NULL;
  g_autofree char *text_again = NULL;
  gboolean good;

  if (exact == NULL)
    return 0;
  good = perry_json_check (exact, (gssize) size, NULL, &error);
  node = perry_json_parse (exact, (gssize) size, NULL, &parse_error);
  fuzz_require (good == (node != NULL), "the check and the parser agree");
  if (!good)
    {
      fuzz_check_error (error, TRUE);
      return 0;
    }
  text = perry_json_to_text (node, FALSE);
  again = perry_json_parse (text, -1, NULL, NULL);
  fuzz_require (again != NULL, "what was written can be read");
  text_again = perry_json_to_text (again, FALSE);
  fuzz_require (g_str_equal (text, text_again), "a round trip changes nothing");
  return 0;
}
