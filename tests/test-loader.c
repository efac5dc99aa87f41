/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "tests/plugins/zoo-fixture.h"

typedef struct {
  const char *module;
  PerryError code;
  const char *message; /* a part of it */
} BadModule;

#define WITHOUT(operation, name) \
  { "without-" operation, PERRY_ERROR_PLUGIN_MISSING_OPERATION, "no operation “" name "”" }

static const BadModule bad_modules[] = {
  { "no-descriptor", PERRY_ERROR_PLUGIN_NO_DESCRIPTOR, "does not export perry_plugin_descriptor" },
  { "undefined-symbol", PERRY_ERROR_PLUGIN_OPEN_FAILED, "there_is_no_such_function" },
  { "unknown-kind", PERRY_ERROR_PLUGIN_WRONG_KIND, "kind is 77" },
  { "other-major", PERRY_ERROR_PLUGIN_API_MAJOR, "API 1." },
  { "newer-minor", PERRY_ERROR_PLUGIN_API_MINOR, "use a newer library" },
  { "older-minor", PERRY_ERROR_PLUGIN_API_MINOR, "rebuild it" },
  { "no-size", PERRY_ERROR_PLUGIN_TOO_SMALL, "0 bytes" },
  { "small-descriptor", PERRY_ERROR_PLUGIN_TOO_SMALL, "its descriptor has" },
  { "boasting-descriptor", PERRY_ERROR_PLUGIN_TOO_SMALL, "less than it says" },
  { "tiny-symbol", PERRY_ERROR_PLUGIN_TOO_SMALL, "less than" },
  { "small-ops", PERRY_ERROR_PLUGIN_TOO_SMALL, "end before “container_remove”" },
  { "no-ops", PERRY_ERROR_PLUGIN_MISSING_OPERATION, "no operations" },
  WITHOUT ("open", "open"),
  WITHOUT ("close", "close"),
  WITHOUT ("probe", "probe"),
  WITHOUT ("image-inspect", "image_inspect"),
  WITHOUT ("container-create", "container_create"),
  WITHOUT ("container-start", "container_start"),
  WITHOUT ("container-inspect", "container_inspect"),
  WITHOUT ("container-list", "container_list"),
  WITHOUT ("container-wait", "container_wait"),
  WITHOUT ("container-stop", "container_stop"),
  WITHOUT ("container-kill", "container_kill"),
  WITHOUT ("container-remove", "container_remove"),
  WITHOUT ("verify", "verify"),
  { "no-id", PERRY_ERROR_PLUGIN_EMPTY_FIELD, "its id is missing" },
  { "empty-version", PERRY_ERROR_PLUGIN_EMPTY_FIELD, "its version is missing" },
  { "no-licence", PERRY_ERROR_PLUGIN_EMPTY_FIELD, "its licence is missing" },
  { "empty-summary", PERRY_ERROR_PLUGIN_EMPTY_FIELD, "its summary is missing" },
  { "long-summary", PERRY_ERROR_LIMIT_EXCEEDED, "its summary has more than 256 bytes" },
  { "latin-summary", PERRY_ERROR_PLUGIN_BAD_FIELD, "not printable UTF-8" },
  { "control-summary", PERRY_ERROR_PLUGIN_BAD_FIELD, "not printable UTF-8" },
  { "wrong-id", PERRY_ERROR_PLUGIN_ID_MISMATCH, "docker.so" },
  { "no-capabilities", PERRY_ERROR_PLUGIN_EMPTY_FIELD, "capability table is missing" },
  { "double-capability", PERRY_ERROR_PLUGIN_DUPLICATE_CAPABILITY, "“exec”" },
  { "double-unknown-capability", PERRY_ERROR_PLUGIN_DUPLICATE_CAPABILITY, "“time-travel”" },
  { "nameless-capability", PERRY_ERROR_PLUGIN_EMPTY_FIELD, "capability's name is missing" },
  { "unreasoned-capability", PERRY_ERROR_PLUGIN_EMPTY_FIELD, "reason for capability “exec” is missing" },
  { "unknown-support", PERRY_ERROR_PLUGIN_BAD_FIELD, "support 9" },
  { "long-capabilities", PERRY_ERROR_LIMIT_EXCEEDED, "more than 256 rows" },
  { "option-type", PERRY_ERROR_PLUGIN_BAD_OPTION, "“a{sv}”" },
  { "option-default", PERRY_ERROR_PLUGIN_BAD_OPTION, "a default that is no “x”" },
  { "option-without-default", PERRY_ERROR_PLUGIN_BAD_OPTION, "default is missing" },
  { "option-twice", PERRY_ERROR_PLUGIN_BAD_OPTION, "“retries” twice" },
  { "option-name", PERRY_ERROR_PLUGIN_BAD_OPTION, "re tries=" },
  { "option-without-help", PERRY_ERROR_PLUGIN_BAD_OPTION, "help is missing" },
  { "candidate-twice", PERRY_ERROR_PLUGIN_BAD_FIELD, "“desktop” twice" },
  { "candidate-name", PERRY_ERROR_PLUGIN_BAD_FIELD, "“../desktop”" },
  { "no-candidate", PERRY_ERROR_PLUGIN_EMPTY_FIELD, "list of candidates is empty" },
  { "replaces-itself", PERRY_ERROR_PLUGIN_PATH_CHANGED, "was replaced" },
  { "removes-itself", PERRY_ERROR_PLUGIN_PATH_CHANGED, "was replaced" },
};

