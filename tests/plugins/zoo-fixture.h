/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/loader/perry-plugin-private.h"

G_BEGIN_DECLS

/* Directories for copies of the zoo's modules. */
typedef struct {
  char *root;    /* 0755, removed at the end */
  char *plugins; /* root/plugins, 0755 */
} ZooFixture;

ZooFixture *zoo_fixture_new (void);
void zoo_fixture_free (ZooFixture *fixture);
void zoo_make_directory (const char *path, guint mode);

/* Copies a module into a directory; returns the copy's path. */
char *zoo_install (const char *module, const char *directory, const char *file);
void zoo_install_as_itself (const char *module, const char *directory);

/* A registry with one directory, as if it were the built-in one. */
PerryPluginRegistry *zoo_registry_new (const char *directory);

/* The entry whose path ends with file. */
PerryPlugin *zoo_find_listed (GPtrArray *plugins, const char *file);
void zoo_assert_rejected (PerryPlugin *plugin, PerryError code);

/* Asks a new registry for an id and for the list, in this order; both have to say the same. */
void zoo_assert_refused_everywhere (const char *directory, const char *id, PerryError code);

/* Runs a scenario in a process of its own: what it opens stays open, and what crashes, crashes alone. */
void zoo_run_in_subprocess (GTestDataFunc scenario, gconstpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ZooFixture, zoo_fixture_free)

G_END_DECLS
