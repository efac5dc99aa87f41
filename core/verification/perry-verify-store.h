/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A folder of small texts that belong to one user: one file per key, whole or not there at all. What is broken, somebody
 * else's or open to others is as good as not there. */
typedef struct _PerryVerifyStore PerryVerifyStore;

/* The longest key, in bytes. */
#define PERRY_VERIFY_STORE_MAX_KEY 16384

PerryVerifyStore *perry_verify_store_new (const char *directory);
void perry_verify_store_free (PerryVerifyStore *store);

/* Whether @key was stored, and when: microseconds since the epoch. */
gboolean perry_verify_store_read (PerryVerifyStore *store, const char *key, gint64 *ret_time);

/* FALSE where it could not be written. */
gboolean perry_verify_store_write (PerryVerifyStore *store, const char *key, gint64 time);
gboolean perry_verify_store_clear (PerryVerifyStore *store, guint *ret_n, GError **error);

/* A descriptor that holds the lock of @key until it is closed, -1 where there is none: another process has it, or
 * @ret_possible is FALSE because the folder cannot be used. */
int perry_verify_store_try_lock (PerryVerifyStore *store, const char *key, gboolean *ret_possible);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryVerifyStore, perry_verify_store_free)

G_END_DECLS
