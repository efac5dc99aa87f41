/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * PerryFakeDialect:
 * @PERRY_FAKE_DOCKER_20: Docker 20.10.24, API 1.41
 * @PERRY_FAKE_DOCKER_26: Docker 26.1.5, API 1.45
 * @PERRY_FAKE_DOCKER_28: Docker 28.5.2, API 1.51
 * @PERRY_FAKE_PODMAN_4: Podman 4.3.1, libpod
 * @PERRY_FAKE_PODMAN_5: Podman 5.4.2, libpod
 * @PERRY_FAKE_PODMAN_5_8: Podman 5.8.6, libpod
 * @PERRY_FAKE_PODMAN_6: Podman 6.1.1, libpod, on cgroup version 2 without controllers
 *
 * Which engine is imitated, in the shapes that were recorded from it.
 */
typedef enum {
  PERRY_FAKE_DOCKER_20,
  PERRY_FAKE_DOCKER_26,
  PERRY_FAKE_DOCKER_28,
  PERRY_FAKE_PODMAN_4,
  PERRY_FAKE_PODMAN_5,
  PERRY_FAKE_PODMAN_5_8,
  PERRY_FAKE_PODMAN_6,
} PerryFakeDialect;

/**
 * PerryFakeEngine:
 *
 * An engine in the test's own process: a server with a thread of its own on a Unix socket in a temporary directory. It
 * knows the image `bb:1` (`docker.io/library/bb:1`). What a container does is decided by its command's first word:
 *
 * - `cat`: gives its input back, ends with 0 when the input ends
 * - `sleep`: runs until it is stopped (143), killed (128 + signal) or removed
 * - anything else: writes what perry_fake_engine_set_output() said and ends with the given code at once
 *
 * All functions may be called from any thread.
 */
typedef struct _PerryFakeEngine PerryFakeEngine;

PerryFakeEngine *perry_fake_engine_new (PerryFakeDialect dialect);

/* Stops the server, ends the containers and removes the directory. */
void perry_fake_engine_free (PerryFakeEngine *engine);

const char *perry_fake_engine_get_socket_path (PerryFakeEngine *engine);

/* How many connections may wait to be taken, one more than @n; 1024 without this. Further ones are refused at once. */
void perry_fake_engine_set_backlog (PerryFakeEngine *engine, int n);

/* What containers write and how they end; the texts may be NULL. Containers that exist keep what they have. */
void perry_fake_engine_set_output (PerryFakeEngine *engine, const char *output, const char *error_output,
                                   int exit_code);

/* The State.Pid of running containers; 4194303 without this, which is above what the kernel gives out. */
void perry_fake_engine_set_pid (PerryFakeEngine *engine, gint64 pid);

/* Sets a member of every inspect reply: an engine that lies. @path is `HostConfig.ReadonlyRootfs`; @json its value. */
void perry_fake_engine_set_report (PerryFakeEngine *engine, const char *path, const char *json);

/* Lets a Docker speak another API version than its own, `1.47`: it says so, refuses newer ones, and does with members
 * of a create that are newer what Docker does with them. @version has to outlive the engine. */
void perry_fake_engine_set_api_version (PerryFakeEngine *engine, const char *version);

/* The release of the kernel that Podman's `info` names, such as this host's, on which it reads files of this host. @release
 * has to outlive the engine. */
void perry_fake_engine_set_kernel (PerryFakeEngine *engine, const char *release);

/* The `Warnings` of every reply to a create, a JSON array that has to outlive the engine; `[]` without this. */
void perry_fake_engine_set_warnings (PerryFakeEngine *engine, const char *json);

/* Adds an image that can be created from; @id has `sha256:` before it. */
void perry_fake_engine_add_image (PerryFakeEngine *engine, const char *reference, const char *id);

/* Adds what a registry has, which can be pulled: by @reference, which has a tag, or by @digest (`sha256:…`). Rows with the
 * same reference and digest are one image for several platforms. */
void perry_fake_engine_add_remote (PerryFakeEngine *engine, const char *reference, const char *digest,
                                   const char *platform, const char *id);

/* Lets Docker keep what was pulled for several platforms under one name, as with containerd's image store; the one that was
 * pulled first is found without a platform. */
