/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/perry-image-archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-json.h"

typedef struct {
  GBytes *content;
  char *target;
  unsigned type;
  unsigned mode;
  gint64 owner, group, time;
} Member;

static void
member_free (gpointer data)
{
  Member *member = data;

  g_bytes_unref (member->content);
  g_free (member->target);
  g_free (member);
}

/* Every member of a tar archive by its name without a slash at the end. */
static GHashTable *
read_tar (GBytes *bytes)
{
  GHashTable *members = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, member_free);
  struct archive *reader = archive_read_new ();
  struct archive_entry *entry;
  gsize length;
  const void *data = g_bytes_get_data (bytes, &length);

  archive_read_support_format_tar (reader);
  g_assert_cmpint (archive_read_open_memory (reader, data, length), ==, ARCHIVE_OK);
  while (archive_read_next_header (reader, &entry) == ARCHIVE_OK)
    {
      Member *member = g_new0 (Member, 1);
      gsize size = (gsize) archive_entry_size (entry);
      char *name = g_strdup (archive_entry_pathname (entry));
      char *buffer = g_malloc (size + 1);

      if (g_str_has_suffix (name, "/"))
        name[strlen (name) - 1] = '\0';
      g_assert_cmpint (archive_read_data (reader, buffer, size), ==, size);
      member->content = g_bytes_new_take (buffer, size);
      member->target = g_strdup (archive_entry_symlink (entry));
      member->type = archive_entry_filetype (entry);
      member->mode = archive_entry_perm (entry);
      member->owner = archive_entry_uid (entry);
      member->group = archive_entry_gid (entry);
      member->time = archive_entry_mtime (entry);
      g_assert_true (g_hash_table_insert (members, name, member));
    }
  archive_read_free (reader);
  return members;
}

static Member *
get_member (GHashTable *members, const char *name)
{
  Member *member = g_hash_table_lookup (members, name);

  if (member == NULL)
    g_error ("the archive has no '%s'", name);
  return member;
}

static JsonNode *
get_json (GHashTable *members, const char *name)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = perry_json_parse_bytes (get_member (members, name)->content, NULL, &error);

  g_assert_no_error (error);
  return node;
}

/* The member that holds the blob of @digest; its content has to have that digest. */
static char *
find_blob (GHashTable *members, const char *digest)
{
  char *name = g_strconcat ("blobs/sha256/", digest + strlen ("sha256:"), NULL);
  g_autofree char *hex = NULL;

  g_assert_true (g_str_has_prefix (digest, "sha256:"));
  hex = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, get_member (members, name)->content);
  g_assert_cmpstr (hex, ==, digest + strlen ("sha256:"));
  return name;
}

static PerryImageArchive *
make_sample (gboolean backwards)
{
  static const char *const command[] = { "sh", "-c", "echo \"x\"", NULL };
  static const char *const entrypoint[] = { "/bin/init", NULL };
  static const char *const environment[] = { "PATH=/bin", "A=b=c", NULL };
  PerryImageArchive *image = perry_image_archive_new ("localhost/sample:1");

  for (int i = 0; i < 4; i++)
    switch (backwards ? 3 - i : i)
      {
      case 0:
        perry_image_archive_add_text (image, "/bin/init", 0755, "program");
        break;
      case 1:
        perry_image_archive_add_symlink (image, "/usr/lib/deep/link", "../init");
        break;
      case 2:
        perry_image_archive_add_directory (image, "/tmp", 01777);
        break;
      default:
        perry_image_archive_add_text (image, "/etc/empty", 0600, "");
        perry_image_archive_add_label (image, backwards ? "z" : "a", "1");
        perry_image_archive_add_label (image, backwards ? "a" : "z", "1");
        break;
      }
  perry_image_archive_set_command (image, command);
  perry_image_archive_set_entrypoint (image, entrypoint);
  perry_image_archive_set_environment (image, environment);
  perry_image_archive_set_user (image, "65534:65534");
  perry_image_archive_set_working_directory (image, "/tmp");
  return image;
}

static GBytes *
build (PerryImageArchive *image, char **ret_image_id)
{
  g_autoptr (GError) error = NULL;
  GBytes *archive = perry_image_archive_build (image, ret_image_id, &error);

  g_assert_no_error (error);
  return archive;
}

