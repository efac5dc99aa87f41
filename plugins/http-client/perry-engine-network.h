/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-network.h"

G_BEGIN_DECLS

/* What the replies of both engines about networks have in common; the words differ. Pure. */

/* NULL is bridge, too: it is both engines' default. */
gboolean perry_engine_network_is_bridge (const char *driver);

/* An address or a range; FALSE for NULL. */
gboolean perry_engine_address_is_ipv6 (const char *address);

/* Reads one network in an engine's own words. @network may be NULL; the result is NULL for what is no network. */
typedef PerryNetworkInfo *(*PerryEngineNetworkReader) (JsonObject *network, gconstpointer networking);

/* Reads an inspect reply, with the ids of the containers that are the member's keys, where it is there. @engine is for the
 * error, which is PERRY_ERROR_BACKEND_PROTOCOL. */
PerryNetworkInfo *perry_engine_network_from_inspect (JsonNode *reply, PerryEngineNetworkReader read,
                                                     gconstpointer networking, const char *containers_member,
                                                     const char *engine, GError **error);

/* Reads a list, likewise. Elements #PerryNetworkInfo. */
GPtrArray *perry_engine_networks_from_list (JsonNode *reply, PerryEngineNetworkReader read, gconstpointer networking,
                                            const char *engine, GError **error);

G_END_DECLS
