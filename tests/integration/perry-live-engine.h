/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "core/perry-container.h"
#include "plugin-api/perry-process.h"

G_BEGIN_DECLS

/* A real engine of the test's own, with the images `busybox` and `localhost/perry-probe:1` loaded. */
typedef struct {
  char *backend; /* `docker` or `podman` */
  char *runtime; /* `runc` or `crun` */
  gboolean rootless;
  gboolean cgroup2;        /* a view of version 2 on a host with version 1, for Podman alone */
  gboolean without_limits; /* it has no cgroups to give */
  gboolean private; /* no service runs but the one that perryctl starts: `socket` is nobody's */
  char *directory;
  char *socket;
  char **environment; /* for perryctl: backend, socket, plugins, runtime directory */
  int lifeline;       /* closed with this process: then the engine is stopped, however the test ended */
} PerryLiveEngine;

/* Starts an engine: `docker`, `podman`, `docker-rootless`, `podman-rootless`, or `podman-private`, which is a rootless
 * Podman without a service. perryctl then is run as that user in that engine's namespaces. With
 * PERRY_TEST_PODMAN_CGROUP2=1 a Podman sees cgroup version 2.
 *
 * @extra, which may be NULL, are further options of start-engine.sh. Where the machine cannot, returns
 * NULL with the reason in @ret_reason; with PERRY_TEST_REQUIRE_ENGINES=1 that is a failure. */
PerryLiveEngine *perry_live_engine_start (const char *variant, const char *runtime, const char *const *extra,
                                          char **ret_reason);
void perry_live_engine_stop (PerryLiveEngine *live);

/* For @extra: Docker with the image store of containerd, whose images have the id that they have in a registry, their
 * digest. */
extern const char *const perry_live_containerd_store[];

/* Runs perryctl; what the arguments and @input are, what came back. Never NULL. */
PerryProcessResult *perry_live_engine_perryctl (PerryLiveEngine *live, const char *input, ...) G_GNUC_NULL_TERMINATED;
PerryProcessResult *perry_live_engine_perryctl_argv (PerryLiveEngine *live, const char *input,
                                                     const char *const *arguments);

/* The command line of perryctl with @arguments for this engine; free the array. It stays one process throughout. */
char **perry_live_engine_command (PerryLiveEngine *live, const char *const *arguments);

/* Text of a result's outputs, valid until the result is freed. */
const char *perry_live_stdout (PerryProcessResult *result);
const char *perry_live_stderr (PerryProcessResult *result);

/* Fails the test with the outputs unless the command ended with @exit_status. */
void perry_live_assert_status (PerryProcessResult *result, int exit_status);

/* Fails the test, with all of @text, unless @part is in it. */
void perry_live_assert_contains (const char *text, const char *part);

/* What `--report` has written. */
JsonNode *perry_live_read_report (const char *path);

/* An integer of the probe's report, which has to be there. */
gint64 perry_live_get_int64 (JsonNode *report, const char *name);

/* How many containers the engine has, in any state. Asked through perryctl. */
guint perry_live_engine_count_containers (PerryLiveEngine *live);

/* Runs the probe under @arguments (options of `perryctl run`, NULL-terminated) and returns its report. */
JsonNode *perry_live_engine_probe (PerryLiveEngine *live, const char *const *arguments);

/* An engine of the C API on this live engine; its environment is set in this process. */
PerryEngine *perry_live_engine_open (PerryLiveEngine *live);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryLiveEngine, perry_live_engine_stop)

G_END_DECLS
