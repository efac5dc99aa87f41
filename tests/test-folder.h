/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Files below a folder of a test's own. What cannot be done ends the test. */

/* Writes a file, and makes the folders in between. */
void test_folder_write (const char *folder, const char *name, const char *text);

/* Removes a folder with all that is in it, or a file. Symbolic links are not followed; what is not there is no error. */
void test_folder_remove (const char *path);

G_END_DECLS
