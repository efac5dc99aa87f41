/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/* Published ports and aliases: what both engines write alike, into a request, out of a report and out of an error. */

/* The members of a row of `Ports` in an engine's list of containers; @range is NULL where a row is one port. */
typedef struct {
  const char *host_ip;
  const char *host_port;
  const char *container_port;
  const char *protocol;
  const char *range;
} PerryEnginePortMembers;

/* `{"80/tcp": [{"HostIp": …, "HostPort": …}]}` for the ports of @spec. */
JsonObject *perry_engine_port_bindings (const PerryContainerSpec *spec);

/* The ports that an inspect reply's container is reached at now, as texts of a spec; NULL where there are none. */
char **perry_engine_ports_of_container (JsonObject *container);

/* The same from a row of a list. */
char **perry_engine_ports_of_row (JsonObject *row, const PerryEnginePortMembers *members);

/* Sets `ports`: what is bound while a container runs, what was asked for otherwise; and the aliases of its networks. */
void perry_engine_report_ports (PerryContainerSpec *reported, JsonObject *container);

/* The first port that a program without privileges may listen on, here. */
guint perry_engine_first_unprivileged_port (void);

/* Limits `ports` to @level for a spec with a port of the host below @first; the reason begins with @engine. */
void perry_engine_limit_low_ports (const PerryContainerSpec *spec, guint first, const char *engine, PerrySupport level,
                                   PerryFieldSupport *support);

/* Gives an engine's failure to start a container its code and what to do, where a published port was the reason. */
void perry_engine_explain_port_failure (GError *error);

G_END_DECLS
