/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-container-spec.h"
#include "plugin-api/perry-error.h"

G_BEGIN_DECLS

/* What /proc says about an engine's own process, as far as it is one of this kernel and visible. */

/**
 * PerryEngineProcess:
 * @name: the program's name as the kernel keeps it, at most 15 bytes
 * @uid: the real user id
 * @bounding: its capability bounding set
 * @effective: its effective set
 *
 * A process that serves an engine's socket.
 *
 * Since: 0.1
 */
typedef struct {
  char name[16];
  gint64 uid;
  PerryLinuxCapabilities bounding;
  PerryLinuxCapabilities effective;
} PerryEngineProcess;

/* Reads the text of /proc/PID/status; FALSE where a line that is needed is missing. Pure. */
gboolean perry_engine_process_parse (const char *status, PerryEngineProcess *ret_process);

/* Reads /proc/PID/status; FALSE where there is no such process or it may not be read. */
gboolean perry_engine_process_read (gint64 pid, PerryEngineProcess *ret_process);

/* Whether there is a process of that number, and it is called @name (nullable: any name). */
gboolean perry_engine_process_is (gint64 pid, const char *name);

/* Finds the hard limit of a row of /proc/PID/limits, such as `Max open files`; G_MAXINT64 = unlimited. Pure. */
gboolean perry_engine_limits_parse (const char *limits, const char *row, gint64 *ret_hard);

/* The capabilities that this kernel has; a newer libcap may know more. */
PerryLinuxCapabilities perry_engine_kernel_capabilities (void);

/* Says why an engine's containers are not processes of this kernel; NULL where they are. */
char *perry_engine_kernel_difference (const char *engine_kernel);

/* Refuses a spec that needs capabilities which the engine's own process could not grant, and names them. Some engines
 * fail late and unclearly there, others leave the capabilities out. */
gboolean perry_engine_check_grantable (const PerryContainerSpec *spec, PerryLinuxCapabilities defaults,
                                       PerryLinuxCapabilities grantable, const char *engine, GError **error);

G_END_DECLS
