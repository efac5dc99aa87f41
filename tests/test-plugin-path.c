/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <link.h>
#include <unistd.h>

#include "core/loader/perry-trusted-path.h"
#include "tests/plugins/zoo-fixture.h"

#define STRANGER 12345 /* a user that is neither root nor anybody who runs tests */

static void
test_not_a_file (void)
{
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autofree char *target = zoo_install ("good", fixture->root, "link.so");
  g_autofree char *link_path = g_build_filename (fixture->plugins, "link.so", NULL);
  g_autofree char *dangling = g_build_filename (fixture->plugins, "dangling.so", NULL);
  g_autofree char *directory = g_build_filename (fixture->plugins, "directory.so", NULL);
  g_autofree char *fifo = g_build_filename (fixture->plugins, "fifo.so", NULL);

  g_assert_cmpint (symlink (target, link_path), ==, 0);
  g_assert_cmpint (symlink ("/nowhere", dangling), ==, 0);
  zoo_make_directory (directory, 0755);
  g_assert_cmpint (mkfifo (fifo, 0644), ==, 0);
  zoo_assert_refused_everywhere (fixture->plugins, "link", PERRY_ERROR_PLUGIN_NOT_A_FILE);
  zoo_assert_refused_everywhere (fixture->plugins, "dangling", PERRY_ERROR_PLUGIN_NOT_A_FILE);
  zoo_assert_refused_everywhere (fixture->plugins, "directory", PERRY_ERROR_PLUGIN_NOT_A_FILE);
  zoo_assert_refused_everywhere (fixture->plugins, "fifo", PERRY_ERROR_PLUGIN_NOT_A_FILE);
}

/* How many bytes of a module are mapped: what comes after them is for debuggers. */
static gsize
mapped_size (const char *path)
{
  g_autofree char *data = NULL;
  const ElfW (Ehdr) * header;
  gsize end = 0;

  g_assert_true (g_file_get_contents (path, &data, NULL, NULL));
  header = (gconstpointer) data;
  for (guint i = 0; i < header->e_phnum; i++)
    {
      const ElfW (Phdr) *segment = (gconstpointer) (data + header->e_phoff + i * sizeof *segment);

      end = MAX (end, segment->p_offset + segment->p_filesz);
    }
  return end;
}

static void
test_not_a_module (void)
{
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autofree char *text = g_build_filename (fixture->plugins, "text.so", NULL);
  g_autofree char *whole = zoo_install ("good", fixture->root, "whole");
  const gsize cuts[] = { 0, 10, 63, 100, 300, 4096, 8192, mapped_size (whole) - 1 };

  g_assert_true (g_file_set_contents (text, "#!/bin/sh\nexit 0\n", -1, NULL));
  zoo_assert_refused_everywhere (fixture->plugins, "text", PERRY_ERROR_PLUGIN_OPEN_FAILED);
  for (gsize i = 0; i < G_N_ELEMENTS (cuts); i++)
    {
      g_autofree char *id = g_strdup_printf ("cut-%" G_GSIZE_FORMAT, cuts[i]);
      g_autofree char *file = g_strconcat (id, ".so", NULL);
      g_autofree char *path = zoo_install ("good", fixture->plugins, file);

      g_assert_cmpint (truncate (path, (off_t) cuts[i]), ==, 0);
      zoo_assert_refused_everywhere (fixture->plugins, id, PERRY_ERROR_PLUGIN_OPEN_FAILED);
    }
}

