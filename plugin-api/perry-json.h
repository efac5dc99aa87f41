/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>
#include <json-glib/json-glib.h>

#include "perry-export.h"

G_BEGIN_DECLS

/**
 * PERRY_JSON_MAX_DEPTH:
 *
 * How many arrays and objects may be open at once in a document: `[[1]]` has a depth of 2. It is not a limit that a
 * caller can raise, because json-glib's parser recurses.
 *
 * Since: 0.1
 */
#define PERRY_JSON_MAX_DEPTH 64

/**
 * PERRY_JSON_DEFAULT_MAX_BYTES:
 *
 * The default of [struct@Perry.JsonLimits].max_bytes: 16 MiB.
 *
 * Since: 0.1
 */
#define PERRY_JSON_DEFAULT_MAX_BYTES (16 * 1024 * 1024)

/**
 * PERRY_JSON_DEFAULT_MAX_VALUES:
 *
 * The default of [struct@Perry.JsonLimits].max_values: one million.
 *
 * Since: 0.1
 */
#define PERRY_JSON_DEFAULT_MAX_VALUES 1000000

/**
 * PERRY_JSON_DEFAULT_MAX_STRING_BYTES:
 *
 * The default of [struct@Perry.JsonLimits].max_string_bytes: 4 MiB.
 *
 * Since: 0.1
 */
#define PERRY_JSON_DEFAULT_MAX_STRING_BYTES (4 * 1024 * 1024)

/**
 * PERRY_JSON_DEFAULT_MAX_MEMBERS:
 *
 * The default of [struct@Perry.JsonLimits].max_members: ten thousand. It bounds, together with a check for
 * keys that were chosen to collide, the time that json-glib's hash table can cost.
 *
 * Since: 0.1
 */
#define PERRY_JSON_DEFAULT_MAX_MEMBERS 10000

/**
 * PerryJsonLimits:
 * @max_bytes: bytes of the whole document
 * @max_values: values in the document, counting each object, array, string, number and literal once, keys not
 * @max_string_bytes: bytes of one string or key as it stands between its quotes, before escapes are resolved
 * @max_members: members of one object
 *
 * What perry_json_parse() accepts. A member that is 0 stands for its default (`PERRY_JSON_DEFAULT_…`). The depth is
 * always limited to %PERRY_JSON_MAX_DEPTH.
 *
 * Since: 0.1
 */
typedef struct {
  gsize max_bytes;
  gsize max_values;
  gsize max_string_bytes;
  gsize max_members;
} PerryJsonLimits;

/**
 * perry_json_parse:
 * @data: (array length=length) (element-type guint8): the document's bytes; need not end in a NUL when @length is given
 * @length: the number of bytes, or -1 when @data ends in a NUL
 * @limits: (nullable): what to accept, or %NULL for the defaults
 * @error: return location for an error
 *
 * Reads exactly one JSON document as RFC 8259 defines it.
 *
 * Refused are comments, a byte order mark, anything after the document, invalid UTF-8, unpaired surrogates, U+0000 (as
 * a byte or as an escape), a key that appears twice in one object, integers that do not fit 64 bits with sign, numbers
 * that are not finite as a double, and documents beyond the limits. Any value may be at the top. A number with a
 * fraction or an exponent becomes a double, any other an int64.
 *
 * A message names line, column (both from 1, the column in characters) and the JSON path, such as
 * `$.HostConfig.CapAdd[2]`. It is valid UTF-8 whatever the document contained.
 *
 * This function may be called from any thread.
 *
 * Errors: %PERRY_ERROR_INVALID_JSON when the document is not strict JSON, %PERRY_ERROR_LIMIT_EXCEEDED when it exceeds
 * a limit or nests deeper than %PERRY_JSON_MAX_DEPTH.
 *
 * Returns: (transfer full): the document's root, not sealed; free it with [method@Json.Node.unref]
 *
 * Since: 0.1
 */
PERRY_API JsonNode *perry_json_parse (const char *data, gssize length, const PerryJsonLimits *limits, GError **error);

