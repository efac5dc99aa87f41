/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-container-spec.h"

G_BEGIN_DECLS

/* The settings that both engines have beside a container's isolation, into a request and out of a report. Pure. */

/* `ulimits` as an array of objects with these member names; adds to @array where it names no limit of the spec yet. */
void perry_engine_add_ulimits (JsonArray *array, const PerryContainerSpec *spec, const char *name, const char *soft,
                               const char *hard);

/* The number of a spec's `stop_signal`, 0 where none is set. */
int perry_engine_stop_signal_number (const PerryContainerSpec *spec);

/* Members of an inspect reply's `Config` and `HostConfig`. */
void perry_engine_report_settings (PerryContainerSpec *reported, JsonObject *config, JsonObject *host_config);

G_END_DECLS
