/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/**
 * PerryPodmanSurroundings:
 * @seccomp_path: (nullable): the file that holds the text of the spec's profile
 * @init_path: (nullable): an init program instead of Podman's own
 * @nofile: the most open files that the host can grant, 0 where Podman's default works
 * @nproc: the most processes that the host can grant, 0 where Podman's default works
 * @has_timers: whether Podman looks at health by itself
 *
 * What a request needs besides the spec.
 */
typedef struct {
  const char *seccomp_path;
  const char *init_path;
  gint64 nofile;
  gint64 nproc;
  gboolean has_timers;
} PerryPodmanSurroundings;

/* Writes the body of POST /libpod/containers/create (a SpecGenerator) for a normalised spec. Besides what was asked for
 * it says what makes the container the one that Docker would make: a private IPC namespace, no copying into a tmpfs, a
 * working directory that is created, no environment of the service. Pure. */
JsonNode *perry_podman_create_body (const PerryCreateRequest *request, const PerryPodmanSurroundings *surroundings);

/* Hides /sys/fs/cgroup behind an empty read-only directory in a body that was written: libpod has no list of read-only
 * paths, and takes no mount that would keep the container's own controllers readable there. Pure. */
void perry_podman_hide_cgroups (JsonNode *body);

G_END_DECLS
