/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-backend-connection.h"

G_BEGIN_DECLS

/* Whether a container has a health check that this backend does not run itself. @info is an inspect's. */
gboolean perry_health_is_driven (const PerryBackend *backend, const PerryContainerInfo *info);

typedef struct _PerryHealthDriver PerryHealthDriver;

/* Prepares to look at the health of a container. @spec is what was asked for, NULL where that is not known: then what the
 * engine reports holds. @owner, which may be NULL, is who will start it; without that process it is not waited for. */
PerryHealthDriver *perry_health_driver_new (PerryBackend *backend, const char *id, const PerryContainerSpec *spec,
                                            const char *owner, GError **error);

/* Looks in a thread of its own, until perry_health_driver_free(). */
void perry_health_driver_start (PerryHealthDriver *driver);

/* Looks until the container has ended for good or @cancellable is triggered. */
void perry_health_driver_run (PerryHealthDriver *driver, GCancellable *cancellable);
void perry_health_driver_free (PerryHealthDriver *driver);

/* Puts what the process that makes the probes knows in the place of what the engine says; where there is no such process
 * any more, that nobody knows. */
void perry_health_overlay (const PerryBackend *backend, PerryContainerInfo *info);

/* Whether a process looks at the health of the container @id at the moment. */
gboolean perry_health_has_driver (const char *id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryHealthDriver, perry_health_driver_free)

G_END_DECLS
