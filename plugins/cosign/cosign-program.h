/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* What a cosign can do, read from the flags that it lists. Versions say nothing: distributions build it as "devel". */
typedef struct {
  gboolean reads_trusted_root; /* 3.x: --trusted-root is where trust comes from; 2.x ignores it and takes its own */
  gboolean has_registry_ca;
} PerryCosignFeatures;

/* A program's file, as far as two of them can be told apart, and its features. */
typedef struct {
  char *path;
  dev_t device;
  ino_t inode;
  gint64 size;
  gint64 changed_ns;
  PerryCosignFeatures features;
} PerryCosignProgram;

/* Reads what `cosign verify --help` printed. NULL and PERRY_ERROR_PROCESS_FAILED naming the flag that is missing. */
gboolean perry_cosign_read_help (const char *text, PerryCosignFeatures *ret_features, GError **error);

/* Looks at the file alone; features are not set. */
PerryCosignProgram *perry_cosign_program_new (const char *path, GError **error);
PerryCosignProgram *perry_cosign_program_copy (const PerryCosignProgram *program);
void perry_cosign_program_free (PerryCosignProgram *program);
gboolean perry_cosign_program_is_same (const PerryCosignProgram *a, const PerryCosignProgram *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryCosignProgram, perry_cosign_program_free)

G_END_DECLS
