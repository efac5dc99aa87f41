/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>

#include "plugin-api/perry-plugin.h"

/* The pages of docs/ that are written from the tables; PERRY_UPDATE_GOLDEN=1 writes them anew. */

static const char fields_head[]
  = "<!-- Written by tests/test-reference-pages.c from the field table. -->\n"
    "# Fields of a container spec\n\n"
    "What `perryctl run --spec FILE` and `perry_container_spec_new_from_json()` read. Every key that is not here\n"
    "is an error. The JSON Schema is [container-spec.schema.json](../config/schema/container-spec.schema.json).\n";

static const char capabilities_head[]
  = "<!-- Written by tests/test-reference-pages.c from the plugins' tables. -->\n"
    "# What the engines can do\n\n"
    "The best case of each plugin. What an engine on a host can really do, and why not more, is what\n"
    "`perryctl backends` prints. “—” is unsupported: strict mode refuses a spec that asks for it; in the other modes\n"
    "the setting is dropped and that is reported.\n\n";

/* The pages are long: the first line that differs says enough. */
static void
assert_same_lines (const char *name, const char *found, const char *wanted)
{
  g_auto (GStrv) found_lines = g_strsplit (found, "\n", -1);
  g_auto (GStrv) wanted_lines = g_strsplit (wanted, "\n", -1);

  for (guint i = 0; found_lines[i] != NULL || wanted_lines[i] != NULL; i++)
    {
      if (g_strcmp0 (found_lines[i], wanted_lines[i]) == 0)
        continue;
      g_test_message ("docs/%s, line %u; PERRY_UPDATE_GOLDEN=1 writes the page anew", name, i + 1);
      g_assert_cmpstr (found_lines[i], ==, wanted_lines[i]);
    }
}

static void
compare_page (const char *name, const char *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "..", "docs", name, NULL);
  g_autofree char *found = NULL;

  if (g_strcmp0 (g_getenv ("PERRY_UPDATE_GOLDEN"), "1") == 0)
    {
      g_file_set_contents (file, wanted, -1, &error);
      g_assert_no_error (error);
    }
  g_file_get_contents (file, &found, NULL, &error);
  g_assert_no_error (error);
  assert_same_lines (name, found, wanted);
}

static const char *
describe_type (PerryFieldType type)
{
  static const char *const texts[] = {
    [PERRY_FIELD_TYPE_STRING] = "string",
    [PERRY_FIELD_TYPE_STRV] = "list of strings",
    [PERRY_FIELD_TYPE_MAP] = "object of strings, or list of `KEY=VALUE`",
    [PERRY_FIELD_TYPE_BOOLEAN] = "boolean",
    [PERRY_FIELD_TYPE_INTEGER] = "integer",
    [PERRY_FIELD_TYPE_SIZE] = "bytes as an integer, or a text such as `256m`",
    [PERRY_FIELD_TYPE_SECONDS] = "seconds as an integer, or a text such as `1m30s`",
    [PERRY_FIELD_TYPE_NUMBER] = "number, or its text",
    [PERRY_FIELD_TYPE_PROFILE] = "a word, a path, or the profile as an object",
    [PERRY_FIELD_TYPE_DEVICES] = "list of devices, each a text `HOST[:CONTAINER[:PERMISSIONS]]` or an object",
    [PERRY_FIELD_TYPE_PORTS] = "list of ports, each a text `[ADDRESS:][HOST_PORT:]PORT[/PROTOCOL]`, a number or an object",
    [PERRY_FIELD_TYPE_MOUNTS] = "list of mounts, each a text `SOURCE:TARGET[:OPTIONS]` or an object",
    [PERRY_FIELD_TYPE_OBJECT] = "object",
  };

  g_assert_cmpuint (type, <, G_N_ELEMENTS (texts));
  g_assert_nonnull (texts[type]);
  return texts[type];
}

static void
append_spellings (GString *page, const PerryFieldInfo *info)
{
  gboolean has_camel_case = !g_str_equal (info->camel_case, info->name);

  if (has_camel_case)
    g_string_append_printf (page, "- also spelt: `%s`", info->camel_case);
  if (info->alias != NULL)
    g_string_append_printf (page, "%s`%s`", has_camel_case ? ", " : "- also spelt: ", info->alias);
  if (has_camel_case || info->alias != NULL)
    g_string_append_c (page, '\n');
}

static void
append_option (GString *page, const PerryFieldInfo *info)
{
  for (const PerryFieldOption *row = info->options; row != NULL && row->name != NULL; row++)
    g_string_append_printf (page, "- option for `%s`: `--%s%s%s`: %s\n", row->member, row->name,
                            row->argument != NULL ? " " : "", row->argument != NULL ? row->argument : "", row->help);
  if (info->option == NULL)
    return;
  g_string_append (page, "- option: ");
  if (info->short_option != '\0')
    g_string_append_printf (page, "`-%c`, ", info->short_option);
  g_string_append_printf (page, "`--%s%s%s`\n", info->option, info->argument != NULL ? " " : "",
                          info->argument != NULL ? info->argument : "");
}

static void
append_comparison (GString *page, const PerryFieldInfo *info)
{
  if (info->compare_reported == NULL && info->compare_observed == NULL)
    return;
  g_string_append (page, "- compared with: ");
  if (info->compare_reported != NULL)
    g_string_append_printf (page, "the engine's report%s", info->compare_observed != NULL ? ", " : "");
  g_string_append_printf (page, "%s\n", info->compare_observed != NULL ? "the kernel's view" : "");
}

