/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-health.h"

#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "core/emulation/perry-health-file.h"
#include "core/emulation/perry-health-loop.h"
#include "core/engine/perry-owner.h"
#include "core/engine/perry-runtime-directory.h"
#include "plugin-api/perry-json.h"
#include "plugin-api/perry-process.h"

/* how often a container is looked at whose process cannot be watched */
#define LOOK_US G_TIME_SPAN_SECOND

struct _PerryHealthDriver {
  PerryBackend *backend;
  char *id;
  PerryHealthcheck *check;
  char *owner;
  char *directory;
  char *name; /* ours, in the words of a container's owner */
  GCancellable *cancellable;
  GThread *thread;
  gint64 watched; /* the process that @pidfd stands for, 0 for none */
  int pidfd;
};

gboolean
perry_health_is_driven (const PerryBackend *backend, const PerryContainerInfo *info)
{
  g_autoptr (PerryHealthcheck) check = NULL;

  if (perry_capability_matrix_get_support (backend->info->matrix, PERRY_CAPABILITY_HEALTHCHECK) !=
        PERRY_SUPPORT_EMULATED || backend->ops->container_healthcheck == NULL || info->reported == NULL)
    return FALSE;
  check = perry_container_spec_dup_healthcheck (info->reported);
  return check != NULL && !check->disable && check->test != NULL;
}

static gint64
now (gpointer data)
{
  return g_get_monotonic_time ();
}

/* A process of this kernel tells its end itself. One of another machine's is never in a cgroup of that name here. */
static void
watch_process (PerryHealthDriver *driver, const PerryContainerInfo *info)
{
  gint64 pid = info != NULL ? info->pid : 0;

  if (driver->watched == pid)
    return;
  if (driver->pidfd >= 0)
    close (driver->pidfd);
  driver->pidfd = pid > 0 && pid <= G_MAXINT32 ? pidfd_open ((pid_t) pid, 0) : -1;
  driver->watched = pid;
  if (driver->pidfd >= 0 && !perry_process_is_in_container (pid, driver->id))
    {
      close (driver->pidfd);
      driver->pidfd = -1;
    }
}

static PerryContainerInfo *
inspect (gpointer data, GError **error)
{
  PerryHealthDriver *driver = data;

  return driver->backend->ops->container_inspect (driver->backend->handle, driver->id, driver->cancellable, error);
}

/* An engine that does not answer has said nothing about the container, and one that is being stopped still runs. */
static gboolean
is_another_life (PerryHealthDriver *driver, const PerryContainerInfo *before)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerInfo) info = inspect (driver, &error);

  if (info == NULL)
    return g_error_matches (error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND);
  return info->started_at != before->started_at ||
         (info->status != PERRY_CONTAINER_RUNNING && info->status != PERRY_CONTAINER_PAUSED &&
          info->status != PERRY_CONTAINER_STOPPING);
}

/* Waits for one of the descriptors; the cancellable's is the first. */
static PerryHealthWake
poll_until (PerryHealthDriver *driver, gint64 until)
{
  GPollFD fds[2] = { { .fd = -1 }, { .fd = driver->pidfd, .events = G_IO_IN } };
  gint64 left = until - g_get_monotonic_time ();
  PerryHealthWake wake = PERRY_HEALTH_WAKE_DUE;

  if (!g_cancellable_make_pollfd (driver->cancellable, &fds[0]))
    return PERRY_HEALTH_WAKE_CANCELLED;
  g_poll (fds, driver->pidfd >= 0 ? 2 : 1, (int) CLAMP (left / 1000 + 1, 0, G_MAXINT32));
  if (g_cancellable_is_cancelled (driver->cancellable))
    wake = PERRY_HEALTH_WAKE_CANCELLED;
  else if (driver->pidfd >= 0 && fds[1].revents != 0)
    wake = PERRY_HEALTH_WAKE_ENDED;
  g_cancellable_release_fd (driver->cancellable);
  return wake;
}

static PerryHealthWake
wait_until (gpointer data, const PerryContainerInfo *info, gint64 until)
{
  PerryHealthDriver *driver = data;
  gboolean runs = info != NULL && info->status == PERRY_CONTAINER_RUNNING;
  PerryHealthWake wake = PERRY_HEALTH_WAKE_DUE;

  watch_process (driver, runs ? info : NULL);
  while (wake == PERRY_HEALTH_WAKE_DUE && g_get_monotonic_time () < until)
    {
      gboolean blind = runs && driver->pidfd < 0;

      wake = poll_until (driver, blind ? MIN (until, g_get_monotonic_time () + LOOK_US) : until);
      if (wake == PERRY_HEALTH_WAKE_DUE && blind && is_another_life (driver, info))
        return PERRY_HEALTH_WAKE_ENDED;
    }
  return wake;
}

static void
pass_on_cancellation (GCancellable *cancellable, gpointer data)
{
  g_cancellable_cancel (data);
}