static void
test_same_bytes (void)
{
  g_autoptr (PerryImageArchive) one = make_sample (FALSE);
  g_autoptr (PerryImageArchive) other = make_sample (TRUE);
  g_autofree char *one_id = NULL, *other_id = NULL, *changed_id = NULL;
  g_autoptr (GBytes) first = build (one, &one_id);
  g_autoptr (GBytes) second = build (other, &other_id);
  g_autoptr (GBytes) changed = NULL;

  g_assert_true (g_bytes_equal (first, second));
  g_assert_cmpstr (one_id, ==, other_id);
  perry_image_archive_add_text (other, "/etc/empty", 0600, "not so");
  changed = build (other, &changed_id);
  g_assert_cmpstr (one_id, !=, changed_id);
}

static void
test_both_layouts (void)
{
  g_autoptr (PerryImageArchive) image = make_sample (FALSE);
  g_autofree char *image_id = NULL, *manifest_name = NULL, *config_name = NULL, *layer_name = NULL;
  g_autoptr (GBytes) archive = build (image, &image_id);
  g_autoptr (GHashTable) members = read_tar (archive);
  g_autoptr (JsonNode) layout = get_json (members, "oci-layout");
  g_autoptr (JsonNode) index = get_json (members, "index.json");
  g_autoptr (JsonNode) docker = get_json (members, "manifest.json");
  g_autoptr (JsonNode) manifest = NULL, config = NULL;
  JsonObject *pointer, *layer, *loaded;
  JsonArray *diff_ids;

  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (layout), "imageLayoutVersion"), ==, "1.0.0");
  pointer = json_array_get_object_element (json_object_get_array_member (json_node_get_object (index), "manifests"), 0);
  manifest_name = find_blob (members, json_object_get_string_member (pointer, "digest"));
  g_assert_cmpint (json_object_get_int_member (pointer, "size"), ==,
                   g_bytes_get_size (get_member (members, manifest_name)->content));
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (pointer, "annotations"),
                                                  "org.opencontainers.image.ref.name"), ==, "localhost/sample:1");

  manifest = get_json (members, manifest_name);
  pointer = json_object_get_object_member (json_node_get_object (manifest), "config");
  config_name = find_blob (members, json_object_get_string_member (pointer, "digest"));
  g_assert_cmpstr (json_object_get_string_member (pointer, "digest"), ==, image_id);
  g_assert_cmpint (json_object_get_int_member (pointer, "size"), ==,
                   g_bytes_get_size (get_member (members, config_name)->content));
  layer = json_array_get_object_element (json_object_get_array_member (json_node_get_object (manifest), "layers"), 0);
  layer_name = find_blob (members, json_object_get_string_member (layer, "digest"));

  config = get_json (members, config_name);
  diff_ids = json_object_get_array_member (json_object_get_object_member (json_node_get_object (config), "rootfs"),
                                           "diff_ids");
  g_assert_cmpuint (json_array_get_length (diff_ids), ==, 1);
  g_assert_cmpstr (json_array_get_string_element (diff_ids, 0), ==, json_object_get_string_member (layer, "digest"));

  loaded = json_array_get_object_element (json_node_get_array (docker), 0);
  g_assert_cmpstr (json_object_get_string_member (loaded, "Config"), ==, config_name);
  g_assert_cmpstr (json_array_get_string_element (json_object_get_array_member (loaded, "Layers"), 0), ==, layer_name);
  g_assert_cmpstr (json_array_get_string_element (json_object_get_array_member (loaded, "RepoTags"), 0), ==,
                   "localhost/sample:1");
}

