/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/* Why Podman runs no health checks by itself: it leaves that to timers of systemd. @root is where its service sees the
 * file system, and @uid whose it is. NULL where there is a systemd. */
char *perry_podman_explain_missing_timers (const char *root, gint64 uid);

/* Writes what the spec says of health and restarts. @timed says that Podman itself looks at the interval: without timers
 * it is left out, because each start would be an error in Podman's log. Pure. */
void perry_podman_add_lifecycle (JsonObject *body, const PerryContainerSpec *spec, gboolean timed);

/* What a spec loses. Pure. */
void perry_podman_limit_healthcheck (const PerryContainerSpec *spec, gboolean timed, PerryFieldSupport *support);

/* Reads what GET …/healthcheck says of the one probe that it made; FALSE for no such reply. Pure. */
gboolean perry_podman_probe_from_reply (JsonNode *reply, gboolean *ret_success);

/* The probes that an inspect reply shows under way, as ids of exec sessions; compare with perry_podman_is_probe(). */
char **perry_podman_inspect_exec_ids (JsonNode *reply);

/* Whether the exec session of a reply runs the health check of a container's inspect reply. Pure. */
gboolean perry_podman_is_probe (JsonNode *exec, JsonNode *inspect);

/* Kills the process of a probe, whose number stands in the file @path, if it is one of the container @id. */
void perry_podman_kill_probe (const char *path, const char *id);

G_END_DECLS
