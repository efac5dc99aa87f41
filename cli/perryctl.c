/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/perryctl-command.h"
#include "cli/perryctl-log.h"
#include "cli/perryctl-output.h"

static int
fail_unknown (const char *name)
{
  g_autofree char *message = NULL;
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  const char *nearest;

  for (const PerryctlCommand *const *command = perryctl_command_get_table (); *command != NULL; command++)
    g_ptr_array_add (known, (gpointer) (*command)->name);
  g_ptr_array_add (known, NULL);
  nearest = perry_json_nearest_key (name, (const char *const *) known->pdata);
  if (nearest != NULL)
    message = g_strdup_printf ("unknown command \"%s\", did you mean \"%s\"?", name, nearest);
  else
    message = g_strdup_printf ("unknown command \"%s\"", name);
  perryctl_output_print_error (NULL, message);
  fprintf (stderr, "Try \"perryctl --help\".\n");
  return 1;
}

/* How many words of the command line come before the command: options that it takes, too, with their arguments. */
static int
count_leading_options (const char *const *argv)
{
  int n = 0;

  while (argv[n] != NULL && argv[n][0] == '-')
    {
      gboolean separate = g_str_equal (argv[n], "--backend") || g_str_equal (argv[n], "--format");

      n += separate && argv[n + 1] != NULL ? 2 : 1;
    }
  return n;
}

static int
run (const char *const *argv)
{
  int leading = count_leading_options (argv);
  const PerryctlCommand *command;
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();

  if (leading > 0 && (g_str_equal (argv[0], "--help") || g_str_equal (argv[0], "-h")))
    {
      g_autofree char *overview = perryctl_command_get_overview ();

      fputs (overview, stdout);
      return 0;
    }
  if (leading > 0 && g_str_equal (argv[0], "--version"))
    return perryctl_command_run (&perryctl_version_command, argv + 1);
  if (argv[leading] == NULL)
    {
      g_autofree char *overview = perryctl_command_get_overview ();

      perryctl_output_print_error (NULL, "a command is missing");
      fputs (overview, stderr);
      return 1;
    }
  command = perryctl_command_find (argv[leading]);
  if (command == NULL)
    return fail_unknown (argv[leading]);
  for (int i = 0; argv[i] != NULL; i++)
    if (i != leading)
      g_ptr_array_add (arguments, (gpointer) argv[i]);
  g_ptr_array_add (arguments, NULL);
  return perryctl_command_run (command, (const char *const *) arguments->pdata);
}

int
main (int argc, char **argv)
{
  int code;

  /* A reader that goes away is an error of a write, not the end of a program that has to clean up. */
  signal (SIGPIPE, SIG_IGN);
  perryctl_log_install ();
  code = argc > 0 ? run ((const char *const *) argv + 1) : 1;
  if (!perryctl_output_finish (NULL) && code == 0)
    return 1;
  return code;
}
