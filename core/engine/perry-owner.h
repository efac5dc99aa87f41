/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PERRY_LABEL_OWNER "perry.owner"
#define PERRY_LABEL_DETACHED "perry.detached"
#define PERRY_LABEL_SPEC "perry.spec"

/* Makes the value of `perry.owner` for one create: boot_id:pidns-inode:pid:starttime:serial. One serial per call, so that
 * a create whose reply was lost is found by its full value. @proc is `/proc`, or a recorded tree. */
char *perry_owner_new (const char *proc, GError **error);

/* Whether the process that made @owner is certainly gone: another boot, or the same pid namespace and no such process. An
 * owner of another pid namespace, and a text that is no owner, is never judged. */
gboolean perry_owner_is_stale (const char *proc, const char *owner);

G_END_DECLS