static void
test_bad_names (void)
{
  static const char *const names[] = { "Good.so", "1good.so", "go_od.so", "-good.so", "go od.so", "g\xf6od.so", ".so" };
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autoptr (PerryPluginRegistry) registry = zoo_registry_new (fixture->plugins);
  g_autofree char *too_long = g_strnfill (65, 'a');
  g_autofree char *too_long_file = g_strconcat (too_long, ".so", NULL);
  g_autofree char *versioned = zoo_install ("good", fixture->plugins, "good.so.1");
  g_autoptr (GPtrArray) plugins = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (versioned);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = zoo_install ("good", fixture->plugins, names[i]);

      g_assert_nonnull (path);
    }
  g_free (zoo_install ("good", fixture->plugins, too_long_file));

  plugins = perry_plugin_registry_list (registry);
  g_assert_cmpuint (plugins->len, ==, G_N_ELEMENTS (names)); /* one more name, and `.so` is hidden */
  for (guint i = 0; i < plugins->len; i++)
    {
      zoo_assert_rejected (g_ptr_array_index (plugins, i), PERRY_ERROR_PLUGIN_BAD_NAME);
      g_assert_null (perry_plugin_get_id (g_ptr_array_index (plugins, i)));
      g_assert_true (g_utf8_validate (perry_plugin_get_path (g_ptr_array_index (plugins, i)), -1, NULL));
    }
  g_assert_null (perry_plugin_registry_get (registry, PERRY_PLUGIN_BACKEND, "../good", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_BAD_NAME);
}

static void
test_dollar_in_path (void)
{
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autofree char *directory = g_build_filename (fixture->root, "$LIB", NULL);

  zoo_make_directory (directory, 0755);
  zoo_install_as_itself ("good", directory);
  zoo_assert_refused_everywhere (directory, "good", PERRY_ERROR_PLUGIN_BAD_NAME);
}

static void
test_modes (void)
{
  static const struct {
    guint root, directory, file;
    gboolean safe;
  } cases[] = {
    { 0755, 0755, 0644, TRUE },  { 0700, 0700, 0600, TRUE },  { 0755, 0755, 0755, TRUE },   { 0755, 0755, 0664, FALSE },
    { 0755, 0755, 0646, FALSE }, { 0755, 0775, 0644, FALSE }, { 0755, 0757, 0644, FALSE },  { 0775, 0755, 0644, FALSE },
    { 0757, 0755, 0644, FALSE }, { 0777, 0755, 0644, FALSE }, { 0755, 01777, 0644, FALSE }, { 0755, 0755, 04755, TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
      g_autoptr (PerryPluginRegistry) registry = zoo_registry_new (fixture->plugins);
      g_autofree char *path = zoo_install ("good", fixture->plugins, "good.so");
      g_autoptr (PerryPlugin) plugin = NULL;

      g_assert_cmpint (g_chmod (path, (int) cases[i].file), ==, 0);
      g_assert_cmpint (g_chmod (fixture->plugins, (int) cases[i].directory), ==, 0);
      g_assert_cmpint (g_chmod (fixture->root, (int) cases[i].root), ==, 0);
      g_test_message ("%04o %04o %04o", cases[i].root, cases[i].directory, cases[i].file);
      if (!cases[i].safe)
        {
          zoo_assert_refused_everywhere (fixture->plugins, "good", PERRY_ERROR_PLUGIN_UNSAFE);
          continue;
        }
      plugin = perry_plugin_registry_get (registry, PERRY_PLUGIN_BACKEND, "good", NULL);
      g_assert_nonnull (plugin);
    }
}

static void
test_owners (void)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
      g_autofree char *path = zoo_install ("good", fixture->plugins, "good.so");
      const char *given_away[] = { path, fixture->plugins, fixture->root };

      g_assert_cmpint (chown (given_away[i], STRANGER, STRANGER), ==, 0);
      zoo_assert_refused_everywhere (fixture->plugins, "good", PERRY_ERROR_PLUGIN_UNSAFE);
    }
}

