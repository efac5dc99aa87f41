/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-process.h"

#include <sys/utsname.h>

#include "plugin-api/perry-file.h"

#define MAX_STATUS_BYTES 65536
#define MAX_NUMBER_BYTES 64

/* Finds the text after `key:` at the beginning of a line. */
static const char *
find_line (const char *text, const char *key)
{
  g_autofree char *start = g_strconcat (key, ":", NULL);
  const char *line = text;

  while (line != NULL && !g_str_has_prefix (line, start))
    {
      line = strchr (line, '\n');
      line = line != NULL ? line + 1 : NULL;
    }
  if (line == NULL)
    return NULL;
  line += strlen (start);
  return line + strspn (line, " \t");
}

static gboolean
read_set (const char *status, const char *key, PerryLinuxCapabilities *ret_set)
{
  const char *value = find_line (status, key);
  char *end = NULL;

  if (value == NULL)
    return FALSE;
  *ret_set = g_ascii_strtoull (value, &end, 16);
  return end != value;
}

gboolean
perry_engine_process_parse (const char *status, PerryEngineProcess *ret_process)
{
  PerryEngineProcess process = { "", -1, 0, 0 };
  const char *name = find_line (status, "Name");
  const char *uid = find_line (status, "Uid");

  if (name == NULL || uid == NULL || !g_ascii_isdigit (*uid) || !read_set (status, "CapBnd", &process.bounding)
      || !read_set (status, "CapEff", &process.effective))
    return FALSE;
  g_strlcpy (process.name, name, MIN (sizeof process.name, strcspn (name, "\n") + 1));
  process.uid = g_ascii_strtoll (uid, NULL, 10);
  *ret_process = process;
  return TRUE;
}

gboolean
perry_engine_process_read (gint64 pid, PerryEngineProcess *ret_process)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/status", pid);
  g_autofree char *status = pid > 0 ? perry_file_read_text (path, MAX_STATUS_BYTES, NULL) : NULL;

  return status != NULL && perry_engine_process_parse (status, ret_process);
}

gboolean
perry_engine_process_is (gint64 pid, const char *name)
{
  PerryEngineProcess process;

  return perry_engine_process_read (pid, &process) && (name == NULL || g_str_equal (process.name, name));
}

gboolean
perry_engine_limits_parse (const char *limits, const char *row, gint64 *ret_hard)
{
  const char *line = limits;

  while (line != NULL && !g_str_has_prefix (line, row))
    {
      line = strchr (line, '\n');
      line = line != NULL ? line + 1 : NULL;
    }
  if (line == NULL)
    return FALSE;
  line += strlen (row);
  line += strspn (line, " ");
  line += strcspn (line, " \n");
  line += strspn (line, " ");
  if (g_str_has_prefix (line, "unlimited"))
    {
      *ret_hard = G_MAXINT64;
      return TRUE;
    }
  if (!g_ascii_isdigit (*line))
    return FALSE;
  *ret_hard = g_ascii_strtoll (line, NULL, 10);
  return TRUE;
}

PerryLinuxCapabilities
perry_engine_kernel_capabilities (void)
{
  g_autofree char *text = perry_file_read_text ("/proc/sys/kernel/cap_last_cap", MAX_NUMBER_BYTES, NULL);
  guint64 last;

  if (text == NULL
      || !g_ascii_string_to_unsigned (g_strchomp (text), 10, 0, 62, &last, NULL))
    return perry_linux_capabilities_all ();
  return ((G_GUINT64_CONSTANT (2) << last) - 1) & perry_linux_capabilities_all ();
}

char *
perry_engine_kernel_difference (const char *engine_kernel)
{
  struct utsname names;

  if (engine_kernel == NULL || *engine_kernel == '\0')
    return g_strdup ("the engine does not say which kernel it runs on");
  if (uname (&names) != 0 || g_str_equal (names.release, engine_kernel))
    return NULL;
  return g_strdup_printf ("the engine runs on kernel %s, this is %s", engine_kernel, names.release);
}

gboolean
perry_engine_check_grantable (const PerryContainerSpec *spec, PerryLinuxCapabilities defaults,
                              PerryLinuxCapabilities grantable, const char *engine, GError **error)
{
  PerryLinuxCapabilities asked = perry_container_spec_get_capabilities (spec, defaults);
  PerryLinuxCapabilities missing = asked & ~defaults & ~grantable & perry_engine_kernel_capabilities ();
  g_autofree char *names = NULL;

  if (missing == 0)
    return TRUE;
  names = perry_linux_capabilities_to_text (missing);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_UNSUPPORTED,
               "%s cannot grant %s, which %s asks for: the engine's own process does not have it", engine, names,
               perry_container_spec_get_boolean (spec, PERRY_FIELD_PRIVILEGED) ? "privileged" : "cap_add");
  return FALSE;
}
