/* SPDX-License-Identifier: Apache-2.0 */
/* escape NAME: makes one attempt, and prints `opened` (exit status 0) or `stopped: ERROR` (3).
 * escape --each NAME…: makes each in a process and, where it may, in namespaces of its own; prints `NAME: opened` or such.
 * escape --witness: listens, says `ready`, and waits to be ended: somebody else. */
#include "tests/integration/escape.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATUS_STOPPED 3
#define STATUS_WRONG_USE 64
#define PATIENCE_S 20

int
escape_answer (long result)
{
  return result < 0 ? errno : 0;
}

int
escape_answer_beyond (long result, int error)
{
  return result < 0 && errno != error ? errno : 0;
}

int
escape_find_process (const char *name)
{
  DIR *proc = opendir ("/proc");
  struct dirent *entry;
  int found = 0;

  while (proc != NULL && found == 0 && (entry = readdir (proc)) != NULL)
    {
      char path[300], comm[32] = "";
      int fd;

      if (!isdigit ((unsigned char) entry->d_name[0]))
        continue;
      snprintf (path, sizeof path, "/proc/%s/comm", entry->d_name);
      fd = open (path, O_RDONLY | O_CLOEXEC);
      if (fd < 0)
        continue;
      if (read (fd, comm, sizeof comm - 1) > 0 && strncmp (comm, name, strlen (name)) == 0)
        found = atoi (entry->d_name);
      close (fd);
    }
  if (proc != NULL)
    closedir (proc);
  return found;
}

static const EscapeAttempt *
find_attempt (const char *name)
{
  static const EscapeAttempt *const tables[] = { escape_calls, escape_sockets, escape_files, escape_resources };

  for (unsigned i = 0; i < sizeof tables / sizeof tables[0]; i++)
    for (const EscapeAttempt *attempt = tables[i]; attempt->name != NULL; attempt++)
      if (strcmp (attempt->name, name) == 0)
        return attempt;
  return NULL;
}

static void
print_answer (int error)
{
  if (error == 0)
    printf ("opened\n");
  else
    printf ("stopped: %s\n", strerrorname_np (error));
}

static int
listen_as_witness (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "\0" ESCAPE_WITNESS };
  int fd = socket (AF_UNIX, SOCK_STREAM, 0);

  prctl (PR_SET_NAME, ESCAPE_WITNESS);
  if (bind (fd, (struct sockaddr *) &address, offsetof (struct sockaddr_un, sun_path) + sizeof ESCAPE_WITNESS) < 0 ||
      listen (fd, 100) < 0)
    return errno;
  printf ("ready\n");
  fflush (stdout);
  for (;;)
    pause ();
}

static void
attempt_in_own_namespaces (const EscapeAttempt *attempt)
{
  int error;

  if (unshare (CLONE_NEWNS | CLONE_NEWUTS) == 0)
    mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
  alarm (PATIENCE_S);
  error = attempt->attempt ();
  print_answer (error);
  fflush (stdout);
  _exit (0);
}

static int
attempt_each (char **names)
{
  for (; *names != NULL; names++)
    {
      const EscapeAttempt *attempt = find_attempt (*names);
      int status = 0;
      pid_t child;

      if (attempt == NULL)
        return STATUS_WRONG_USE;
      printf ("%s: ", *names);
      fflush (stdout);
      child = fork ();
      if (child == 0)
        attempt_in_own_namespaces (attempt);
      waitpid (child, &status, 0);
      if (WIFSIGNALED (status))
        printf ("killed by signal %d\n", WTERMSIG (status));
    }
  return fflush (stdout) == 0 ? 0 : 1;
}

int
main (int argc, char **argv)
{
  const EscapeAttempt *attempt;
  int error;

  if (argc < 2)
    return STATUS_WRONG_USE;
  if (strcmp (argv[1], "--witness") == 0)
    return listen_as_witness ();
  if (strcmp (argv[1], "--each") == 0)
    return attempt_each (argv + 2);
  if (strcmp (argv[1], "--is-root") == 0)
    return geteuid () == 0 ? 0 : EPERM;
  if (strcmp (argv[1], "--may-listen-raw") == 0)
    return escape_answer (socket (AF_INET, SOCK_RAW, 1));
  attempt = find_attempt (argv[1]);
  if (attempt == NULL)
    return STATUS_WRONG_USE;
  error = attempt->attempt ();
  print_answer (error);
  return error == 0 ? 0 : STATUS_STOPPED;
}
