/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One server that is asked for a registry's images: the registry itself, or a mirror. */
typedef struct {
  char *name;   /* `docker.io`, `mirror.example:5000`: what its credentials are kept under */
  char *base;   /* `https://registry-1.docker.io/v2/`, with a mirror's own prefix behind it */
  char *prefix; /* the mirror's prefix of repositories, `` or `proxy/` */
  gboolean is_mirror;
} PerryRegistryEndpoint;

/* The registry @name, or a mirror `HOST[:PORT][/PREFIX]`. @plain_http lists what is reached without TLS, NULL for
 * everything on loopback. PERRY_ERROR_INVALID_CONFIG for a mirror that is no such text, or for plain HTTP elsewhere. */
PerryRegistryEndpoint *perry_registry_endpoint_new (const char *name, gboolean is_mirror,
                                                    const char *const *plain_http, GError **error);
void perry_registry_endpoint_free (PerryRegistryEndpoint *endpoint);

/* Whether a host, without brackets, is this machine: 127.0.0.0/8, ::1, `localhost`. */
gboolean perry_registry_host_is_loopback (const char *host);

/* Whether what @uri names may be asked: HTTPS, or plain HTTP on loopback if @from, where it was named, is plain HTTP on
 * loopback itself. No user, no fragment. PERRY_ERROR_REGISTRY_FAILED, which calls the address @what. */
gboolean perry_registry_uri_check (const char *uri, const char *from, const char *what, GError **error);

/* Whether both have the same scheme, host and port. */
gboolean perry_registry_uri_same_origin (const char *a, const char *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryRegistryEndpoint, perry_registry_endpoint_free)

G_END_DECLS
