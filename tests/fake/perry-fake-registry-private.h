/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <libsoup/soup.h>

#include "tests/fake/perry-fake-registry.h"

G_BEGIN_DECLS

typedef struct {
  char *media_type;
  GBytes *body;
} PerryFakeManifest;

struct _PerryFakeRegistry {
  PerryFakeRegistryFlags flags;
  char *name;
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  SoupServer *server;

  GMutex lock; /* of everything below */
  GCond changed;
  GHashTable *blobs;     /* digest -> GBytes */
  GHashTable *manifests; /* repository@digest -> PerryFakeManifest */
  GHashTable *tags;      /* repository:tag -> digest */
  GHashTable *uploads;   /* id -> GByteArray */
  guint n_uploads;
  GPtrArray *swaps;
  GPtrArray *faults;
  GPtrArray *requests;

  char *username;
  char *password;
  char *identity_token;
  gboolean anonymous;
  GHashTable *tokens; /* token -> scope */
  guint n_tokens;
  PerryFakeRegistry *token_server;
};

/* Takes what comes on a socket that listens, without TLS. */
void perry_fake_registry_accept (PerryFakeRegistry *registry, GSocket *listener);
/* Ends a request's connection. */
void perry_fake_registry_cut (SoupServerMessage *message);

char *perry_fake_registry_digest (GBytes *bytes);
void perry_fake_registry_store_manifest (PerryFakeRegistry *registry, const char *repository, const char *tag,
                                         const char *media_type, GBytes *body);

/* Both with the lock held. */
void perry_fake_registry_answer (PerryFakeRegistry *registry, SoupServerMessage *message, const char *path,
                                 GHashTable *query);
void perry_fake_registry_answer_token (PerryFakeRegistry *registry, SoupServerMessage *message, GHashTable *query);
/* Whether a request may go on; else it has been answered. */
gboolean perry_fake_registry_admit (PerryFakeRegistry *registry, SoupServerMessage *message, const char *repository);

/* An error in the registries' form. */
void perry_fake_registry_refuse (SoupServerMessage *message, guint status, const char *code);

G_END_DECLS
