/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-plugin.h"

G_BEGIN_DECLS

#define IMAGE "docker.io/library/busybox:latest"
#define LABEL "perry.test=backend-ops"
#define TIMEOUT_MS 30000

typedef struct {
  const char *id;
  const char *variable;
} Engine;

typedef struct {
  const PerryBackendOps *ops;
  gpointer backend;
  PerryEngineInfo *info;
  char *image;
  char *directory;
} Fixture;

/* Opens the module of an #Engine on the socket that its variable names, and loads the demo image. */
void backend_ops_set_up (Fixture *fixture, gconstpointer engine);

/* Checks that nothing is left, too. */
void backend_ops_tear_down (Fixture *fixture, gconstpointer engine);

/* Returns FALSE, and has the test skipped, where there is no engine. */
gboolean has_engine (Fixture *fixture, gconstpointer engine);

PerryContainerSpec *parse (const char *json);
char *try_create (Fixture *fixture, const PerryContainerSpec *spec, const char *name, gboolean stdin_wanted,
                  GError **error);
char *create (Fixture *fixture, const char *json, const char *name, gboolean stdin_wanted);
void start (Fixture *fixture, const char *id);
gint64 wait_for (Fixture *fixture, const char *id);
void remove_container (Fixture *fixture, const char *id);
char *read_channel (PerryStream *stream, PerryChannel wanted);

/* Runs a container to its end and returns what it wrote. */
char *run (Fixture *fixture, const char *json);

G_END_DECLS
