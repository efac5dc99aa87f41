/* SPDX-License-Identifier: Apache-2.0 */
/* A cosign that does what the files beside it say: `help`, and for a question NAME.{stdout,stderr,status,action}, where
 * NAME is `legacy` for the second format and `first` otherwise. What it was given goes to `log`. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[PATH_MAX];

static FILE *
open_beside (const char *name, const char *suffix, const char *mode)
{
  char path[2 * PATH_MAX];

  snprintf (path, sizeof path, "%s/%s%s", directory, name, suffix);
  return fopen (path, mode);
}

static void
copy_beside (const char *name, const char *suffix, FILE *to)
{
  FILE *from = open_beside (name, suffix, "r");
  char buffer[4096];
  size_t n;

  while (from != NULL && (n = fread (buffer, 1, sizeof buffer, from)) > 0)
    fwrite (buffer, 1, n, to);
  if (from != NULL)
    fclose (from);
  fflush (to);
}

static void
write_log (char **argv)
{
  FILE *log = open_beside ("log", "", "a");

  if (log == NULL)
    exit (99);
  for (int i = 1; argv[i] != NULL; i++)
    fprintf (log, "%s\n", argv[i]);
  for (char **variable = environ; *variable != NULL; variable++)
    fprintf (log, "env %s\n", *variable);
  fclose (log);
}

/* With a child that holds the outputs, and both deaf to what is polite. */
static void
hang (void)
{
  FILE *pids = open_beside ("pids", "", "w");

  signal (SIGTERM, SIG_IGN);
  signal (SIGHUP, SIG_IGN);
  fprintf (pids, "%d\n", (int) getpid ());
  fflush (pids);
  if (fork () == 0)
    {
      fprintf (pids, "%d\n", (int) getpid ());
      fclose (pids);
      for (;;)
        pause ();
    }
  fclose (pids);
  for (;;)
    pause ();
}

static void
flood (FILE *to)
{
  char buffer[65536];

  memset (buffer, ' ', sizeof buffer);
  for (int i = 0; i < 256; i++)
    fwrite (buffer, 1, sizeof buffer, to);
  fflush (to);
}

static void
act (const char *name)
{
  char action[32] = "";
  FILE *file = open_beside (name, ".action", "r");

  if (file == NULL)
    return;
  if (fscanf (file, "%31s", action) != 1)
    exit (99);
  fclose (file);
  if (strcmp (action, "hang") == 0)
    hang ();
  if (strcmp (action, "flood-stdout") == 0)
    flood (stdout);
  if (strcmp (action, "flood-stderr") == 0)
    flood (stderr);
  if (strcmp (action, "crash") == 0)
    abort ();
}

static int
read_status (const char *name)
{
  FILE *file = open_beside (name, ".status", "r");
  int status = 0;

  if (file != NULL && fscanf (file, "%d", &status) != 1)
    status = 99;
  if (file != NULL)
    fclose (file);
  return status;
}

int
main (int argc, char **argv)
{
  const char *name = "first";
  ssize_t length = readlink ("/proc/self/exe", directory, sizeof directory - 1);

  if (length <= 0)
    return 99;
  directory[length] = '\0';
  *strrchr (directory, '/') = '\0';
  write_log (argv);
  for (int i = 1; i < argc; i++)
    {
      if (strcmp (argv[i], "--help") == 0)
        {
          copy_beside ("help", "", stdout);
          act ("help");
          return read_status ("help");
        }
      if (strcmp (argv[i], "--new-bundle-format=false") == 0)
        name = "legacy";
    }
  copy_beside (name, ".stdout", stdout);
  copy_beside (name, ".stderr", stderr);
  act (name);
  return read_status (name);
}
