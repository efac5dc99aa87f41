/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Podman takes 180 ms and more for `info`, because it asks the package manager where its helpers come from. What it
 * says about the host does not change while the service's process lives, so the reply is kept as long as that. */

/* Names a process for as long as the machine runs: boot, number and start time; NULL where it cannot be seen. */
char *perry_podman_facts_key (gint64 pid);

/* Gets the reply that was kept for the process @key behind @socket_path; NULL where there is none. */
JsonNode *perry_podman_facts_load (const char *directory, const char *socket_path, const char *key);

/* Keeps a reply, in place of the one for an earlier process. A failure is no error: the next caller asks again. */
void perry_podman_facts_store (const char *directory, const char *socket_path, const char *key, JsonNode *reply);

G_END_DECLS
