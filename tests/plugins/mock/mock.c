/* SPDX-License-Identifier: Apache-2.0 */
/* A backend that keeps its containers in memory; README.md says what they do. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "plugin-api/perry-plugin.h"
#include "tests/plugins/mock/mock-container.h"

#define MAX_UNSUPPORTED 64

typedef struct {
  char **unsupported;
  char *lie;
  char *version;
} Mock;

static gboolean
check_unsupported (char **names, GError **error)
{
  PerryCapability capability;

  for (char **name = names; *name != NULL; name++)
    if (!perry_capability_from_name (*name, &capability))
      {
        g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "PERRY_MOCK_UNSUPPORTED: no capability “%s”",
                     *name);
        return FALSE;
      }
  return TRUE;
}

/* What PERRY_MOCK_SUPPORT says of capabilities: `microvm=partial`, as the matrix spells both. */
static gboolean
apply_support (PerryCapabilityMatrix *matrix, char **settings, GError **error)
{
  for (char **setting = settings; *setting != NULL; setting++)
    {
      g_auto (GStrv) sides = g_strsplit (*setting, "=", 2);
      PerryCapability capability;
      int support = 0;

      while (sides[0] != NULL && sides[1] != NULL && support <= PERRY_SUPPORT_NOT_APPLICABLE &&
             !g_str_equal (perry_support_get_name (support), sides[1]))
        support++;
      if (sides[0] == NULL || sides[1] == NULL || support > PERRY_SUPPORT_NOT_APPLICABLE ||
          !perry_capability_from_name (sides[0], &capability))
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "PERRY_MOCK_SUPPORT: what is “%s”?", *setting);
          return FALSE;
        }
      perry_capability_matrix_set (matrix, capability, support, PERRY_SUPPORT_ORIGIN_PROBE,
                                   support == PERRY_SUPPORT_NATIVE ? NULL : "PERRY_MOCK_SUPPORT says so");
    }
  return TRUE;
}

/* Waits for the other side of the FIFO, and then for its end. */
static void
pass_gate (int flags)
{
  const char *path = g_getenv ("PERRY_MOCK_GATE");
  int fd = path != NULL && *path != '\0' ? open (path, flags | O_CLOEXEC) : -1;
  char byte;

  if (fd < 0)
    return;
  while (flags == O_RDONLY && read (fd, &byte, 1) > 0)
    continue;
  close (fd);
}

static gpointer
mock_open (const PerryBackendConfig *config, GCancellable *cancellable, GError **error)
{
  const char *unavailable = g_getenv ("PERRY_MOCK_UNAVAILABLE");
  const char *unsupported = g_getenv ("PERRY_MOCK_UNSUPPORTED");
  g_auto (GStrv) names = g_strsplit (unsupported != NULL ? unsupported : "", ",", MAX_UNSUPPORTED);
  Mock *mock;

  if (unavailable != NULL && *unavailable != '\0')
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE, unavailable);
      return NULL;
    }
  if (!check_unsupported (names, error))
    return NULL;
  pass_gate (O_RDONLY);
  mock = g_new0 (Mock, 1);
  mock->unsupported = g_steal_pointer (&names);
  mock->lie = g_strdup (g_getenv ("PERRY_MOCK_LIE"));
  g_variant_lookup (config->options, "version", "s", &mock->version);
  return mock;
}

static void
mock_close (gpointer backend)
{
  Mock *mock = backend;

  pass_gate (O_WRONLY);
  g_strfreev (mock->unsupported);
  g_free (mock->lie);
  g_free (mock->version);
  g_free (mock);
}

