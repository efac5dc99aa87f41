/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* A line of a file: a group's head (key and value are NULL), or a key with its value as it was written. */
typedef struct {
  char *group;
  char *key;
  char *value;
  guint line;
} PerryConfigEntry;

/* A vendor's and an administrator's file must not be writable by others; the latter's has to be root's or the caller's. */
typedef enum {
  PERRY_CONFIG_FILE_VENDOR,
  PERRY_CONFIG_FILE_ADMINISTRATOR,
  PERRY_CONFIG_FILE_USER,
} PerryConfigFileKind;

/* Reads a file into an array of PerryConfigEntry in the order of its lines. A file that does not exist has none. */
GPtrArray *perry_config_file_read (const char *path, PerryConfigFileKind kind, GError **error);

/* Lists the files `*.conf` of a directory in the order of their names; one that does not exist has none. */
GPtrArray *perry_config_file_list_directory (const char *path, GError **error);

/* Begins an error's message with where it was found. group and key may be NULL. */
void perry_config_file_prefix_error (GError **error, const char *path, const PerryConfigEntry *entry);

G_END_DECLS
