/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-error.h"

G_BEGIN_DECLS

/**
 * PerryJsonLines:
 *
 * Where a reader of a stream of JSON objects is, one on each line (progress of a pull). Only what has arrived of one line
 * is kept. Members are private; any number of readers may be used in parallel.
 *
 * Since: 0.1
 */
typedef struct {
  GByteArray *line;
  gsize max_line;
  guint64 lines_left;
} PerryJsonLines;

/**
 * perry_json_lines_init:
 * @lines: (out caller-allocates): a reader
 * @max_line: how many bytes a line may have, above 0
 * @max_lines: how many lines the stream may have, blank ones included
 *
 * Starts at the beginning of a stream.
 *
 * Since: 0.1
 */
void perry_json_lines_init (PerryJsonLines *lines, gsize max_line, guint64 max_lines);
void perry_json_lines_clear (PerryJsonLines *lines);

/**
 * perry_json_lines_next:
 * @lines: a reader
 * @data: (inout): what has arrived; moved past what was consumed
 * @size: (inout): how many bytes that is
 * @ret_node: (out) (transfer full) (nullable): the next object, %NULL where @data does not complete one
 * @error: return location for an error
 *
 * Takes the next object, strictly parsed. Blank lines are skipped.
 *
 * Errors: %PERRY_ERROR_BACKEND_PROTOCOL for a line that is too long, is not JSON or not an object, and for too many lines.
 * The reader is of no use afterwards.
 *
 * Returns: %TRUE on success
 *
 * Since: 0.1
 */
gboolean perry_json_lines_next (PerryJsonLines *lines, const char **data, gsize *size, JsonNode **ret_node,
                                GError **error);

/**
 * perry_json_lines_finish:
 * @lines: a reader
 * @ret_node: (out) (transfer full) (nullable): an object whose line has no end
 * @error: return location for an error
 *
 * Tells that the stream has ended. Half an object is %PERRY_ERROR_BACKEND_PROTOCOL.
 *
 * Returns: %TRUE on success
 *
 * Since: 0.1
 */
gboolean perry_json_lines_finish (PerryJsonLines *lines, JsonNode **ret_node, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PerryJsonLines, perry_json_lines_clear)

G_END_DECLS
