/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-table.h"
#include "cli/perryctl-text.h"
#include "cli/perryctl-verb.h"

static const PerryctlOption options[] = {
  { "driver", 'd', "NAME", "create: the driver, local by default" },
  { "opt", 'o', "KEY=VALUE", "create: an option for the driver" },
  { "label", 'l', "KEY[=VALUE]", "create: a label; ls: list only what has it" },
  { "force", 'f', NULL, "rm: say nothing of a volume that does not exist" },
  { "quiet", 'q', NULL, "ls: print names alone" },
  { NULL },
};

static int
run_create (PerryctlCall *call, char **operands, GError **error)
{
  g_autoptr (PerryVolumeRequest) request = perry_volume_request_new (operands[0]);
  PerryEngine *engine = perryctl_call_get_engine (call, error);
  char *names[] = { operands[0], NULL };

  if (engine == NULL)
    return 0;
  request->driver = g_strdup (perryctl_arguments_get (call->arguments, "driver"));
  perryctl_verb_read_pairs (call, "opt", request->options);
  perryctl_verb_read_pairs (call, "label", request->labels);
  if (perry_engine_create_volume (engine, request, NULL, error))
    perryctl_call_print_names (call, names);
  return 0;
}

static void
print_table (const GPtrArray *volumes)
{
  g_autoptr (PerryctlTable) table = perryctl_table_new (3);
  gint64 now = g_get_real_time ();

  perryctl_table_add_row (table, PERRYCTL_COLOUR_BOLD, "NAME", "DRIVER", "CREATED", NULL);
  for (guint i = 0; i < volumes->len; i++)
    {
      const PerryVolumeInfo *info = g_ptr_array_index (volumes, i);
      g_autofree char *age = perryctl_text_format_age (info->created_at, now);

      perryctl_table_add_row (table, PERRYCTL_COLOUR_NONE, info->name, info->driver, age, NULL);
    }
  perryctl_table_print (table);
}

static JsonNode *
to_json (gconstpointer element)
{
  return perry_volume_info_to_json (element);
}

static const char *
get_name (gconstpointer element)
{
  return ((const PerryVolumeInfo *) element)->name;
}

static int
run_ls (PerryctlCall *call, char **operands, GError **error)
{
  static const PerryctlListing listing = { to_json, print_table, get_name };

  return perryctl_verb_list (call, perry_engine_list_volumes, &listing, error);
}

static gboolean
inspect (PerryctlCall *call, PerryEngine *engine, const char *name, JsonBuilder *builder, GError **error)
{
  g_autoptr (PerryVolumeInfo) info = perry_engine_inspect_volume (engine, name, NULL, error);

  if (info != NULL)
    json_builder_add_value (builder, perry_volume_info_to_json (info));
  return info != NULL;
}

/* A report is JSON, whatever the format. */
static int
run_inspect (PerryctlCall *call, char **operands, GError **error)
{
  return perryctl_call_for_operands (call, operands, inspect, TRUE, error);
}

static gboolean
remove_one (PerryctlCall *call, PerryEngine *engine, const char *name, JsonBuilder *builder, GError **error)
{
  gboolean force = perryctl_arguments_is_on (call->arguments, "force");

  return perry_engine_remove_volume (engine, name, force, NULL, error)
         && perryctl_call_print_name (call, name, builder);
}

static int
run_rm (PerryctlCall *call, char **operands, GError **error)
{
  return perryctl_call_for_operands (call, operands, remove_one, perryctl_call_wants_json (call), error);
}

static int
run (PerryctlCall *call, GError **error)
{
  static const char *const create_options[] = { "driver", "opt", "label", NULL };
  static const char *const ls_options[] = { "label", "quiet", NULL };
  static const char *const rm_options[] = { "force", NULL };
  static const PerryctlVerb verbs[] = {
    { "create", "NAME", create_options, 1, 1, run_create },
    { "ls", "", ls_options, 0, 0, run_ls },
    { "inspect", "NAME...", NULL, 1, G_MAXUINT, run_inspect },
    { "rm", "NAME...", rm_options, 1, G_MAXUINT, run_rm },
    { NULL },
  };

  return perryctl_verb_run (call, verbs, error);
}

const PerryctlCommand perryctl_volume_command = {
  .name = "volume",
  .operands = "create|ls|inspect|rm [NAME]...",
  .summary = "create, list, inspect and remove volumes",
  .flags = PERRYCTL_COMMAND_BACKEND | PERRYCTL_COMMAND_FORMAT,
  .least_operands = 1,
  .most_operands = G_MAXUINT,
  .options = options,
  .run = run,
};
