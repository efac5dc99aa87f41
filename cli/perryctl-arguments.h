/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/perry-container.h"

G_BEGIN_DECLS

/* An option of a command. A table of them ends with a row whose name is NULL. */
typedef struct {
  const char *name;     /* without dashes */
  char short_name;      /* or 0 */
  const char *argument; /* what help texts call its argument; NULL for a switch */
  const char *help;
  const PerryFieldInfo *field; /* the field of a container spec that it sets, or NULL */
  const char *member;          /* the member of that field that it sets, or NULL */
} PerryctlOption;

typedef struct {
  const PerryctlOption *option;
  char *text; /* `true` or `false` for a switch */
} PerryctlValue;

/* What a command line says, in its order. */
typedef struct {
  GArray *table;     /* PerryctlOption */
  GPtrArray *values; /* PerryctlValue */
  char **operands;
} PerryctlArguments;

/*
 * perryctl_arguments_parse:
 * @table: (transfer full) (element-type PerryctlOption): the options that are known
 * @stop_at_operand: whether the first operand ends the options, so that the rest is taken as it is
 * @argv: what follows the command's name
 * @error: return location for an error
 *
 * Takes `--name VALUE`, `--name=VALUE`, `--switch`, `--switch=false`, `-x VALUE`, `-xVALUE`, `-abc` and `--`.
 *
 * Errors: PERRY_ERROR_INVALID_ARGUMENT.
 *
 * Returns: (transfer full): the arguments, or NULL
 */
PerryctlArguments *perryctl_arguments_parse (GArray *table, gboolean stop_at_operand, const char *const *argv,
                                             GError **error);
void perryctl_arguments_free (PerryctlArguments *arguments);

/* The last value of an option, or NULL. */
const char *perryctl_arguments_get (const PerryctlArguments *arguments, const char *name);

/* Whether a switch is on. */
gboolean perryctl_arguments_is_on (const PerryctlArguments *arguments, const char *name);

/* Reads an integer option; leaves @ret_value alone where the option is absent. */
gboolean perryctl_arguments_read_integer (const PerryctlArguments *arguments, const char *name, gint64 minimum,
                                          gint64 maximum, gint64 *ret_value, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryctlArguments, perryctl_arguments_free)

G_END_DECLS