static void
test_bad_module (gconstpointer data)
{
  const BadModule *bad = data;
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autoptr (PerryPluginRegistry) registry = zoo_registry_new (fixture->plugins);
  g_autofree char *file = g_strconcat ("/", bad->module, ".so", NULL);
  g_autoptr (GPtrArray) plugins = NULL;
  g_autoptr (PerryPlugin) good = NULL;
  g_autoptr (GError) error = NULL;

  zoo_install_as_itself (bad->module, fixture->plugins);
  zoo_install_as_itself ("good", fixture->plugins);

  plugins = perry_plugin_registry_list (registry);
  g_assert_cmpuint (plugins->len, ==, 2);
  zoo_assert_rejected (zoo_find_listed (plugins, file), bad->code);
  g_assert_cmpstr (perry_plugin_get_id (zoo_find_listed (plugins, file)), ==, bad->module);
  g_assert_nonnull (strstr (perry_plugin_get_error (zoo_find_listed (plugins, file))->message, bad->message));

  g_assert_null (perry_plugin_registry_get (registry, PERRY_PLUGIN_BACKEND, bad->module, &error));
  g_assert_error (error, PERRY_ERROR, (int) bad->code);
  g_test_message ("%s", error->message);

  /* one bad plugin takes nothing from the others */
  good = perry_plugin_registry_get (registry, PERRY_PLUGIN_BACKEND, "good", NULL);
  g_assert_nonnull (good);
}

static void
test_changed_once_is_never_trusted (void)
{
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autofree char *saved = g_build_filename (fixture->root, "saved", NULL);
  g_autofree char *path = zoo_install ("replaces-itself", fixture->plugins, "replaces-itself.so");

  g_assert_cmpint (link (path, saved), ==, 0);
  zoo_assert_refused_everywhere (fixture->plugins, "replaces-itself", PERRY_ERROR_PLUGIN_PATH_CHANGED);
  /* the file that was looked at is back in its place; which of the two was opened, nobody knows any more */
  g_assert_cmpint (g_rename (saved, path), ==, 0);
  zoo_assert_refused_everywhere (fixture->plugins, "replaces-itself", PERRY_ERROR_PLUGIN_PATH_CHANGED);
}

static void
test_replaced_after_opening (void)
{
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autoptr (PerryPluginRegistry) first = zoo_registry_new (fixture->plugins);
  g_autoptr (PerryPluginRegistry) second = zoo_registry_new (fixture->plugins);
  g_autoptr (PerryPlugin) opened = NULL;
  g_autoptr (PerryPlugin) again = NULL;
  g_autofree char *replacement = NULL;
  g_autofree char *path = g_build_filename (fixture->plugins, "good.so", NULL);

  zoo_install_as_itself ("good", fixture->plugins);
  opened = perry_plugin_registry_get (first, PERRY_PLUGIN_BACKEND, "good", NULL);
  again = perry_plugin_registry_get (second, PERRY_PLUGIN_BACKEND, "good", NULL);
  g_assert_nonnull (opened);
  g_assert_nonnull (again);

  replacement = zoo_install ("good", fixture->root, "new");
  g_assert_cmpint (g_rename (replacement, path), ==, 0);
  zoo_assert_refused_everywhere (fixture->plugins, "good", PERRY_ERROR_PLUGIN_PATH_CHANGED);
}

