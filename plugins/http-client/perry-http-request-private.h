/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugins/http-client/perry-http-request.h"

G_BEGIN_DECLS

typedef struct {
  char *name;
  char *value;
} PerryHttpHeader;

struct _PerryHttpRequest {
  char *method;
  GString *path;
  GString *query;
  char *description;
  GArray *headers;
  char *content_type;
  GBytes *body;
  GInputStream *upload;
  int deadline_ms;
  gsize max_body;
  gboolean want_json;
  gboolean sent;
  const char *problem;
};

/* Whether sending it twice could do something twice: only GET and HEAD may be repeated by libsoup. */
gboolean perry_http_request_is_safe (const PerryHttpRequest *request);

/* Claims the request for its one sending, and refuses what cannot be written as HTTP. */
gboolean perry_http_request_begin (PerryHttpRequest *request, GError **error);

/* Path and query as they stand in the request line. */
char *perry_http_request_dup_target (const PerryHttpRequest *request);

G_END_DECLS
