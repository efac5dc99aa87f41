/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/audit/perry-exposure.h"
#include "core/engine/perry-engine-verify.h"
#include "core/engine/perry-examine.h"

G_BEGIN_DECLS

/**
 * PerryAuditEntry:
 * @name: the container's name
 * @examination: (nullable): what is known of it; %NULL where @error says why nothing is
 * @exposure: (nullable): how far it exposes the host
 * @verification: (nullable): what today's rules say of its image; %NULL where they ask for nothing
 * @findings: (array zero-terminated=1): what somebody has to look at, one line each: rows of the rating that are an alarm,
 *   drift, and an image that today's rules would not let run
 * @error: (nullable): why it could not be examined
 *
 * One container of an audit.
 *
 * Since: 0.1
 */
typedef struct {
  char *name;
  PerryExamination *examination;
  PerryExposure *exposure;
  PerryImageVerification *verification;
  char **findings;
  char *error;
} PerryAuditEntry;

#define PERRY_TYPE_AUDIT_ENTRY (perry_audit_entry_get_type ())
PERRY_API GType perry_audit_entry_get_type (void);
PERRY_API PerryAuditEntry *perry_audit_entry_copy (const PerryAuditEntry *entry);
PERRY_API void perry_audit_entry_free (PerryAuditEntry *entry);

/**
 * perry_audit_run:
 * @engine: an engine
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Goes over the containers that run on the selected backend, whoever has started them. Nothing is changed; an image for which
 * today's rules ask for verification is verified anew by its digest, with a record.
 *
 * Errors: those of listing containers. One that cannot be examined is an entry that says so; one that has gone meanwhile is
 * none.
 *
 * Returns: (transfer full) (element-type PerryAuditEntry): the containers, those with the most exposure first
 *
 * Since: 0.1
 */
PERRY_API GPtrArray *perry_audit_run (PerryEngine *engine, GCancellable *cancellable, GError **error);

/**
 * perry_audit_to_json:
 * @entries: (element-type PerryAuditEntry): an audit
 *
 * Returns: (transfer full): an array of objects: `name`, `id`, `image`, `backend`, `ours`, `exposure`, `findings`, `drift`,
 *   `verification`, `unseen`, `error`
 *
 * Since: 0.1
 */
PERRY_API JsonNode *perry_audit_to_json (GPtrArray *entries);

/**
 * perry_audit_to_html:
 * @entries: (element-type PerryAuditEntry): an audit
 * @title: what stands above, such as the host's name and the day
 *
 * Writes one page that needs nothing else: no script, and no style, font or picture from elsewhere. It is readable on
 * paper, and dark where the reader prefers that.
 *
 * Returns: (transfer full): the text of an HTML document in UTF-8
 *
 * Since: 0.1
 */
PERRY_API char *perry_audit_to_html (GPtrArray *entries, const char *title);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryAuditEntry, perry_audit_entry_free)

G_END_DECLS
