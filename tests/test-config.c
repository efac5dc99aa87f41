/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/config-fixture.h"

#include <glib/gstdio.h>
#include <unistd.h>

#define STRANGER 12345 /* a user that is neither root nor anybody who runs tests */

static const char *const no_environment[] = { NULL };

static void
put (const char *path, const char *text)
{
  config_put (path, text, -1);
}

static void
put_drop_in (ConfigFixture *fixture, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (fixture->paths.drop_in_directory, name, NULL);

  g_assert_cmpint (g_mkdir_with_parents (fixture->paths.drop_in_directory, 0755), ==, 0);
  g_assert_cmpint (g_chmod (fixture->paths.drop_in_directory, 0755), ==, 0);
  put (path, text);
}

/* What is installed for reading is what is compiled in. */
static void
test_seccomp_perry (void)
{
  g_autofree char *file = g_build_filename (g_test_get_dir (G_TEST_DIST), "..", "config", "seccomp-perry.json", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (file, &text, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, perry_config_seccomp_perry ());
}

static void
assert_names (const char *const *names, const char *expected)
{
  g_autofree char *joined = g_strjoinv (" ", (char **) names);

  g_assert_cmpstr (joined, ==, expected);
}

static void
test_defaults (ConfigFixture *fixture, gconstpointer data)
{
  g_autoptr (PerryConfig) config = config_load (fixture, no_environment);
  const char *origin = NULL;

  assert_names (perry_config_get_backends (config, &origin), "");
  g_assert_cmpstr (origin, ==, "built-in default");
  assert_names (perry_config_get_order (config, NULL), "podman nerdctl docker lima");
  g_assert_cmpint (perry_config_get_probe_timeout_ms (config), ==, 2000);
  g_assert_cmpint (perry_config_get_timeout_ms (config), ==, 30000);
  g_assert_cmpint (perry_config_get_enforcement (config, &origin), ==, PERRY_ENFORCEMENT_WARN);
  g_assert_cmpstr (origin, ==, "built-in default");
  g_assert_cmpint (perry_config_get_minimum_enforcement (config, NULL), ==, PERRY_ENFORCEMENT_LENIENT);
  g_assert_cmpstr (perry_config_get_proof (config, NULL), ==, "default");
  assert_names (perry_config_get_required_plugins (config, NULL), "");
}

static char *
shipped_file (void)
{
  return g_test_build_filename (G_TEST_DIST, "..", "config", "perry.conf", NULL);
}

static void
test_shipped_file_has_the_defaults (ConfigFixture *fixture, gconstpointer data)
{
  g_autofree char *shipped = shipped_file ();
  g_autoptr (PerryConfig) built_in = config_load (fixture, no_environment);
  g_autoptr (PerryConfig) config = NULL;
  g_autoptr (GPtrArray) expected = NULL;
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (shipped, &text, NULL, NULL));
  put (fixture->paths.vendor_file, text);
  config = config_load (fixture, no_environment);
  expected = perry_config_list (built_in);
  g_assert_cmpuint (expected->len, >=, 9);
  for (guint i = 0; i < expected->len; i++)
    {
      const PerryConfigRow *row = g_ptr_array_index (expected, i);

      config_assert_row (config, row->group, row->key, row->value, fixture->paths.vendor_file);
    }
}

static void
test_everything_set (ConfigFixture *fixture, gconstpointer data)
{
  g_autofree char *good = g_test_build_filename (G_TEST_DIST, "fixtures", "config", "good.conf", NULL);
  g_autoptr (PerryConfig) config = NULL;
  g_auto (GStrv) ids = NULL;

  g_free (fixture->paths.user_file);
  fixture->paths.user_file = g_steal_pointer (&good);
  config = config_load (fixture, no_environment);
  assert_names (perry_config_get_backends (config, NULL), "docker podman");
  assert_names (perry_config_get_order (config, NULL), "nerdctl");
  g_assert_cmpint (perry_config_get_probe_timeout_ms (config), ==, 150);
  g_assert_cmpint (perry_config_get_timeout_ms (config), ==, 5000);
  g_assert_cmpint (perry_config_get_enforcement (config, NULL), ==, PERRY_ENFORCEMENT_STRICT);
  g_assert_cmpstr (perry_config_get_proof (config, NULL), ==, "required");
  assert_names (perry_config_get_required_plugins (config, NULL), "podman");
  ids = perry_config_get_plugin_ids (config);
  assert_names ((const char *const *) ids, "docker");
  config_assert_row (config, "plugin docker", "retries", "-7", fixture->paths.user_file);
}

