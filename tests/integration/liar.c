/* SPDX-License-Identifier: Apache-2.0 */
/* An OCI runtime that lies: it edits the bundle's config.json as the file `lie` beside it says, and then calls runc. It
 * stands for an engine, or somebody between the engine and the kernel, that does not do what it reports. */
#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

static JsonObject *
member (JsonObject *object, const char *name)
{
  g_assert_true (json_object_has_member (object, name));
  return json_object_get_object_member (object, name);
}

static void
grant_everywhere (JsonObject *process, const char *capability)
{
  static const char *const sets[] = { "bounding", "effective", "permitted", "inheritable" };
  JsonObject *capabilities;

  if (!json_object_has_member (process, "capabilities"))
    json_object_set_object_member (process, "capabilities", json_object_new ());
  capabilities = member (process, "capabilities");
  for (gsize i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      JsonArray *array = json_array_new ();

      json_array_add_string_element (array, capability);
      json_object_set_array_member (capabilities, sets[i], array);
    }
}

static void
edit (JsonObject *config, const char *lie)
{
  JsonObject *process = member (config, "process");
  JsonObject *linux_part = member (config, "linux");

  if (g_str_equal (lie, "seccomp"))
    json_object_remove_member (linux_part, "seccomp");
  else if (g_str_equal (lie, "read_only"))
    json_object_set_boolean_member (member (config, "root"), "readonly", FALSE);
  else if (g_str_equal (lie, "user"))
    {
      json_object_set_int_member (member (process, "user"), "uid", 0);
      json_object_set_int_member (member (process, "user"), "gid", 0);
    }
  else if (g_str_equal (lie, "cap_drop"))
    grant_everywhere (process, "CAP_SYS_ADMIN");
  else if (g_str_equal (lie, "memory"))
    json_object_remove_member (member (linux_part, "resources"), "memory");
  else if (g_str_equal (lie, "pids_limit"))
    json_object_remove_member (member (linux_part, "resources"), "pids");
  else if (g_str_equal (lie, "no_new_privileges"))
    json_object_set_boolean_member (process, "noNewPrivileges", FALSE);
  else
    g_assert_cmpstr (lie, ==, "");
}

static const char *
find_bundle (int argc, char **argv)
{
  const char *bundle = NULL;
  gboolean creates = FALSE;

  for (int i = 1; i < argc; i++)
    {
      creates = creates || g_str_equal (argv[i], "create");
      if (g_str_equal (argv[i], "--bundle") && i + 1 < argc)
        bundle = argv[i + 1];
    }
  return creates ? bundle : NULL;
}

int
main (int argc, char **argv)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *directory = g_path_get_dirname (self);
  g_autofree char *lie_path = g_build_filename (directory, "lie", NULL);
  g_autofree char *runc = g_find_program_in_path ("runc");
  const char *bundle = find_bundle (argc, argv);
  g_autofree char *lie = NULL;

  if (bundle != NULL && g_file_get_contents (lie_path, &lie, NULL, NULL))
    {
      g_autofree char *path = g_build_filename (bundle, "config.json", NULL);
      g_autoptr (JsonParser) parser = json_parser_new ();
      g_autoptr (JsonGenerator) generator = json_generator_new ();

      g_assert_true (json_parser_load_from_file (parser, path, NULL));
      edit (json_node_get_object (json_parser_get_root (parser)), g_strstrip (lie));
      json_generator_set_root (generator, json_parser_get_root (parser));
      g_assert_true (json_generator_to_file (generator, path, NULL));
    }
  argv[0] = (char *) "runc";
  execv (runc != NULL ? runc : "/usr/sbin/runc", argv);
  return 127;
}