static void
test_sudo_owner (void)
{
  static const struct {
    const char *sudo_uid;
    gboolean built_in, trusted;
  } cases[] = {
    { "12345", FALSE, TRUE }, { "12345", TRUE, FALSE }, { "12346", FALSE, FALSE }, { "", FALSE, FALSE },
    { "12345x", FALSE, FALSE }, { "-1", FALSE, FALSE }, { "0", FALSE, FALSE }, { NULL, FALSE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
      g_autofree char *path = zoo_install ("good", fixture->plugins, "good.so");
      g_autoptr (PerryPluginRegistry) registry = NULL;
      g_autoptr (PerryPlugin) plugin = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (chown (path, STRANGER, STRANGER), ==, 0);
      g_assert_cmpint (chown (fixture->plugins, STRANGER, STRANGER), ==, 0);
      if (cases[i].sudo_uid != NULL)
        g_setenv ("SUDO_UID", cases[i].sudo_uid, TRUE);
      else
        g_unsetenv ("SUDO_UID");
      registry = perry_plugin_registry_new_for_path (cases[i].built_in ? NULL : fixture->plugins, FALSE,
                                                     cases[i].built_in ? fixture->plugins : "/nonexistent");
      plugin = perry_plugin_registry_get (registry, PERRY_PLUGIN_BACKEND, "good", &error);
      if (cases[i].trusted)
        g_assert_nonnull (plugin);
      else
        g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_UNSAFE);
    }
}

static void
test_first_id_wins (void)
{
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autofree char *second = g_build_filename (fixture->root, "second", NULL);
  g_autoptr (PerryPluginRegistry) registry = NULL;
  g_autoptr (GPtrArray) plugins = NULL;
  g_autoptr (PerryPlugin) plugin = NULL;

  zoo_make_directory (second, 0755);
  zoo_install_as_itself ("good", fixture->plugins);
  zoo_install_as_itself ("good", second);
  zoo_install_as_itself ("other", second);
  registry = perry_plugin_registry_new_for_path (fixture->plugins, FALSE, second);
  plugins = perry_plugin_registry_list (registry);
  g_assert_cmpuint (plugins->len, ==, 3);
  g_assert_cmpint (perry_plugin_get_state (zoo_find_listed (plugins, "/plugins/good.so")), ==, PERRY_PLUGIN_STATE_OK);
  zoo_assert_rejected (zoo_find_listed (plugins, "/second/good.so"), PERRY_ERROR_PLUGIN_DUPLICATE_ID);
  g_assert_cmpint (perry_plugin_get_state (zoo_find_listed (plugins, "/second/other.so")), ==, PERRY_PLUGIN_STATE_OK);
  plugin = perry_plugin_registry_get (registry, PERRY_PLUGIN_BACKEND, "good", NULL);
  g_assert_true (plugin == zoo_find_listed (plugins, "/plugins/good.so"));
}

