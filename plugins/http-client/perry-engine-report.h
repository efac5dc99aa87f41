/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-container-spec.h"

G_BEGIN_DECLS

/* Writes what an inspect reply says into a spec: only what was said is set, right or wrong. Pure. */

/* `Config`: image, entrypoint, command, environment, labels, user, working directory. */
void perry_engine_report_config (PerryContainerSpec *reported, JsonObject *config);

/* `HostConfig`: switches and limits that both engines write alike. A limit that the engine does not have is reported
 * as unlimited (memory and cpus 0, pids -1), so that a dropped limit differs from the asked one. */
void perry_engine_report_host_config (PerryContainerSpec *reported, JsonObject *host_config);

/* `HostConfig.Tmpfs`. */
void perry_engine_report_tmpfs (PerryContainerSpec *reported, JsonObject *host_config);

/* `Mounts`, binds and volumes, with what `HostConfig.Mounts` alone tells. */
void perry_engine_report_volumes (PerryContainerSpec *reported, JsonObject *container);

void perry_engine_report_strv (PerryContainerSpec *reported, PerryField field, char **strings);

/* Sets a string field, unless @text is NULL or empty. */
void perry_engine_report_string (PerryContainerSpec *reported, PerryField field, const char *text);

/* The names of the networks that an inspect reply's container is on, ordered; NULL where it is on none. The one that the engine
 * gives to a container that names none is called `bridge`, as in a spec. (transfer full) */
char **perry_engine_networks_of_container (JsonObject *container, const char *default_network);

G_END_DECLS