static PerryEngineInfo *
mock_probe (gpointer backend, GCancellable *cancellable, GError **error)
{
  const Mock *mock = backend;
  g_autoptr (PerryEngineInfo) info = perry_engine_info_new ();
  const char *support = g_getenv ("PERRY_MOCK_SUPPORT");
  const char *runtimes = g_getenv ("PERRY_MOCK_MICROVM_RUNTIMES");
  g_auto (GStrv) settings = g_strsplit (support != NULL ? support : "", ",", MAX_UNSUPPORTED);

  if (runtimes != NULL)
    info->microvm_runtimes = g_strsplit (runtimes, ",", -1);
  info->name = g_strdup ("Mock");
  info->version = g_strdup (mock->version);
  info->os = g_strdup ("linux");
  info->cgroup_version = 2;
  info->cgroup_driver = g_strdup ("none");
  info->default_runtime = g_strdup ("memory");
  for (PerryCapability capability = 0; capability < PERRY_CAPABILITY_LAST; capability++)
    perry_capability_matrix_set (info->matrix, capability, PERRY_SUPPORT_NATIVE, PERRY_SUPPORT_ORIGIN_PROBE, NULL);
  for (char **name = mock->unsupported; *name != NULL; name++)
    {
      PerryCapability capability;

      if (perry_capability_from_name (*name, &capability))
        perry_capability_matrix_set (info->matrix, capability, PERRY_SUPPORT_UNSUPPORTED, PERRY_SUPPORT_ORIGIN_PROBE,
                                     "PERRY_MOCK_UNSUPPORTED names it");
    }
  return apply_support (info->matrix, settings, error) ? g_steal_pointer (&info) : NULL;
}

static PerryImageInfo *
mock_image_inspect (gpointer backend, const char *reference, GCancellable *cancellable, GError **error)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, reference, -1);
  const char *const names[] = { reference, NULL };
  PerryImageInfo *info;

  if (g_str_has_prefix (reference, "missing"))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND, "the mock has no image “%s”", reference);
      return NULL;
    }
  info = perry_image_info_new ();
  if (g_str_has_prefix (reference, "sha256:"))
    info->id = g_strdup (reference);
  else
    {
      info->id = g_strconcat ("sha256:", digest, NULL);
      info->names = g_strdupv ((char **) names);
    }
  info->os = g_strdup ("linux");
  return info;
}

/* Tells a test of perryctl, whose containers end with it, that there was one. */
static void
log_create (const char *id)
{
  const char *path = g_getenv ("PERRY_MOCK_CREATES");
  FILE *log = path != NULL && *path != '\0' ? fopen (path, "ae") : NULL;

  if (log == NULL)
    return;
  fprintf (log, "%s\n", id);
  fclose (log);
}

static char *
mock_create (gpointer backend, const PerryCreateRequest *request, char ***ret_warnings, GCancellable *cancellable,
             GError **error)
{
  char *id;

  if (ret_warnings != NULL)
    *ret_warnings = NULL;
  id = mock_container_create (request, error);
  if (id != NULL)
    log_create (id);
  return id;
}

static gboolean
mock_start (gpointer backend, const char *id, GCancellable *cancellable, GError **error)
{
  g_autoptr (MockContainer) container = mock_container_find (id, error);

  return container != NULL && mock_container_start (container, error);
}

static PerryContainerInfo *
mock_inspect (gpointer backend, const char *id, GCancellable *cancellable, GError **error)
{
  const Mock *mock = backend;
  g_autoptr (MockContainer) container = mock_container_find (id, error);

  return container != NULL ? mock_container_inspect (container, mock->lie, error) : NULL;
}

static GPtrArray *
mock_list (gpointer backend, gboolean all, const char *const *labels, GCancellable *cancellable, GError **error)
{
  return mock_container_list (all, labels);
}

static PerryStream *
mock_attach (gpointer backend, const char *id, gboolean with_stdin, GCancellable *cancellable, GError **error)
{
  g_autoptr (MockContainer) container = mock_container_find (id, error);

  return container != NULL ? mock_container_attach (container, with_stdin, error) : NULL;
}

static gboolean
mock_wait (gpointer backend, const char *id, gint64 *ret_exit_code, GCancellable *cancellable, GError **error)
{
  g_autoptr (MockContainer) container = mock_container_find (id, error);

  return container != NULL && mock_container_wait (container, ret_exit_code, cancellable, error);
}

