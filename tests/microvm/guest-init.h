/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What vm-runtime says of the container: records of a key, a space and a value, each ended by a zero byte. */
typedef struct {
  char *text;
  size_t length;
} GuestConfig;

/* Ends the guest with the reason, errno's text added. */
void guest_fail (const char *format, ...) __attribute__ ((noreturn, format (printf, 1, 2)));

void guest_config_read (GuestConfig *config, const char *path);

/* The first value of @key after the value @previous, or of all when that is NULL; NULL when there is none. */
const char *guest_config_next (const GuestConfig *config, const char *key, const char *previous);

/* All values of @key in a new array that ends with NULL. */
char **guest_config_list (const GuestConfig *config, const char *key);

/* The value of @key as a number; @unset when there is none. */
unsigned long long guest_config_number (const GuestConfig *config, const char *key, unsigned long long unset);

/* Makes the directory @where and mounts there. */
void guest_mount (const char *source, const char *where, const char *type, unsigned long flags, const char *data);
void guest_write_file (const char *path, const char *text);
void guest_make_directories (const char *path);

/* Makes the container's root this process's own, with namespaces and mounts of its own. */
void guest_enter_root (const GuestConfig *config);

/* Takes the ids, capabilities and limits of the container's process, and its working directory. */
void guest_become (const GuestConfig *config);
