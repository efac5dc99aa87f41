/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/perry-probe.h"

#include "probe/perry-probe-json.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Finds the value of "Name:\t..." in the text of /proc/self/status and copies it; NULL when it is not there. */
static char *
find_status (const char *status, const char *name)
{
  size_t length = strlen (name);

  for (const char *line = status; line != NULL && *line != '\0'; line = strchr (line, '\n'))
    {
      if (*line == '\n')
        line++;
      if (strncmp (line, name, length) == 0 && line[length] == ':')
        {
          line += length + 1;
          line += strspn (line, " \t");
          return strndup (line, strcspn (line, "\n"));
        }
    }
  return NULL;
}

static void
add_status_string (const char *status, const char *field, const char *name)
{
  char *value = find_status (status, field);

  if (value != NULL)
    probe_json_add_string (name, value);
  else
    probe_json_add_null (name);
  free (value);
}

static void
add_status_integer (const char *status, const char *field, const char *name)
{
  char *value = find_status (status, field);

  if (value != NULL && isdigit ((unsigned char) *value))
    probe_json_add_integer (name, strtoll (value, NULL, 10));
  else
    probe_json_add_null (name);
  free (value);
}

/* Four numbers: real, effective, saved, file system. */
static void
add_ids (const char *status, const char *field, const char *const names[4])
{
  char *value = find_status (status, field);
  char *cursor = value;

  for (int i = 0; i < 4; i++)
    {
      char *number = cursor != NULL ? strsep (&cursor, "\t ") : NULL;

      if (number != NULL && isdigit ((unsigned char) *number))
        probe_json_add_integer (names[i], strtoll (number, NULL, 10));
      else
        probe_json_add_null (names[i]);
    }
  free (value);
}

static void
add_groups (const char *status)
{
  char *value = find_status (status, "Groups");
  char *cursor = value;
  char *number;

  probe_json_open_array ("groups");
  while (cursor != NULL && (number = strsep (&cursor, "\t ")) != NULL)
    if (*number != '\0')
      probe_json_add_integer (NULL, strtoll (number, NULL, 10));
  probe_json_close ();
  free (value);
}

static void
add_line_of_file (const char *name, const char *path)
{
  char *line = probe_read_line (path);

  if (line != NULL)
    probe_json_add_string (name, line);
  else
    probe_json_add_null (name);
  free (line);
}

static void
add_lines_of_file (const char *name, const char *path)
{
  char *text = probe_read_file (path);
  char *cursor = text;
  char *line;

  probe_json_open_array (name);
  while ((line = probe_next_line (&cursor)) != NULL)
    probe_json_add_string (NULL, line);
  probe_json_close ();
  free (text);
}

