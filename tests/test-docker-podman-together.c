/* SPDX-License-Identifier: Apache-2.0 */
/* All plugins in one process: they share code, and nothing that could be registered twice. */
#include <dlfcn.h>

#include "plugin-api/perry-plugin.h"
#include "tests/engine-fixture.h"

static const PerryPluginDescriptor *
load (const char *id)
{
  g_autofree char *file = g_strconcat (id, ".so", NULL);
  g_autofree char *path = g_test_build_filename (G_TEST_BUILT, "..", "plugins", id, file, NULL);
  void *module = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  const PerryPluginDescriptor *descriptor;

  if (module == NULL)
    g_error ("%s", dlerror ());
  descriptor = dlsym (module, PERRY_PLUGIN_SYMBOL);
  g_assert_nonnull (descriptor);
  g_assert_cmpstr (descriptor->id, ==, id);
  /* Everything else is hidden. */
  g_assert_null (dlsym (module, "perry_http_client_new"));
  return descriptor;
}

static void
open_nothing (const PerryPluginDescriptor *descriptor)
{
  const PerryBackendOps *ops = descriptor->ops;
  GVariantDict dict;
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GError) error = NULL;
  PerryBackendConfig config = { .struct_size = sizeof config, .candidate = descriptor->id, .runtime_directory = "/",
                                .timeout_ms = 1000, .probe_timeout_ms = 1000 };

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "socket", "s", "/nonexistent/sock");
  options = g_variant_ref_sink (g_variant_dict_end (&dict));
  config.options = options;
  g_assert_null (ops->open (&config, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE);
}

static void
test_together (void)
{
  const PerryPluginDescriptor *docker = load ("docker");
  const PerryPluginDescriptor *podman = load ("podman");

  g_assert_true (docker != podman);
  for (int i = 0; i < 2; i++)
    {
      open_nothing (docker);
      open_nothing (podman);
    }
}

static void
use_verifier (const PerryPluginDescriptor *descriptor)
{
  const PerryVerifierOps *ops = descriptor->ops;
  g_autoptr (GVariant) options = g_variant_ref_sink (g_variant_new_parsed ("@a{sv} {}"));
  g_autoptr (GError) error = NULL;
  gpointer verifier;

  g_assert_cmpuint (descriptor->kind, ==, PERRY_PLUGIN_VERIFIER);
  verifier = ops->open (options, NULL, &error);
  g_assert_no_error (error);
  ops->close (verifier);
}

static void
test_with_verifiers (void)
{
  const PerryPluginDescriptor *cosign = load ("cosign");
  const PerryPluginDescriptor *noop = load ("noop");

  open_nothing (load ("docker"));
  use_verifier (cosign);
  open_nothing (load ("podman"));
  use_verifier (noop);
}

/* An option whose default does not have its type would keep the core from loading the plugin. */
static void
test_options (void)
{
  static const char *const ids[] = { "docker", "podman", "cosign" };

  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      const PerryPluginDescriptor *descriptor = load (ids[i]);

      for (const PerryPluginOption *option = descriptor->options; option->name != NULL; option++)
        {
          g_autoptr (GVariant) value = g_variant_parse (G_VARIANT_TYPE (option->type), option->default_value, NULL,
                                                        NULL, NULL);

          g_assert_nonnull (value);
          g_assert_nonnull (option->help);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/docker-podman/in-one-process", test_together);
  g_test_add_func ("/docker-podman/options", test_options);
  g_test_add_func ("/docker-podman/with-verifiers", test_with_verifiers);
  return g_test_run ();
}
