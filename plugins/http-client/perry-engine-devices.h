/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/* `HostConfig.Devices` of an inspect reply. @found_by_number says that the engine looks the host's path up by the device's
 * number, so that it may be another name of the same device: it is left out then, and so is an empty list, which such an
 * engine gives for a privileged container and a rootless one, whatever devices they have. Pure. */
void perry_engine_report_devices (PerryContainerSpec *reported, JsonObject *host_config, gboolean found_by_number);

/* Answers `partial` for a device that every container may read and write, where a spec asks for less. Looks at the host's
 * device nodes. */
void perry_engine_limit_devices (const PerryContainerSpec *spec, PerryFieldSupport *support);

G_END_DECLS