static void
test_broken_first_is_not_replaced (void)
{
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autofree char *second = g_build_filename (fixture->root, "second", NULL);
  g_autofree char *broken = g_build_filename (fixture->plugins, "good.so", NULL);
  g_autoptr (PerryPluginRegistry) registry = NULL;
  g_autoptr (GError) error = NULL;

  zoo_make_directory (second, 0755);
  g_assert_true (g_file_set_contents (broken, "broken", -1, NULL));
  zoo_install_as_itself ("good", second);
  registry = perry_plugin_registry_new_for_path (fixture->plugins, FALSE, second);
  g_assert_null (perry_plugin_registry_get (registry, PERRY_PLUGIN_BACKEND, "good", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_OPEN_FAILED);
}

static void
test_search_path_entries (void)
{
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autofree char *path = g_strconcat ("relative/plugins::", fixture->root, "/missing:", fixture->plugins, "/", NULL);
  g_autoptr (PerryPluginRegistry) registry = perry_plugin_registry_new_for_path (path, FALSE, "/nonexistent");
  g_autoptr (PerryPluginRegistry) privileged = perry_plugin_registry_new_for_path (path, TRUE, "/nonexistent");
  g_autoptr (GPtrArray) plugins = NULL;
  g_autoptr (GPtrArray) privileged_plugins = NULL;
  g_autoptr (PerryPlugin) plugin = NULL;
  g_autoptr (GError) error = NULL;

  zoo_install_as_itself ("good", fixture->plugins);
  plugins = perry_plugin_registry_list (registry);
  g_assert_cmpuint (plugins->len, ==, 3);
  zoo_assert_rejected (g_ptr_array_index (plugins, 0), PERRY_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (perry_plugin_get_path (g_ptr_array_index (plugins, 0)), ==, "relative/plugins");
  zoo_assert_rejected (g_ptr_array_index (plugins, 1), PERRY_ERROR_NOT_FOUND);
  plugin = perry_plugin_registry_get (registry, PERRY_PLUGIN_BACKEND, "good", NULL);
  g_assert_true (plugin == g_ptr_array_index (plugins, 2));

  privileged_plugins = perry_plugin_registry_list (privileged);
  g_assert_cmpuint (privileged_plugins->len, ==, 0);
  g_assert_null (perry_plugin_registry_get (privileged, PERRY_PLUGIN_BACKEND, "good", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_NOT_FOUND);
}

static void
test_environment (void)
{
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autoptr (PerryPluginRegistry) registry = NULL;
  g_autoptr (PerryPlugin) plugin = NULL;

  zoo_install_as_itself ("good", fixture->plugins);
  g_setenv ("PERRY_PLUGIN_PATH", fixture->plugins, TRUE);
  registry = perry_plugin_registry_new ();
  plugin = perry_plugin_registry_get (registry, PERRY_PLUGIN_BACKEND, "good", NULL);
  g_assert_nonnull (plugin);
}

static void
test_too_many_files (void)
{
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autoptr (PerryPluginRegistry) registry = zoo_registry_new (fixture->plugins);
  g_autoptr (GPtrArray) plugins = NULL;

  for (int i = 0; i < 257; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/p%d.so", fixture->plugins, i);

      g_assert_true (g_file_set_contents (path, "", 0, NULL));
    }
  plugins = perry_plugin_registry_list (registry);
  g_assert_cmpuint (plugins->len, ==, 1);
  zoo_assert_rejected (g_ptr_array_index (plugins, 0), PERRY_ERROR_LIMIT_EXCEEDED);
}

typedef struct {
  const char *path; /* below the fixture's root */
  const char *reached;
} Walk;

static void
assert_walks (const char *root, const Walk *walks, gsize n_walks)
{
  PerryTrustedOwners owners = perry_trusted_owners_get (FALSE);

  for (gsize i = 0; i < n_walks; i++)
    {
      g_autofree char *path = g_strconcat (root, walks[i].path, NULL);
      g_autofree char *reached = g_strconcat (root, walks[i].reached, NULL);
      g_autofree char *real_path = NULL;
      g_autoptr (GError) error = NULL;
      int fd = perry_trusted_path_open_directory (path, &owners, &real_path, &error);

      g_test_message ("%s: %s", path, error != NULL ? error->message : real_path);
      if (walks[i].reached == NULL)
        {
          g_assert_cmpint (fd, ==, -1);
          g_assert_nonnull (error);
          g_assert_null (real_path);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpstr (real_path, ==, reached);
      close (fd);
    }
}

static void
test_walk (void)
{
  static const Walk walks[] = {
    { "/plugins", "/plugins" },
    { "//plugins/.///", "/plugins" },
    { "/plugins/../plugins", "/plugins" },
    { "/link", "/plugins" },
    { "/link/../plugins", "/plugins" },
    { "/absolute-link", "/plugins" },
    { "/link-to-link/deep", "/plugins/deep" },
    { "/plugins/deep/up", "/plugins" },
    { "/loop", NULL },
    { "/dangling", NULL },
    { "/missing", NULL },
    { "/file", NULL },
    { "/file/..", NULL },
  };
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autofree char *deep = g_build_filename (fixture->plugins, "deep", NULL);
  const char *const links[][2] = {
    { "plugins", "link" },         { fixture->plugins, "absolute-link" }, { "./link/", "link-to-link" },
    { "..", "plugins/deep/up" },   { "loop", "loop" },                    { "/nowhere/at/all", "dangling" },
  };

  zoo_make_directory (deep, 0755);
  g_free (zoo_install ("good", fixture->root, "file"));
  for (gsize i = 0; i < G_N_ELEMENTS (links); i++)
    {
      g_autofree char *path = g_build_filename (fixture->root, links[i][1], NULL);

      g_assert_cmpint (symlink (links[i][0], path), ==, 0);
    }
  assert_walks (fixture->root, walks, G_N_ELEMENTS (walks));
}

static void
test_walk_sees_every_step (void)
{
  static const Walk walks[] = {
    { "/plugins", "/plugins" },
    { "/strangers-link", NULL },      /* its owner could point it elsewhere */
    { "/open/link", NULL },           /* anybody could replace it */
    { "/open/../plugins", NULL },
    { "/sticky/inner", "/sticky/inner" },
    { "/sticky", NULL },              /* anybody could add a plugin */
    { "/strangers-sticky/inner", NULL },
    { "/sticky/strangers/inner", NULL },
  };
  static const struct {
    const char *name;
    guint mode;
    guint owner;
  } directories[] = {
    { "open", 0777, 0 },           { "sticky", 01777, 0 },
    { "sticky/inner", 0755, 0 },   { "strangers-sticky", 01777, STRANGER },
    { "strangers-sticky/inner", 0755, 0 },
    { "sticky/strangers", 0755, STRANGER },
    { "sticky/strangers/inner", 0755, 0 },
  };
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autofree char *strangers_link = g_build_filename (fixture->root, "strangers-link", NULL);
  g_autofree char *open_link = g_build_filename (fixture->root, "open/link", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (directories); i++)
    {
      g_autofree char *path = g_build_filename (fixture->root, directories[i].name, NULL);

      zoo_make_directory (path, directories[i].mode);
      g_assert_cmpint (chown (path, directories[i].owner, 0), ==, 0);
    }
  g_assert_cmpint (symlink ("plugins", strangers_link), ==, 0);
  g_assert_cmpint (lchown (strangers_link, STRANGER, STRANGER), ==, 0);
  g_assert_cmpint (symlink ("../plugins", open_link), ==, 0);
  assert_walks (fixture->root, walks, G_N_ELEMENTS (walks));
}

typedef struct {
  const char *path;
  void (*run) (void);
  gboolean gives_files_away;
} Scenario;

static void
run_scenario (gconstpointer data)
{
  ((const Scenario *) data)->run ();
}

static void
run_in_subprocess (gconstpointer data)
{
  if (((const Scenario *) data)->gives_files_away && geteuid () != 0)
    g_test_skip ("only root can give files to others");
  else
    zoo_run_in_subprocess (run_scenario, data);
}

int
main (int argc, char **argv)
{
  static const Scenario scenarios[] = {
    { "/plugin-path/file/not-a-file", test_not_a_file },
    { "/plugin-path/file/not-a-module", test_not_a_module },
    { "/plugin-path/file/bad-names", test_bad_names },
    { "/plugin-path/file/dollar-in-path", test_dollar_in_path },
    { "/plugin-path/file/modes", test_modes },
    { "/plugin-path/file/owners", test_owners, TRUE },
    { "/plugin-path/file/sudo-owner", test_sudo_owner, TRUE },
    { "/plugin-path/walk/links", test_walk },
    { "/plugin-path/walk/every-step", test_walk_sees_every_step, TRUE },
    { "/plugin-path/search/first-id-wins", test_first_id_wins },
    { "/plugin-path/search/broken-first-is-not-replaced", test_broken_first_is_not_replaced },
    { "/plugin-path/search/entries", test_search_path_entries },
    { "/plugin-path/search/environment", test_environment },
    { "/plugin-path/search/too-many-files", test_too_many_files },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (scenarios); i++)
    g_test_add_data_func (scenarios[i].path, &scenarios[i], run_in_subprocess);
  return g_test_run ();
}
