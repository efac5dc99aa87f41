/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-container-spec.h"

#include "plugin-api/perry-json.h"

/* The committed schema is what the table gives; PERRY_UPDATE_GOLDEN=1 writes it anew. */
static void
test_committed_schema (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "..", "config", "schema",
                                            "container-spec.schema.json", NULL);
  g_autofree char *schema = perry_container_spec_get_json_schema ();
  g_autofree char *wanted = g_strconcat (schema, "\n", NULL);
  g_autofree char *found = NULL;

  if (g_strcmp0 (g_getenv ("PERRY_UPDATE_GOLDEN"), "1") == 0)
    {
      g_file_set_contents (file, wanted, -1, &error);
      g_assert_no_error (error);
    }
  g_file_get_contents (file, &found, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (found, ==, wanted);
}

static void
test_every_spelling (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *schema = perry_container_spec_get_json_schema ();
  g_autoptr (JsonNode) root = perry_json_parse (schema, -1, NULL, &error);
  JsonObject *properties;

  g_assert_no_error (error);
  properties = perry_json_as_object (perry_json_find (root, "properties", NULL));
  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    {
      const PerryFieldInfo *info = perry_field_get_info (field);

      g_assert_true (json_object_has_member (properties, info->name));
      g_assert_true (json_object_has_member (properties, info->camel_case));
      if (info->alias != NULL)
        g_assert_true (json_object_has_member (properties, info->alias));
    }
  g_assert_nonnull (perry_json_find (root, "properties", "volumes", "items", NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/spec-schema/committed-file-is-current", test_committed_schema);
  g_test_add_func ("/spec-schema/has-every-spelling", test_every_spelling);
  return g_test_run ();
}
