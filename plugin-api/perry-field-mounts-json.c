/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-mounts.h"

#include <string.h>

#include "plugin-api/perry-container-spec-private.h"
#include "plugin-api/perry-field-value.h"
#include "plugin-api/perry-json.h"

static const char *const type_words[] = { "bind", "volume", "tmpfs", NULL };
static const char *const selinux_words[] = { "z", "Z", NULL };
static const char *const propagation_words[] = { "rprivate", "private", "rslave", "slave", "rshared", "shared", NULL };
static const char *const recursive_words[] = { "enabled", "disabled", NULL };

/* The sub-table of `volumes`. A member that is known to Compose and not here is listed in unavailable_members. */
static const PerryMountMember members[] = {
  { NULL, "type", "type", PERRY_FIELD_TYPE_STRING, type_words, "Kind of the mount" },
  { NULL, "source", "source", PERRY_FIELD_TYPE_STRING, NULL,
    "Path on the host, or the volume's name; a volume without one is the container's own" },
  { NULL, "target", "target", PERRY_FIELD_TYPE_STRING, NULL, "Absolute path in the container" },
  { NULL, "read_only", "readOnly", PERRY_FIELD_TYPE_BOOLEAN, NULL, "Whether the mount is read-only" },
  { NULL, "options", "options", PERRY_FIELD_TYPE_STRV, NULL, "Mount options, such as nosuid" },
  { "bind", "selinux", "selinux", PERRY_FIELD_TYPE_STRING, selinux_words, "Relabel for sharing (z) or not (Z)" },
  { "bind", "create_host_path", "createHostPath", PERRY_FIELD_TYPE_BOOLEAN, NULL,
    "Whether to create a missing source; only false is possible" },
  { "bind", "propagation", "propagation", PERRY_FIELD_TYPE_STRING, propagation_words,
    "Whether later mounts below the source or the target are seen on the other side" },
  { "bind", "recursive", "recursive", PERRY_FIELD_TYPE_STRING, recursive_words,
    "Whether file systems that are mounted below the source are there too" },
  { "volume", "nocopy", "nocopy", PERRY_FIELD_TYPE_BOOLEAN, NULL, "Leave a new volume empty" },
  { "tmpfs", "size", "size", PERRY_FIELD_TYPE_SIZE, NULL, "Size of the tmpfs" },
  { "tmpfs", "mode", "mode", PERRY_FIELD_TYPE_STRING, NULL, "Permissions in octal digits, such as 1777" },
  { NULL, NULL, NULL, PERRY_FIELD_TYPE_STRING, NULL, NULL },
};

static const char *const unavailable_members[] = {
  "consistency", "image", "cluster", "labels", "subpath", NULL
};

typedef struct {
  const char *type;
  const char *source;
  const char *target;
  gboolean read_only;
  GPtrArray *options;
  guint seen; /* one bit per row of the sub-table, because a member has two spellings */
  PerrySpecProblems *problems;
} Reader;

const PerryMountMember *
perry_field_get_mount_members (void)
{
  return members;
}

static const PerryMountMember *
find_member (const char *parent, const char *name)
{
  for (const PerryMountMember *member = members; member->name != NULL; member++)
    if (g_strcmp0 (member->parent, parent) == 0 &&
        (g_str_equal (name, member->name) || g_str_equal (name, member->camel_case)))
      return member;
  return NULL;
}

static void
add_unknown_member (Reader *reader, const char *parent, const char *name, const char *path)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  if (g_strv_contains (unavailable_members, name))
    {
      perry_spec_problems_add_unavailable (reader->problems, path, name);
      return;
    }

  for (const PerryMountMember *member = members; member->name != NULL; member++)
    if (g_strcmp0 (member->parent, parent) == 0)
      g_ptr_array_add (names, (gpointer) member->name);
  g_ptr_array_add (names, NULL);
  perry_spec_problems_add_unknown_key (reader->problems, path, name, (const char *const *) names->pdata);
}

static void
read_string (Reader *reader, const PerryMountMember *member, const char *text, const char *path)
{
  if (member->words != NULL && !g_strv_contains (member->words, text))
    {
      g_autofree char *known = g_strjoinv (", ", (char **) member->words);
      g_autofree char *quoted = perry_spec_quote (text);

      perry_spec_problems_add (reader->problems, path, "%s is not one of %s", quoted, known);
      return;
    }

  if (g_str_equal (member->name, "type"))
    reader->type = text;
  else if (g_str_equal (member->name, "source"))
    reader->source = text;
  else if (g_str_equal (member->name, "target"))
    reader->target = text;
  else if (g_str_equal (member->name, "mode"))
    g_ptr_array_add (reader->options, g_strconcat ("mode=", text, NULL));
  else if (g_str_equal (member->name, "recursive"))
    g_ptr_array_add (reader->options, g_strdup (g_str_equal (text, "disabled") ? "bind" : "rbind"));
  else
    g_ptr_array_add (reader->options, g_strdup (text));
}

