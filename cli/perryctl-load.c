/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <gio/gunixinputstream.h>

#include "cli/perryctl-command.h"
#include "cli/perryctl-output.h"

static const PerryctlOption options[] = {
  { "input", 'i', "FILE", "Read the archive from FILE" },
  { NULL },
};

static int
open_archive (const PerryctlArguments *arguments, GError **error)
{
  const char *path = perryctl_arguments_get (arguments, "input");
  int fd;

  if (path != NULL && arguments->operands[0] != NULL)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "two archives are named");
      return -1;
    }
  if (path == NULL)
    path = arguments->operands[0];
  if (path == NULL && isatty (STDIN_FILENO))
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
                           "standard input is a terminal; name an archive");
      return -1;
    }
  if (path == NULL || g_str_equal (path, "-"))
    fd = fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
  else
    fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    g_set_error (error, PERRY_ERROR, errno == ENOENT ? PERRY_ERROR_NOT_FOUND : PERRY_ERROR_FAILED,
                 "opening %s failed: %s", path != NULL ? path : "standard input", g_strerror (errno));
  return fd;
}

static void
print_names (PerryctlCall *call, char **names)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *line = g_strconcat ("Loaded image: ", *name, NULL);

      json_builder_add_string_value (builder, *name);
      if (!perryctl_call_wants_json (call))
        perryctl_output_print_line (line);
    }
  json_builder_end_array (builder);
  if (perryctl_call_wants_json (call))
    perryctl_output_take_json (json_builder_get_root (builder));
}

static int
run (PerryctlCall *call, GError **error)
{
  g_autoptr (GInputStream) archive = NULL;
  g_auto (GStrv) names = NULL;
  PerryEngine *engine;
  int fd = open_archive (call->arguments, error);

  if (fd < 0)
    return 0;
  archive = g_unix_input_stream_new (fd, TRUE);
  engine = perryctl_call_get_engine (call, error);
  if (engine == NULL)
    return 0;
  names = perry_engine_load_image (engine, archive, NULL, error);
  if (names != NULL)
    print_names (call, names);
  return 0;
}

const PerryctlCommand perryctl_load_command = {
  .name = "load",
  .operands = "[FILE]",
  .summary = "load an image archive, as \"docker save\" writes it",
  .flags = PERRYCTL_COMMAND_BACKEND | PERRYCTL_COMMAND_FORMAT,
  .most_operands = 1,
  .options = options,
  .run = run,
};
