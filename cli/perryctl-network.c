/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/perryctl-output.h"
#include "cli/perryctl-table.h"
#include "cli/perryctl-text.h"
#include "cli/perryctl-verb.h"

static const PerryctlOption options[] = {
  { "internal", 0, NULL, "create: a network from which containers reach neither the outside nor the host" },
  { "subnet", 0, "CIDR", "create: the addresses, as in 10.5.0.0/24; more than once for several" },
  { "gateway", 0, "ADDRESS", "create: the address of the bridge in the subnet" },
  { "ip-range", 0, "CIDR", "create: the part of the subnet that containers get addresses from" },
  { "ipv6", 0, NULL, "create: give it IPv6 addresses, too" },
  { "driver", 'd', "NAME", "create: the driver, bridge by default" },
  { "ipam-driver", 0, "NAME", "create: who gives out addresses" },
  { "opt", 'o', "KEY=VALUE", "create: an option for the driver" },
  { "label", 'l', "KEY[=VALUE]", "create: a label; ls: list only what has it" },
  { "alias", 0, "NAME", "connect: a further name of the container on the network" },
  { "quiet", 'q', NULL, "ls: print full ids alone" },
  { NULL },
};

/* The one that lacks it and is of its family; where there is none, one without subnet, which the library refuses. */
static PerrySubnet *
find_subnet (GPtrArray *subnets, const char *address, gboolean is_gateway)
{
  PerrySubnet *subnet;

  for (guint i = 0; i < subnets->len; i++)
    {
      subnet = g_ptr_array_index (subnets, i);
      if ((is_gateway ? subnet->gateway : subnet->ip_range) == NULL && subnet->subnet != NULL
          && (strchr (subnet->subnet, ':') != NULL) == (strchr (address, ':') != NULL))
        return subnet;
    }
  subnet = perry_subnet_new (NULL, NULL, NULL);
  g_ptr_array_add (subnets, subnet);
  return subnet;
}

static void
read_subnets (PerryctlCall *call, GPtrArray *subnets)
{
  g_auto (GStrv) ranges = perryctl_verb_get_all (call, "subnet");
  g_auto (GStrv) gateways = perryctl_verb_get_all (call, "gateway");
  g_auto (GStrv) parts = perryctl_verb_get_all (call, "ip-range");

  for (char **range = ranges; *range != NULL; range++)
    g_ptr_array_add (subnets, perry_subnet_new (*range, NULL, NULL));
  for (char **gateway = gateways; *gateway != NULL; gateway++)
    find_subnet (subnets, *gateway, TRUE)->gateway = g_strdup (*gateway);
  for (char **part = parts; *part != NULL; part++)
    find_subnet (subnets, *part, FALSE)->ip_range = g_strdup (*part);
}

static int
run_create (PerryctlCall *call, char **operands, GError **error)
{
  g_autoptr (PerryNetworkRequest) request = perry_network_request_new (operands[0]);
  PerryEngine *engine = perryctl_call_get_engine (call, error);
  g_auto (GStrv) warnings = NULL;
  g_autofree char *id = NULL;
  char *ids[] = { NULL, NULL };

  if (engine == NULL)
    return 0;
  request->internal = perryctl_arguments_is_on (call->arguments, "internal");
  request->ipv6 = perryctl_arguments_is_on (call->arguments, "ipv6");
  request->driver = g_strdup (perryctl_arguments_get (call->arguments, "driver"));
  request->ipam_driver = g_strdup (perryctl_arguments_get (call->arguments, "ipam-driver"));
  read_subnets (call, request->subnets);
  perryctl_verb_read_pairs (call, "opt", request->options);
  perryctl_verb_read_pairs (call, "label", request->labels);
  id = perry_engine_create_network (engine, request, &warnings, NULL, error);
  if (id == NULL)
    return 0;
  for (char **warning = warnings; warning != NULL && *warning != NULL; warning++)
    perryctl_output_print_error ("warning", *warning);
  ids[0] = id;
  perryctl_call_print_names (call, ids);
  return 0;
}

