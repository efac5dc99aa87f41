/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/perryctl-arguments.h"

G_BEGIN_DECLS

typedef struct _PerryctlCommand PerryctlCommand;

/* A command that is being carried out. */
typedef struct {
  const PerryctlCommand *command;
  PerryctlArguments *arguments;
  PerryEngine *engine; /* see perryctl_call_get_engine() */
} PerryctlCall;

typedef enum {
  PERRYCTL_COMMAND_PLAIN = 0,
  PERRYCTL_COMMAND_BACKEND = 1 << 0, /* talks to an engine: takes --backend */
  PERRYCTL_COMMAND_FORMAT = 1 << 1,  /* prints something: takes --format */
  PERRYCTL_COMMAND_SPEC = 1 << 2,    /* takes an option per field of a container spec; options end at the image */
  PERRYCTL_COMMAND_JSON = 1 << 3,    /* prints JSON alone */
} PerryctlCommandFlags;

/* A row of the command table. */
struct _PerryctlCommand {
  const char *name;
  const char *operands; /* what follows the options, for help texts */
  const char *summary;
  PerryctlCommandFlags flags;
  guint least_operands;
  guint most_operands;
  const PerryctlOption *options; /* the command's own, or NULL */
  /* Returns the exit code where @error is not set. */
  int (*run) (PerryctlCall *call, GError **error);
};

/* All commands; ends with NULL. */
const PerryctlCommand *const *perryctl_command_get_table (void);
const PerryctlCommand *perryctl_command_find (const char *name);

/* All options of a command: those of every command, its own, those of the field table. (transfer full) */
GArray *perryctl_command_dup_options (const PerryctlCommand *command);

/* The text of `perryctl --help` and of `perryctl COMMAND --help`. (transfer full) */
char *perryctl_command_get_overview (void);
char *perryctl_command_get_help (const PerryctlCommand *command);

/* The exit code for a mistake in the command line. */
int perryctl_command_get_usage_code (const PerryctlCommand *command);

/* The exit code for an error: 125, 126 and 127 for commands that take a spec, 1 for the others. */
int perryctl_command_get_error_code (const PerryctlCommand *command, const GError *error);

/*
 * Reads @argv, carries the command out and says on standard error what went wrong. Returns the exit code.
 */
int perryctl_command_run (const PerryctlCommand *command, const char *const *argv);

/* The configuration of this host with what the command line sets. (transfer full) */
PerryConfig *perryctl_call_load_config (PerryctlCall *call, GError **error);

/* The engine, made when it is first asked for. (transfer none) */
PerryEngine *perryctl_call_get_engine (PerryctlCall *call, GError **error);

/* Whether JSON is to be printed. */
gboolean perryctl_call_wants_json (const PerryctlCall *call);

/*
 * perryctl_call_for_each:
 * @call: a command whose operands are names
 * @action: does it to one name; may add a JSON value to the builder's array
 *
 * Does something to every operand, goes on after errors, and prints each name that went well, or with `--format json`
 * an array of what @action added.
 *
 * Returns: 0, or 1 where one of them failed
 */
typedef gboolean (*PerryctlAction) (PerryctlCall *call, PerryEngine *engine, const char *name, JsonBuilder *builder,
                                    GError **error);
int perryctl_call_for_each (PerryctlCall *call, PerryctlAction action, GError **error);

/* The same for @operands, of which a command with verbs has some alone. @json: whether the array of what @action added is
 * printed. */
int perryctl_call_for_operands (PerryctlCall *call, char **operands, PerryctlAction action, gboolean json,
                                GError **error);

/* Prints a name, or adds it to @builder where JSON is wanted; always TRUE, so that it can end an action. */
gboolean perryctl_call_print_name (PerryctlCall *call, const char *name, JsonBuilder *builder);

/* Prints names, one a line or as a JSON array. */
void perryctl_call_print_names (PerryctlCall *call, char **names);

/* How the elements of a list are printed. */
typedef struct {
  JsonNode *(*to_json) (gconstpointer element);
  void (*print_table) (const GPtrArray *list);
  const char *(*get_name) (gconstpointer element); /* what --quiet prints alone, where there is such an option */
} PerryctlListing;

/* Prints a list as JSON, as a table, or as names alone, as the call wants it. */
void perryctl_call_print_list (PerryctlCall *call, const GPtrArray *list, const PerryctlListing *listing);

/* The one command that no table lists. */
extern const PerryctlCommand perryctl_supervise_command;

/* One per file. */
extern const PerryctlCommand perryctl_run_command;
extern const PerryctlCommand perryctl_create_command;
extern const PerryctlCommand perryctl_sandbox_command;
extern const PerryctlCommand perryctl_start_command;
extern const PerryctlCommand perryctl_stop_command;
extern const PerryctlCommand perryctl_kill_command;
extern const PerryctlCommand perryctl_rm_command;
extern const PerryctlCommand perryctl_ps_command;
extern const PerryctlCommand perryctl_inspect_command;
extern const PerryctlCommand perryctl_logs_command;
extern const PerryctlCommand perryctl_wait_command;
extern const PerryctlCommand perryctl_pull_command;
extern const PerryctlCommand perryctl_verify_command;
extern const PerryctlCommand perryctl_load_command;
extern const PerryctlCommand perryctl_image_command;
extern const PerryctlCommand perryctl_images_command;
extern const PerryctlCommand perryctl_rmi_command;
extern const PerryctlCommand perryctl_network_command;
extern const PerryctlCommand perryctl_volume_command;
extern const PerryctlCommand perryctl_plan_command;
extern const PerryctlCommand perryctl_audit_command;
extern const PerryctlCommand perryctl_backends_command;
extern const PerryctlCommand perryctl_plugins_command;
extern const PerryctlCommand perryctl_config_command;
extern const PerryctlCommand perryctl_version_command;

G_END_DECLS