static int
compare_strings (const void *a, const void *b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static void
add_environment (void)
{
  size_t n = 0;
  char *previous = NULL;
  char **sorted;

  while (environ[n] != NULL)
    n++;
  sorted = calloc (n + 1, sizeof *sorted);
  if (sorted == NULL)
    abort ();
  for (size_t i = 0; i < n; i++)
    sorted[i] = strdup (environ[i]);
  qsort (sorted, n, sizeof *sorted, compare_strings);
  probe_json_open_object ("env");
  for (size_t i = 0; i < n; i++)
    {
      char *equals = sorted[i] != NULL ? strchr (sorted[i], '=') : NULL;

      if (equals == NULL)
        continue;
      *equals = '\0';
      /* The same name twice would not be strict JSON. */
      if (previous == NULL || strcmp (previous, sorted[i]) != 0)
        probe_json_add_string (sorted[i], equals + 1);
      previous = sorted[i];
    }
  probe_json_close ();
  for (size_t i = 0; i < n; i++)
    free (sorted[i]);
  free (sorted);
}

static void
add_security (const char *status)
{
  static const struct { const char *field, *name; } sets[] = {
    { "CapInh", "inheritable" }, { "CapPrm", "permitted" }, { "CapEff", "effective" },
    { "CapBnd", "bounding" }, { "CapAmb", "ambient" },
  };
  char *label;

  probe_json_open_object ("capabilities");
  for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
    add_status_string (status, sets[i].field, sets[i].name);
  probe_json_close ();
  add_status_integer (status, "NoNewPrivs", "no_new_privs");
  add_status_integer (status, "Seccomp", "seccomp");
  add_status_integer (status, "Seccomp_filters", "seccomp_filters");
  /* AppArmor and SELinux answer through the same file; the first also under a name of its own. */
  label = probe_read_line ("/proc/self/attr/apparmor/current");
  if (label == NULL)
    label = probe_read_line ("/proc/self/attr/current");
  if (label != NULL && *label != '\0')
    probe_json_add_string ("security_label", label);
  else
    probe_json_add_null ("security_label");
  free (label);
}

static void
add_place (void)
{
  char path[4096];

  if (getcwd (path, sizeof path) != NULL)
    probe_json_add_string ("cwd", path);
  else
    probe_json_add_null ("cwd");
  if (gethostname (path, sizeof path) == 0)
    probe_json_add_string ("hostname", path);
  else
    probe_json_add_null ("hostname");
}

static void
add_umask (void)
{
  char text[8];
  mode_t mask = umask (0);

  umask (mask);
  snprintf (text, sizeof text, "%04o", (unsigned) mask);
  probe_json_add_string ("umask", text);
}

void
probe_report_process (int argc, char **argv)
{
  static const char *const uids[] = { "uid", "euid", "suid", "fsuid" };
  static const char *const gids[] = { "gid", "egid", "sgid", "fsgid" };
  char *status = probe_read_file ("/proc/self/status");

  probe_json_add_integer ("version", 1);
  probe_json_add_integer ("pid", getpid ());
  probe_json_add_integer ("ppid", getppid ());
  add_line_of_file ("init", "/proc/1/comm");
  probe_json_open_array ("argv");
  for (int i = 0; i < argc; i++)
    probe_json_add_string (NULL, argv[i]);
  probe_json_close ();
  add_place ();
  add_environment ();
  add_ids (status, "Uid", uids);
  add_ids (status, "Gid", gids);
  add_groups (status);
  add_lines_of_file ("uid_map", "/proc/self/uid_map");
  add_lines_of_file ("gid_map", "/proc/self/gid_map");
  add_security (status);
  add_umask ();
  add_line_of_file ("oom_score_adj", "/proc/self/oom_score_adj");
  probe_json_add_boolean ("stdin_is_a_tty", isatty (STDIN_FILENO) == 1);
  free (status);
}

static void
add_limit (const char *name, rlim_t value)
{
  if (value == RLIM_INFINITY || value > (rlim_t) INT64_MAX)
    probe_json_add_string (name, "unlimited");
  else
    probe_json_add_integer (name, (int64_t) value);
}

void
probe_report_limits (void)
{
  static const struct { const char *name; __rlimit_resource_t resource; } limits[] = {
    { "as", RLIMIT_AS }, { "core", RLIMIT_CORE }, { "cpu", RLIMIT_CPU }, { "data", RLIMIT_DATA },
    { "fsize", RLIMIT_FSIZE }, { "locks", RLIMIT_LOCKS }, { "memlock", RLIMIT_MEMLOCK },
    { "msgqueue", RLIMIT_MSGQUEUE }, { "nice", RLIMIT_NICE }, { "nofile", RLIMIT_NOFILE },
    { "nproc", RLIMIT_NPROC }, { "rss", RLIMIT_RSS }, { "rtprio", RLIMIT_RTPRIO },
    { "rttime", RLIMIT_RTTIME }, { "sigpending", RLIMIT_SIGPENDING }, { "stack", RLIMIT_STACK },
  };

  probe_json_open_object ("rlimits");
  for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
    {
      struct rlimit limit;

      if (getrlimit (limits[i].resource, &limit) != 0)
        continue;
      probe_json_open_object (limits[i].name);
      add_limit ("soft", limit.rlim_cur);
      add_limit ("hard", limit.rlim_max);
      probe_json_close ();
    }
  probe_json_close ();
}
