/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "plugin-api/perry-requirement.h"
#include "plugin-api/perry-verification.h"
#include "plugin-api/perry-verify-mode.h"

G_BEGIN_DECLS

/* What is said about one decision; everything but @image and @verification may be missing. */
typedef struct {
  const char *image;    /* as it was asked for, normalised */
  const char *digest;   /* of what the reference names */
  const char *platform_digest;
  const PerryRequirement *requirement;
  const char *rule;     /* the name of the rule that covers the image */
  const char *verifier; /* the plugin's id */
  const char *verifier_version;
  PerryVerifyMode mode;
  gboolean exempt;
  gboolean from_cache;
  const PerryVerification *verification; /* NULL where a rule exempts the image */
  double duration_ms;
} PerryVerifyRecord;

/* One line without its end: a JSON object, as docs/verification.md describes it. Pure but for the time. */
char *perry_verify_record_to_json (const PerryVerifyRecord *record);

/* Writes a record to where the configuration says: `journal`, a file, or nowhere for an empty text. A file is made for its
 * owner alone (0600) and each line written at once, so that several processes may share it.
 *
 * Errors: PERRY_ERROR_FAILED, with the place: whoever wants to know what was decided must not find a gap. */
gboolean perry_verify_record_write (const PerryVerifyRecord *record, const char *log, GError **error);

G_END_DECLS
