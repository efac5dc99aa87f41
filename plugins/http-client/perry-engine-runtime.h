/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether @text, the (nullable) name, program or type of an OCI runtime, is that of one which gives each container a virtual
 * machine: Kata's, krun or Firecracker's. A name is a claim; what the kernel shows of a container decides. */
gboolean perry_engine_runtime_makes_microvms (const char *text);

G_END_DECLS
