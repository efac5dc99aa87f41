/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "config/perry-config.h"

G_BEGIN_DECLS

/* A place for all files of a configuration, none of which is there. */
typedef struct {
  char *root;
  PerryConfigPaths paths;
} ConfigFixture;

void config_fixture_set_up (ConfigFixture *fixture, gconstpointer data);
void config_fixture_tear_down (ConfigFixture *fixture, gconstpointer data);

/* Writes a file as an administrator's are: 0644. @length: in bytes, -1 for a string. */
void config_put (const char *path, const char *data, gssize length);

PerryConfig *config_load (const ConfigFixture *fixture, const char *const *environment);
/* @message has to be in the error's. */
void config_assert_fails (const ConfigFixture *fixture, const char *const *environment, PerryError code,
                          const char *message);

/* The row of perry_config_list() with this key. */
void config_assert_row (const PerryConfig *config, const char *group, const char *key, const char *value,
                        const char *origin);

/* A word with a minimum that an administrator sets: three values, in the order of what they ask for. */
typedef struct {
  const char *group;
  const char *key;
  const char *minimum_key;
  const char *variable; /* of the environment */
  const char *values[3];
  int (*get) (const PerryConfig *config, const char **ret_origin);
  int (*get_minimum) (const PerryConfig *config, const char **ret_origin);
} ConfigMinimum;

/* Whatever is asked for, by the environment and by an option: the minimum is kept, and the file that set it is named. */
void config_assert_minimum (const ConfigFixture *fixture, const ConfigMinimum *which);

G_END_DECLS
