/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/verification/perry-registry-client.h"
#include "plugin-api/perry-error.h"
#include "tests/fake/perry-fake-registry.h"

G_BEGIN_DECLS

/* What a call that does not hang takes far less than. */
#define REGISTRY_FIXTURE_NOT_HANGING_MS 10000

/* A user with a home directory of his own, and what a test asks about. */
typedef struct {
  char *directory;
  char **environment;
  PerryRegistryOptions options;
  PerryRegistryClient *client; /* made by the first call */
} RegistryFixture;

void registry_fixture_set_up (RegistryFixture *fixture, gconstpointer data);
void registry_fixture_tear_down (RegistryFixture *fixture, gconstpointer data);

/* The client of the options as they are now, instead of the one before. */
PerryRegistryClient *registry_fixture_renew_client (RegistryFixture *fixture);
PerryRegistryClient *registry_fixture_get_client (RegistryFixture *fixture);

/* Writes the user's config.json: one login for @registry; @identity_token instead where it is not NULL. */
void registry_fixture_log_in (RegistryFixture *fixture, PerryFakeRegistry *registry, const char *username,
                              const char *password, const char *identity_token);
/* The mirrors of @registry, ended by NULL. */
void registry_fixture_set_mirrors (RegistryFixture *fixture, PerryFakeRegistry *registry, const char *const *mirrors);
/* The path of a file in fixtures/registry. */
char *registry_fixture_get_file (const char *name);

/* `127.0.0.1:PORT/NAME` */
PerryImageReference *registry_fixture_refer (PerryFakeRegistry *registry, const char *name);

PerryRegistryImage *registry_fixture_resolve (RegistryFixture *fixture, PerryFakeRegistry *registry, const char *name,
                                              const char *platform);
/* @text has to be in the message. */
void registry_fixture_assert_unresolved (RegistryFixture *fixture, PerryFakeRegistry *registry, const char *name,
                                         const char *platform, PerryError code, const char *text);

G_END_DECLS
