/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/* What both engines say about an image in the same words; NULL for a reply that names no id. Pure. */
PerryImageInfo *perry_engine_image_from_inspect (JsonObject *image);

/* Elements #PerryImageInfo; NULL for a reply that is no list of images. Pure. */
GPtrArray *perry_engine_images_from_list (JsonNode *reply);

G_END_DECLS