static void
test_borrowed_descriptor (void)
{
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autoptr (PerryPluginRegistry) registry = zoo_registry_new (fixture->plugins);
  g_autoptr (GPtrArray) plugins = NULL;

  zoo_install_as_itself ("borrowed-descriptor", fixture->plugins);
  zoo_install_as_itself ("lender", fixture->plugins);
  plugins = perry_plugin_registry_list (registry);
  zoo_assert_rejected (zoo_find_listed (plugins, "/borrowed-descriptor.so"), PERRY_ERROR_PLUGIN_NO_DESCRIPTOR);
  g_assert_nonnull (strstr (perry_plugin_get_error (zoo_find_listed (plugins, "/borrowed-descriptor.so"))->message,
                            "the symbol is that of"));
}

static void
test_shared_handle (void)
{
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autoptr (PerryPluginRegistry) registry = zoo_registry_new (fixture->plugins);
  g_autofree char *link_path = g_build_filename (fixture->plugins, "hard-link.so", NULL);
  g_autofree char *path = NULL;
  g_autoptr (GPtrArray) plugins = NULL;

  path = zoo_install ("good", fixture->plugins, "good.so");
  g_assert_cmpint (link (path, link_path), ==, 0);
  plugins = perry_plugin_registry_list (registry);
  g_assert_cmpuint (plugins->len, ==, 2);
  g_assert_cmpint (perry_plugin_get_state (zoo_find_listed (plugins, "/good.so")), ==, PERRY_PLUGIN_STATE_OK);
  zoo_assert_rejected (zoo_find_listed (plugins, "/hard-link.so"), PERRY_ERROR_PLUGIN_SHARED_HANDLE);
}

/* The host opened the file under another name before the library was asked to. */
static void
test_handle_of_somebody_else (void)
{
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autofree char *other = NULL;
  g_autofree char *link_path = g_build_filename (fixture->plugins, "good.so", NULL);

  other = zoo_install ("good", fixture->root, "other-name");
  g_assert_nonnull (dlopen (other, RTLD_NOW | RTLD_LOCAL));
  g_assert_cmpint (link (other, link_path), ==, 0);
  zoo_assert_refused_everywhere (fixture->plugins, "good", PERRY_ERROR_PLUGIN_SHARED_HANDLE);
}

static void
test_one_id_opens_one_file (void)
{
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autoptr (PerryPluginRegistry) registry = zoo_registry_new (fixture->plugins);
  g_autofree char *bait = g_build_filename (fixture->plugins, "removes-itself.so", NULL);
  g_autoptr (PerryPlugin) plugin = NULL;
  g_autoptr (PerryPlugin) again = NULL;
  g_autoptr (PerryPlugin) found = NULL;
  g_autoptr (GPtrArray) plugins = NULL;

  zoo_install_as_itself ("good", fixture->plugins);
  zoo_install_as_itself ("removes-itself", fixture->plugins);
  plugin = perry_plugin_registry_get (registry, PERRY_PLUGIN_BACKEND, "good", NULL);
  again = perry_plugin_registry_get (registry, PERRY_PLUGIN_BACKEND, "good", NULL);
  found = perry_plugin_registry_find_backend (registry, "good", NULL);
  g_assert_nonnull (plugin);
  g_assert_true (plugin == again && plugin == found);
  g_assert_true (g_file_test (bait, G_FILE_TEST_EXISTS));

  plugins = perry_plugin_registry_list (registry);
  g_assert_false (g_file_test (bait, G_FILE_TEST_EXISTS));
}

static void
assert_option (const PerryPluginOption *option, const char *name, const char *type, const char *default_value)
{
  g_assert_cmpstr (option->name, ==, name);
  g_assert_cmpstr (option->type, ==, type);
  g_assert_cmpstr (option->default_value, ==, default_value);
}

