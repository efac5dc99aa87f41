/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/perry-proof-readers.h"

#include <string.h>

#include "plugin-api/perry-error.h"

/* The kernel writes blank, tab, newline, backslash and some others as a backslash and three octal digits. */
static char *
unescape (const char *text)
{
  GString *plain = g_string_sized_new (strlen (text));

  while (*text != '\0')
    {
      if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && text[2] >= '0' && text[2] <= '7' && text[3] >= '0' &&
          text[3] <= '7')
        {
          char c = (char) ((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));

          if (c != '\0')
            {
              g_string_append_c (plain, c);
              text += 4;
              continue;
            }
        }
      g_string_append_c (plain, *text++);
    }
  return g_string_free (plain, FALSE);
}

static GStrv
split_options (const char *text)
{
  GStrv options = g_strsplit (text, ",", -1);

  for (char **option = options; *option != NULL; option++)
    {
      char *plain = unescape (*option);

      g_free (*option);
      *option = plain;
    }
  return options;
}

/* `id parent major:minor root mount-point options [optional …] - type source super-options`,
 * proc_pid_mountinfo(5). The source can be empty, which leaves two blanks in a row. */
static PerryObservedMount *
parse_line (const char *line)
{
  g_auto (GStrv) fields = g_strsplit (line, " ", -1);
  guint n = g_strv_length (fields);
  guint separator = 6;
  PerryObservedMount *mount;

  while (separator < n && strcmp (fields[separator], "-") != 0)
    separator++;
  if (separator + 4 != n || fields[3][0] == '\0' || fields[4][0] != '/')
    return NULL;

  mount = g_new0 (PerryObservedMount, 1);
  mount->root = unescape (fields[3]);
  mount->mount_point = unescape (fields[4]);
  mount->options = split_options (fields[5]);
  mount->fs_type = unescape (fields[separator + 1]);
  mount->source = unescape (fields[separator + 2]);
  mount->super_options = split_options (fields[separator + 3]);
  for (guint i = 6; i < separator; i++)
    {
      mount->shared |= g_str_has_prefix (fields[i], "shared:");
      mount->slave |= g_str_has_prefix (fields[i], "master:");
    }
  return mount;
}

GPtrArray *
perry_proof_parse_mountinfo (const char *text, GError **error)
{
  g_autoptr (GPtrArray) mounts = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_observed_mount_free);

  if (!perry_proof_ends_with_newline (text, "mountinfo", error))
    return NULL;
  for (const char *end; *text != '\0'; text = end + 1)
    {
      g_autofree char *line = NULL;
      PerryObservedMount *mount;

      if (mounts->len == PERRY_PROOF_MAX_MOUNTS)
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED, "mountinfo: more than %d lines",
                       PERRY_PROOF_MAX_MOUNTS);
          return NULL;
        }
      end = strchr (text, '\n');
      line = g_strndup (text, (gsize) (end - text));
      mount = parse_line (line);
      if (mount == NULL)
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "mountinfo: line %u is malformed", mounts->len + 1);
          return NULL;
        }
      g_ptr_array_add (mounts, mount);
    }
  return g_steal_pointer (&mounts);
}
