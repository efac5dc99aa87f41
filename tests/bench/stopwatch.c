/* SPDX-License-Identifier: Apache-2.0 */
/* Runs one program and prints what it took as JSON. A small static program does this and not the harness, because a
 * process inherits the peak of memory of the one that it was started from. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A reply of the engine; no list of containers that is waited for gets near this. */
#define REPLY_SIZE (256 * 1024)
#define POLL_LIMIT 10000
#define DEADLINE_S 120

extern char **environ;

typedef struct {
  const char *socket_path;
  const char *target;
  const char *inside;
  int input;
  int output;
  char **command;
} Options;

static char reply[REPLY_SIZE + 1];
static pid_t running;

static void
give_up (int signal_number)
{
  static const char message[] = "stopwatch: the deadline is over\n";

  if (running > 0)
    kill (running, SIGKILL);
  if (write (STDERR_FILENO, message, sizeof message - 1) < 0)
    _exit (126);
  _exit (125);
}

static void
fail (const char *what)
{
  fprintf (stderr, "stopwatch: %s: %s\n", what, strerror (errno));
  exit (125);
}

static long long
now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int
connect_engine (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (strlen (path) >= sizeof address.sun_path)
    {
      errno = ENAMETOOLONG;
      fail (path);
    }
  strcpy (address.sun_path, path);
  if (fd < 0 || connect (fd, (struct sockaddr *) &address, sizeof address) < 0)
    fail (path);
  return fd;
}

/* Whether the reply is there to its end: engines give a length, or send chunks. */
static int
is_complete (const char *body, size_t length)
{
  const char *field = strcasestr (reply, "\r\nContent-Length:");

  if (field != NULL && field < body)
    return length >= strtoul (field + strlen ("\r\nContent-Length:"), NULL, 10);
  return length >= 5 && memcmp (body + length - 5, "0\r\n\r\n", 5) == 0;
}

/* Whether the engine's list is empty. The connection is kept for the next question. */
static int
list_is_empty (int fd, const char *target)
{
  char request[512];
  int length = snprintf (request, sizeof request, "GET %s HTTP/1.1\r\nHost: engine\r\n\r\n", target);
  size_t filled = 0;
  const char *body = NULL;

  if (length >= (int) sizeof request || write (fd, request, (size_t) length) != length)
    fail ("asking the engine");
  while (body == NULL || !is_complete (body, filled - (size_t) (body - reply)))
    {
      ssize_t count = filled < REPLY_SIZE ? read (fd, reply + filled, REPLY_SIZE - filled) : 0;

      if (count <= 0)
        fail ("the engine's reply");
      filled += (size_t) count;
      reply[filled] = '\0';
      body = strstr (reply, "\r\n\r\n");
      body = body != NULL ? body + 4 : NULL;
    }
  if (strncmp (reply, "HTTP/1.1 200", 12) != 0)
    {
      errno = EPROTO;
      fail ("the engine's reply");
    }
  return strncmp (body, "[]", 2) == 0;
}

static int
open_or_fail (const char *path, int flags)
{
  int fd = open (path, flags | O_CLOEXEC, 0600);

  if (fd < 0)
    fail (path);
  return fd;
}

static void
enter (const char *pid)
{
  static const char *const kinds[] = { "net", "mnt" };

  for (int i = 0; i < 2; i++)
    {
      char path[64];
      int fd;

      snprintf (path, sizeof path, "/proc/%s/ns/%s", pid, kinds[i]);
      fd = open_or_fail (path, O_RDONLY);
      if (setns (fd, 0) < 0)
        fail (path);
      close (fd);
    }
}

static Options
parse (char **argv)
{
  Options options = { 0 };
  const char *input = "/dev/null", *output = "/dev/null";

  for (argv++; *argv != NULL && strncmp (*argv, "--", 2) == 0; argv += 2)
    {
      if (argv[1] == NULL)
        break;
      if (strcmp (*argv, "--until-empty") == 0)
        options.socket_path = argv[1];
      else if (strcmp (*argv, "--list") == 0)
        options.target = argv[1];
      else if (strcmp (*argv, "--inside") == 0)
        options.inside = argv[1];
      else if (strcmp (*argv, "--input") == 0)
        input = argv[1];
      else if (strcmp (*argv, "--output") == 0)
        output = argv[1];
      else
        break;
    }
  options.command = argv;
  if (*argv == NULL || **argv != '/' || (options.socket_path == NULL) != (options.target == NULL))
    {
      fputs ("usage: stopwatch [--until-empty SOCKET --list TARGET] [--inside PID] [--input FILE] [--output FILE] "
             "/PROGRAM [ARGUMENT]...\n", stderr);
      exit (125);
    }
  /* Before enter(): the files may be hidden there. */
  options.input = open_or_fail (input, O_RDONLY);
  options.output = open_or_fail (output, O_WRONLY | O_CREAT | O_TRUNC);
  return options;
}

static pid_t
start (const Options *options)
{
  posix_spawn_file_actions_t actions;
  pid_t pid;

  posix_spawn_file_actions_init (&actions);
  posix_spawn_file_actions_adddup2 (&actions, options->input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2 (&actions, options->output, STDOUT_FILENO);
  errno = posix_spawn (&pid, options->command[0], &actions, NULL, options->command, environ);
  if (errno != 0)
    fail (options->command[0]);
  posix_spawn_file_actions_destroy (&actions);
  close (options->input);
  close (options->output);
  return pid;
}

/* Counts how often the engine still listed something. */
static int
wait_until_empty (int fd, const char *target)
{
  static const struct timespec step = { .tv_nsec = 1000000 };

  for (int polls = 0; polls < POLL_LIMIT; polls++)
    {
      if (list_is_empty (fd, target))
        return polls;
      nanosleep (&step, NULL);
    }
  errno = ETIMEDOUT;
  fail ("waiting until the engine lists nothing");
  return -1;
}

int
main (int argc, char **argv)
{
  Options options = parse (argv);
  int engine = options.socket_path != NULL ? connect_engine (options.socket_path) : -1;
  int status, polls = 0;
  struct rusage usage;
  long long begin, process_ns, gone_ns;

  if (engine >= 0 && !list_is_empty (engine, options.target))
    {
      errno = EBUSY;
      fail ("the engine lists something already");
    }
  if (options.inside != NULL)
    enter (options.inside);
  signal (SIGALRM, give_up);
  alarm (DEADLINE_S);
  begin = now_ns ();
  running = start (&options);
  if (wait4 (running, &status, 0, &usage) != running)
    fail ("wait4");
  running = 0;
  process_ns = gone_ns = now_ns () - begin;
  if (engine >= 0)
    polls = wait_until_empty (engine, options.target);
  /* What the first question after the end did not find was gone at the end. */
  if (polls > 0)
    gone_ns = now_ns () - begin;
  printf ("{\"gone_ns\": %lld, \"process_ns\": %lld, \"cpu_us\": %lld, \"peak_kb\": %ld, \"polls\": %d, "
          "\"status\": %d}\n", gone_ns, process_ns,
          (long long) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec
              + usage.ru_stime.tv_usec,
          usage.ru_maxrss, polls, WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status));
  return 0;
}
