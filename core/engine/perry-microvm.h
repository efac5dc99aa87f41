/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-select.h"
#include "core/policy/perry-tier.h"

G_BEGIN_DECLS

/* Lets workloads that need a virtual machine run without one. */
#define PERRY_ALLOW_UNTRUSTED_SHARED_KERNEL "PERRY_ALLOW_UNTRUSTED_SHARED_KERNEL"

/* Whether the environment says so: `1`, `true` or `yes` and nothing else. */
gboolean perry_microvm_is_waived (void);

/* Whether the tier of @spec needs a virtual machine. */
gboolean perry_microvm_is_needed (const PerryContainerSpec *spec);

/* How well @backend puts a container of @spec into a virtual machine. @ret_reason: (transfer full): why not native; NULL
 * where it is. */
PerrySupport perry_microvm_get_support (const PerryBackend *backend, const PerryContainerSpec *spec, char **ret_reason);

/* The same for a container that is about to be started, perhaps long after it was created: FALSE where its spec needs a
 * virtual machine, @backend has none for it and the environment does not waive it. Logs where it does. */
gboolean perry_microvm_check_start (const PerryBackend *backend, const PerryContainerSpec *spec, GError **error);

/* The warning that every use of the waiver gives. @obstacle: why there is no virtual machine. */
PerryAdjustment *perry_microvm_new_waiver (const char *obstacle);

/* Step 3 for a workload that needs a virtual machine: the first of the probe order that offers one for @spec, in strict
 * mode one that no other container shares. Where none does and the environment waives it, the first with a shared one, else the
 * first that answers. PERRY_ERROR_BACKEND_NOT_AVAILABLE says of each why not, and what would do. */
PerryBackend *perry_microvm_select (PerryPluginRegistry *registry, PerryConfig *config, const PerryContainerSpec *spec,
                                    gboolean strict, GCancellable *cancellable, GError **error);

G_END_DECLS