static gboolean
mock_stop (gpointer backend, const char *id, int timeout_s, GCancellable *cancellable, GError **error)
{
  g_autoptr (MockContainer) container = mock_container_find (id, error);

  return container != NULL && mock_container_end (container, 143, error);
}

static gboolean
mock_kill (gpointer backend, const char *id, const char *signal_name, GCancellable *cancellable, GError **error)
{
  static const struct {
    const char *name;
    gint64 exit_code;
  } signals[] = { { "SIGHUP", 129 }, { "SIGINT", 130 }, { "SIGKILL", 137 }, { "SIGTERM", 143 } };
  g_autoptr (MockContainer) container = mock_container_find (id, error);

  if (container == NULL)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    if (g_str_equal (signals[i].name, signal_name))
      return mock_container_end (container, signals[i].exit_code, error);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "the mock does not know %s", signal_name);
  return FALSE;
}

static gboolean
mock_remove (gpointer backend, const char *id, gboolean force, GCancellable *cancellable, GError **error)
{
  g_autoptr (MockContainer) container = mock_container_find (id, error);

  return container != NULL && mock_container_remove (container, force, error);
}

/* It has AppArmor, and not this profile. */
static void
mock_refine (gpointer backend, const PerryContainerSpec *spec, PerryFieldSupport *support)
{
  if (g_strcmp0 (perry_container_spec_get_string (spec, PERRY_FIELD_APPARMOR), "not-loaded") == 0)
    perry_field_support_limit (support, PERRY_FIELD_APPARMOR, PERRY_SUPPORT_UNSUPPORTED, "this profile is not loaded");
}

static const PerryBackendOps mock_ops = {
  .struct_size = sizeof (PerryBackendOps),
  .open = mock_open,
  .close = mock_close,
  .probe = mock_probe,
  .refine = mock_refine,
  .image_inspect = mock_image_inspect,
  .container_create = mock_create,
  .container_start = mock_start,
  .container_inspect = mock_inspect,
  .container_list = mock_list,
  .container_attach = mock_attach,
  .container_wait = mock_wait,
  .container_stop = mock_stop,
  .container_kill = mock_kill,
  .container_remove = mock_remove,
};

/* The best case; a host's is what PERRY_MOCK_UNSUPPORTED leaves of it. */
static const PerryCapabilityRow mock_capabilities[] = {
  { "seccomp-profile", PERRY_SUPPORT_NATIVE, NULL },
  { "no-new-privileges", PERRY_SUPPORT_NATIVE, NULL },
  { "linux-capabilities", PERRY_SUPPORT_NATIVE, NULL },
  { "read-only-rootfs", PERRY_SUPPORT_NATIVE, NULL },
  { "run-as-user", PERRY_SUPPORT_NATIVE, NULL },
  { "workdir", PERRY_SUPPORT_NATIVE, NULL },
  { "network-none", PERRY_SUPPORT_NATIVE, NULL },
  { "tmpfs-mounts", PERRY_SUPPORT_NATIVE, NULL },
  { "rm-on-exit", PERRY_SUPPORT_NATIVE, NULL },
  { "memory-limit", PERRY_SUPPORT_NATIVE, NULL },
  { "pids-limit", PERRY_SUPPORT_NATIVE, NULL },
  { "exit-code", PERRY_SUPPORT_NATIVE, NULL },
  { NULL },
};

static const PerryPluginOption mock_options[] = {
  { "version", "s", "'1.0'", "the version that it says it has" },
  { NULL },
};

const PerryPluginDescriptor perry_plugin_descriptor = {
  .struct_size = sizeof (PerryPluginDescriptor),
  .api_major = PERRY_PLUGIN_API_MAJOR,
  .api_minor = PERRY_PLUGIN_API_MINOR,
  .kind = PERRY_PLUGIN_BACKEND,
  .id = "mock",
  .version = "0.1",
  .licence = "Apache-2.0",
  .summary = "Containers in memory, for tests",
  .capabilities = mock_capabilities,
  .options = mock_options,
  .ops = &mock_ops,
};
