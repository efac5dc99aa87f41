/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/loader/perry-plugin-registry.h"
#include "plugin-api/perry-plugin.h"

G_BEGIN_DECLS

/* An opened backend: a plugin's operations, its handle, and what probing it gave. Counted by references and never
 * changed after it was made, so any thread may use it. */
typedef struct {
  gatomicrefcount references;
  char *name;
  char *plugin;
  const PerryBackendOps *ops; /* the core's own copy, a part of what @keeper points to */
  PerryPlugin *keeper;        /* NULL for operations that are never freed */
  gpointer handle;
  PerryEngineInfo *info;
  int timeout_ms; /* what a request may take */
} PerryBackend;

/* Makes a backend of a handle that `open` of @plugin returned, by probing it; the handle is closed where that fails. The
 * plugin is kept: a slow probe can outlive the engine that asked for it. */
PerryBackend *perry_backend_new (PerryPlugin *plugin, const PerryBackendConfig *config, gpointer handle,
                                 GCancellable *cancellable, GError **error);
PerryBackend *perry_backend_ref (PerryBackend *backend);
void perry_backend_unref (PerryBackend *backend);

/* Whether an operation that a plugin may leave out is there; raises PERRY_ERROR_UNSUPPORTED with @what otherwise. */
gboolean perry_backend_offers (PerryBackend *backend, gboolean offered, const char *what, GError **error);

/* A cancellable for cleaning up after the caller's was triggered: it triggers itself after @timeout_ms. */
typedef struct _PerryDeadline PerryDeadline;
PerryDeadline *perry_deadline_new (guint timeout_ms);

/* One that triggers itself only @grace_ms after @caller was: for a request whose outcome has to be known. @caller may be
 * NULL. */
PerryDeadline *perry_deadline_new_after (GCancellable *caller, guint grace_ms);
GCancellable *perry_deadline_get_cancellable (PerryDeadline *deadline);

/* Says of a call that was cut off by the deadline that the engine was too slow: nobody has cancelled it. */
void perry_deadline_explain (PerryDeadline *deadline, GError *error);
void perry_deadline_free (PerryDeadline *deadline);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryBackend, perry_backend_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryDeadline, perry_deadline_free)

G_END_DECLS
