/* SPDX-License-Identifier: Apache-2.0 */
/* A user's perry.conf, and the options of a plugin in it. */
#include <sys/mman.h>
#include <unistd.h>

#include "config/perry-config.h"
#include "tests/fuzz/fuzz-input.h"

static const PerryPluginOption options[] = {
  { "text", "s", "'a'", "A text" },
  { "list", "as", "['a']", "A list" },
  { "flag", "b", "false", "A flag" },
  { "number", "x", "1", "A number" },
  { NULL },
};

static void
check (const PerryConfig *config)
{
  g_autoptr (GPtrArray) rows = perry_config_list (config);
  g_auto (GStrv) ids = perry_config_get_plugin_ids (config);
  g_autoptr (GPtrArray) rules = perry_config_list_verify_rules (config);

  for (guint i = 0; i < rows->len; i++)
    {
      const PerryConfigRow *row = g_ptr_array_index (rows, i);

      fuzz_require (g_utf8_validate (row->value, -1, NULL), "a value is UTF-8");
    }
  for (guint i = 0; i < rules->len; i++)
    {
      const PerryVerifyRule *rule = g_ptr_array_index (rules, i);

      fuzz_require (rule->exempt == (rule->requirement == NULL), "a rule requires something or exempts");
      fuzz_require (*rule->pattern != '\0', "a rule has a pattern");
    }
  for (char **id = ids; *id != NULL; id++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) values = perry_config_get_plugin_options (config, *id, options, &error);

      if (values == NULL)
        fuzz_check_error (error, FALSE);
      else
        fuzz_require (g_variant_n_children (values) == 4, "every option has a value");
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const environment[] = { NULL };
  int fd = memfd_create ("perry.conf", MFD_CLOEXEC);
  g_autoptr (PerryConfigPaths) paths = g_new0 (PerryConfigPaths, 1);
  g_autoptr (PerryConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  fuzz_require (fd >= 0 && write (fd, data, size) == (ssize_t) size, "there is memory");
  paths->vendor_file = g_strdup ("/nowhere/vendor");
  paths->administrator_file = g_strdup ("/nowhere/administrator");
  paths->drop_in_directory = g_strdup ("/nowhere/drop-ins");
  paths->user_file = g_strdup_printf ("/proc/self/fd/%d", fd);
  config = perry_config_load (paths, environment, &error);
  close (fd);
  if (config == NULL)
    fuzz_check_error (error, FALSE);
  else
    check (config);
  return 0;
}
