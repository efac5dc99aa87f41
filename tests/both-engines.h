/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/perry-container.h"
#include "tests/fake/perry-fake-engine.h"

G_BEGIN_DECLS

/* A PerryEngine with the plugin of docker or of podman, on an engine inside this process. */
typedef struct {
  PerryFakeEngine *fake;
  PerryEngine *engine;
  char *directory;
} BothEngines;

typedef struct {
  const char *name;
  void (*test) (BothEngines *fixture, gconstpointer data);
  const char *only; /* docker or podman; NULL for both */
} BothEnginesTest;

/* The container's workload writes @output (nullable) and ends with 7. */
void both_engines_set_up (BothEngines *fixture, gconstpointer data, const char *output);

void both_engines_tear_down (BothEngines *fixture, gconstpointer data);

/* Runs `COMMAND` in a container that is removed, with its output captured up to @capture_limit bytes. */
PerryRunResult *both_engines_run (BothEngines *fixture, const char *command, gsize capture_limit,
                                  GCancellable *cancellable, GError **error);

/* Adds each test as /SUITE/docker/NAME and /SUITE/podman/NAME, and runs them. */
int both_engines_main (int argc, char **argv, const char *suite, const BothEnginesTest *tests, gsize n_tests,
                       void (*set_up) (BothEngines *, gconstpointer), void (*tear_down) (BothEngines *, gconstpointer));

G_END_DECLS
