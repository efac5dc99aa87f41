/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/perryctl-command.h"

G_BEGIN_DECLS

/* A command whose first operand is a verb: `perryctl network create`. */
typedef struct {
  const char *name;
  const char *operands;       /* what follows the verb, for messages */
  const char *const *options; /* the command's own options that the verb takes; NULL for none */
  guint least_operands;       /* without the verb */
  guint most_operands;
  int (*run) (PerryctlCall *call, char **operands, GError **error);
} PerryctlVerb;

/* Finds the verb, checks what it takes and carries it out. @verbs ends with a row without name. */
int perryctl_verb_run (PerryctlCall *call, const PerryctlVerb *verbs, GError **error);

/* The verb `ls` of what has labels: lists what has those of --label, and prints it. */
typedef GPtrArray *(*PerryctlLister) (PerryEngine *engine, const char *const *labels, GCancellable *cancellable,
                                      GError **error);
int perryctl_verb_list (PerryctlCall *call, PerryctlLister list, const PerryctlListing *listing, GError **error);

/* All values of an option that can be given more than once. (transfer full) */
char **perryctl_verb_get_all (PerryctlCall *call, const char *option);

/* Reads `KEY=VALUE` (or `KEY`, for an empty value) of every such option into @pairs. */
void perryctl_verb_read_pairs (PerryctlCall *call, const char *option, GHashTable *pairs);

G_END_DECLS