static void
check_good (PerryPlugin *good)
{
  const PerryPluginOption *options = perry_plugin_get_options (good);
  const PerryCapabilityMatrix *matrix = perry_plugin_get_matrix (good);

  g_assert_cmpstr (perry_plugin_get_id (good), ==, "good");
  g_assert_cmpstr (perry_plugin_get_kind_name (good), ==, "backend");
  g_assert_cmpstr (perry_plugin_get_version (good), ==, "1.2.3");
  g_assert_cmpstr (perry_plugin_get_licence (good), ==, "Apache-2.0");
  g_assert_cmpstr (perry_plugin_get_summary (good), ==, "A backend of the zoo");
  g_assert_null (perry_plugin_get_error (good));
  g_assert_null (perry_plugin_get_verifier_ops (good));
  g_assert_cmpint (perry_capability_matrix_get_support (matrix, PERRY_CAPABILITY_READ_ONLY_ROOTFS), ==,
                   PERRY_SUPPORT_NATIVE);
  g_assert_cmpstr (perry_capability_matrix_get_reason (matrix, PERRY_CAPABILITY_MEMORY_LIMIT), ==,
                   "the zoo's keeper forgets");
  g_assert_cmpint (perry_capability_matrix_get_support (matrix, PERRY_CAPABILITY_SECCOMP_PROFILE), ==,
                   PERRY_SUPPORT_UNSUPPORTED);
  g_assert_cmpstr (perry_capability_matrix_get_unknown (matrix)[0], ==, "time-travel");
  assert_option (&options[0], "socket", "s", "''");
  assert_option (&options[1], "retries", "x", "3");
  assert_option (&options[2], "loud", "b", "false");
  assert_option (&options[3], "arguments", "as", "['--a', '--b']");
  g_assert_null (options[4].name);
  g_assert_cmpstr (perry_plugin_get_candidates (good)[0].name, ==, "good");
  g_assert_null (perry_plugin_get_candidates (good)[1].name);
}

static void
check_other (PerryPlugin *other)
{
  const PerryCapabilityMatrix *matrix = perry_plugin_get_matrix (other);

  g_assert_cmpstr (perry_plugin_get_id (other), ==, "other");
  g_assert_cmpstr (perry_plugin_get_version (other), ==, "4.5");
  g_assert_cmpstr (perry_plugin_get_summary (other), ==, "Another backend");
  g_assert_cmpint (perry_capability_matrix_get_support (matrix, PERRY_CAPABILITY_READ_ONLY_ROOTFS), ==,
                   PERRY_SUPPORT_UNSUPPORTED);
  g_assert_cmpint (perry_capability_matrix_get_support (matrix, PERRY_CAPABILITY_APPARMOR), ==,
                   PERRY_SUPPORT_NOT_APPLICABLE);
  g_assert_null (perry_plugin_get_options (other)[0].name);
  g_assert_cmpstr (perry_plugin_get_candidates (other)[2].name, ==, "shop");
  g_assert_null (perry_plugin_get_candidates (other)[3].name);
}

static void
test_two_good_ones (void)
{
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autoptr (PerryPluginRegistry) registry = zoo_registry_new (fixture->plugins);
  g_autoptr (GPtrArray) plugins = NULL;
  PerryPlugin *good, *other;

  zoo_install_as_itself ("other", fixture->plugins);
  zoo_install_as_itself ("good", fixture->plugins);
  plugins = perry_plugin_registry_list (registry);
  g_assert_cmpuint (plugins->len, ==, 2);
  good = g_ptr_array_index (plugins, 0);
  other = g_ptr_array_index (plugins, 1);
  check_good (good);
  check_other (other);
  g_assert_true (perry_plugin_get_backend_ops (good)->open != perry_plugin_get_backend_ops (other)->open);
}

static void
check_verifier (const PerryVerifierOps *ops)
{
  g_autoptr (GVariant) options = g_variant_ref_sink (g_variant_new_parsed ("@a{sv} {}"));
  gpointer verifier = ops->open (options, NULL, NULL);
  g_autofree char *description = ops->describe (verifier, NULL, NULL);
  g_autoptr (PerryVerification) verdict = ops->verify (verifier, "example.com/a", "sha256:0", NULL, 1000, NULL, NULL);

  g_assert_cmpstr (description, ==, "zoo 1");
  g_assert_cmpint (verdict->kind, ==, PERRY_VERIFICATION_REJECTED);
  g_assert_cmpstr (verdict->note, ==, "example.com/a is not of this zoo");
  ops->close (verifier);
}

