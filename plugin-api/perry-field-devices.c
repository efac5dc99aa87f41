/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-devices.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "plugin-api/perry-container-spec-private.h"
#include "plugin-api/perry-field-check.h"
#include "plugin-api/perry-field-mounts.h"
#include "plugin-api/perry-json.h"

#define ALL_PERMISSIONS "rwm"
#define MAX_DEVICES 1000

static const char *const members[] = { "source", "target", "permissions", NULL };

static gboolean
is_cdi_name (const char *text)
{
  return *text != '/' && strchr (text, '=') != NULL;
}

static void
add_cdi_problem (const char *text, const char *path, PerrySpecProblems *problems)
{
  perry_spec_problems_add_about (problems, path, text, "is the name of a CDI device, which this version does not offer; "
                                 "write the path of a device node below /dev");
}

GVariant *
perry_field_parse_device (const char *text, const char *path, PerrySpecProblems *problems)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 4);
  guint n_parts = g_strv_length (parts);
  const char *target;

  if (is_cdi_name (text))
    {
      add_cdi_problem (text, path, problems);
      return NULL;
    }
  if (n_parts < 1 || n_parts > 3)
    {
      perry_spec_problems_add_about (problems, path, text, "is not HOST[:CONTAINER[:PERMISSIONS]]%s",
                                     n_parts > 3 ? "; use the long form for paths with a colon" : "");
      return NULL;
    }
  /* As for Docker's option, the second part is a path if it can be one. */
  target = n_parts > 1 && (*parts[1] == '/' || n_parts > 2) ? parts[1] : parts[0];
  return g_variant_new ("(sss)", parts[0], target,
                        n_parts > 2 ? parts[2] : n_parts > 1 && target == parts[0] ? parts[1] : ALL_PERMISSIONS);
}

GVariant *
perry_field_read_device (JsonObject *object, const char *path, PerrySpecProblems *problems)
{
  const char *values[G_N_ELEMENTS (members) - 1] = { NULL };
  guint before = perry_spec_problems_get_length (problems);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autofree char *member = perry_spec_path_add_member (path, name);
      const char *nearest;
      gsize i = 0;

      while (members[i] != NULL && !g_str_equal (name, members[i]))
        i++;
      if (members[i] == NULL)
        {
          nearest = perry_spec_problems_find_nearest (problems, name, members);
          perry_spec_problems_add_about (problems, member, name, "is unknown; %s%s%s",
                                         nearest != NULL ? "did you mean " : "a device has source, target and permissions",
                                         nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
        }
      else if (perry_json_as_string (node) == NULL)
        perry_spec_problems_add_type (problems, member, "a string", node);
      else
        values[i] = perry_json_as_string (node);
    }
  if (!json_object_has_member (object, members[0]))
    perry_spec_problems_add (problems, path, "“source” is missing");
  if (perry_spec_problems_get_length (problems) > before)
    return NULL;
  return g_variant_new ("(sss)", values[0], values[1] != NULL ? values[1] : values[0],
                        values[2] != NULL ? values[2] : ALL_PERMISSIONS);
}

/* The letters in their usual order; NULL where one is unknown, there twice, or none is there. */
static char *
sort_permissions (const char *text)
{
  g_autoptr (GString) sorted = g_string_new (NULL);

  for (const char *letter = ALL_PERMISSIONS; *letter != '\0'; letter++)
    if (strchr (text, *letter) != NULL)
      g_string_append_c (sorted, *letter);
  return sorted->len > 0 && sorted->len == strlen (text) ? g_strdup (sorted->str) : NULL;
}

static char *
check_path (const char *text, const char *path, PerrySpecProblems *problems)
{
  g_autofree char *normal = NULL;

  if (is_cdi_name (text))
    {
      add_cdi_problem (text, path, problems);
      return NULL;
    }
  normal = perry_field_normalise_path (text, path, problems);
  if (normal != NULL && g_str_equal (normal, "/"))
    {
      perry_spec_problems_add (problems, path, "/ is not a device");
      return NULL;
    }
  return g_steal_pointer (&normal);
}

