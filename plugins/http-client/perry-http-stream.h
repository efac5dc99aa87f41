/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-stream.h"
#include "plugins/http-client/perry-http-client.h"
#include "plugins/http-client/perry-http-hijack.h"

G_BEGIN_DECLS

/**
 * PerryHttpFraming:
 * @PERRY_HTTP_FRAMING_MULTIPLEXED: Docker's 8-byte frames, which a container without a terminal has
 * @PERRY_HTTP_FRAMING_RAW: bytes as they are, which a terminal has
 *
 * How output and errors share a connection. The engines' Content-Type does not tell on most versions: use the `Tty` of
 * the container or of the exec.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_HTTP_FRAMING_MULTIPLEXED,
  PERRY_HTTP_FRAMING_RAW,
} PerryHttpFraming;

/**
 * perry_http_stream_new_for_hijack:
 * @hijack: (transfer full): a connection
 * @framing: how outputs share it
 *
 * Makes a stream with input and output. It uses constant memory whatever passes through it. A frame of the engine's own
 * error text makes reading fail with %PERRY_ERROR_BACKEND_FAILED and that text.
 *
 * Returns: (transfer full): a stream
 *
 * Since: 0.1
 */
PerryStream *perry_http_stream_new_for_hijack (PerryHttpHijack *hijack, PerryHttpFraming framing);

/**
 * perry_http_stream_new_for_body:
 * @body: (transfer full): a streamed reply, such as a log's
 * @framing: how outputs share it
 *
 * Makes a stream without input.
 *
 * Returns: (transfer full): a stream
 *
 * Since: 0.1
 */
PerryStream *perry_http_stream_new_for_body (PerryHttpBody *body, PerryHttpFraming framing);

G_END_DECLS
