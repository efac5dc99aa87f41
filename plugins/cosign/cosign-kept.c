/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/cosign/cosign-kept.h"

#include <unistd.h>

#include "plugin-api/perry-json.h"
#include "plugin-api/perry-private-file.h"

#define FILE_NAME "program.json"
#define FORMAT_VERSION 1
#define MAX_FILE 16384

static gboolean
read_number (JsonObject *object, const char *name, guint64 expected)
{
  const char *text = NULL;
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, expected);

  return perry_json_read_string (object, name, &text) && g_strcmp0 (text, number) == 0;
}

static gboolean
read_flag (JsonObject *object, const char *name, gboolean *ret_flag)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return FALSE;
  *ret_flag = json_node_get_boolean (node);
  return TRUE;
}

gboolean
perry_cosign_kept_load (const char *directory, PerryCosignProgram *program)
{
  int directory_fd = directory != NULL ? perry_private_directory_open (directory, FALSE) : -1;
  g_autofree char *text = directory_fd >= 0 ? perry_private_file_read (directory_fd, FILE_NAME, MAX_FILE) : NULL;
  g_autoptr (JsonNode) node = text != NULL ? perry_json_parse (text, -1, NULL, NULL) : NULL;
  JsonObject *object = perry_json_as_object (node);
  PerryCosignFeatures features = { 0 };
  const char *path = NULL;
  gint64 version = 0;

  if (directory_fd >= 0)
    close (directory_fd);
  if (object == NULL || !perry_json_read_int64 (object, "version", &version) || version != FORMAT_VERSION ||
      !perry_json_read_string (object, "path", &path) || g_strcmp0 (path, program->path) != 0 ||
      !read_number (object, "device", program->device) || !read_number (object, "inode", program->inode) ||
      !read_number (object, "size", (guint64) program->size) ||
      !read_number (object, "changed_ns", (guint64) program->changed_ns) ||
      !read_flag (object, "reads_trusted_root", &features.reads_trusted_root) ||
      !read_flag (object, "has_registry_ca", &features.has_registry_ca))
    return FALSE;
  program->features = features;
  return TRUE;
}

/* As text: a number of JSON has no room for 64 bits without a sign. */
static void
add_number (JsonObject *object, const char *name, guint64 number)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, number);

  json_object_set_string_member (object, name, text);
}

static char *
format (const PerryCosignProgram *program)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "version", FORMAT_VERSION);
  json_object_set_string_member (object, "path", program->path);
  add_number (object, "device", program->device);
  add_number (object, "inode", program->inode);
  add_number (object, "size", (guint64) program->size);
  add_number (object, "changed_ns", (guint64) program->changed_ns);
  json_object_set_boolean_member (object, "reads_trusted_root", program->features.reads_trusted_root);
  json_object_set_boolean_member (object, "has_registry_ca", program->features.has_registry_ca);
  json_node_take_object (node, object);
  return perry_json_to_text (node, FALSE);
}

void
perry_cosign_kept_store (const char *directory, const PerryCosignProgram *program)
{
  gboolean is_text = g_utf8_validate (program->path, -1, NULL);
  int directory_fd = directory != NULL && is_text ? perry_private_directory_open (directory, TRUE) : -1;
  g_autofree char *text = NULL;

  if (directory_fd < 0)
    return;
  text = format (program);
  perry_private_file_replace (directory_fd, FILE_NAME, text);
  close (directory_fd);
}