static void
append_field (GString *page, const PerryFieldInfo *info)
{
  g_string_append_printf (page, "\n## %s\n\n%s.\n\n- type: %s\n", info->name, info->help, describe_type (info->type));
  if (info->words != NULL)
    {
      g_autofree char *words = g_strjoinv ("`, `", (char **) info->words);

      g_string_append_printf (page, "- one of: `%s`\n", words);
    }
  append_spellings (page, info);
  append_option (page, info);
  if (info->unset != NULL)
    g_string_append_printf (page, "- unset: %s\n", info->unset);
  if (info->flags & PERRY_FIELD_SECURITY)
    g_string_append (page, "- part of the isolation: counts for `--proof required`\n");
  if (info->flags & PERRY_FIELD_CONTROL)
    g_string_append (page, "- read by the core; no engine sees it\n");
  if (info->flags & PERRY_FIELD_SHORTHAND)
    g_string_append (page, "- folded into other fields when it is read\n");
  append_comparison (page, info);
}

static void
test_fields (void)
{
  g_autoptr (GString) page = g_string_new (fields_head);

  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    append_field (page, perry_field_get_info (field));
  compare_page ("fields.md", page->str);
}

/* A note once per text and plugin, with a number in the order of appearance. */
static guint
note_number (GPtrArray *notes, const char *plugin, const char *reason)
{
  g_autofree char *note = g_strdup_printf ("%s: %s", plugin, reason);
  guint index;

  if (!g_ptr_array_find_with_equal_func (notes, note, g_str_equal, &index))
    {
      index = notes->len;
      g_ptr_array_add (notes, g_steal_pointer (&note));
    }
  return index + 1;
}

static void
append_cell (GString *page, GPtrArray *notes, const PerryPluginDescriptor *plugin, PerryCapability capability)
{
  g_autoptr (PerryCapabilityMatrix) matrix = perry_capability_matrix_new_from_rows (plugin->capabilities);
  PerrySupport support = perry_capability_matrix_get_support (matrix, capability);
  const char *reason = perry_capability_matrix_get_reason (matrix, capability);

  g_string_append_printf (page, " %s", support == PERRY_SUPPORT_UNSUPPORTED ? "—" : perry_support_get_name (support));
  if (reason != NULL)
    g_string_append_printf (page, " [%u]", note_number (notes, plugin->id, reason));
  g_string_append (page, " |");
}

static void
append_matrix (GString *page, const PerryPluginDescriptor *const *plugins, guint n_plugins)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);

  g_string_append (page, "| capability |");
  for (guint i = 0; i < n_plugins; i++)
    g_string_append_printf (page, " %s |", plugins[i]->id);
  g_string_append (page, "\n|---|");
  for (guint i = 0; i < n_plugins; i++)
    g_string_append (page, "---|");
  g_string_append_c (page, '\n');
  for (int capability = 0; capability < PERRY_CAPABILITY_LAST; capability++)
    {
      g_string_append_printf (page, "| `%s` |", perry_capability_get_name (capability));
      for (guint i = 0; i < n_plugins; i++)
        append_cell (page, notes, plugins[i], capability);
      g_string_append_c (page, '\n');
    }
  g_string_append_c (page, '\n');
  for (guint i = 0; i < notes->len; i++)
    g_string_append_printf (page, "- [%u] %s\n", i + 1, (const char *) g_ptr_array_index (notes, i));
}

static void
append_options (GString *page, const PerryPluginDescriptor *plugin)
{
  g_string_append_printf (page, "\n## %s\n\n%s.\n\nKeys of the group `[plugin %s]` in perry.conf:\n\n", plugin->id,
                          plugin->summary, plugin->id);
  for (const PerryPluginOption *option = plugin->options; option != NULL && option->name != NULL; option++)
    g_string_append_printf (page, "- `%s` (type `%s`, default `%s`): %s\n", option->name, option->type,
                            option->default_value, option->help);
}

/* Stays open: code of a plugin may be in use as long as the process lives. */
static const PerryPluginDescriptor *
open_plugin (const char *id)
{
  g_autofree char *name = g_strconcat (id, ".so", NULL);
  g_autofree char *file = g_build_filename (g_getenv ("G_TEST_BUILDDIR"), "..", "plugins", id, name, NULL);
  void *module;

  if (!g_file_test (file, G_FILE_TEST_EXISTS))
    return NULL;
  module = dlopen (file, RTLD_NOW | RTLD_LOCAL);
  g_assert_nonnull (module);
  return dlsym (module, PERRY_PLUGIN_SYMBOL);
}

static void
test_capabilities (void)
{
  static const char *const ids[] = { "docker", "podman" };
  const PerryPluginDescriptor *plugins[G_N_ELEMENTS (ids)];
  g_autoptr (GString) page = g_string_new (capabilities_head);

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      plugins[i] = open_plugin (ids[i]);
      if (plugins[i] == NULL)
        {
          g_test_skip ("the page has all plugins, and this build has not");
          return;
        }
    }
  append_matrix (page, plugins, G_N_ELEMENTS (ids));
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    append_options (page, plugins[i]);
  compare_page ("capabilities.md", page->str);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reference-pages/fields", test_fields);
  g_test_add_func ("/reference-pages/capabilities", test_capabilities);
  return g_test_run ();
}