static void
test_layers (ConfigFixture *fixture, gconstpointer data)
{
  const char *const environment[] = { "PERRY_CONTAINER_BACKEND=from-environment", NULL };
  g_autofree char *drop_in = g_build_filename (fixture->paths.drop_in_directory, "20.conf", NULL);
  g_autoptr (PerryConfig) config = NULL;

  put (fixture->paths.vendor_file, "[engine]\nbackend=vendor\n");
  config = config_load (fixture, no_environment);
  config_assert_row (config, "engine", "backend", "vendor", fixture->paths.vendor_file);
  g_clear_pointer (&config, perry_config_unref);

  put (fixture->paths.administrator_file, "[engine]\nbackend=admin\n");
  config = config_load (fixture, no_environment);
  config_assert_row (config, "engine", "backend", "admin", fixture->paths.administrator_file);
  g_clear_pointer (&config, perry_config_unref);

  put_drop_in (fixture, "20.conf", "[engine]\nbackend=second\n");
  put_drop_in (fixture, "10.conf", "[engine]\nbackend=first\ntimeout-ms=7\n");
  put_drop_in (fixture, "30.conf.bak", "not a drop-in");
  put_drop_in (fixture, ".40.conf", "nor this");
  config = config_load (fixture, no_environment);
  config_assert_row (config, "engine", "backend", "second", drop_in);
  g_assert_cmpint (perry_config_get_timeout_ms (config), ==, 7);
  g_clear_pointer (&config, perry_config_unref);

  put (fixture->paths.user_file, "[engine]\nbackend=user\n");
  config = config_load (fixture, no_environment);
  config_assert_row (config, "engine", "backend", "user", fixture->paths.user_file);
  g_clear_pointer (&config, perry_config_unref);

  config = config_load (fixture, environment);
  config_assert_row (config, "engine", "backend", "from-environment", "environment PERRY_CONTAINER_BACKEND");
  g_assert_true (perry_config_set_override (config, "engine", "backend", "a,b", "option --backend", NULL));
  config_assert_row (config, "engine", "backend", "a,b", "option --backend");
  assert_names (perry_config_get_backends (config, NULL), "a b");
}

/* Each file sets what the next one sets again, so a single pair in the wrong order shows. */
static void
test_drop_ins_are_sorted (ConfigFixture *fixture, gconstpointer data)
{
  g_autoptr (PerryConfig) config = NULL;

  for (guint i = 0; i < 24; i++)
    {
      guint n = i * 7 % 24;
      g_autofree char *name = g_strdup_printf ("%02u.conf", n);
      g_autofree char *text = g_strdup_printf ("[plugin x]\nkey-%u=low\nkey-%u=high\n", n, n + 1);

      put_drop_in (fixture, name, text);
    }
  config = config_load (fixture, no_environment);
  for (guint n = 0; n < 24; n++)
    {
      g_autofree char *key = g_strdup_printf ("key-%u", n);
      g_autofree char *origin = g_strdup_printf ("%s/%02u.conf", fixture->paths.drop_in_directory, n);

      config_assert_row (config, "plugin x", key, "low", origin);
    }
}

static void
test_empty_resets (ConfigFixture *fixture, gconstpointer data)
{
  g_autoptr (PerryConfig) config = NULL;

  put (fixture->paths.administrator_file, "[engine]\nbackend=docker\n");
  put (fixture->paths.user_file, "[engine]\nbackend=\n");
  config = config_load (fixture, no_environment);
  config_assert_row (config, "engine", "backend", "", fixture->paths.user_file);
}

