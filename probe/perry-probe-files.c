/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/perry-probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *
probe_read_file (const char *path)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  char *text = fd >= 0 ? malloc (PROBE_MAX_FILE + 1) : NULL;
  size_t length = 0;
  ssize_t got = 0;

  while (text != NULL && length < PROBE_MAX_FILE)
    {
      got = read (fd, text + length, PROBE_MAX_FILE - length);
      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        break;
      length += (size_t) got;
    }
  if (fd >= 0)
    close (fd);
  if (text == NULL || got < 0)
    {
      free (text);
      return NULL;
    }
  text[length] = '\0';
  return text;
}

char *
probe_read_line (const char *path)
{
  char *text = probe_read_file (path);

  if (text != NULL)
    text[strcspn (text, "\n")] = '\0';
  return text;
}

char *
probe_next_line (char **cursor)
{
  char *line = *cursor;
  size_t length;

  if (line == NULL || *line == '\0')
    return NULL;
  length = strcspn (line, "\n");
  *cursor = line + length + (line[length] == '\n' ? 1 : 0);
  line[length] = '\0';
  return line;
}

const char *
probe_error_name (int error)
{
  static char number[16];
  const char *name;

  if (error == 0)
    return "ok";
  name = strerrorname_np (error);
  if (name != NULL)
    return name;
  snprintf (number, sizeof number, "E%d", error);
  return number;
}

static char *
unescape (char *field)
{
  char *to = field;

  for (const char *from = field; *from != '\0'; to++)
    {
      if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' && from[2] <= '7' && from[3] >= '0' &&
          from[3] <= '7')
        {
          *to = (char) ((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
          from += 4;
        }
      else
        *to = *from++;
    }
  *to = '\0';
  return field;
}

/* The optional fields: `shared:7`, `master:7`, none for a mount of its own. */
static const char *
read_propagation (const char *fields)
{
  bool is_shared = fields != NULL && strstr (fields, "shared:") != NULL;
  bool is_slave = fields != NULL && strstr (fields, "master:") != NULL;

  if (is_shared)
    return is_slave ? "shared slave" : "shared";
  return is_slave ? "slave" : "private";
}

static bool
parse_mount (char *line, ProbeMount *ret_mount)
{
  char *fields[6];
  char *dash = strstr (line, " - ");
  char *rest;

  if (dash == NULL)
    return false;
  *dash = '\0';
  rest = dash + 3;
  for (int i = 0; i < 6; i++)
    if ((fields[i] = strsep (&line, " ")) == NULL)
      return false;
  ret_mount->propagation = read_propagation (line);
  ret_mount->root = unescape (fields[3]);
  ret_mount->point = unescape (fields[4]);
  ret_mount->options = fields[5];
  ret_mount->type = strsep (&rest, " ");
  ret_mount->source = strsep (&rest, " ");
  ret_mount->super_options = rest;
  if (ret_mount->source == NULL || ret_mount->super_options == NULL)
    return false;
  unescape (ret_mount->source);
  unescape (ret_mount->super_options);
  return true;
}

const ProbeMount *
probe_get_mounts (size_t *n_mounts)
{
  static ProbeMount *mounts;
  static size_t n_read;
  static bool was_read;

  if (!was_read)
    {
      char *cursor = probe_read_file ("/proc/self/mountinfo");
      char *line;

      was_read = true;
      while ((line = probe_next_line (&cursor)) != NULL)
        {
          ProbeMount *larger = realloc (mounts, (n_read + 1) * sizeof *mounts);

          if (larger == NULL)
            abort ();
          mounts = larger;
          if (parse_mount (line, &mounts[n_read]))
            n_read++;
        }
    }
  *n_mounts = n_read;
  return mounts;
}
