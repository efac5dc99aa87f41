/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/proof/perry-proof-observe.h"

G_BEGIN_DECLS

/* Recorded trees of /proc and of the cgroups, in tests/fixtures/proc. */

/* A copy of one that a test may change. */
char *proof_tree_copy (const char *name);

/* Removes a copy. */
void proof_tree_remove (const char *tree);

/* The paths are relative to the tree. What fails, fails the test. */
void proof_tree_write (const char *tree, const char *path, const char *text);
void proof_tree_unlink (const char *tree, const char *path);
char *proof_tree_read (const char *tree, const char *path);

/* Replaces the first @from, which has to be there, by @to. */
void proof_tree_edit (const char *tree, const char *path, const char *from, const char *to);

/* What a process of the tree is seen to be. */
PerryObservation *proof_tree_observe (const char *tree, gint pid, const PerryProofRequest *request);

G_END_DECLS
