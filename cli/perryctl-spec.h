/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/perryctl-arguments.h"

G_BEGIN_DECLS

/* Rows of the option tables of commands that take a spec. */
#define PERRYCTL_OPTION_SPEC                                                                                           \
  { "spec", 0, "FILE",                                                                                                 \
    "Read a container spec (JSON) from FILE, or from standard input for \"-\"; options come on top" }
#define PERRYCTL_OPTION_REPORT { "report", 0, "FILE", "Write what ran, and the evidence, to FILE (JSON)" }
#define PERRYCTL_OPTION_PROOF                                                                                          \
  { "proof", 0, "default|required|off", "How much proof is wanted that the container is what was asked for" }

#define PERRYCTL_OPTION_PULL { "pull", 0, "missing|always|never", "When the image is pulled" }
#define PERRYCTL_OPTION_VERIFIER { "verifier", 0, "ID", "The plugin that looks at signatures" }
#define PERRYCTL_OPTION_NO_VERIFY_CACHE                                                                                \
  { "no-verify-cache", 0, NULL, "Verify the image anew, whatever was found out before" }

/* What every command has that makes a container. */
#define PERRYCTL_OPTIONS_OF_A_RUN                                                                                      \
  PERRYCTL_OPTION_SPEC, PERRYCTL_OPTION_REPORT, PERRYCTL_OPTION_PROOF, PERRYCTL_OPTION_PULL,                           \
      PERRYCTL_OPTION_VERIFIER, PERRYCTL_OPTION_NO_VERIFY_CACHE

/* Opens a file for reading, or standard input for `-`; -1 with an error. The caller closes it. */
int perryctl_spec_open (const char *path, GError **error);

/*
 * perryctl_spec_new:
 * @arguments: a command line with the options of the field table, `spec`, and `IMAGE [COMMAND [ARGUMENT]...]`
 * @error: return location for an error
 *
 * Reads the file of `--spec` where there is one, and puts the options on top in their order: scalars override, lists
 * and maps grow. `--env NAME` takes the value from this program's environment, and sets nothing where it has none.
 *
 * Errors: PERRY_ERROR_INVALID_ARGUMENT, PERRY_ERROR_INVALID_SPEC, and those of reading the file.
 *
 * Returns: (transfer full): a spec that is not completed, or NULL
 */
PerryContainerSpec *perryctl_spec_new (const PerryctlArguments *arguments, GError **error);

/* As perryctl_spec_new(), and completes the spec; relative paths in it are relative to the working directory. */
PerryContainerSpec *perryctl_spec_read (const PerryctlArguments *arguments, GError **error);

/* Reads the options that are no part of the spec but of every command that starts a container. (transfer full) */
PerryRunOptions *perryctl_spec_new_run_options (const PerryctlArguments *arguments, GError **error);

G_END_DECLS
