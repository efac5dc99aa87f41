/* SPDX-License-Identifier: Apache-2.0 */
#include <gio/gio.h>
#include <string.h>

#include "plugin-api/perry-platform.h"
#include "tests/integration/field-matrix.h"

/* What the probe's report shows of a field. */

static JsonNode *
find_member (JsonNode *report, const char *at)
{
  g_auto (GStrv) names = g_strsplit (at, " ", -1);
  JsonNode *node = report;

  for (char **name = names; *name != NULL && node != NULL; name++)
    node = perry_json_find (node, *name, NULL);
  return node;
}

char *
field_look_member (FieldTrial *trial, const char *at)
{
  JsonNode *node = find_member (trial->report, at);
  const char *text = perry_json_as_string (node);

  if (node == NULL || json_node_is_null (node))
    return NULL;
  return text != NULL ? g_strdup (text) : perry_json_to_text (node, FALSE);
}

static gint64
read_integer (FieldTrial *trial, const char *at, gint64 otherwise)
{
  JsonNode *node = find_member (trial->report, at);
  const char *text = perry_json_as_string (node);
  gint64 value = otherwise;

  if (text != NULL)
    return g_ascii_strtoll (text, NULL, 10);
  perry_json_as_int64 (node, &value);
  return value;
}

char *
field_look_user (FieldTrial *trial, const char *at)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, read_integer (trial, "euid", -1),
                          read_integer (trial, "egid", -1));
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  gint64 one = *(const gint64 *) a, two = *(const gint64 *) b;

  return one < two ? -1 : one > two;
}

/* Engines put the user's own group among them or not; what was asked for is beside it. */
char *
field_look_groups (FieldTrial *trial, const char *at)
{
  JsonArray *groups = perry_json_as_array (find_member (trial->report, "groups"));
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint64 own = read_integer (trial, "egid", -1);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (groups); i++)
    {
      gint64 number = json_array_get_int_element (groups, i);

      if (number != own)
        g_array_append_val (numbers, number);
    }
  g_array_sort (numbers, compare_numbers);
  for (guint i = 0; i < numbers->len; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? " " : "", g_array_index (numbers, gint64, i));
  return g_string_free (text, FALSE);
}

static char *
read_engine_file (FieldTrial *trial, const char *name)
{
  gboolean is_namespace = g_str_has_prefix (name, "ns/");
  g_autofree char *path = g_build_filename (trial->live->directory, is_namespace ? "place.pid" : "engine.pid", NULL);
  g_autofree char *pid = NULL;
  g_autofree char *file = NULL;
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &pid, NULL, NULL));
  file = g_strdup_printf ("/proc/%s/%s", g_strchomp (pid), name);
  if (is_namespace)
    return g_file_read_link (file, NULL);
  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  return text;
}

static PerryLinuxCapabilities
engine_capabilities (FieldTrial *trial)
{
  g_autofree char *status = read_engine_file (trial, "status");
  const char *line = strstr (status, "CapBnd:");

  g_assert_nonnull (line);
  return g_ascii_strtoull (line + strlen ("CapBnd:"), NULL, 16);
}

char *
field_look_capabilities (FieldTrial *trial, const char *at)
{
  g_auto (GStrv) words = g_strsplit (at, " ", 2);
  g_autofree char *member = g_strconcat ("capabilities ", words[0], NULL);
  g_autofree char *mask = field_look_member (trial, member);
  PerryLinuxCapabilities set = g_ascii_strtoull (mask, NULL, 16);
  guint number;

  if (words[1] == NULL)
    return set == engine_capabilities (trial) ? g_strdup ("all that the engine has")
                                              : perry_linux_capabilities_to_text (set);
  g_assert_true (perry_linux_capability_parse (words[1], &number));
  return g_strdup_printf ("%s %s", words[1], (set >> number & 1) != 0 ? "in the set" : "not in the set");
}

static JsonNode *
find_mount (FieldTrial *trial, const char *point)
{
  JsonArray *mounts = perry_json_as_array (find_member (trial->report, "mounts"));
  JsonNode *found = NULL;

  for (guint i = 0; mounts != NULL && i < json_array_get_length (mounts); i++)
    {
      JsonNode *mount = json_array_get_element (mounts, i);

      if (g_strcmp0 (perry_json_as_string (perry_json_find (mount, "point", NULL)), point) == 0)
        found = mount; /* the last one is on top */
    }
  return found;
}