/**
 * perry_json_parse_bytes:
 * @bytes: the document
 * @limits: (nullable): what to accept, or %NULL for the defaults
 * @error: return location for an error
 *
 * Does what perry_json_parse() does.
 *
 * Returns: (transfer full): the document's root
 *
 * Since: 0.1
 */
PERRY_API JsonNode *perry_json_parse_bytes (GBytes *bytes, const PerryJsonLimits *limits, GError **error);

/**
 * perry_json_check:
 * @data: (array length=length) (element-type guint8): the document's bytes
 * @length: the number of bytes, or -1 when @data ends in a NUL
 * @limits: (nullable): what to accept, or %NULL for the defaults
 * @error: return location for an error
 *
 * Makes the strict pass of perry_json_parse() alone, for a document that is handed on as bytes (a seccomp profile).
 *
 * This function may be called from any thread. Errors are those of perry_json_parse().
 *
 * Returns: %TRUE when perry_json_parse() would accept the document
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_json_check (const char *data, gssize length, const PerryJsonLimits *limits, GError **error);

/**
 * perry_json_to_text:
 * @node: (nullable): a value, or %NULL which is written as `null`
 * @pretty: whether to write one member per line, indented by two spaces
 *
 * Writes @node as JSON. The same tree always gives the same bytes: members keep the order in which they were added, a
 * double is written with the fewest digits that read back as the same double and always with a fraction or an exponent,
 * and one that is not finite as `null`. There is no newline at the end.
 *
 * This function may be called from any thread as long as nobody changes @node.
 *
 * Returns: (transfer full): the text, in UTF-8
 *
 * Since: 0.1
 */
PERRY_API char *perry_json_to_text (JsonNode *node, gboolean pretty);

/**
 * perry_json_as_string:
 * @node: (nullable): a value
 *
 * Gets the text of a string.
 *
 * Returns: (transfer none) (nullable): the text, or %NULL when @node is %NULL or is not a string
 *
 * Since: 0.1
 */
PERRY_API const char *perry_json_as_string (JsonNode *node);

/**
 * perry_json_as_object:
 * @node: (nullable): a value
 *
 * Gets an object's members.
 *
 * Returns: (transfer none) (nullable): the object, or %NULL when @node is %NULL or is not an object
 *
 * Since: 0.1
 */
PERRY_API JsonObject *perry_json_as_object (JsonNode *node);

/**
 * perry_json_as_array:
 * @node: (nullable): a value
 *
 * Gets an array's elements.
 *
 * Returns: (transfer none) (nullable): the array, or %NULL when @node is %NULL or is not an array
 *
 * Since: 0.1
 */
PERRY_API JsonArray *perry_json_as_array (JsonNode *node);

