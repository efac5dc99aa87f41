/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/perryctl-command.h"
#include "cli/perryctl-table.h"
#include "cli/perryctl-text.h"

/* A name without tag is all repository; the colon of a registry's port comes before a slash. */
static void
split_name (const char *name, char **ret_repository, char **ret_tag)
{
  const char *slash = strrchr (name, '/');
  const char *colon = strrchr (slash != NULL ? slash : name, ':');

  *ret_repository = colon != NULL ? g_strndup (name, (gsize) (colon - name)) : g_strdup (name);
  *ret_tag = g_strdup (colon != NULL ? colon + 1 : "<none>");
}

static void
add_image (PerryctlTable *table, const char *name, const PerryImageInfo *info, gint64 now)
{
  g_autofree char *repository = NULL;
  g_autofree char *tag = NULL;
  g_autofree char *id = perryctl_text_format_id (info->id);
  g_autofree char *age = perryctl_text_format_age (info->created_at, now);
  g_autofree char *size = perryctl_text_format_size (info->size);

  split_name (name, &repository, &tag);
  perryctl_table_add_row (table, PERRYCTL_COLOUR_NONE, repository, tag, id, age, size, NULL);
}

static void
print_table (const GPtrArray *images)
{
  g_autoptr (PerryctlTable) table = perryctl_table_new (5);
  gint64 now = g_get_real_time ();

  perryctl_table_add_row (table, PERRYCTL_COLOUR_BOLD, "REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE", NULL);
  for (guint i = 0; i < images->len; i++)
    {
      const PerryImageInfo *info = g_ptr_array_index (images, i);
      char **name = info->names;

      if (name == NULL || *name == NULL)
        add_image (table, "<none>", info, now);
      for (; name != NULL && *name != NULL; name++)
        add_image (table, *name, info, now);
    }
  perryctl_table_print (table);
}

static JsonNode *
to_json (gconstpointer element)
{
  return perry_image_info_to_json (element);
}

static int
run (PerryctlCall *call, GError **error)
{
  static const PerryctlListing listing = { to_json, print_table, NULL };
  PerryEngine *engine = perryctl_call_get_engine (call, error);
  g_autoptr (GPtrArray) images = NULL;

  if (engine == NULL)
    return 0;
  images = perry_engine_list_images (engine, NULL, error);
  if (images == NULL)
    return 0;
  perryctl_call_print_list (call, images, &listing);
  return 0;
}

const PerryctlCommand perryctl_images_command = {
  .name = "images",
  .operands = "",
  .summary = "list images",
  .flags = PERRYCTL_COMMAND_BACKEND | PERRYCTL_COMMAND_FORMAT,
  .run = run,
};
