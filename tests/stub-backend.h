/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-backend-connection.h"

G_BEGIN_DECLS

/* A backend whose answers a test sets, and which counts what it is asked: for what the core does between two requests. */
typedef struct {
  PerryBackendOps ops; /* a test clears what its engine does not offer */
  PerryBackend *backend;
  PerryContainerInfo *info;       /* what inspect answers; NULL for a container that is gone */
  PerryProcessLocation *location; /* what locate answers; NULL for an error */
  PerryImageInfo *image;          /* what every reference leads to; NULL for an image that is missing */
  gboolean fails_init;
  gboolean fails_start;
  gboolean fails_inspect;
  guint wait_ms; /* how long a wait takes; it ends with 7 then, or with the cancellation */
  guint n_inits;
  guint n_starts;
  guint n_inspects;
  gboolean hangs_kill; /* until it is cancelled */
  guint n_kills;       /* atomic */
} StubBackend;

void stub_backend_init (StubBackend *stub);
void stub_backend_clear (StubBackend *stub);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StubBackend, stub_backend_clear)

G_END_DECLS
