/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

/* What every target defines: it gives @data to a parser. Only a crash, a critical warning and fuzz_require() count. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
int LLVMFuzzerInitialize (int *argc, char ***argv);

/* A copy that ends where the input or its first NUL does, so that a read beyond it is seen. */
char *fuzz_dup_text (const uint8_t *data, size_t size);

/* Ends the program unless @truth holds. */
void fuzz_require (gboolean truth, const char *what);

/* What every message has to be: UTF-8, and shorter than 4 kB if @bounded. */
void fuzz_check_error (const GError *error, gboolean bounded);

G_END_DECLS
