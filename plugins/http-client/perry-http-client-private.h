/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugins/http-client/perry-http-client.h"
#include "plugins/http-client/perry-http-deadline.h"
#include "plugins/http-client/perry-http-request-private.h"

G_BEGIN_DECLS

/* What stands in `Host`: the engines want one and do not look at it. */
#define PERRY_HTTP_HOST "localhost"

PerryHttpAlarm *perry_http_client_get_alarm (PerryHttpClient *client);

/* Opens a connection of its own. */
GSocket *perry_http_client_connect (PerryHttpClient *client, GCancellable *cancellable, GError **error);

/* Converts an error of a connection that was established. */
void perry_http_client_set_io_error (PerryHttpClient *client, const PerryHttpRequest *request, GError *foreign,
                                     GError **error);

G_END_DECLS