void perry_fake_engine_set_keeps_platforms (PerryFakeEngine *engine, gboolean keeps);

/* Has the registries want this value of X-Registry-Auth; NULL for none. */
void perry_fake_engine_set_login (PerryFakeEngine *engine, const char *header);

/* Adds a network as others have made it; @json is the body of the create. */
void perry_fake_engine_add_network (PerryFakeEngine *engine, const char *name, const char *json);

/* How many containers exist, whatever their state. */
guint perry_fake_engine_count_containers (PerryFakeEngine *engine);

/**
 * PerryFakeRule:
 * @method: (nullable): the method, or %NULL for any
 * @path: a regular expression that the whole decoded path has to match, without a leading `/v1.41` or `/v4.0.0/libpod`
 * @skip: how many matching requests the rule leaves alone first
 * @times: how often the rule applies after that, 0 for always
 * @status: the reply's status, or 0 for what the engine would say
 * @body: (nullable): the reply's body where @status is set
 * @content_type: (nullable): its type; `application/json` without it
 * @delay_ms: how long to wait before replying
 * @act_first: whether the engine does what was asked before the rule replaces the reply
 * @close: whether to close the connection without a reply
 * @close_when_idle: whether to close the connection after the reply although it was kept alive
 * @truncate: close the connection after this many bytes of the body, where it is above 0
 * @raw: (nullable): bytes that are sent instead of an HTTP reply, before the connection is closed
 * @raw_size: how many
 * @repeat_raw: go on with @flood after @raw until the peer closes the connection
 * @flood: (nullable): what is sent again and again; `x` without it. It has to outlive the rule
 * @flood_size: how many bytes it has
 * @n_floods: how often it is sent before the connection is closed, 0 for without end
 * @raw_parts: (nullable): texts that are sent instead, with a pause of 20 ms before each but the first; then the
 *   connection stays open. They have to outlive the rule
 * @n_raw_parts: how many
 *
 * What happens to the requests that match. The newest rule that matches decides.
 */
typedef struct {
  const char *method;
  const char *path;
  guint skip;
  guint times;
  guint status;
  const char *body;
  const char *content_type;
  guint delay_ms;
  gboolean act_first;
  gboolean close;
  gboolean close_when_idle;
  gsize truncate;
  const char *raw;
  gsize raw_size;
  gboolean repeat_raw;
  const char *flood;
  gsize flood_size;
  guint n_floods;
  const char *const *raw_parts;
  gsize n_raw_parts;
} PerryFakeRule;

/* Adds a rule; it is copied. */
void perry_fake_engine_add_rule (PerryFakeEngine *engine, const PerryFakeRule *rule);
void perry_fake_engine_clear_rules (PerryFakeEngine *engine);

/**
 * PerryFakeRequest:
 * @method: the method
 * @path: the path as it was sent, still encoded, without the query
 * @query: (nullable): the query as it was sent
 * @content_type: (nullable): the body's type
 * @body_size: bytes of the body
 * @body: the body, its first 1 MiB
 * @arrived_at: when it had arrived, on the clock of g_get_monotonic_time()
 *
 * A request that arrived.
 */
typedef struct {
  char *method;
  char *path;
  char *query;
  char *content_type;
  gsize body_size;
  GBytes *body;
  gint64 arrived_at;
} PerryFakeRequest;

/* The requests so far, oldest first; free the array. */
GPtrArray *perry_fake_engine_dup_requests (PerryFakeEngine *engine);

/* How many requests had @method (NULL for any) and a path that the regular expression @path matches, as in rules. */
guint perry_fake_engine_count_requests (PerryFakeEngine *engine, const char *method, const char *path);

/* Waits until so many matching requests have arrived; FALSE after ten seconds. */
gboolean perry_fake_engine_wait_for (PerryFakeEngine *engine, const char *method, const char *path, guint count);

/* Called in the server's thread after each request has been handled, before its reply is sent; NULL for none. */
typedef void (*PerryFakeHook) (PerryFakeEngine *engine, const PerryFakeRequest *request, gpointer user_data);
void perry_fake_engine_set_hook (PerryFakeEngine *engine, PerryFakeHook hook, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryFakeEngine, perry_fake_engine_free)

G_END_DECLS
