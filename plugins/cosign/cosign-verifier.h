/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-plugin.h"
#include "plugins/cosign/cosign-program.h"

G_BEGIN_DECLS

/* An open verifier. Only the program's features are written after opening, under the lock. */
typedef struct {
  char *program;       /* a name, or an absolute path */
  char *trusted_root;  /* absolute paths from here on; NULL where unset */
  char *ca_roots;
  char *rekor_key;
  char *ct_log_key;
  char *registry_ca;
  gint64 timeout_ms;
  char *kept_directory; /* NULL for none */
  GMutex lock;
  PerryCosignProgram *known;
  gboolean is_kept; /* whether the next process can read what is known */
} PerryCosign;

extern const PerryPluginOption perry_cosign_options[];

gpointer perry_cosign_open (GVariant *options, GCancellable *cancellable, GError **error);
void perry_cosign_close (gpointer verifier);
char *perry_cosign_describe (gpointer verifier, GCancellable *cancellable, GError **error);
PerryVerification *perry_cosign_verify (gpointer verifier, const char *reference, const char *digest,
                                        JsonNode *requirement, int timeout_ms, GCancellable *cancellable,
                                        GError **error);
void perry_cosign_keep (gpointer verifier);

G_END_DECLS
