/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/engine-fixture.h"

#include <glib/gstdio.h>

#include "plugin-api/perry-json.h"

static char *
fixture_path (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".json", NULL);

  return g_test_build_filename (G_TEST_DIST, "fixtures", "engine", file, NULL);
}

JsonNode *
engine_fixture_parse (const char *json)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = perry_json_parse (json, -1, NULL, &error);

  g_assert_no_error (error);
  return node;
}

JsonNode *
engine_fixture_load (const char *name)
{
  g_autofree char *path = fixture_path (name);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) document = NULL;
  JsonNode *reply;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  document = engine_fixture_parse (text);
  reply = perry_json_find (document, "reply", NULL);
  g_assert_nonnull (reply);
  return json_node_copy (reply);
}

void
engine_fixture_set (JsonNode *root, const char *path, const char *json)
{
  g_auto (GStrv) names = g_strsplit (path, ".", -1);
  JsonObject *object = json_node_get_object (root);
  guint last = g_strv_length (names) - 1;

  for (guint i = 0; i < last; i++)
    object = json_object_get_object_member (object, names[i]);
  json_object_set_member (object, names[last], engine_fixture_parse (json));
}

static const char *const damages[] = { "null", "-7", "\"\\u00fc\"", "[3, null, {}]", "{\"a\": [1]}" };

/* Damages the @index-th value below @node; returns the index that is left when there are fewer. */
static int
damage (JsonNode *node, int index, const char *json)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      g_autoptr (GList) members = json_object_get_members (object);

      for (GList *member = members; member != NULL && index >= 0; member = member->next)
        if (index-- == 0)
          json_object_set_member (object, member->data, engine_fixture_parse (json));
        else
          index = damage (json_object_get_member (object, member->data), index, json);
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array) && index >= 0; i++)
        index = damage (json_array_get_element (array, i), index, json);
    }
  return index;
}

void
engine_fixture_for_each_damage (const char *name, EngineFixtureCheck check)
{
  for (gsize i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_autoptr (JsonNode) root = engine_fixture_parse (damages[i]);

      check (root);
      for (int index = 0;; index++)
        {
          g_autoptr (JsonNode) reply = engine_fixture_load (name);

          if (damage (reply, index, damages[i]) >= 0)
            break;
          check (reply);
        }
    }
  check (NULL);
}

PerryContainerSpec *
engine_fixture_spec (const char *json)
{
  g_autoptr (GError) error = NULL;
  PerryContainerSpec *spec = perry_container_spec_new_from_json (json, -1, &error);

  g_assert_no_error (error);
  perry_container_spec_complete (spec, NULL, &error);
  g_assert_no_error (error);
  return spec;
}

void
engine_fixture_assert_golden (JsonNode *body, const char *name)
{
  g_autofree char *path = fixture_path (name);
  g_autofree char *pretty = perry_json_to_text (body, TRUE);
  g_autofree char *text = g_strconcat (pretty, "\n", NULL);
  g_autofree char *golden = NULL;
  g_autoptr (GError) error = NULL;

  if (g_strcmp0 (g_getenv ("PERRY_UPDATE_GOLDEN"), "1") == 0)
    g_file_set_contents (path, text, -1, &error);
  else
    g_file_get_contents (path, &golden, NULL, &error);
  g_assert_no_error (error);
  if (golden != NULL)
    g_assert_cmpstr (text, ==, golden);
}

char *
engine_fixture_make_directory (void)
{
  g_autoptr (GError) error = NULL;
  char *path = g_dir_make_tmp ("perry-engine-XXXXXX", &error);

  g_assert_no_error (error);
  return path;
}

void
engine_fixture_remove_directory (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        engine_fixture_remove_directory (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}
