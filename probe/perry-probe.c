/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/perry-probe.h"

#include "probe/perry-probe-json.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EXIT_USAGE 2

static int
report_everything (int argc, char **argv, bool pretty)
{
  probe_json_set_pretty (pretty);
  probe_json_open_object (NULL);
  probe_report_process (argc, argv);
  probe_report_limits ();
  probe_report_settings ();
  probe_report_namespaces ();
  probe_report_cgroups ();
  probe_report_mounts ();
  probe_report_writable ();
  probe_report_network ();
  probe_report_syscalls ();
  probe_json_close ();
  return probe_json_finish () ? EXIT_SUCCESS : EXIT_FAILURE;
}

static bool
write_all (int fd, const char *data, size_t length)
{
  while (length > 0)
    {
      ssize_t written = write (fd, data, length);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return false;
      data += written;
      length -= (size_t) written;
    }
  return true;
}

static int
copy_input (void)
{
  static char buffer[64 * 1024];

  for (;;)
    {
      ssize_t length = read (STDIN_FILENO, buffer, sizeof buffer);

      if (length == 0)
        return EXIT_SUCCESS;
      if (length < 0 && errno == EINTR)
        continue;
      if (length < 0 || !write_all (STDOUT_FILENO, buffer, (size_t) length))
        {
          fprintf (stderr, "perry-probe: copying: %s\n", probe_error_name (errno));
          return EXIT_FAILURE;
        }
    }
}

static int
write_file (const char *path)
{
  static const char text[] = "written by perry-probe\n";
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
  bool written = fd >= 0 && write_all (fd, text, sizeof text - 1);
  int error = errno;

  if (fd >= 0 && close (fd) != 0 && written)
    {
      written = false;
      error = errno;
    }
  puts (written ? "ok" : probe_error_name (error));
  return written ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void
end_by_signal (int number)
{
  _exit (128 + number);
}

/* As process 1 of a container only signals with a handler end the process. */
static int
sleep_for (long seconds)
{
  struct timespec left = { .tv_sec = seconds };

  signal (SIGTERM, end_by_signal);
  signal (SIGINT, end_by_signal);
  while (nanosleep (&left, &left) != 0 && errno == EINTR)
    ;
  return EXIT_SUCCESS;
}

static bool
parse_number (const char *text, long most, long *ret_number)
{
  char *end;
  long number;

  errno = 0;
  number = strtol (text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || number < 0 || number > most)
    return false;
  *ret_number = number;
  return true;
}

static int
fail_usage (void)
{
  fputs ("usage: perry-probe [--pretty | --exit NUMBER | --sleep SECONDS | --cat | --write-file PATH]\n", stderr);
  return EXIT_USAGE;
}

int
main (int argc, char **argv)
{
  const char *option = argc > 1 ? argv[1] : "";
  long number;

  if (argc == 1)
    return report_everything (argc, argv, false);
  if (argc == 2 && strcmp (option, "--pretty") == 0)
    return report_everything (argc, argv, true);
  if (argc == 2 && strcmp (option, "--cat") == 0)
    return copy_input ();
  if (argc != 3)
    return fail_usage ();
  if (strcmp (option, "--write-file") == 0)
    return write_file (argv[2]);
  if (strcmp (option, "--exit") == 0 && parse_number (argv[2], 255, &number))
    return (int) number;
  if (strcmp (option, "--sleep") == 0 && parse_number (argv[2], 86400, &number))
    return sleep_for (number);
  return fail_usage ();
}