/* The options that a spec can ask for, in one order; relatime and the like are the kernel's own. */
static void
append_options (GString *text, const char *options, const char *const *wanted)
{
  g_auto (GStrv) words = g_strsplit (options, ",", -1);

  for (; *wanted != NULL; wanted++)
    for (char **word = words; *word != NULL; word++)
      if (g_str_equal (*word, *wanted) || (g_str_has_suffix (*wanted, "=") && g_str_has_prefix (*word, *wanted)))
        g_string_append_printf (text, " %s", *word);
}

char *
field_look_mount (FieldTrial *trial, const char *at)
{
  static const char *const mount_options[] = { "ro", "rw", "nosuid", "nodev", "noexec", NULL };
  static const char *const file_system_options[] = { "size=", "mode=", NULL };
  JsonNode *mount = find_mount (trial, at);
  GString *text;

  if (mount == NULL)
    return NULL;
  text = g_string_new (perry_json_as_string (perry_json_find (mount, "type", NULL)));
  if (!g_str_equal (text->str, "tmpfs"))
    g_string_assign (text, "mounted");
  append_options (text, perry_json_as_string (perry_json_find (mount, "options", NULL)), mount_options);
  if (g_str_has_prefix (text->str, "tmpfs"))
    append_options (text, perry_json_as_string (perry_json_find (mount, "super_options", NULL)), file_system_options);
  return g_string_free (text, FALSE);
}

char *
field_look_below (FieldTrial *trial, const char *at)
{
  JsonArray *mounts = perry_json_as_array (find_member (trial->report, "mounts"));
  g_autofree char *prefix = g_strconcat (at, "/", NULL);

  for (guint i = 0; mounts != NULL && i < json_array_get_length (mounts); i++)
    {
      const char *point = perry_json_as_string (perry_json_find (json_array_get_element (mounts, i), "point", NULL));

      if (g_str_has_prefix (point, prefix))
        return g_strdup_printf ("%s and what is mounted below it", at);
    }
  return find_mount (trial, at) != NULL ? g_strdup_printf ("%s and nothing mounted below it", at) : NULL;
}

char *
field_look_propagation (FieldTrial *trial, const char *at)
{
  JsonNode *mount = find_mount (trial, at);

  return mount != NULL ? g_strdup (perry_json_as_string (perry_json_find (mount, "propagation", NULL))) : NULL;
}

char *
field_look_device (FieldTrial *trial, const char *at)
{
  JsonNode *device = perry_json_find (find_member (trial->report, "devices"), at, NULL);

  if (device == NULL)
    return NULL;
  return g_strdup_printf ("%s, read: %s, write: %s", perry_json_as_string (perry_json_find (device, "number", NULL)),
                          perry_json_as_string (perry_json_find (device, "read", NULL)),
                          perry_json_as_string (perry_json_find (device, "write", NULL)));
}

char *
field_look_machine (FieldTrial *trial, const char *at)
{
  g_autofree char *machine = field_look_member (trial, "machine");
  g_autofree char *found = perry_platform_format ("linux", machine, NULL);
  g_auto (GStrv) parts = g_strsplit (found, "/", 3);

  return g_strdup (g_strcmp0 (parts[1], trial->architecture) == 0 ? "a program of that platform runs"
                                                                  : "a program of another platform runs");
}

char *
field_look_size (FieldTrial *trial, const char *at)
{
  static const char *const options[] = { "size=", NULL };
  JsonNode *mount = find_mount (trial, at);
  GString *text = g_string_new (NULL);

  g_assert_nonnull (mount);
  append_options (text, perry_json_as_string (perry_json_find (mount, "super_options", NULL)), options);
  return g_strchug (g_string_free (text, FALSE));
}

char *
field_look_writable (FieldTrial *trial, const char *at)
{
  g_autofree char *member = g_strconcat ("writable ", at, NULL);

  return field_look_member (trial, member);
}

/* The files of cgroup version 1 and 2 say the same in other words. */
static char *
look_cpus (FieldTrial *trial)
{
  g_autofree char *max = field_look_member (trial, "cgroup v2 cpu.max");
  double quota = (double) read_integer (trial, "cgroup v1 cpu.cfs_quota_us", -1);
  double period = (double) read_integer (trial, "cgroup v1 cpu.cfs_period_us", 100000);
  char *rest = NULL;

  if (max != NULL && !g_str_has_prefix (max, "max"))
    {
      quota = (double) g_ascii_strtoll (max, &rest, 10);
      period = (double) g_ascii_strtoll (rest, NULL, 10);
    }
  return quota < 0 ? g_strdup ("no limit") : g_strdup_printf ("%.2f CPUs", quota / period);
}

