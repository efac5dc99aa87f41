/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <libsoup/soup.h>

#include "tests/fake/perry-fake-engine.h"

G_BEGIN_DECLS

typedef enum {
  PERRY_FAKE_CREATED,
  PERRY_FAKE_INITIALISED,
  PERRY_FAKE_RUNNING,
  PERRY_FAKE_EXITED,
} PerryFakeState;

/* How the container that a command stands for behaves. */
typedef enum {
  PERRY_FAKE_PRINTS,
  PERRY_FAKE_ECHOES,
  PERRY_FAKE_SLEEPS,
  PERRY_FAKE_MISSING,
} PerryFakeWorkload;

typedef struct {
  char *reference;
  char *id;
  char *digest;
  char *platform;  /* NULL for that of the shape */
  gboolean pulled; /* a registry has given the digest */
} PerryFakeImage;

/* Somebody whose reply comes when the container ends. */
typedef struct {
  SoupServerMessage *message;
  gboolean until_removed;
  gboolean follows_log;
} PerryFakeWaiter;

typedef struct {
  PerryFakeEngine *engine;
  int references;
  char *id;
  char *name;
  char *image_id;
  char *image_name;
  char **command;
  JsonNode *report;
  JsonObject *labels;
  PerryFakeState state;
  PerryFakeWorkload workload;
  gboolean has_terminal;
  gboolean auto_remove;
  gboolean removed;
  int planned_exit;
  int exit_code;
  char *output;
  char *error_output;
  char *start_error;
  gint64 created_at;
  gint64 started_at;
  gint64 finished_at;
  GByteArray *log;
  GPtrArray *attached;
  GSocketConnection *input;
  GPtrArray *waiters;
} PerryFakeContainer;

struct _PerryFakeEngine {
  PerryFakeDialect dialect;
  char *directory;
  char *socket_path;
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  SoupServer *server;
  GSocket *listener;

  /* Everything below is guarded by the lock. The lock is not held while a hook runs. */
  GMutex lock;
  GCond changed;
  gboolean ready;
  gboolean stopping;
  const char *warnings;    /* JSON */
  const char *kernel;      /* NULL for the recorded one */
  const char *api_version; /* NULL for the dialect's own */
  GPtrArray *containers;
  GPtrArray *images;
  GPtrArray *remotes; /* PerryFakeImage: what registries have */
  char *login;        /* the X-Registry-Auth that they want, or NULL */
  gboolean keeps_platforms;
  GPtrArray *networks;
  GPtrArray *volumes;
  GPtrArray *rules;
  GPtrArray *requests;
  GPtrArray *threads;
  GPtrArray *stolen;
  GHashTable *reports;
  PerryFakeHook hook;
  gpointer hook_data;
  char *output;
  char *error_output;
  int exit_code;
  gint64 pid;
  guint serial;
};

/* A request while it is answered. Either the reply is set or the connection was taken or the message is paused. */
typedef struct {
  PerryFakeEngine *engine;
  SoupServerMessage *message;
  const PerryFakeRequest *request;
  char **segments;
  guint n_segments;
  GHashTable *query;
  JsonNode *body;
  guint status;
  char *reply;
  gsize reply_size;
  const char *content_type;
  gboolean taken;
} PerryFakeCall;

static inline gboolean
perry_fake_is_docker (PerryFakeEngine *engine)
{
  return engine->dialect <= PERRY_FAKE_DOCKER_28;
}

/* perry-fake-engine.c */
GSocketConnection *perry_fake_call_steal (PerryFakeCall *call);
void perry_fake_engine_start_thread (PerryFakeEngine *engine, const char *name, GThreadFunc function, gpointer data);
void perry_fake_call_add_headers (PerryFakeEngine *engine, SoupMessageHeaders *headers);

/* perry-fake-route.c */
void perry_fake_route (PerryFakeCall *call);
void perry_fake_call_reply (PerryFakeCall *call, guint status, const char *format, ...) G_GNUC_PRINTF (3, 4);
void perry_fake_call_reply_empty (PerryFakeCall *call, guint status);
void perry_fake_call_reply_node (PerryFakeCall *call, guint status, JsonNode *node);
/* @cause is what Podman calls the kind of error; Docker has none. */
void perry_fake_call_fail (PerryFakeCall *call, guint status, const char *cause, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
const char *perry_fake_call_get_query (PerryFakeCall *call, const char *key);
gboolean perry_fake_call_get_flag (PerryFakeCall *call, const char *key);
JsonNode *perry_fake_engine_load_shape (PerryFakeEngine *engine, const char *name);

/* perry-fake-images.c */
PerryFakeImage *perry_fake_engine_find_image (PerryFakeEngine *engine, const char *reference);
void perry_fake_image_free (PerryFakeImage *image);
void perry_fake_images_pull (PerryFakeCall *call);
void perry_fake_images_list (PerryFakeCall *call);
void perry_fake_images_inspect (PerryFakeCall *call);
void perry_fake_images_load (PerryFakeCall *call);
void perry_fake_images_import (PerryFakeCall *call);
void perry_fake_images_tag (PerryFakeCall *call);
void perry_fake_images_remove (PerryFakeCall *call);

/* perry-fake-version.c */
const char *perry_fake_engine_get_api_version (PerryFakeEngine *engine);
/* FALSE, with the reply set, for a version in the path that the engine does not speak. */
gboolean perry_fake_version_check (PerryFakeCall *call);
/* Leaves out of a create what the version in the path has no member for; FALSE, with the reply set, for what it
 * refuses. */
gboolean perry_fake_version_gate (PerryFakeCall *call, JsonObject *request);

/* perry-fake-networks.c */
GPtrArray *perry_fake_entries_new (void);
gboolean perry_fake_networks_route (PerryFakeCall *call);
gboolean perry_fake_volumes_route (PerryFakeCall *call);

/* perry-fake-container.c; all but end_later() in the server's thread with the lock held. */
PerryFakeContainer *perry_fake_container_new (PerryFakeEngine *engine, char **command);
void perry_fake_container_unref (PerryFakeContainer *container);
PerryFakeContainer *perry_fake_engine_find_container (PerryFakeEngine *engine, const char *name);
void perry_fake_container_start (PerryFakeContainer *container);
void perry_fake_container_end (PerryFakeContainer *container, int exit_code);
void perry_fake_container_remove (PerryFakeContainer *container);
void perry_fake_container_attach (PerryFakeContainer *container, PerryFakeCall *call);
void perry_fake_container_send_log (PerryFakeContainer *container, PerryFakeCall *call);
void perry_fake_container_add_waiter (PerryFakeContainer *container, PerryFakeCall *call, gboolean until_removed);
char *perry_fake_format_time (gint64 microseconds);

/* perry-fake-docker.c, perry-fake-podman.c */
PerryFakeContainer *perry_fake_docker_create (PerryFakeCall *call);
PerryFakeContainer *perry_fake_podman_create (PerryFakeCall *call);
JsonNode *perry_fake_docker_inspect (PerryFakeContainer *container);
JsonNode *perry_fake_podman_inspect (PerryFakeContainer *container);
JsonNode *perry_fake_docker_list_entry (PerryFakeContainer *container);
JsonNode *perry_fake_podman_list_entry (PerryFakeContainer *container);

G_END_DECLS
