/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin's option as GVariant: `s`, `l` (a list), `b` or `n` (a number), a newline, the text. */
#include "config/perry-config.h"
#include "tests/fuzz/fuzz-input.h"

static const PerryPluginOption options[] = {
  { "s", "s", "'a'", "A text" },
  { "l", "as", "['a']", "A list" },
  { "b", "b", "false", "A flag" },
  { "n", "x", "1", "A number" },
  { NULL },
};

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const environment[] = { NULL };
  PerryConfigPaths paths = { (char *) "/nowhere/a", (char *) "/nowhere/b", (char *) "/nowhere/c", (char *) "/nowhere/d" };
  const char key[] = { size > 0 ? (char) data[0] : '\0', '\0' };
  g_autofree char *text = NULL;
  g_autoptr (PerryConfig) config = NULL;
  g_autoptr (GVariant) values = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  if (size < 2 || data[1] != '\n')
    return 0;
  text = fuzz_dup_text (data + 2, size - 2);
  config = perry_config_load (&paths, environment, &error);
  fuzz_require (config != NULL, "no file is no error");
  if (perry_config_set_override (config, "plugin fuzz", key, text, "option", &error))
    values = perry_config_get_plugin_options (config, "fuzz", options, &error);
  if (values == NULL)
    {
      fuzz_check_error (error, FALSE);
      return 0;
    }
  value = g_variant_lookup_value (values, key, NULL);
  fuzz_require (value != NULL && g_variant_is_normal_form (value), "a value is one of its type");
  return 0;
}
