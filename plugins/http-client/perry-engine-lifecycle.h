/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/* Health checks and restart policies, which both engines write alike, into a request and out of a report. Pure. */

/* What `healthcheck` asks for, times in nanoseconds; NULL where it asks for nothing. A spec with a test of its own leaves
 * nothing to the image: what it does not say is the default. */
JsonObject *perry_engine_new_healthcheck (const PerryContainerSpec *spec);

/* The nanoseconds between two probes in the start period that have to be asked for, so that an engine that knows of start
 * intervals does what one that does not know of them does: the interval's where the spec has none. 0 for nothing. */
gint64 perry_engine_get_start_interval (const PerryContainerSpec *spec);

/* Members of an inspect reply's `Config` and `HostConfig`. */
void perry_engine_report_lifecycle (PerryContainerSpec *reported, JsonObject *config, JsonObject *host_config);

/* An inspect reply's health and how often it was started again. */
void perry_engine_lifecycle_read (PerryContainerInfo *info, JsonObject *container);

/* `healthy` and the like; PERRY_HEALTH_NONE for every other word. */
PerryHealth perry_engine_health_parse (const char *word);

G_END_DECLS