static void
test_config (void)
{
  g_autoptr (PerryImageArchive) image = make_sample (FALSE);
  g_autofree char *image_id = NULL, *config_name = NULL, *text = NULL;
  g_autoptr (GBytes) archive = build (image, &image_id);
  g_autoptr (GHashTable) members = read_tar (archive);
  g_autoptr (JsonNode) config = NULL;
  JsonObject *object;

  config_name = find_blob (members, image_id);
  config = get_json (members, config_name);
  object = json_node_get_object (config);
  g_assert_cmpstr (json_object_get_string_member (object, "os"), ==, "linux");
  g_assert_cmpstr (json_object_get_string_member (object, "created"), ==, "1970-01-01T00:00:00Z");
#ifdef __x86_64__
  g_assert_cmpstr (json_object_get_string_member (object, "architecture"), ==, "amd64");
#endif
  text = json_to_string (json_object_get_member (object, "config"), FALSE);
  g_assert_cmpstr (text, ==,
                   "{\"User\":\"65534:65534\",\"Env\":[\"PATH=/bin\",\"A=b=c\"],\"Entrypoint\":[\"/bin/init\"],"
                   "\"Cmd\":[\"sh\",\"-c\",\"echo \\\"x\\\"\"],\"WorkingDir\":\"/tmp\","
                   "\"Labels\":{\"a\":\"1\",\"z\":\"1\"}}");
}

static void
test_layer (void)
{
  g_autoptr (PerryImageArchive) image = make_sample (TRUE);
  g_autofree char *image_id = NULL, *layer_name = NULL;
  g_autoptr (GBytes) archive = build (image, &image_id);
  g_autoptr (GHashTable) members = read_tar (archive);
  g_autoptr (GHashTable) layer = NULL;
  g_autoptr (JsonNode) docker = get_json (members, "manifest.json");
  JsonObject *loaded = json_array_get_object_element (json_node_get_array (docker), 0);
  GHashTableIter iter;
  gpointer data;

  layer_name = g_strdup (json_array_get_string_element (json_object_get_array_member (loaded, "Layers"), 0));
  layer = read_tar (get_member (members, layer_name)->content);
  g_assert_cmpuint (g_hash_table_size (layer), ==, 9);
  g_assert_cmpuint (get_member (layer, "bin/init")->mode, ==, 0755);
  g_assert_cmpmem (g_bytes_get_data (get_member (layer, "bin/init")->content, NULL),
                   g_bytes_get_size (get_member (layer, "bin/init")->content), "program", 7);
  g_assert_cmpuint (get_member (layer, "tmp")->mode, ==, 01777);
  g_assert_cmpuint (get_member (layer, "etc/empty")->mode, ==, 0600);
  g_assert_cmpuint (get_member (layer, "usr/lib/deep")->type, ==, AE_IFDIR);
  g_assert_cmpuint (get_member (layer, "usr/lib/deep")->mode, ==, 0755);
  g_assert_cmpuint (get_member (layer, "usr/lib/deep/link")->type, ==, AE_IFLNK);
  g_assert_cmpstr (get_member (layer, "usr/lib/deep/link")->target, ==, "../init");
  g_hash_table_iter_init (&iter, layer);
  while (g_hash_table_iter_next (&iter, NULL, &data))
    {
      const Member *member = data;

      g_assert_cmpint (member->owner, ==, 0);
      g_assert_cmpint (member->group, ==, 0);
      g_assert_cmpint (member->time, ==, 0);
    }
}

static void
test_wrong_paths (void)
{
  static const char *const paths[] = { "", "/", "bin/x", "/a//b", "/a/", "/a/../b", "/./a", "/.." };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (PerryImageArchive) image = perry_image_archive_new ("localhost/sample:1");
      g_autoptr (GError) error = NULL;

      perry_image_archive_add_text (image, paths[i], 0644, "x");
      perry_image_archive_add_text (image, "/good", 0644, "x");
      g_assert_null (perry_image_archive_build (image, NULL, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
    }
}

static void
assert_host_file_error (const char *host_path, PerryError code)
{
  g_autoptr (PerryImageArchive) image = perry_image_archive_new ("localhost/sample:1");
  g_autoptr (GError) error = NULL;

  perry_image_archive_add_host_file (image, "/file", 0644, host_path);
  g_assert_null (perry_image_archive_build (image, NULL, &error));
  g_assert_error (error, PERRY_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, host_path));
}

