/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/verification/perry-registry-client.h"
#include "core/verification/perry-registry-fetch.h"

G_BEGIN_DECLS

/* What is asked of one server. A mirror for which this fails is passed over. */
typedef gboolean (*PerryRegistryVisitor) (PerryRegistryVisit *visit, gpointer data, GError **error);

/* Asks the mirrors of a reference's registry and then the registry, until one answers; @notes gets what people should be
 * told. The error is the registry's own, with what became of the mirrors. */
gboolean perry_registry_client_visit (PerryRegistryClient *client, const PerryImageReference *reference,
                                      PerryRegistryVisitor visitor, gpointer data, GPtrArray *notes,
                                      GCancellable *cancellable, GError **error);

G_END_DECLS
