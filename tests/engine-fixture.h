/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/* Gets the reply of tests/fixtures/engine/NAME.json. */
JsonNode *engine_fixture_load (const char *name);

/* Parses JSON that a test writes down. */
JsonNode *engine_fixture_parse (const char *json);

/* Replaces the member at @path (`HostConfig.Memory`) of an object by the value of @json. */
void engine_fixture_set (JsonNode *root, const char *path, const char *json);

/* Calls @check with the reply of NAME.json after each member at any depth was replaced, one at a time, by null, a
 * number, a text, an array and an object: a hostile engine. */
typedef void (*EngineFixtureCheck) (JsonNode *reply);
void engine_fixture_for_each_damage (const char *name, EngineFixtureCheck check);

/* Reads and completes a spec. */
PerryContainerSpec *engine_fixture_spec (const char *json);

/* Compares JSON with tests/fixtures/engine/NAME.json; PERRY_UPDATE_GOLDEN=1 writes it instead. */
void engine_fixture_assert_golden (JsonNode *body, const char *name);

/* Runs @function with a directory of its own, which is removed afterwards. */
char *engine_fixture_make_directory (void);
void engine_fixture_remove_directory (const char *path);

G_END_DECLS