static void
read_boolean (Reader *reader, const PerryMountMember *member, gboolean value, const char *path)
{
  if (g_str_equal (member->name, "read_only"))
    reader->read_only = value;
  else if (g_str_equal (member->name, "nocopy") && value)
    g_ptr_array_add (reader->options, g_strdup (member->name));
  else if (g_str_equal (member->name, "create_host_path") && value)
    perry_spec_problems_add_unavailable (reader->problems, path, "creating a missing source");
}

static void
read_size (Reader *reader, const PerryMountMember *member, JsonNode *node, const char *path)
{
  const char *text = perry_json_as_string (node);
  gint64 bytes = 0;

  if (text == NULL && !perry_json_as_int64 (node, &bytes))
    perry_spec_problems_add_type (reader->problems, path, "a whole number of bytes or a text such as \"64m\"", node);
  else if (text != NULL)
    g_ptr_array_add (reader->options, g_strdup_printf ("%s=%s", member->name, text));
  else
    g_ptr_array_add (reader->options, g_strdup_printf ("%s=%" G_GINT64_FORMAT, member->name, bytes));
}

static void
read_member (Reader *reader, const PerryMountMember *member, JsonNode *node, const char *path)
{
  g_auto (GStrv) strings = NULL;
  gboolean truth;

  reader->seen |= 1u << (member - members);
  switch (member->type)
    {
    case PERRY_FIELD_TYPE_STRING:
      if (perry_json_as_string (node) != NULL)
        read_string (reader, member, perry_json_as_string (node), path);
      else
        perry_spec_problems_add_type (reader->problems, path, "a string", node);
      break;
    case PERRY_FIELD_TYPE_BOOLEAN:
      if (perry_json_as_boolean (node, &truth))
        read_boolean (reader, member, truth, path);
      else
        perry_spec_problems_add_type (reader->problems, path, "true or false", node);
      break;
    case PERRY_FIELD_TYPE_SIZE:
      read_size (reader, member, node, path);
      break;
    default:
      if (!perry_json_as_strv (node, &strings))
        perry_spec_problems_add (reader->problems, path, "must be an array of strings");
      for (char **option = strings; option != NULL && *option != NULL; option++)
        g_ptr_array_add (reader->options, g_strdup (*option));
      break;
    }
}

static void
read_members (Reader *reader, JsonObject *object, const char *parent, const char *path)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autofree char *member_path = perry_spec_path_add_member (path, name);
      const PerryMountMember *member = find_member (parent, name);
      gboolean is_parent = parent == NULL && g_strv_contains (type_words, name);

      if (is_parent && perry_json_as_object (node) == NULL)
        perry_spec_problems_add_type (reader->problems, member_path, "an object", node);
      else if (is_parent && reader->type != NULL && !g_str_equal (reader->type, name))
        perry_spec_problems_add (reader->problems, member_path, "belongs to a mount of type %s, and this is of type %s",
                                 name, reader->type);
      else if (is_parent)
        read_members (reader, perry_json_as_object (node), name, member_path);
      else if (member == NULL)
        add_unknown_member (reader, parent, name, member_path);
      else if ((reader->seen & (1u << (member - members))) != 0)
        perry_spec_problems_add_twice (reader->problems, member_path, member->name, member->camel_case);
      else
        read_member (reader, member, node, member_path);
    }
}

GVariant *
perry_field_read_mount (JsonObject *object, const char *path, PerrySpecProblems *problems)
{
  g_autoptr (GPtrArray) options = g_ptr_array_new_with_free_func (g_free);
  Reader reader = { .options = options, .problems = problems };
  guint before = perry_spec_problems_get_length (problems);

  /* The type decides which inner objects may be there, wherever it stands among the members. */
  if (perry_json_read_string (object, "type", &reader.type) && !g_strv_contains (type_words, reader.type))
    reader.type = NULL;
  read_members (&reader, object, NULL, path);
  if (!json_object_has_member (object, "type"))
    perry_spec_problems_add (problems, path, "“type” is missing: bind, volume or tmpfs");
  if (!json_object_has_member (object, "target"))
    perry_spec_problems_add (problems, path, "“target” is missing");
  if (perry_spec_problems_get_length (problems) > before)
    return NULL;

  return g_variant_new ("(sssb@as)", reader.type, reader.source != NULL ? reader.source : "", reader.target,
                        reader.read_only,
                        g_variant_new_strv ((const char *const *) options->pdata, (gssize) options->len));
}
