/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-supervisor.h"

#include <errno.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "core/engine/perry-health.h"
#include "core/engine/perry-owner.h"
#include "core/engine/perry-runtime-directory.h"
#include "core/loader/perry-trusted-path.h"
#include "plugin-api/perry-file.h"
#include "plugin-api/perry-process.h"

#define VERB "supervise"
#define READY_MS 10000
#define POLL_MS 5
#define MAX_LOG_BYTES 2048

/* What is executed is trusted as a plugin is: nobody else can have put it there. */
static char *
find_trusted (const char *program, gboolean with_sudo, GError **error)
{
  PerryTrustedOwners owners = perry_trusted_owners_get (with_sudo);
  g_autofree char *path = NULL;

  if (!g_path_is_absolute (program))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "%s is not an absolute path", program);
      return NULL;
    }
  path = perry_trusted_path_find_file (program, &owners, error);
  if (path == NULL)
    return NULL;
  if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&path);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_PERMISSION_DENIED, "%s may not be executed", path);
  return NULL;
}

char *
perry_supervisor_find_for (PerryConfig *config, gboolean privileged, char **ret_reason)
{
  const char *origin = NULL;
  const char *configured = perry_config_get_supervisor (config, &origin);
  gboolean named = *configured != '\0' && !(privileged && g_str_has_prefix (origin, "environment "));
  const char *program = named ? configured : PERRY_INSTALLED_PERRYCTL;
  g_autoptr (GError) error = NULL;
  char *path = find_trusted (program, named && !privileged, &error);

  if (path == NULL)
    *ret_reason = g_strdup_printf ("a detached container needs a process beside it that makes the probes, and %s, which "
                                   "would be it, is refused: %s; name perryctl as `supervisor` in the group [engine] of "
                                   "perry.conf", program, error->message);
  return path;
}

char *
perry_supervisor_find (PerryConfig *config, char **ret_reason)
{
  return perry_supervisor_find_for (config, getauxval (AT_SECURE) != 0, ret_reason);
}

static char *
read_log (const char *path)
{
  g_autofree char *text = perry_file_read_end (path, MAX_LOG_BYTES, NULL);

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
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT,
                       "the supervisor of container %.12s was not ready after %d s", id, READY_MS / 1000);
          return FALSE;
        }
      g_usleep (POLL_MS * 1000);
    }
  return TRUE;
}

void
perry_supervisor_end (int pidfd)
{
  if (pidfd < 0)
    return;
  pidfd_send_signal (pidfd, SIGTERM, NULL, 0);
  close (pidfd);
}

gboolean
perry_supervisor_start (PerryConfig *config, PerryBackend *backend, const char *id, int *ret_pidfd,
                        GCancellable *cancellable, GError **error)
{
  g_autofree char *reason = NULL;
  g_autofree char *program = perry_supervisor_find (config, &reason);
  g_autofree char *directory = NULL;
  g_autofree char *log = NULL;
  g_autofree char *starter = perry_owner_new ("/proc", error);
  const char *argv[] = { program, VERB, "--backend", backend->name, "--starter", starter, id, NULL };
  int pidfd = -1;
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
  ok = perry_process_spawn_detached (argv, NULL, log, &pid, error);
  if (ok)
    {
      pidfd = pidfd_open (pid, 0);
      ok = wait_until_ready (pid, id, log, cancellable, error);
    }
  /* It is read on failure alone, and goes on as a file without a name. */
  g_unlink (log);
  if (ok && ret_pidfd != NULL)
    *ret_pidfd = pidfd;
  else if (ok && pidfd >= 0)
    close (pidfd);
  else
    perry_supervisor_end (pidfd);
  return ok;
}