GVariant *
perry_field_check_device (GVariant *device, const char *path, PerrySpecProblems *problems)
{
  const char *source, *target, *permissions;
  g_autofree char *host = NULL;
  g_autofree char *inside = NULL;
  g_autofree char *letters = NULL;

  g_variant_get (device, "(&s&s&s)", &source, &target, &permissions);
  host = check_path (source, path, problems);
  inside = g_str_equal (source, target) ? g_strdup (host) : check_path (target, path, problems);
  letters = sort_permissions (permissions);
  if (letters == NULL)
    perry_spec_problems_add_about (problems, path, permissions, "is not a permission of a device: write r (read), w "
                                   "(write) and m (make nodes), each once at most");
  if (host == NULL || inside == NULL || letters == NULL)
    return NULL;
  return g_variant_new ("(sss)", host, inside, letters);
}

GVariant *
perry_field_check_devices (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (G_VARIANT_TYPE (PERRY_DEVICES_VARIANT_TYPE));
  gboolean valid = TRUE;

  if (g_variant_n_children (value) > MAX_DEVICES)
    {
      perry_spec_problems_add (problems, path, "has more than %d elements", MAX_DEVICES);
      return NULL;
    }
  for (gsize i = 0; i < g_variant_n_children (value); i++)
    {
      g_autofree char *element = perry_spec_path_add_index (path, i);
      g_autoptr (GVariant) child = g_variant_get_child_value (value, i);
      GVariant *device = perry_field_check_device (child, element, problems);

      if (device != NULL)
        g_variant_builder_add_value (builder, device);
      else
        valid = FALSE;
    }
  return valid ? g_variant_builder_end (builder) : NULL;
}

void
perry_field_check_devices_whole (const PerryContainerSpec *spec, PerrySpecProblems *problems)
{
  g_autoptr (GPtrArray) devices = perry_container_spec_dup_devices (spec);

  for (guint i = 0; i < devices->len; i++)
    {
      const PerryDevice *device = g_ptr_array_index (devices, i);
      g_autofree char *path = perry_spec_path_add_index ("$.devices", i);

      if (perry_container_spec_get_boolean (spec, PERRY_FIELD_PRIVILEGED) &&
          !g_str_equal (device->permissions, ALL_PERMISSIONS))
        perry_spec_problems_add (problems, path, "asks for %s alone and contradicts $.privileged, which gives all rights to "
                                 "every device; remove one of the two", device->permissions);
    }
}

static void
add_source_problem (PerrySpecProblems *problems, const char *path, const char *source, const char *reason)
{
  g_autofree char *quoted = perry_spec_quote (source);

  perry_spec_problems_add (problems, path, "%s: %s", quoted, reason);
}

/* Follows links of the source, as every engine does: what is stored is the node. */
static char *
complete_source (const char *source, const char *path, PerrySpecProblems *problems)
{
  char resolved[PATH_MAX];
  struct stat info;

  if (stat (source, &info) < 0)
    {
      g_autofree char *reason = g_strdup_printf ("%s; a device has to exist on the host", g_strerror (errno));

      /* A directory that we may not search can still be there for the engine. */
      if (errno != EACCES)
        add_source_problem (problems, path, source, reason);
      return g_strdup (source);
    }
  if (S_ISDIR (info.st_mode))
    add_source_problem (problems, path, source, "is a directory; name the device nodes in it one by one");
  else if (!S_ISCHR (info.st_mode) && !S_ISBLK (info.st_mode))
    add_source_problem (problems, path, source, "is not a device node");
  return g_strdup (realpath (source, resolved) != NULL ? resolved : source);
}

