/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-supervisor.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "core/emulation/perry-bounded-file.h"
#include "core/engine/perry-health.h"
#include "core/engine/perry-owner.h"
#include "core/engine/perry-runtime-directory.h"
#include "plugin-api/perry-process.h"

#define VERB "supervise"
#define READY_MS 10000
#define POLL_MS 5
#define MAX_LOG_BYTES 2048

char *
perry_supervisor_find (PerryConfig *config, char **ret_reason)
{
  const char *configured = perry_config_get_supervisor (config, NULL);
  const char *program = *configured != '\0' ? configured : PERRY_INSTALLED_PERRYCTL;

  if (g_file_test (program, G_FILE_TEST_IS_EXECUTABLE) && !g_file_test (program, G_FILE_TEST_IS_DIR))
    return g_strdup (program);
  *ret_reason = g_strdup_printf ("a detached container needs a process beside it that makes the probes, and %s, which would "
                                 "be it, is not a program; name perryctl as `supervisor` in the group [engine] of perry.conf",
                                 program);
  return NULL;
}

static char *
read_log (const char *path)
{
  g_autofree char *text = perry_bounded_file_read_end (path, MAX_LOG_BYTES);

  if (text == NULL || *text == '\0')
    return g_strdup ("it wrote nothing");
  g_strdelimit (g_strchomp (text), "\n\r\t", ' ');
  return g_utf8_make_valid (text, -1);
}

static gboolean
wait_until_ready (GPid pid, const char *id, const char *log, GCancellable *cancellable, GError **error)
{
  gint64 end = g_get_monotonic_time () + READY_MS * 1000;

  while (!perry_health_has_driver (id))
    {
      if (g_cancellable_is_cancelled (cancellable))
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED, "starting the supervisor of %.12s was cancelled", id);
          return FALSE;
        }
      if (kill (pid, 0) != 0 && errno == ESRCH)
        {
          g_autofree char *text = read_log (log);

          g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "the supervisor of container %.12s ended: %s", id, text);
          return FALSE;
        }
      if (g_get_monotonic_time () > end)
        {
          kill (pid, SIGTERM);
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT,
                       "the supervisor of container %.12s was not ready after %d s", id, READY_MS / 1000);
          return FALSE;
        }
      g_usleep (POLL_MS * 1000);
    }
  return TRUE;
}

gboolean
perry_supervisor_start (PerryConfig *config, PerryBackend *backend, const char *id, GCancellable *cancellable,
                        GError **error)
{
  g_autofree char *reason = NULL;
  g_autofree char *program = perry_supervisor_find (config, &reason);
  g_autofree char *directory = NULL;
  g_autofree char *log = NULL;
  g_autofree char *starter = perry_owner_new ("/proc", error);
  const char *argv[] = { program, VERB, "--backend", backend->name, "--starter", starter, id, NULL };
  gboolean ok;
  GPid pid;

  if (starter == NULL)
    return FALSE;

  if (program == NULL)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_UNSUPPORTED, reason);
      return FALSE;
    }
  directory = perry_runtime_directory_ensure (error);
  if (directory == NULL)
    return FALSE;
  log = g_strdup_printf ("%s/supervisor-%.12s.log", directory, id);
  g_unlink (log);
  ok = perry_process_spawn_detached (argv, NULL, log, &pid, error) &&
       wait_until_ready (pid, id, log, cancellable, error);
  /* It is read on failure alone, and goes on as a file without a name. */
  g_unlink (log);
  return ok;
}