static void
test_kinds_and_candidates (void)
{
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autoptr (PerryPluginRegistry) registry = zoo_registry_new (fixture->plugins);
  g_autoptr (PerryPlugin) verifier = NULL;
  g_autoptr (PerryPlugin) shop = NULL;
  GError *error = NULL;

  zoo_install_as_itself ("verifier", fixture->plugins);
  zoo_install_as_itself ("other", fixture->plugins);
  zoo_install_as_itself ("wrong-id", fixture->plugins);
  verifier = perry_plugin_registry_get (registry, PERRY_PLUGIN_VERIFIER, "verifier", NULL);
  g_assert_nonnull (perry_plugin_get_verifier_ops (verifier));
  g_assert_null (perry_plugin_get_backend_ops (verifier));
  g_assert_null (perry_plugin_get_candidates (verifier));
  g_assert_cmpstr (perry_plugin_get_kind_name (verifier), ==, "verifier");
  check_verifier (perry_plugin_get_verifier_ops (verifier));

  g_assert_null (perry_plugin_registry_get (registry, PERRY_PLUGIN_BACKEND, "verifier", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_WRONG_KIND);
  g_clear_error (&error);
  g_assert_null (perry_plugin_registry_get (registry, PERRY_PLUGIN_VERIFIER, "other", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_WRONG_KIND);
  g_clear_error (&error);
  g_assert_null (perry_plugin_registry_find_backend (registry, "verifier", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_WRONG_KIND);
  g_clear_error (&error);

  shop = perry_plugin_registry_find_backend (registry, "shop", NULL);
  g_assert_cmpstr (perry_plugin_get_id (shop), ==, "other");
  g_assert_null (perry_plugin_registry_find_backend (registry, "market", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_NOT_FOUND);
  g_clear_error (&error);
}

static void
test_short_operations (void)
{
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autoptr (PerryPluginRegistry) registry = zoo_registry_new (fixture->plugins);
  g_autoptr (PerryPlugin) plugin = NULL;
  const PerryBackendOps *ops;

  zoo_install_as_itself ("short-ops", fixture->plugins);
  plugin = perry_plugin_registry_get (registry, PERRY_PLUGIN_BACKEND, "short-ops", NULL);
  ops = perry_plugin_get_backend_ops (plugin);
  g_assert_cmpuint (ops->struct_size, ==, sizeof *ops);
  g_assert_nonnull (ops->container_remove);
  g_assert_null (ops->locate_process);
}

static gpointer
list_in_thread (gpointer registry)
{
  g_autoptr (GPtrArray) plugins = perry_plugin_registry_list (registry);

  return GUINT_TO_POINTER (plugins->len);
}

static void
test_threads (void)
{
  g_autoptr (ZooFixture) fixture = zoo_fixture_new ();
  g_autoptr (PerryPluginRegistry) shared = zoo_registry_new (fixture->plugins);
  g_autoptr (PerryPluginRegistry) own = zoo_registry_new (fixture->plugins);
  GThread *threads[8];

  zoo_install_as_itself ("good", fixture->plugins);
  zoo_install_as_itself ("other", fixture->plugins);
  zoo_install_as_itself ("no-ops", fixture->plugins);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("list", list_in_thread, i % 2 == 0 ? shared : own);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpuint (GPOINTER_TO_UINT (g_thread_join (threads[i])), ==, 3);
}

static void
reject_in_subprocess (gconstpointer data)
{
  zoo_run_in_subprocess (test_bad_module, data);
}

static void
run_scenario (gconstpointer data)
{
  void (*scenario) (void) = (void (*) (void)) data;

  scenario ();
}

static void
run_in_subprocess (gconstpointer data)
{
  zoo_run_in_subprocess (run_scenario, data);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*scenario) (void);
  } scenarios[] = {
    { "/loader/path/changed-once-is-never-trusted", test_changed_once_is_never_trusted },
    { "/loader/path/replaced-after-opening", test_replaced_after_opening },
    { "/loader/path/borrowed-descriptor", test_borrowed_descriptor },
    { "/loader/path/shared-handle", test_shared_handle },
    { "/loader/path/handle-of-somebody-else", test_handle_of_somebody_else },
    { "/loader/good/one-id-opens-one-file", test_one_id_opens_one_file },
    { "/loader/good/two-different-ones", test_two_good_ones },
    { "/loader/good/kinds-and-candidates", test_kinds_and_candidates },
    { "/loader/good/short-operations", test_short_operations },
    { "/loader/good/threads", test_threads },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (bad_modules); i++)
    {
      g_autofree char *path = g_strconcat ("/loader/rejects/", bad_modules[i].module, NULL);

      g_test_add_data_func (path, &bad_modules[i], reject_in_subprocess);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (scenarios); i++)
    g_test_add_data_func (scenarios[i].path, (gconstpointer) scenarios[i].scenario, run_in_subprocess);
  return g_test_run ();
}