void
perry_field_complete_devices (PerryContainerSpec *spec, PerrySpecProblems *problems)
{
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (G_VARIANT_TYPE (PERRY_DEVICES_VARIANT_TYPE));
  g_autoptr (GPtrArray) devices = perry_container_spec_dup_devices (spec);

  if (!perry_container_spec_is_set (spec, PERRY_FIELD_DEVICES))
    return;
  for (guint i = 0; i < devices->len; i++)
    {
      const PerryDevice *device = g_ptr_array_index (devices, i);
      g_autofree char *path = perry_spec_path_add_index ("$.devices", i);
      g_autofree char *source = complete_source (device->source, path, problems);

      g_variant_builder_add (builder, PERRY_DEVICE_VARIANT_TYPE, source, device->target, device->permissions);
    }
  perry_container_spec_take_value (spec, PERRY_FIELD_DEVICES, g_variant_builder_end (builder));
}

void
perry_field_append_devices (GString *text, GVariant *devices)
{
  if (g_variant_n_children (devices) == 0)
    g_string_append (text, "none");
  for (gsize i = 0; i < g_variant_n_children (devices); i++)
    {
      const char *source, *target, *permissions;
      gboolean limited;

      g_variant_get_child (devices, i, "(&s&s&s)", &source, &target, &permissions);
      limited = !g_str_equal (permissions, ALL_PERMISSIONS) && *permissions != '\0';
      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", *source != '\0' ? source : "?");
      if (limited || !g_str_equal (source, target))
        g_string_append_printf (text, ":%s%s%s", target, limited ? ":" : "", limited ? permissions : "");
    }
}

JsonArray *
perry_field_write_devices (GVariant *devices)
{
  JsonArray *array = json_array_new ();

  for (gsize i = 0; i < g_variant_n_children (devices); i++)
    {
      JsonObject *object = json_object_new ();
      const char *values[G_N_ELEMENTS (members) - 1];

      g_variant_get_child (devices, i, "(&s&s&s)", &values[0], &values[1], &values[2]);
      for (gsize m = 0; m < G_N_ELEMENTS (values); m++)
        json_object_set_string_member (object, members[m], values[m]);
      json_array_add_object_element (array, object);
    }
  return array;
}

GPtrArray *
perry_container_spec_dup_devices (const PerryContainerSpec *spec)
{
  GPtrArray *list;
  GVariant *devices;

  g_return_val_if_fail (spec != NULL, NULL);

  list = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_device_free);
  devices = perry_container_spec_get_value (spec, PERRY_FIELD_DEVICES);
  for (gsize i = 0; devices != NULL && i < g_variant_n_children (devices); i++)
    {
      PerryDevice *device = g_new0 (PerryDevice, 1);

      g_variant_get_child (devices, i, "(sss)", &device->source, &device->target, &device->permissions);
      g_ptr_array_add (list, device);
    }
  return list;
}

PerryDevice *
perry_device_copy (const PerryDevice *device)
{
  PerryDevice *copy;

  g_return_val_if_fail (device != NULL, NULL);

  copy = g_new0 (PerryDevice, 1);
  copy->source = g_strdup (device->source);
  copy->target = g_strdup (device->target);
  copy->permissions = g_strdup (device->permissions);
  return copy;
}

void
perry_device_free (PerryDevice *device)
{
  if (device == NULL)
    return;
  g_free (device->source);
  g_free (device->target);
  g_free (device->permissions);
  g_free (device);
}

G_DEFINE_BOXED_TYPE (PerryDevice, perry_device, perry_device_copy, perry_device_free)

/* The nodes that the runtime specification and the runtimes themselves give to every container, whatever was asked. */
gboolean
perry_device_is_everybodys (char kind, guint major_number, guint minor_number)
{
  static const struct { guint major_number, minor_number; } nodes[] = {
    { 1, 3 }, { 1, 5 }, { 1, 7 }, { 1, 8 }, { 1, 9 }, { 5, 0 }, { 5, 1 }, { 5, 2 },
  };

  for (gsize i = 0; kind == 'c' && i < G_N_ELEMENTS (nodes); i++)
    if (nodes[i].major_number == major_number && nodes[i].minor_number == minor_number)
      return TRUE;
  return kind == 'c' && major_number == 136;
}