static void
test_environment (ConfigFixture *fixture, gconstpointer data)
{
  static const struct {
    const char *variable;
    const char *key, *value;
    const char *message; /* NULL where it is good */
    PerryError code;
  } cases[] = {
    { "PERRY_CONTAINER_BACKEND=docker,podman", "backend", "docker,podman" },
    { "PERRY_CONTAINER_BACKEND=", "backend", "" },
    { "PERRY_CONTAINER_BACKEND=\xff", NULL, NULL,
      "environment PERRY_CONTAINER_BACKEND: [engine] backend: the value is not UTF-8 text", PERRY_ERROR_INVALID_CONFIG },
    { "PERRY_CONTAINER_BACKEND=/run/docker.sock", NULL, NULL, "environment PERRY_CONTAINER_BACKEND: [engine] backend: ",
      PERRY_ERROR_INVALID_CONFIG },
    { "PERRY_CONTAINER_ENFORCEMENT=strict", "enforcement", "strict" },
    { "PERRY_CONTAINER_ENFORCEMENT=", "enforcement", "warn" },
    { "PERRY_CONTAINER_ENFORCEMENT=stirct", NULL, NULL, "environment PERRY_CONTAINER_ENFORCEMENT: [engine] enforcement: "
      "“stirct” is none of: lenient, warn, strict", PERRY_ERROR_INVALID_CONFIG },
    { "PERRY_CONTAINER_PROOF=required", "proof", "required" },
    { "PERRY_CONTAINER_PROOF=", "proof", "default" },
    { "PERRY_CONTAINER_PROOF=on", NULL, NULL, "“on” is none of: default, required, off", PERRY_ERROR_INVALID_CONFIG },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *const environment[] = { "HOME=/", cases[i].variable, NULL };
      g_autofree char *name = g_strndup (cases[i].variable, strcspn (cases[i].variable, "="));
      g_autofree char *origin = g_strconcat ("environment ", name, NULL);
      g_autoptr (PerryConfig) config = NULL;
      gboolean counts = !g_str_has_suffix (cases[i].variable, "=");

      if (cases[i].message != NULL)
        {
          config_assert_fails (fixture, environment, cases[i].code, cases[i].message);
          continue;
        }
      config = config_load (fixture, environment);
      config_assert_row (config, "engine", cases[i].key, cases[i].value, counts ? origin : "built-in default");
    }
}

static int
get_enforcement (const PerryConfig *config, const char **ret_origin)
{
  return perry_config_get_enforcement (config, ret_origin);
}

static int
get_minimum_enforcement (const PerryConfig *config, const char **ret_origin)
{
  return perry_config_get_minimum_enforcement (config, ret_origin);
}

static void
test_minimum_enforcement (ConfigFixture *fixture, gconstpointer data)
{
  static const ConfigMinimum enforcement = {
    .group = "engine",
    .key = "enforcement",
    .minimum_key = "minimum-enforcement",
    .variable = "PERRY_CONTAINER_ENFORCEMENT",
    .values = { "lenient", "warn", "strict" },
    .get = get_enforcement,
    .get_minimum = get_minimum_enforcement,
  };

  config_assert_minimum (fixture, &enforcement);
}

