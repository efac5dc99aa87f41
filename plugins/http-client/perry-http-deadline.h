/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "plugin-api/perry-error.h"

G_BEGIN_DECLS

/**
 * PerryHttpAlarm:
 *
 * A thread that triggers cancellables when their time has come, because libsoup's own timeouts are whole seconds, per
 * system call and per session. The thread starts with the first deadline and sleeps until the next one.
 *
 * Since: 0.1
 */
typedef struct _PerryHttpAlarm PerryHttpAlarm;

PerryHttpAlarm *perry_http_alarm_new (void);

/* Ends the thread. No deadline may be left. */
void perry_http_alarm_free (PerryHttpAlarm *alarm);

/**
 * PerryHttpDeadline:
 * @cancellable: (nullable): what to hand to blocking calls: triggered by the caller's cancellable and by the deadline
 *
 * The time that one call may take. Members but @cancellable are private.
 *
 * Since: 0.1
 */
typedef struct {
  GCancellable *cancellable;
  PerryHttpAlarm *alarm;
  GCancellable *caller;
  gulong handler;
  gint64 at;
  int milliseconds;
  gboolean expired;
} PerryHttpDeadline;

/**
 * perry_http_deadline_init:
 * @deadline: (out caller-allocates): a deadline, which must not move until perry_http_deadline_clear()
 * @alarm: the alarm
 * @milliseconds: from now; -1 for none
 * @caller: (nullable): the caller's cancellable
 *
 * Since: 0.1
 */
void perry_http_deadline_init (PerryHttpDeadline *deadline, PerryHttpAlarm *alarm, int milliseconds,
                               GCancellable *caller);

/**
 * perry_http_deadline_clear:
 * @deadline: a deadline
 *
 * Takes the deadline back; @deadline.cancellable is not triggered any more. May be called twice.
 *
 * Since: 0.1
 */
void perry_http_deadline_clear (PerryHttpDeadline *deadline);

/**
 * perry_http_deadline_check:
 * @deadline: a deadline
 * @what: what is being waited for, such as `POST /v1.41/containers/create`
 * @error: return location for an error
 *
 * Tells which of both ended a call: %PERRY_ERROR_CANCELLED or %PERRY_ERROR_TIMED_OUT.
 *
 * Returns: %FALSE when one of them did
 *
 * Since: 0.1
 */
gboolean perry_http_deadline_check (PerryHttpDeadline *deadline, const char *what, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PerryHttpDeadline, perry_http_deadline_clear)

G_END_DECLS
