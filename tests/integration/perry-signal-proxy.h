/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Stands between perryctl and a real engine's socket and, at one named request, sends perryctl or the engine a signal: so
 * that a test can interrupt or kill either at each point of the request path without a hook in the product. */
typedef struct _PerrySignalProxy PerrySignalProxy;

typedef enum {
  PERRY_POINT_REQUEST, /* the request has been passed on, its reply has not */
  PERRY_POINT_REPLY,   /* the reply's beginning has been passed on */
} PerryPointPhase;

typedef struct {
  const char *name;
  const char *method;
  const char *path; /* a regular expression for the request's target */
  guint occurrence; /* 1 for the first request that matches */
  PerryPointPhase phase;
} PerryPoint;

PerrySignalProxy *perry_signal_proxy_new (const char *socket, const char *engine_socket);
void perry_signal_proxy_free (PerrySignalProxy *proxy);

/* Waits for the next request that matches @point; @signal_number goes to the process of perry_signal_proxy_set_pid(). */
void perry_signal_proxy_arm (PerrySignalProxy *proxy, const PerryPoint *point, int signal_number);
void perry_signal_proxy_set_pid (PerrySignalProxy *proxy, GPid pid);

/* Whether the signal was sent. */
gboolean perry_signal_proxy_has_fired (PerrySignalProxy *proxy);

/* The targets of all requests since the last arming, for messages. */
char *perry_signal_proxy_describe (PerrySignalProxy *proxy);

G_END_DECLS