static char *
describe_subnets (const PerryNetworkInfo *info)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < info->subnets->len; i++)
    {
      const PerrySubnet *subnet = g_ptr_array_index (info->subnets, i);

      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", subnet->subnet != NULL ? subnet->subnet : "-");
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
print_table (const GPtrArray *networks)
{
  g_autoptr (PerryctlTable) table = perryctl_table_new (5);

  perryctl_table_add_row (table, PERRYCTL_COLOUR_BOLD, "NAME", "ID", "DRIVER", "INTERNAL", "SUBNETS", NULL);
  for (guint i = 0; i < networks->len; i++)
    {
      const PerryNetworkInfo *info = g_ptr_array_index (networks, i);
      g_autofree char *id = perryctl_text_format_id (info->id);
      g_autofree char *subnets = describe_subnets (info);
      gboolean is_partial = info->internal && info->isolation != PERRY_SUPPORT_NATIVE;

      perryctl_table_add_row (table, is_partial ? PERRYCTL_COLOUR_YELLOW : PERRYCTL_COLOUR_NONE, info->name, id,
                              info->driver, is_partial ? "partly" : info->internal ? "yes" : "no", subnets, NULL);
    }
  perryctl_table_print (table);
}

static JsonNode *
to_json (gconstpointer element)
{
  return perry_network_info_to_json (element);
}

static const char *
get_name (gconstpointer element)
{
  return ((const PerryNetworkInfo *) element)->id;
}

static int
run_ls (PerryctlCall *call, char **operands, GError **error)
{
  static const PerryctlListing listing = { to_json, print_table, get_name };

  return perryctl_verb_list (call, perry_engine_list_networks, &listing, error);
}

static gboolean
inspect (PerryctlCall *call, PerryEngine *engine, const char *name, JsonBuilder *builder, GError **error)
{
  g_autoptr (PerryNetworkInfo) info = perry_engine_inspect_network (engine, name, NULL, error);

  if (info != NULL)
    json_builder_add_value (builder, perry_network_info_to_json (info));
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
  return perry_engine_remove_network (engine, name, NULL, error) && perryctl_call_print_name (call, name, builder);
}

static int
run_rm (PerryctlCall *call, char **operands, GError **error)
{
  return perryctl_call_for_operands (call, operands, remove_one, perryctl_call_wants_json (call), error);
}

static int
run_connect (PerryctlCall *call, char **operands, GError **error)
{
  PerryEngine *engine = perryctl_call_get_engine (call, error);
  g_auto (GStrv) aliases = perryctl_verb_get_all (call, "alias");
  char *names[] = { operands[1], NULL };

  if (engine != NULL
      && perry_engine_connect_network (engine, operands[0], operands[1], (const char *const *) aliases, NULL, error))
    perryctl_call_print_names (call, names);
  return 0;
}

static int
run_disconnect (PerryctlCall *call, char **operands, GError **error)
{
  PerryEngine *engine = perryctl_call_get_engine (call, error);
  char *names[] = { operands[1], NULL };

  if (engine != NULL && perry_engine_disconnect_network (engine, operands[0], operands[1], NULL, error))
    perryctl_call_print_names (call, names);
  return 0;
}

static int
run (PerryctlCall *call, GError **error)
{
  static const char *const create_options[] = { "internal", "subnet", "gateway", "ip-range", "ipv6", "driver",
                                                "ipam-driver", "opt", "label", NULL };
  static const char *const ls_options[] = { "label", "quiet", NULL };
  static const char *const connect_options[] = { "alias", NULL };
  static const PerryctlVerb verbs[] = {
    { "create", "NAME", create_options, 1, 1, run_create },
    { "ls", "", ls_options, 0, 0, run_ls },
    { "inspect", "NAME...", NULL, 1, G_MAXUINT, run_inspect },
    { "rm", "NAME...", NULL, 1, G_MAXUINT, run_rm },
    { "connect", "NETWORK CONTAINER", connect_options, 2, 2, run_connect },
    { "disconnect", "NETWORK CONTAINER", NULL, 2, 2, run_disconnect },
    { NULL },
  };

  return perryctl_verb_run (call, verbs, error);
}

const PerryctlCommand perryctl_network_command = {
  .name = "network",
  .operands = "create|ls|inspect|rm|connect|disconnect [NAME]...",
  .summary = "create, list, inspect and remove networks, and connect containers",
  .flags = PERRYCTL_COMMAND_BACKEND | PERRYCTL_COMMAND_FORMAT,
  .least_operands = 1,
  .most_operands = G_MAXUINT,
  .options = options,
  .run = run,
};
