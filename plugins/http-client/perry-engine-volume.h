/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-network.h"

G_BEGIN_DECLS

/* What both engines say about a volume in the same words; NULL for a reply that names none. Pure. */
PerryVolumeInfo *perry_engine_volume_from_inspect (JsonNode *reply);

/* Elements #PerryVolumeInfo; NULL for rows that are no volumes. Pure. */
GPtrArray *perry_engine_volumes_from_rows (JsonArray *rows);

/* The body of a create; @options_member is what the engine calls the driver's options. Pure. */
JsonNode *perry_engine_volume_body (const PerryVolumeRequest *request, const char *options_member);

G_END_DECLS
