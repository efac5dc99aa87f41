/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What HTTPS_PROXY and NO_PROXY of @environment say, in either case; NULL for no proxy. Plain HTTP stays on this machine
 * and never goes through one. */
GProxyResolver *perry_registry_proxy_resolver_new (const char *const *environment);

G_END_DECLS
