/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A spec that is too large for a file in the tree. */
typedef struct {
  const char *name;
  GString *(*make) (void);
} HostileSpec;

/* Ends with a row whose name is NULL. */
extern const HostileSpec hostile_specs[];

G_END_DECLS
