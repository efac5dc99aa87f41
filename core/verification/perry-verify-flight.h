/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "plugin-api/perry-verification.h"

G_BEGIN_DECLS

/* Who asks the same at the same time gets one answer: the first asks, the others wait for it. */
typedef struct _PerryVerifyFlights PerryVerifyFlights;

/* Asks. NULL and an error is for the one who asks alone, as when it was cancelled: another of those who wait asks then. */
typedef PerryVerification *(*PerryVerifyAsk) (gpointer data, GCancellable *cancellable, GError **error);

PerryVerifyFlights *perry_verify_flights_new (void);
void perry_verify_flights_free (PerryVerifyFlights *flights);

/* @ret_was_asked: whether @ask was called for this caller. PERRY_ERROR_CANCELLED within 100 ms, and the errors of @ask. */
PerryVerification *perry_verify_flights_ask (PerryVerifyFlights *flights, const char *key, PerryVerifyAsk ask,
                                             gpointer data, gboolean *ret_was_asked, GCancellable *cancellable,
                                             GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryVerifyFlights, perry_verify_flights_free)

G_END_DECLS
