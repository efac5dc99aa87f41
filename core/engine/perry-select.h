/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "config/perry-config.h"
#include "core/engine/perry-backend-connection.h"
#include "core/loader/perry-plugin-registry.h"

G_BEGIN_DECLS

/* What became of one candidate: a backend or an error. */
typedef struct {
  char *name;
  char *plugin; /* NULL where no plugin offers it */
  PerryBackend *backend;
  GError *error;
} PerryCandidate;

void perry_candidate_free (PerryCandidate *candidate);

/* Asks all of @names at the same time, each for the configured probe timeout. Where @first_wins is set, it returns as soon
 * as one answered and all before it did not; what is slower is given up. Elements: PerryCandidate, in the order of @names. */
GPtrArray *perry_select_probe (PerryPluginRegistry *registry, PerryConfig *config, const char *const *names,
                               gboolean first_wins, GCancellable *cancellable, GError **error);

/* Step 3: the configured backend, or the first of the probe order that answers. */
PerryBackend *perry_select_backend (PerryPluginRegistry *registry, PerryConfig *config, GCancellable *cancellable,
                                    GError **error);

/* The names that step 3 would try, and the origin of that list. */
const char *const *perry_select_get_names (PerryConfig *config, const char **ret_origin);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryCandidate, perry_candidate_free)

G_END_DECLS