static gboolean
probe (gpointer data, gint64 timeout_us, gboolean *ret_success, GError **error)
{
  PerryHealthDriver *driver = data;
  g_autoptr (PerryDeadline) deadline = perry_deadline_new ((guint) CLAMP (timeout_us / 1000, 1, G_MAXINT32));
  GCancellable *patience = perry_deadline_get_cancellable (deadline);
  g_autoptr (JsonNode) result = NULL;
  g_autoptr (GError) local_error = NULL;
  gulong handler;

  handler = g_cancellable_connect (driver->cancellable, G_CALLBACK (pass_on_cancellation), patience, NULL);
  result = driver->backend->ops->container_healthcheck (driver->backend->handle, driver->id, patience, &local_error);
  g_cancellable_disconnect (driver->cancellable, handler);
  if (result != NULL && perry_json_read_boolean (perry_json_as_object (result), "success", ret_success))
    return TRUE;
  *ret_success = FALSE;
  if (local_error == NULL || (g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_CANCELLED) &&
                              !g_cancellable_is_cancelled (driver->cancellable)))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static gboolean
is_expected (gpointer data)
{
  PerryHealthDriver *driver = data;

  return driver->owner != NULL && !perry_owner_is_stale ("/proc", driver->owner);
}

/* That nothing could be written is what a reader finds. */
static void
changed (gpointer data, const PerryHealthState *state)
{
  PerryHealthDriver *driver = data;
  PerryHealthRecord record = { driver->name, state->health, state->failing_streak };

  perry_health_file_write (driver->directory, driver->id, &record, NULL);
}

static const PerryHealthLoopOps loop_ops = {
  .now = now,
  .wait = wait_until,
  .inspect = inspect,
  .probe = probe,
  .is_expected = is_expected,
  .changed = changed,
};

static gboolean
is_gone (const char *driver)
{
  return perry_owner_is_stale ("/proc", driver);
}

PerryHealthDriver *
perry_health_driver_new (PerryBackend *backend, const char *id, const PerryContainerSpec *spec, const char *owner,
                         GError **error)
{
  g_autoptr (PerryHealthDriver) driver = g_new0 (PerryHealthDriver, 1);
  PerryHealthRecord record = { NULL, PERRY_HEALTH_STARTING, 0 };

  driver->backend = perry_backend_ref (backend);
  driver->id = g_strdup (id);
  driver->check = spec != NULL ? perry_container_spec_dup_healthcheck (spec) : NULL;
  driver->owner = g_strdup (owner);
  driver->cancellable = g_cancellable_new ();
  driver->pidfd = -1;
  driver->directory = perry_runtime_directory_ensure (error);
  driver->name = driver->directory != NULL ? perry_owner_new ("/proc", error) : NULL;
  if (driver->name == NULL)
    return NULL;
  perry_health_file_sweep (driver->directory, is_gone);
  record.driver = driver->name;
  if (!perry_health_file_write (driver->directory, id, &record, error))
    return NULL;
  return g_steal_pointer (&driver);
}

static gpointer
driver_thread (gpointer data)
{
  PerryHealthDriver *driver = data;

  perry_health_loop_run (&loop_ops, driver, driver->check);
  return NULL;
}

void
perry_health_driver_start (PerryHealthDriver *driver)
{
  driver->thread = g_thread_new ("perry-health", driver_thread, driver);
}

void
perry_health_driver_run (PerryHealthDriver *driver, GCancellable *cancellable)
{
  gulong handler = 0;

  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (pass_on_cancellation), driver->cancellable, NULL);
  perry_health_loop_run (&loop_ops, driver, driver->check);
  g_cancellable_disconnect (cancellable, handler);
}

void
perry_health_driver_free (PerryHealthDriver *driver)
{
  if (driver == NULL)
    return;
  g_cancellable_cancel (driver->cancellable);
  if (driver->thread != NULL)
    g_thread_join (driver->thread);
  if (driver->pidfd >= 0)
    close (driver->pidfd);
  if (driver->name != NULL)
    perry_health_file_remove (driver->directory, driver->id, driver->name);
  g_clear_pointer (&driver->backend, perry_backend_unref);
  g_clear_pointer (&driver->check, perry_healthcheck_free);
  g_clear_object (&driver->cancellable);
  g_free (driver->id);
  g_free (driver->owner);
  g_free (driver->directory);
  g_free (driver->name);
  g_free (driver);
}

static gboolean
read_record (const char *id, PerryHealthRecord *ret_record)
{
  g_autofree char *directory = perry_runtime_directory_ensure (NULL);

  return directory != NULL && perry_health_file_read (directory, id, ret_record);
}

gboolean
perry_health_has_driver (const char *id)
{
  g_auto (PerryHealthRecord) record = { NULL };

  return read_record (id, &record) && !is_gone (record.driver);
}

void
perry_health_overlay (const PerryBackend *backend, PerryContainerInfo *info)
{
  g_auto (PerryHealthRecord) record = { NULL };

  if (info->health == PERRY_HEALTH_NONE ||
      perry_capability_matrix_get_support (backend->info->matrix, PERRY_CAPABILITY_HEALTHCHECK) !=
        PERRY_SUPPORT_EMULATED)
    return;
  if (info->status != PERRY_CONTAINER_RUNNING && info->status != PERRY_CONTAINER_PAUSED)
    {
      info->health = PERRY_HEALTH_NONE;
      info->failing_streak = 0;
      return;
    }
  if (read_record (info->id, &record) && !is_gone (record.driver))
    {
      info->health = record.health;
      info->failing_streak = record.failing_streak;
      return;
    }
  info->health = PERRY_HEALTH_UNKNOWN;
  info->failing_streak = 0;
  info->health_reason = g_strdup_printf ("%s makes no probes here, and no process makes them for it%s; `perryctl start` of "
                                         "the stopped container begins anew", backend->info->name,
                                         record.driver != NULL ? ": the one that did is gone" : "");
}
