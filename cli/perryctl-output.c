/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-output.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/perryctl-text.h"
#include "plugin-api/perry-json.h"

/* An error quotes what was typed, which may be an argument of 128 KiB. The library's own messages are shorter. */
#define MAX_ERROR 4000

gboolean
perryctl_output_has_colour (void)
{
  const char *no_colour = g_getenv ("NO_COLOR");

  return (no_colour == NULL || *no_colour == '\0') && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0
         && isatty (STDOUT_FILENO);
}

void
perryctl_output_print_line (const char *text)
{
  g_autofree char *harmless = perryctl_text_escape (text, FALSE);

  fprintf (stdout, "%s\n", harmless);
}

void
perryctl_output_take_json (JsonNode *node)
{
  g_autoptr (JsonNode) document = node;
  g_autofree char *text = perry_json_to_text (document, TRUE);

  fprintf (stdout, "%s\n", text);
}

void
perryctl_output_add_member (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  if (text != NULL)
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

void
perryctl_output_print_error (const char *command, const char *message)
{
  g_autofree char *escaped = perryctl_text_escape (message, TRUE);
  g_autofree char *harmless = perryctl_text_cut (escaped, MAX_ERROR);

  /* What was printed before the error has to come before it where both go to one place. */
  fflush (stdout);
  if (command != NULL)
    fprintf (stderr, "perryctl: %s: %s\n", command, harmless);
  else
    fprintf (stderr, "perryctl: %s\n", harmless);
}

gboolean
perryctl_output_finish (const char *command)
{
  g_autofree char *message = NULL;
  gboolean failed;

  errno = 0;
  failed = ferror (stdout) != 0;
  if (fflush (stdout) == 0 && !failed)
    return TRUE;
  if (errno != EPIPE)
    {
      message = g_strdup_printf ("writing to standard output failed%s%s", errno != 0 ? ": " : "",
                                 errno != 0 ? g_strerror (errno) : "");
      perryctl_output_print_error (command, message);
    }
  return FALSE;
}
