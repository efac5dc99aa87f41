/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/stub-backend.h"

static gboolean
fail (GError **error, PerryError code, const char *what)
{
  g_set_error (error, PERRY_ERROR, (int) code, "the stub's %s failed", what);
  return FALSE;
}

static void
close_stub (gpointer backend)
{
}

static PerryImageInfo *
image_inspect (gpointer backend, const char *reference, GCancellable *cancellable, GError **error)
{
  StubBackend *stub = backend;

  if (stub->image == NULL)
    fail (error, stub->fails_inspect ? PERRY_ERROR_BACKEND_FAILED : PERRY_ERROR_IMAGE_NOT_FOUND, "image");
  return stub->image != NULL ? perry_image_info_copy (stub->image) : NULL;
}

static gboolean
container_init (gpointer backend, const char *id, GCancellable *cancellable, GError **error)
{
  StubBackend *stub = backend;

  stub->n_inits++;
  return !stub->fails_init || fail (error, PERRY_ERROR_BACKEND_FAILED, "init");
}

static gboolean
container_start (gpointer backend, const char *id, GCancellable *cancellable, GError **error)
{
  StubBackend *stub = backend;

  stub->n_starts++;
  return !stub->fails_start || fail (error, PERRY_ERROR_BACKEND_FAILED, "start");
}

static PerryContainerInfo *
container_inspect (gpointer backend, const char *id, GCancellable *cancellable, GError **error)
{
  StubBackend *stub = backend;

  stub->n_inspects++;
  if (stub->fails_inspect)
    fail (error, PERRY_ERROR_BACKEND_FAILED, "inspect");
  else if (stub->info == NULL)
    fail (error, PERRY_ERROR_CONTAINER_NOT_FOUND, "inspect");
  else
    return perry_container_info_copy (stub->info);
  return NULL;
}

static gboolean
container_wait (gpointer backend, const char *id, gint64 *ret_exit_code, GCancellable *cancellable, GError **error)
{
  StubBackend *stub = backend;
  gint64 end = g_get_monotonic_time () + (gint64) stub->wait_ms * 1000;

  while (g_get_monotonic_time () < end)
    {
      GPollFD wake;
      gboolean woken;

      g_assert_true (g_cancellable_make_pollfd (cancellable, &wake));
      woken = g_poll (&wake, 1, (int) ((end - g_get_monotonic_time ()) / 1000) + 1) > 0;
      g_cancellable_release_fd (cancellable);
      if (woken)
        return fail (error, PERRY_ERROR_CANCELLED, "wait");
    }
  *ret_exit_code = 7;
  return TRUE;
}

static gboolean
container_kill (gpointer backend, const char *id, const char *signal_name, GCancellable *cancellable, GError **error)
{
  StubBackend *stub = backend;
  GPollFD wake;

  g_assert_cmpstr (signal_name, ==, "SIGKILL");
  g_atomic_int_inc (&stub->n_kills);
  if (!stub->hangs_kill)
    return TRUE;
  g_assert_true (g_cancellable_make_pollfd (cancellable, &wake));
  g_poll (&wake, 1, -1);
  g_cancellable_release_fd (cancellable);
  return fail (error, PERRY_ERROR_CANCELLED, "kill");
}

static PerryProcessLocation *
locate_process (gpointer backend, const char *id, GCancellable *cancellable, GError **error)
{
  StubBackend *stub = backend;
  PerryProcessLocation *copy;

  if (stub->location == NULL)
    {
      fail (error, PERRY_ERROR_BACKEND_FAILED, "locate");
      return NULL;
    }
  copy = g_memdup2 (stub->location, sizeof *stub->location);
  copy->container_id = g_strdup (stub->location->container_id);
  copy->cgroup_paths = g_strdupv (stub->location->cgroup_paths);
  copy->runtime = g_strdup (stub->location->runtime);
  copy->reason = g_strdup (stub->location->reason);
  return copy;
}

void
stub_backend_init (StubBackend *stub)
{
  *stub = (StubBackend){
    .ops = { .struct_size = sizeof stub->ops, .close = close_stub, .image_inspect = image_inspect,
             .container_init = container_init, .container_start = container_start,
             .container_inspect = container_inspect, .container_wait = container_wait,
             .container_kill = container_kill,
             .locate_process = locate_process },
  };
  stub->backend = g_new0 (PerryBackend, 1);
  g_atomic_ref_count_init (&stub->backend->references);
  stub->backend->name = g_strdup ("stub");
  stub->backend->plugin = g_strdup ("stub-plugin");
  stub->backend->ops = &stub->ops;
  stub->backend->handle = stub;
  stub->backend->timeout_ms = 5000;
  stub->backend->info = perry_engine_info_new ();
}

void
stub_backend_clear (StubBackend *stub)
{
  perry_backend_unref (stub->backend);
  perry_container_info_free (stub->info);
  perry_process_location_free (stub->location);
  perry_image_info_free (stub->image);
}