static void
test_minimum_is_the_administrators (ConfigFixture *fixture, gconstpointer data)
{
  g_autoptr (PerryConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  put_drop_in (fixture, "50-site.conf", "[engine]\nminimum-enforcement=strict\n");
  config = config_load (fixture, no_environment);
  g_assert_cmpint (perry_config_get_minimum_enforcement (config, NULL), ==, PERRY_ENFORCEMENT_STRICT);
  g_assert_false (perry_config_set_override (config, "engine", "minimum-enforcement", "lenient", "option --x", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG);
  g_assert_cmpint (perry_config_get_enforcement (config, NULL), ==, PERRY_ENFORCEMENT_STRICT);
}

static void
test_overrides (ConfigFixture *fixture, gconstpointer data)
{
  static const struct {
    const char *group, *key, *value, *message;
  } cases[] = {
    { "engine", "bakend", "docker", "option --x: [engine] bakend: there is no such key; did you mean “backend”?" },
    { "motor", "backend", "docker", "option --x: [motor] backend: there is no such group" },
    { "engine", "backend", "Docker", "option --x: [engine] backend: “Docker” is no name" },
    { "plugin Docker", "socket", "x", "option --x: [plugin Docker] socket: “Docker” is no name" },
    { "engine", "\xff", "x", "option --x: the group or the key is not UTF-8 text" },
    { "plugin \xff", "socket", "x", "option --x: the group or the key is not UTF-8 text" },
    { "engine", "backend", "\xff", "option --x: [engine] backend: the value is not UTF-8 text" },
    { "plugin docker", "socket", "/\xc0\xaf", "option --x: [plugin docker] socket: the value is not UTF-8 text" },
  };
  g_autoptr (PerryConfig) config = config_load (fixture, no_environment);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (perry_config_set_override (config, cases[i].group, cases[i].key, cases[i].value, "option --x",
                                                 &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG);
      g_assert_true (g_str_has_prefix (error->message, cases[i].message));
    }
  config_assert_row (config, "engine", "backend", "", "built-in default");
}

static void
test_bad_file (ConfigFixture *fixture, gconstpointer data)
{
  static const struct {
    const char *file, *message;
  } cases[] = {
    { "unknown-key", ":4: [engine] enforcment: there is no such key; did you mean “enforcement”?" },
    { "unknown-key-far", ":2: [engine] xyzzy: there is no such key" },
    { "unknown-group", ":1: [backend]: there is no such group; [engine], [verification], [verify NAME] and [plugin NAME] "
      "are known" },
    { "unknown-group-near", ":1: [engin]: there is no such group; did you mean [engine]?" },
    { "empty-unknown-group", ":3: [colours]: there is no such group" },
    { "bad-choice", ":2: [engine] enforcement: “hard” is none of: lenient, warn, strict" },
    { "bad-choice-case", ":2: [engine] enforcement: “Strict” is none of" },
    { "empty-choice", ":2: [engine] proof: “” is none of: default, required, off" },
    { "bad-number", ":2: [engine] probe-timeout-ms: “2s” is no number from 1 to 600000" },
    { "number-zero", ":2: [engine] timeout-ms: “0” is no number" },
    { "number-huge", ":2: [engine] timeout-ms: “99999999999999999999” is no number" },
    { "number-above", ":2: [engine] probe-timeout-ms: “600001” is no number" },
    { "bad-name", ":2: [engine] backend: “Podman” is no name" },
    { "name-twice", ":2: [engine] order-linux: it names “podman” twice" },
    { "key-twice", ":4: [engine] backend: this occurs twice" },
    { "group-twice", ":4: [engine]: this occurs twice" },
    { "no-group", ":1: this is neither a [group]" },
    { "no-line", ":2: [engine]: this is neither a [group]" },
    { "no-key", ":2: [engine]: this is neither a [group]" },
    { "open-group", ":1: this is neither a [group]" },
    { "locale-key", ":2: [engine] enforcement[de]: there is no such key" },
    { "minimum-of-user", ":2: [engine] minimum-enforcement: only the administrator's files may set this key" },
    { "verification-mode", ":2: [verification] mode: “enfroce” is no mode of verification; write off, warn or enforce" },
    { "verification-minimum", ":2: [verification] minimum-verification: only the administrator's files may set this" },
    { "verification-typo", ":2: [verification] mod: there is no such key; did you mean “mode”?" },
    { "plugin-name", ":1: [plugin Docker]: “Docker” is no name" },
    { "plugin-no-name", ":1: [plugin ]: “” is no name" },
    { "plugin-key", ":2: [plugin docker] Socket: “Socket” is no name" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strconcat (cases[i].file, ".conf", NULL);
      g_autofree char *message = NULL;

      g_free (fixture->paths.user_file);
      fixture->paths.user_file = g_test_build_filename (G_TEST_DIST, "fixtures", "config", name, NULL);
      message = g_strconcat (fixture->paths.user_file, cases[i].message, NULL);
      config_assert_fails (fixture, no_environment, PERRY_ERROR_INVALID_CONFIG, message);
    }
}

static void
test_bytes (ConfigFixture *fixture, gconstpointer data)
{
  static const char zero[] = "[engine]\nbackend=do\0cker\n";
  g_autoptr (PerryConfig) config = NULL;
  g_autoptr (GString) large = g_string_new ("[engine]\nbackend=docker\n#");

  config_put (fixture->paths.user_file, zero, sizeof zero - 1);
  config_assert_fails (fixture, no_environment, PERRY_ERROR_INVALID_CONFIG, "user.conf:2: this is not UTF-8 text");
  put (fixture->paths.user_file, "[engine]\n# K\xf6ln\n");
  config_assert_fails (fixture, no_environment, PERRY_ERROR_INVALID_CONFIG, "user.conf:2: this is not UTF-8 text");

  while (large->len < 1024 * 1024)
    g_string_append_c (large, 'x');
  put (fixture->paths.user_file, large->str);
  config = config_load (fixture, no_environment);
  assert_names (perry_config_get_backends (config, NULL), "docker");
  g_string_append_c (large, 'x');
  put (fixture->paths.user_file, large->str);
  config_assert_fails (fixture, no_environment, PERRY_ERROR_INVALID_CONFIG, "user.conf is larger than 1048576 bytes");
}

static void
test_empty_files (ConfigFixture *fixture, gconstpointer data)
{
  g_autoptr (PerryConfig) config = NULL;

  put (fixture->paths.vendor_file, "");
  put (fixture->paths.administrator_file, "\n\n# nothing\n");
  put (fixture->paths.user_file, "[engine]");
  config = config_load (fixture, no_environment);
  config_assert_row (config, "engine", "backend", "", "built-in default");
}

static void
test_not_files (ConfigFixture *fixture, gconstpointer data)
{
  g_autofree char *below_a_file = NULL;
  g_autoptr (PerryConfig) config = NULL;

  g_assert_cmpint (symlink ("/nowhere/at/all", fixture->paths.user_file), ==, 0);
  config_assert_fails (fixture, no_environment, PERRY_ERROR_INVALID_CONFIG, "user.conf can't be read");
  g_assert_cmpint (g_unlink (fixture->paths.user_file), ==, 0);

  g_assert_cmpint (mkfifo (fixture->paths.user_file, 0600), ==, 0);
  config_assert_fails (fixture, no_environment, PERRY_ERROR_INVALID_CONFIG, "user.conf is not a regular file");
  g_assert_cmpint (g_unlink (fixture->paths.user_file), ==, 0);

  g_assert_cmpint (g_mkdir (fixture->paths.user_file, 0700), ==, 0);
  config_assert_fails (fixture, no_environment, PERRY_ERROR_INVALID_CONFIG, "user.conf is not a regular file");
  g_assert_cmpint (g_rmdir (fixture->paths.user_file), ==, 0);

  put_drop_in (fixture, "good.conf", "");
  below_a_file = g_build_filename (fixture->paths.drop_in_directory, "bad.conf", NULL);
  g_assert_cmpint (g_mkdir (below_a_file, 0755), ==, 0);
  config_assert_fails (fixture, no_environment, PERRY_ERROR_INVALID_CONFIG, "bad.conf is not a regular file");
  g_assert_cmpint (g_rmdir (below_a_file), ==, 0);

  g_free (fixture->paths.user_file);
  fixture->paths.user_file = g_strdup ("/dev/null/perry-container/perry.conf");
  config = config_load (fixture, no_environment);
}

static void
test_modes (ConfigFixture *fixture, gconstpointer data)
{
  g_autofree char *drop_in = g_build_filename (fixture->paths.drop_in_directory, "a.conf", NULL);
  const char *guarded[] = { fixture->paths.vendor_file, fixture->paths.administrator_file, drop_in };
  g_autoptr (PerryConfig) config = NULL;

  put (fixture->paths.vendor_file, "");
  put (fixture->paths.administrator_file, "");
  put (fixture->paths.user_file, "");
  put_drop_in (fixture, "a.conf", "");
  for (gsize i = 0; i < G_N_ELEMENTS (guarded); i++)
    {
      g_assert_cmpint (g_chmod (guarded[i], 0664), ==, 0);
      config_assert_fails (fixture, no_environment, PERRY_ERROR_INVALID_CONFIG, "may be written by others (mode 0664)");
      g_assert_cmpint (g_chmod (guarded[i], 0646), ==, 0);
      config_assert_fails (fixture, no_environment, PERRY_ERROR_INVALID_CONFIG, guarded[i]);
      g_assert_cmpint (g_chmod (guarded[i], 0644), ==, 0);
    }
  g_assert_cmpint (g_chmod (fixture->paths.drop_in_directory, 0775), ==, 0);
  config_assert_fails (fixture, no_environment, PERRY_ERROR_INVALID_CONFIG, "admin.conf.d may be written by others");
  g_assert_cmpint (g_chmod (fixture->paths.drop_in_directory, 0755), ==, 0);
  g_assert_cmpint (g_chmod (fixture->paths.user_file, 0664), ==, 0); /* a umask of 002 is the user's own affair */
  config = config_load (fixture, no_environment);
}

static void
test_administrators_owner (ConfigFixture *fixture, gconstpointer data)
{
  if (geteuid () != 0)
    {
      g_test_skip ("only root can give files to others");
      return;
    }
  put (fixture->paths.administrator_file, "");
  g_assert_cmpint (chown (fixture->paths.administrator_file, STRANGER, STRANGER), ==, 0);
  config_assert_fails (fixture, no_environment, PERRY_ERROR_INVALID_CONFIG, "belongs to user 12345");
}

static void
test_unreadable (ConfigFixture *fixture, gconstpointer data)
{
  uid_t caller = geteuid ();

  put (fixture->paths.user_file, "");
  g_assert_cmpint (g_chmod (fixture->paths.user_file, 0), ==, 0);
  g_assert_cmpint (g_chmod (fixture->root, 0755), ==, 0);
  if (caller == 0) /* root reads everything */
    g_assert_cmpint (seteuid (STRANGER), ==, 0);
  config_assert_fails (fixture, no_environment, PERRY_ERROR_INVALID_CONFIG, "user.conf can't be read: Permission denied");
  g_assert_cmpint (seteuid (caller), ==, 0);
}

static void
test_paths (ConfigFixture *fixture, gconstpointer data)
{
  static const struct {
    const char *environment[3];
    const char *user_file;
  } cases[] = {
    { { "XDG_CONFIG_HOME=/xdg", "HOME=/home/u" }, "/xdg/perry-container/perry.conf" },
    { { "XDG_CONFIG_HOME=", "HOME=/home/u" }, "/home/u/.config/perry-container/perry.conf" },
    { { "XDG_CONFIG_HOME=relative", "HOME=/home/u" }, "/home/u/.config/perry-container/perry.conf" },
    { { "HOME=/home/u" }, "/home/u/.config/perry-container/perry.conf" },
    { { "HOME=relative" }, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryConfigPaths) paths = perry_config_paths_new (cases[i].environment);

      g_assert_cmpstr (paths->user_file, ==, cases[i].user_file);
      g_assert_cmpstr (paths->administrator_file, ==, "/etc/perry-container/perry.conf");
      g_assert_cmpstr (paths->drop_in_directory, ==, "/etc/perry-container/perry.conf.d");
      g_assert_true (g_str_has_suffix (paths->vendor_file, "/perry-container/perry.conf"));
    }
}

static const PerryPluginOption docker_options[] = {
  { "socket", "s", "'/var/run/docker.sock'", "where the engine listens" },
  { "retries", "x", "3", "how often to try" },
  { "loud", "b", "false", "whether to say so" },
  { "arguments", "as", "['--a', '--b']", "what to add" },
  { NULL },
};

static void
assert_options (const PerryConfig *config, const char *id, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) options = perry_config_get_plugin_options (config, id, docker_options, &error);
  g_autoptr (GVariant) wanted = g_variant_parse (G_VARIANT_TYPE_VARDICT, expected, NULL, NULL, NULL);

  g_assert_no_error (error);
  g_assert_false (g_variant_is_floating (options));
  for (const PerryPluginOption *option = docker_options; option->name != NULL; option++)
    {
      g_autoptr (GVariant) value = g_variant_lookup_value (options, option->name, G_VARIANT_TYPE (option->type));
      g_autoptr (GVariant) wanted_value = g_variant_lookup_value (wanted, option->name, NULL);

      g_assert_cmpvariant (value, wanted_value);
    }
  g_assert_cmpuint (g_variant_n_children (options), ==, g_variant_n_children (wanted));
}

static void
test_plugin_options (ConfigFixture *fixture, gconstpointer data)
{
  g_autofree char *good = g_test_build_filename (G_TEST_DIST, "fixtures", "config", "good.conf", NULL);
  g_autoptr (PerryConfig) config = NULL;
  g_autoptr (GVariant) none = NULL;

  g_free (fixture->paths.user_file);
  fixture->paths.user_file = g_steal_pointer (&good);
  put (fixture->paths.administrator_file, "[plugin docker]\nretries=9\nloud=false\n");
  config = config_load (fixture, no_environment);
  assert_options (config, "docker",
                  "{'socket': <'/run/a b c'>, 'retries': <int64 -7>, 'loud': <true>, 'arguments': <['--x=1', '--y;z']>}");
  assert_options (config, "podman",
                  "{'socket': <'/var/run/docker.sock'>, 'retries': <int64 3>, 'loud': <false>,"
                  " 'arguments': <['--a', '--b']>}");
  g_assert_true (perry_config_set_override (config, "plugin podman", "socket", "/x", "option --socket", NULL));
  assert_options (config, "podman",
                  "{'socket': <'/x'>, 'retries': <int64 3>, 'loud': <false>, 'arguments': <['--a', '--b']>}");
  none = perry_config_get_plugin_options (config, "lima", NULL, NULL);
  g_assert_cmpuint (g_variant_n_children (none), ==, 0);
}

static void
test_bad_plugin_options (ConfigFixture *fixture, gconstpointer data)
{
  static const struct {
    const char *line, *message;
  } cases[] = {
    { "sokcet=/x", ":2: [plugin docker] sokcet: the plugin has no such option; did you mean “socket”?" },
    { "xyzzy=1", ":2: [plugin docker] xyzzy: the plugin has no such option" },
    { "retries=three", ":2: [plugin docker] retries: “three” is no whole number" },
    { "retries=", ":2: [plugin docker] retries: “” is no whole number" },
    { "retries=99999999999999999999", ":2: [plugin docker] retries: “99999999999999999999” is no whole number" },
    { "loud=perhaps", ":2: [plugin docker] loud: “perhaps” is neither true nor false" },
    { "socket=a\\qb", ":2: [plugin docker] socket: “a\\qb” has a backslash that" },
    { "socket=\\q\\", ":2: [plugin docker] socket: “\\q\\” has a backslash that" },
    { "arguments=\\q\\", ":2: [plugin docker] arguments: “\\q\\” has a backslash that" },
    { "arguments=a;\\q", ":2: [plugin docker] arguments: “a;\\q” has a backslash that" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strconcat ("[plugin docker]\n", cases[i].line, "\n", NULL);
      g_autofree char *message = g_strconcat (fixture->paths.user_file, cases[i].message, NULL);
      g_autoptr (PerryConfig) config = NULL;
      g_autoptr (GError) error = NULL;

      put (fixture->paths.user_file, text);
      config = config_load (fixture, no_environment);
      g_assert_null (perry_config_get_plugin_options (config, "docker", docker_options, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG);
      g_test_message ("%s", error->message);
      g_assert_true (g_str_has_prefix (error->message, message));
    }
}

#define ADD(path, function) \
  g_test_add (path, ConfigFixture, NULL, config_fixture_set_up, function, config_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config/seccomp-perry", test_seccomp_perry);
  ADD ("/config/defaults", test_defaults);
  ADD ("/config/shipped-file-has-the-defaults", test_shipped_file_has_the_defaults);
  ADD ("/config/everything-set", test_everything_set);
  ADD ("/config/layers", test_layers);
  ADD ("/config/drop-ins-are-sorted", test_drop_ins_are_sorted);
  ADD ("/config/empty-resets", test_empty_resets);
  ADD ("/config/environment", test_environment);
  ADD ("/config/minimum-enforcement/every-pair", test_minimum_enforcement);
  ADD ("/config/minimum-enforcement/is-the-administrators", test_minimum_is_the_administrators);
  ADD ("/config/overrides", test_overrides);
  ADD ("/config/file/every-mistake", test_bad_file);
  ADD ("/config/file/bytes", test_bytes);
  ADD ("/config/file/empty", test_empty_files);
  ADD ("/config/file/not-a-file", test_not_files);
  ADD ("/config/file/modes", test_modes);
  ADD ("/config/file/owner", test_administrators_owner);
  ADD ("/config/file/unreadable", test_unreadable);
  ADD ("/config/paths", test_paths);
  ADD ("/config/plugin/options", test_plugin_options);
  ADD ("/config/plugin/every-mistake", test_bad_plugin_options);
  return g_test_run ();
}
