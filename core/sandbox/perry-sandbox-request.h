/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/sandbox/perry-sandbox.h"

G_BEGIN_DECLS

#define PERRY_SANDBOX_MAX_ID 256

/* One line of a batch. */
typedef struct {
  char *id; /* NULL where the line has none that could be told */
  PerryContainerSpec *spec;
  char *input; /* NULL for none */
  guint timeout_ms; /* 0 where the line has none */
} PerrySandboxRequest;

/* Reads a line. @request->id is set wherever it could be read, also when the rest is wrong. @defaults, which may be NULL,
 * counts for each field that the line does not set. PERRY_ERROR_INVALID_JSON, PERRY_ERROR_INVALID_SPEC, … */
gboolean perry_sandbox_request_read (PerrySandboxRequest *request, const char *line, gsize length,
                                     const PerryContainerSpec *defaults, GError **error);
void perry_sandbox_request_clear (PerrySandboxRequest *request);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PerrySandboxRequest, perry_sandbox_request_clear)

G_END_DECLS