static char *
look_bytes (FieldTrial *trial, const char *v1, const char *v2, gint64 less)
{
  g_autofree char *first = field_look_member (trial, v1);
  g_autofree char *second = field_look_member (trial, v2);
  const char *text = second != NULL ? second : first;
  gint64 bytes;

  if (text == NULL || g_str_equal (text, "max"))
    return g_strdup (text != NULL ? "no limit" : NULL);
  bytes = g_ascii_strtoll (text, NULL, 10);
  if (bytes > G_MAXINT64 / 2)
    return g_strdup ("no limit");
  return g_strdup_printf ("%" G_GINT64_FORMAT " bytes", bytes - (second != NULL ? 0 : less));
}

char *
field_look_limit (FieldTrial *trial, const char *at)
{
  if (g_str_equal (at, "cpus"))
    return look_cpus (trial);
  if (g_str_equal (at, "memory"))
    return look_bytes (trial, "cgroup v1 memory.limit_in_bytes", "cgroup v2 memory.max", 0);
  if (g_str_equal (at, "swap"))
    return look_bytes (trial, "cgroup v1 memory.memsw.limit_in_bytes", "cgroup v2 memory.swap.max",
                       read_integer (trial, "cgroup v1 memory.limit_in_bytes", 0));
  g_assert_cmpstr (at, ==, "pids");
  return field_look_member (trial, find_member (trial->report, "cgroup v2 pids.max") != NULL ? "cgroup v2 pids.max"
                                                                                             : "cgroup v1 pids.max");
}

char *
field_look_rlimit (FieldTrial *trial, const char *at)
{
  g_autofree char *soft_at = g_strdup_printf ("rlimits %s soft", at);
  g_autofree char *hard_at = g_strdup_printf ("rlimits %s hard", at);
  g_autofree char *soft = field_look_member (trial, soft_at);
  g_autofree char *hard = field_look_member (trial, hard_at);

  return g_strdup_printf ("%s:%s", soft, hard);
}

char *
field_look_lines (FieldTrial *trial, const char *at)
{
  g_auto (GStrv) words = g_strsplit (at, " ", 2);
  JsonArray *lines = perry_json_as_array (find_member (trial->report, words[0]));
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < json_array_get_length (lines); i++)
    {
      g_autofree char *line = g_strdup (json_array_get_string_element (lines, i));
      g_auto (GStrv) parts = g_strsplit (g_strdelimit (line, "\t", ' '), " ", -1);

      if (g_strv_contains ((const char *const *) parts, words[1]))
        g_ptr_array_add (found, g_strjoinv (" ", parts));
    }
  g_ptr_array_add (found, NULL);
  return g_strjoinv ("; ", (char **) found->pdata);
}

/* Engines call theirs docker-init, podman-init or catatonit. */
char *
field_look_init (FieldTrial *trial, const char *at)
{
  g_autofree char *init = field_look_member (trial, "init");

  return g_strdup (g_strcmp0 (init, "perry-probe") == 0 ? "the command is process 1" : "an init is process 1");
}

static gint64
inode_of (const char *link)
{
  const char *bracket = link != NULL ? strchr (link, '[') : NULL;

  return bracket != NULL ? g_ascii_strtoll (bracket + 1, NULL, 10) : 0;
}

static gint64
neighbour_inode (FieldTrial *trial, const char *kind)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerInfo) info = perry_engine_inspect (trial->engine, FIELD_NEIGHBOUR, NULL, &error);
  g_autofree char *path = NULL;
  g_autofree char *link = NULL;

  g_assert_no_error (error);
  path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/ns/%s", info->pid, kind);
  link = g_file_read_link (path, &error);
  g_assert_no_error (error);
  return inode_of (link);
}

char *
field_look_namespace (FieldTrial *trial, const char *at)
{
  g_autofree char *member = g_strconcat ("namespaces ", at, NULL);
  g_autofree char *name = g_strconcat ("ns/", at, NULL);
  g_autofree char *engine = read_engine_file (trial, name);
  gint64 inode = read_integer (trial, member, 0);

  if (inode == inode_of (engine))
    return g_strdup ("the engine's");
  return g_strdup (inode == neighbour_inode (trial, at) ? "the neighbour's" : "its own");
}

char *
field_look_interfaces (FieldTrial *trial, const char *at)
{
  JsonArray *interfaces = perry_json_as_array (find_member (trial->report, "interfaces"));
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) names = NULL;

  for (guint i = 0; i < json_array_get_length (interfaces); i++)
    g_strv_builder_add (builder, perry_json_as_string (perry_json_find (json_array_get_element (interfaces, i), "name",
                                                                        NULL)));
  names = g_strv_builder_end (builder);
  return g_strjoinv (" ", names);
}