static void
test_host_files (void)
{
  g_autofree char *directory = g_dir_make_tmp ("perry-archive-XXXXXX", NULL);
  g_autofree char *missing = g_build_filename (directory, "missing", NULL);
  g_autofree char *large = g_build_filename (directory, "large", NULL);
  int fd = g_open (large, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, (off_t) PERRY_IMAGE_ARCHIVE_MAX_FILE + 1), ==, 0);
  close (fd);
  assert_host_file_error (missing, PERRY_ERROR_NOT_FOUND);
  assert_host_file_error (directory, PERRY_ERROR_INVALID_ARGUMENT);
  assert_host_file_error (large, PERRY_ERROR_LIMIT_EXCEEDED);
  g_assert_cmpint (g_unlink (large), ==, 0);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

static void
test_write (void)
{
  g_autofree char *directory = g_dir_make_tmp ("perry-archive-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (directory, "image.tar", NULL);
  g_autofree char *nowhere = g_build_filename (directory, "no", "image.tar", NULL);
  g_autofree char *content = NULL;
  g_autoptr (PerryImageArchive) image = make_sample (FALSE);
  g_autoptr (GBytes) archive = build (image, NULL);
  g_autoptr (GError) error = NULL;
  gsize length;

  g_assert_true (g_file_set_contents (file, "old", -1, NULL));
  g_assert_true (perry_image_archive_write (image, file, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (file, &content, &length, NULL));
  g_assert_cmpmem (content, length, g_bytes_get_data (archive, NULL), g_bytes_get_size (archive));
  g_assert_false (perry_image_archive_write (image, nowhere, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND);
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

static char *
run_demo_image (const char *program, const char *const *options, const char *file)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  char *output = NULL;

  g_ptr_array_add (argv, (gpointer) program);
  for (; *options != NULL; options++)
    g_ptr_array_add (argv, (gpointer) *options);
  g_ptr_array_add (argv, (gpointer) file);
  g_ptr_array_add (argv, NULL);
  process = g_subprocess_newv ((const char *const *) argv->pdata, G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (process));
  return output;
}

static void
test_demo_images (void)
{
  g_autofree char *program = g_test_build_filename (G_TEST_BUILT, "..", "probe", "perry-demo-image", NULL);
  g_autofree char *probe = g_test_build_filename (G_TEST_BUILT, "..", "probe", "perry-probe", NULL);
  g_autofree char *directory = g_dir_make_tmp ("perry-archive-XXXXXX", NULL);
  g_autofree char *one_file = g_build_filename (directory, "1.tar", NULL);
  g_autofree char *other_file = g_build_filename (directory, "2.tar", NULL);
  const char *const plain[] = { NULL };
  const char *const with_probe[] = { "--probe", probe, NULL };

  if (!g_file_test ("/bin/busybox", G_FILE_TEST_IS_EXECUTABLE))
    {
      g_rmdir (directory);
      g_test_skip ("there is no /bin/busybox");
      return;
    }
  for (int kind = 0; kind < 2; kind++)
    {
      const char *const *options = kind == 0 ? plain : with_probe;
      g_autofree char *one_id = run_demo_image (program, options, one_file);
      g_autofree char *other_id = run_demo_image (program, options, other_file);
      g_autofree char *one = NULL, *other = NULL;
      gsize one_length, other_length;

      g_assert_true (g_file_get_contents (one_file, &one, &one_length, NULL));
      g_assert_true (g_file_get_contents (other_file, &other, &other_length, NULL));
      g_assert_cmpstr (one_id, ==, other_id);
      g_assert_cmpmem (one, one_length, other, other_length);
    }
  g_unlink (one_file);
  g_unlink (other_file);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/image-archive/same-input-gives-same-bytes", test_same_bytes);
  g_test_add_func ("/image-archive/is-oci-layout-and-docker-archive", test_both_layouts);
  g_test_add_func ("/image-archive/configuration-is-as-set", test_config);
  g_test_add_func ("/image-archive/layer-holds-the-entries", test_layer);
  g_test_add_func ("/image-archive/wrong-paths-are-refused", test_wrong_paths);
  g_test_add_func ("/image-archive/host-files-are-checked", test_host_files);
  g_test_add_func ("/image-archive/write-replaces-the-file", test_write);
  g_test_add_func ("/image-archive/demo-images-are-reproducible", test_demo_images);
  return g_test_run ();
}
