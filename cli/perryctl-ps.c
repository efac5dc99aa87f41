/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-command.h"
#include "cli/perryctl-table.h"
#include "cli/perryctl-text.h"

static const PerryctlOption options[] = {
  { "all", 'a', NULL, "List those that do not run, too" },
  { "quiet", 'q', NULL, "Print full ids alone" },
  { "mine", 0, NULL, "Leave out those that perry-container did not make" },
  { NULL },
};

static char *
describe_status (const PerryContainerInfo *info)
{
  const char *status = perry_container_status_get_name (info->status);

  if (info->status == PERRY_CONTAINER_RUNNING && info->health != PERRY_HEALTH_NONE)
    return g_strdup_printf ("%s (%s%s)", status, info->health == PERRY_HEALTH_UNKNOWN ? "health " : "",
                            perry_health_get_name (info->health));
  if (info->status != PERRY_CONTAINER_EXITED || info->exit_code < 0)
    return g_strdup (status);
  return g_strdup_printf ("%s (%" G_GINT64_FORMAT ")", status, info->exit_code);
}

/* A container that was created by an image's id names that, whatever the image is called. */
static char *
describe_image (const PerryContainerInfo *info)
{
  if (info->image == NULL || g_str_has_prefix (info->image, "sha256:"))
    return perryctl_text_format_id (info->image);
  return g_strdup (info->image);
}

static void
add_container (PerryctlTable *table, const PerryContainerInfo *info, gint64 now)
{
  g_autofree char *id = perryctl_text_format_id (info->id);
  g_autofree char *image = describe_image (info);
  g_autofree char *status = describe_status (info);
  g_autofree char *age = perryctl_text_format_age (info->created_at, now);
  g_autofree char *ports = info->ports != NULL ? g_strjoinv (" ", info->ports) : g_strdup ("");

  perryctl_table_add (table, info->name, PERRYCTL_COLOUR_NONE);
  perryctl_table_add (table, id, PERRYCTL_COLOUR_NONE);
  perryctl_table_add (table, image, PERRYCTL_COLOUR_NONE);
  perryctl_table_add (table, status,
                      info->status == PERRY_CONTAINER_RUNNING ? PERRYCTL_COLOUR_GREEN : PERRYCTL_COLOUR_NONE);
  perryctl_table_add (table, age, PERRYCTL_COLOUR_NONE);
  perryctl_table_add (table, ports, PERRYCTL_COLOUR_NONE);
  perryctl_table_add (table, info->command, PERRYCTL_COLOUR_NONE);
}

static void
print_table (const GPtrArray *containers)
{
  g_autoptr (PerryctlTable) table = perryctl_table_new (7);
  gint64 now = g_get_real_time ();

  perryctl_table_add_row (table, PERRYCTL_COLOUR_BOLD, "NAME", "ID", "IMAGE", "STATUS", "CREATED", "PORTS", "COMMAND",
                           NULL);
  for (guint i = 0; i < containers->len; i++)
    add_container (table, g_ptr_array_index (containers, i), now);
  perryctl_table_print (table);
}

static JsonNode *
to_json (gconstpointer element)
{
  return perry_container_info_to_json (element);
}

static const char *
get_name (gconstpointer element)
{
  return ((const PerryContainerInfo *) element)->id;
}

static int
run (PerryctlCall *call, GError **error)
{
  static const PerryctlListing listing = { to_json, print_table, get_name };
  PerryEngine *engine;
  g_autoptr (GPtrArray) containers = NULL;

  if (perryctl_arguments_is_on (call->arguments, "quiet") && perryctl_call_wants_json (call))
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
                           "--quiet and --format json exclude each other");
      return 0;
    }
  engine = perryctl_call_get_engine (call, error);
  if (engine == NULL)
    return 0;
  containers = perry_engine_list (engine, perryctl_arguments_is_on (call->arguments, "all"),
                                  !perryctl_arguments_is_on (call->arguments, "mine"), NULL, error);
  if (containers == NULL)
    return 0;
  perryctl_call_print_list (call, containers, &listing);
  return 0;
}

const PerryctlCommand perryctl_ps_command = {
  .name = "ps",
  .operands = "",
  .summary = "list containers, those of others included",
  .flags = PERRYCTL_COMMAND_BACKEND | PERRYCTL_COMMAND_FORMAT,
  .options = options,
  .run = run,
};
