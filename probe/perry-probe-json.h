/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes one JSON document to stdout. A name of NULL is for the members of an array. */

void probe_json_set_pretty (bool pretty);
void probe_json_open_object (const char *name);
void probe_json_open_array (const char *name);
void probe_json_close (void);
void probe_json_add_string (const char *name, const char *value);
void probe_json_add_integer (const char *name, int64_t value);
void probe_json_add_boolean (const char *name, bool value);
void probe_json_add_null (const char *name);
bool probe_json_finish (void);