/**
 * perry_json_as_boolean:
 * @node: (nullable): a value
 * @ret_value: (out) (optional): where to put it; not written on failure
 *
 * Gets `true` or `false`.
 *
 * Returns: %FALSE when @node is %NULL or is not a boolean
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_json_as_boolean (JsonNode *node, gboolean *ret_value);

/**
 * perry_json_as_int64:
 * @node: (nullable): a value
 * @ret_value: (out) (optional): where to put it; not written on failure
 *
 * Gets an integer. A number that was written with a fraction or an exponent is none, even `1.0`.
 *
 * Returns: %FALSE when @node is %NULL or is not an integer
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_json_as_int64 (JsonNode *node, gint64 *ret_value);

/**
 * perry_json_as_double:
 * @node: (nullable): a value
 * @ret_value: (out) (optional): where to put it; not written on failure
 *
 * Gets a number, integers included.
 *
 * Returns: %FALSE when @node is %NULL or is not a number
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_json_as_double (JsonNode *node, double *ret_value);

/**
 * perry_json_as_strv:
 * @node: (nullable): a value
 * @ret_value: (out) (optional) (array zero-terminated=1) (transfer full): where to put a copy; not written on failure
 *
 * Gets an array all of whose elements are strings.
 *
 * Returns: %FALSE when @node is %NULL, is not an array, or has an element that is not a string
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_json_as_strv (JsonNode *node, char ***ret_value);

/**
 * perry_json_read_string:
 * @object: (nullable): an object
 * @member: the member's name
 * @ret_value: (out) (optional) (transfer none): where to put the text; not written on failure
 *
 * Reads a string. Like all `perry_json_read_…` functions it never logs and never aborts on a member of another type.
 *
 * Returns: %FALSE when @object is %NULL, or the member is absent, `null` or not a string
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_json_read_string (JsonObject *object, const char *member, const char **ret_value);

/**
 * perry_json_read_boolean:
 * @object: (nullable): an object
 * @member: the member's name
 * @ret_value: (out) (optional): where to put the value; not written on failure
 *
 * Reads a boolean.
 *
 * Returns: %FALSE when @object is %NULL, or the member is absent, `null` or not a boolean
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_json_read_boolean (JsonObject *object, const char *member, gboolean *ret_value);

/**
 * perry_json_read_int64:
 * @object: (nullable): an object
 * @member: the member's name
 * @ret_value: (out) (optional): where to put the value; not written on failure
 *
 * Reads an integer, see perry_json_as_int64().
 *
 * Returns: %FALSE when @object is %NULL, or the member is absent, `null` or not an integer
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_json_read_int64 (JsonObject *object, const char *member, gint64 *ret_value);

/**
 * perry_json_read_double:
 * @object: (nullable): an object
 * @member: the member's name
 * @ret_value: (out) (optional): where to put the value; not written on failure
 *
 * Reads a number, integers included.
 *
 * Returns: %FALSE when @object is %NULL, or the member is absent, `null` or not a number
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_json_read_double (JsonObject *object, const char *member, double *ret_value);

/**
 * perry_json_read_object:
 * @object: (nullable): an object
 * @member: the member's name
 * @ret_value: (out) (optional) (transfer none): where to put the inner object; not written on failure
 *
 * Reads an object.
 *
 * Returns: %FALSE when @object is %NULL, or the member is absent, `null` or not an object
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_json_read_object (JsonObject *object, const char *member, JsonObject **ret_value);

/**
 * perry_json_read_array:
 * @object: (nullable): an object
 * @member: the member's name
 * @ret_value: (out) (optional) (transfer none): where to put the array; not written on failure
 *
 * Reads an array.
 *
 * Returns: %FALSE when @object is %NULL, or the member is absent, `null` or not an array
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_json_read_array (JsonObject *object, const char *member, JsonArray **ret_value);

/**
 * perry_json_read_strv:
 * @object: (nullable): an object
 * @member: the member's name
 * @ret_value: (out) (optional) (array zero-terminated=1) (transfer full): where to put a copy, to be freed with
 *   g_strfreev(); not written on failure
 *
 * Reads an array of strings.
 *
 * Returns: %FALSE when @object is %NULL, or the member is absent, `null`, not an array or has an element that is not a
 *   string
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_json_read_strv (JsonObject *object, const char *member, char ***ret_value);

/**
 * perry_json_find: (skip)
 * @root: (nullable): a value
 * @...: names of members from the outside in, then %NULL
 *
 * Follows members through nested objects: `perry_json_find (root, "HostConfig", "CapAdd", NULL)`. Use one of the
 * `perry_json_as_…` functions on the result.
 *
 * Returns: (transfer none) (nullable): the value, which may be `null`, or %NULL when @root is %NULL, a member is
 *   absent, or something on the way is not an object
 *
 * Since: 0.1
 */
PERRY_API JsonNode *perry_json_find (JsonNode *root, ...) G_GNUC_NULL_TERMINATED;

/**
 * perry_json_nearest_key:
 * @unknown: a name that was not recognised
 * @known: (array zero-terminated=1): the names that exist
 *
 * Finds the name that was probably meant, for an error message. The distance counts insertions, deletions,
 * replacements and swaps of neighbours, and may be at most a third of the longer name.
 *
 * Returns: (transfer none) (nullable): an element of @known, the first of equally near ones, or %NULL when none is
 *   near or @unknown is longer than 128 bytes
 *
 * Since: 0.1
 */
PERRY_API const char *perry_json_nearest_key (const char *unknown, const char *const *known);

G_END_DECLS
