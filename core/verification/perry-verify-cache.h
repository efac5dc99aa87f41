/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "plugin-api/perry-verification.h"

G_BEGIN_DECLS

/* Answers of verifiers that are kept: `verified` in memory and on disk, `rejected` and `unsigned` in memory only and only
 * where the answer is certain, anything else not at all. A key says everything that an answer depends on. All functions
 * may be called from any thread. */
typedef struct _PerryVerifyCache PerryVerifyCache;

/* `perry-container/verified` in XDG_CACHE_HOME or ~/.cache; NULL where there is no such place. @environment: NULL for ours. */
char *perry_verify_cache_dup_directory (const char *const *environment);

/* @directory: where `verified` is kept beyond this process, NULL for nowhere; made when it is needed, for its owner alone.
 * One that belongs to somebody else, or that others may write to, is not used. @verified_s, @refused_s: for how long
 * answers count, in seconds, 0 for not at all. */
PerryVerifyCache *perry_verify_cache_new (const char *directory, int verified_s, int refused_s);
void perry_verify_cache_free (PerryVerifyCache *cache);

/* A copy of the answer, NULL where none is kept that still counts. */
PerryVerification *perry_verify_cache_lookup (PerryVerifyCache *cache, const char *key);

/* What cannot be written is asked for again the next time; that is no error. */
void perry_verify_cache_store (PerryVerifyCache *cache, const char *key, const PerryVerification *verification);

/* Forgets everything. @ret_n: how many answers there were on disk. PERRY_ERROR_FAILED for what could not be removed. */
gboolean perry_verify_cache_clear (PerryVerifyCache *cache, guint *ret_n, GError **error);

/* Keeps other processes that ask for @key waiting until it is freed, so that a program that answers for all of them is
 * started once. NULL where there is no place on disk, or the wait was cancelled: then everybody asks. */
typedef struct _PerryVerifyTurn PerryVerifyTurn;

PerryVerifyTurn *perry_verify_cache_take_turn (PerryVerifyCache *cache, const char *key, int timeout_ms,
                                               GCancellable *cancellable);
void perry_verify_turn_free (PerryVerifyTurn *turn);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryVerifyCache, perry_verify_cache_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryVerifyTurn, perry_verify_turn_free)

G_END_DECLS
