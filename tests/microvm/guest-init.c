/* SPDX-License-Identifier: Apache-2.0 */
/* The first program of a guest that vm-runtime boots: mounts the container's root, runs its process as the configuration
 * says, relays its input, outputs and signals over one port, and tells how it ended. The configuration is a file in the
 * initial ramdisk, which is made for one container. Whatever goes wrong here ends the guest with the reason. */
#include "tests/microvm/guest-init.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT_NAME "perry"
#define PORT_PATIENCE_MS 5000
#define MAX_FRAME (16 * 1024)

/* A frame is its type, its length as 4 bytes (the highest first), and that many bytes. */
enum {
  FRAME_READY = 'R',  /* to the host: the process is executed, or has failed to be */
  FRAME_FAILED = 'F', /* the reason */
  FRAME_STDOUT = 'O',
  FRAME_STDERR = 'E',
  FRAME_TAKEN = 'A',  /* the process has the last piece of input, or will never take it */
  FRAME_EXIT = 'X',   /* the exit status as 1 byte */
  FRAME_STDIN = 'I',  /* from the host: a piece of input; an empty one is its end */
  FRAME_SIGNAL = 'S', /* the number as 1 byte */
};

typedef struct {
  int port;
  int input;     /* -1 when it has ended */
  int output[2]; /* stdout, stderr; -1 when it has ended */
  int children;  /* says that a child may have ended */
  pid_t process;
  char pending[MAX_FRAME]; /* input that the process has not taken yet */
  size_t n_pending;
  size_t offset;
} Relay;

static int port = -1;
static bool in_container; /* the process that becomes the container's, and not the guest's first */

static void
write_all (int fd, const void *data, size_t length)
{
  const char *rest = data;

  while (length > 0)
    {
      ssize_t written = write (fd, rest, length);

      if (written < 0 && errno != EINTR)
        return;
      rest += written > 0 ? written : 0;
      length -= written > 0 ? (size_t) written : 0;
    }
}

static void
send_frame (char type, const void *data, size_t length)
{
  unsigned char header[] = { (unsigned char) type, 0, 0, (unsigned char) (length >> 8), (unsigned char) length };

  write_all (port, header, sizeof header);
  write_all (port, data, length);
}

static void __attribute__ ((noreturn))
power_off (void)
{
  sync ();
  reboot (RB_AUTOBOOT); /* with -no-reboot that ends the machine */
  for (;;)
    pause ();
}

void
guest_fail (const char *format, ...)
{
  char text[512];
  int error = errno;
  va_list list;
  int length;

  va_start (list, format);
  length = vsnprintf (text, sizeof text, format, list);
  va_end (list);
  if (length >= 0 && (size_t) length < sizeof text)
    snprintf (text + length, sizeof text - (size_t) length, ": %s", strerror (error));
  if (port >= 0)
    send_frame (FRAME_FAILED, text, strlen (text));
  else
    fprintf (stderr, "guest-init: %s\n", text);
  if (in_container)
    _exit (127);
  power_off ();
}

static void
load_modules (void)
{
  char path[256];
  FILE *list = fopen ("/modules/order", "re");

  while (list != NULL && fscanf (list, "%255s", path) == 1)
    {
      int fd = open (path, O_RDONLY | O_CLOEXEC);

      if (fd < 0 || syscall (SYS_finit_module, fd, "", 0) != 0)
        guest_fail ("loading the module %s", path);
      close (fd);
    }
  if (list != NULL)
    fclose (list);
}

static bool
is_port (const char *name_file)
{
  char name[64] = "";
  FILE *file = fopen (name_file, "re");
  bool is_it = file != NULL && fscanf (file, "%63s", name) == 1 && strcmp (name, PORT_NAME) == 0;

  if (file != NULL)
    fclose (file);
  return is_it;
}

/* A device appears some time after its driver. */
static int
open_port (void)
{
  for (int i = 0; i < PORT_PATIENCE_MS; i++, usleep (1000))
    {
      glob_t found;
      char device[64], path[80] = "";

      if (glob ("/sys/class/virtio-ports/*/name", 0, NULL, &found) == 0)
        {
          for (size_t k = 0; k < found.gl_pathc; k++)
            if (is_port (found.gl_pathv[k]) &&
                sscanf (found.gl_pathv[k], "/sys/class/virtio-ports/%63[^/]", device) == 1)
              snprintf (path, sizeof path, "/dev/%s", device);
          globfree (&found);
        }
      if (path[0] != '\0')
        return open (path, O_RDWR | O_CLOEXEC);
    }
  errno = ETIMEDOUT;
  return -1;
}

static void
prepare_guest (void)
{
  guest_mount ("proc", "/proc", "proc", 0, NULL);
  guest_mount ("sysfs", "/sys", "sysfs", 0, NULL);
  if (mkdir ("/dev", 0755) != 0 && errno != EEXIST)
    guest_fail ("making /dev");
  if (mount ("devtmpfs", "/dev", "devtmpfs", 0, NULL) != 0 && errno != EBUSY)
    guest_fail ("mounting /dev");
  load_modules ();
  port = open_port ();
  if (port < 0)
    guest_fail ("opening the port to the host");
}

/* The limits that the specification has apply to the container; the guest has a few MiB more. */
static void
join_cgroup (const GuestConfig *config)
{
  const char *pids = guest_config_next (config, "pids", NULL);
  const char *memory = guest_config_next (config, "memory", NULL);

  guest_mount ("cgroup2", "/cgroup", "cgroup2", 0, NULL);
  guest_write_file ("/cgroup/cgroup.subtree_control", "+pids +memory");
  if (mkdir ("/cgroup/container", 0755) != 0)
    guest_fail ("making the cgroup");
  if (pids != NULL)
    guest_write_file ("/cgroup/container/pids.max", pids);
  if (memory != NULL)
    guest_write_file ("/cgroup/container/memory.max", memory);
  guest_write_file ("/cgroup/container/cgroup.procs", "0");
}

/* Words of runc, which engines look for. */
static void __attribute__ ((noreturn))
fail_to_execute (const char *program)
{
  if (errno == ENOENT && strchr (program, '/') == NULL)
    guest_fail ("exec: \"%s\": executable file not found in $PATH", program);
  guest_fail ("exec: \"%s\"", program);
}

static void __attribute__ ((noreturn))
run_container (const GuestConfig *config, const int *streams)
{
  char **arguments = guest_config_list (config, "arg");

  for (int fd = 0; fd < 3; fd++)
    if (dup2 (streams[fd], fd) < 0)
      guest_fail ("the streams");
  join_cgroup (config);
  guest_enter_root (config);
  guest_become (config);
  environ = guest_config_list (config, "env");
  execvp (arguments[0], arguments);
  fail_to_execute (arguments[0]);
}

/* The other end is closed by the execution, or by a failure that has been told. */
static void
await_execution (int fd)
{
  char byte;

  while (read (fd, &byte, 1) < 0 && errno == EINTR)
    ;
  close (fd);
  send_frame (FRAME_READY, NULL, 0);
}

static void
make_pipe (int *theirs, int *ours, bool is_input)
{
  int ends[2];

  if (pipe2 (ends, O_CLOEXEC) != 0)
    guest_fail ("making a pipe");
  *theirs = ends[is_input ? 0 : 1];
  *ours = ends[is_input ? 1 : 0];
  if (fcntl (*ours, F_SETFL, O_NONBLOCK) != 0)
    guest_fail ("a pipe");
}

static void
start_container (Relay *relay, const GuestConfig *config)
{
  int streams[3], executed[2];

  make_pipe (&streams[0], &relay->input, true);
  make_pipe (&streams[1], &relay->output[0], false);
  make_pipe (&streams[2], &relay->output[1], false);
  if (pipe2 (executed, O_CLOEXEC) != 0)
    guest_fail ("making a pipe");
  /* a process that has the number 1 takes only the signals that it wants, as in other containers */
  if (unshare (CLONE_NEWPID) != 0)
    guest_fail ("making a process namespace");
  relay->process = fork ();
  if (relay->process < 0)
    guest_fail ("starting the process");
  if (relay->process == 0)
    {
      sigset_t none;

      in_container = true;
      sigemptyset (&none);
      sigprocmask (SIG_SETMASK, &none, NULL);
      signal (SIGPIPE, SIG_DFL);
      run_container (config, streams);
    }
  close (executed[1]);
  for (int i = 0; i < 3; i++)
    close (streams[i]);
  await_execution (executed[0]);
}

static bool
read_exactly (int fd, void *data, size_t length)
{
  char *rest = data;

  while (length > 0)
    {
      ssize_t n = read (fd, rest, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return false;
      rest += n;
      length -= (size_t) n;
    }
  return true;
}

static void
end_input (Relay *relay)
{
  if (relay->input >= 0)
    close (relay->input);
  relay->input = -1;
  relay->n_pending = 0;
}

static void
take_input (Relay *relay, size_t length)
{
  if (length > MAX_FRAME || relay->n_pending > 0 || !read_exactly (relay->port, relay->pending, length))
    {
      errno = EPROTO;
      guest_fail ("reading input from the host");
    }
  if (length == 0)
    end_input (relay);
  relay->n_pending = relay->input >= 0 ? length : 0;
  relay->offset = 0;
  if (relay->n_pending == 0)
    send_frame (FRAME_TAKEN, NULL, 0);
}

static void
read_port (Relay *relay)
{
  unsigned char header[5], number;

  if (!read_exactly (relay->port, header, sizeof header))
    power_off (); /* nobody is there any more */
  if (header[0] == FRAME_STDIN)
    take_input (relay, (size_t) header[3] << 8 | header[4]);
  else if (header[0] == FRAME_SIGNAL && read_exactly (relay->port, &number, 1))
    kill (relay->process, number);
}

static void
write_input (Relay *relay)
{
  ssize_t n = write (relay->input, relay->pending + relay->offset, relay->n_pending);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n < 0)
    end_input (relay);
  else
    {
      relay->offset += (size_t) n;
      relay->n_pending -= (size_t) n;
    }
  if (relay->n_pending == 0)
    send_frame (FRAME_TAKEN, NULL, 0);
}

static void
read_output (Relay *relay, int which)
{
  static char data[MAX_FRAME];
  ssize_t n = read (relay->output[which], data, sizeof data);

  if (n > 0)
    send_frame (which == 0 ? FRAME_STDOUT : FRAME_STDERR, data, (size_t) n);
  else if (n == 0 || (errno != EAGAIN && errno != EINTR))
    {
      close (relay->output[which]);
      relay->output[which] = -1;
    }
}

/* What is in the pipes when the process has ended; who inherited them does not keep the container. */
static void
drain (Relay *relay)
{
  for (int which = 0; which < 2; which++)
    {
      if (relay->output[which] < 0)
        continue;
      for (int ready = 1; ready > 0 && relay->output[which] >= 0;)
        {
          struct pollfd wait = { .fd = relay->output[which], .events = POLLIN };

          ready = poll (&wait, 1, 0);
          if (ready > 0)
            read_output (relay, which);
        }
    }
}

static void
reap (Relay *relay)
{
  struct signalfd_siginfo ignored;
  unsigned char code;
  int status;
  pid_t pid;

  if (read (relay->children, &ignored, sizeof ignored) < 0)
    return;
  while ((pid = waitpid (-1, &status, WNOHANG)) > 0)
    {
      if (pid != relay->process)
        continue;
      drain (relay);
      code = (unsigned char) (WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status));
      send_frame (FRAME_EXIT, &code, 1);
      power_off ();
    }
}

static void
relay_all (Relay *relay)
{
  for (;;)
    {
      struct pollfd waits[] = {
        { .fd = relay->port, .events = POLLIN },
        { .fd = relay->children, .events = POLLIN },
        { .fd = relay->output[0], .events = POLLIN },
        { .fd = relay->output[1], .events = POLLIN },
        { .fd = relay->n_pending > 0 ? relay->input : -1, .events = POLLOUT },
      };

      if (poll (waits, sizeof waits / sizeof waits[0], -1) < 0)
        continue;
      for (int i = 0; i < 2; i++)
        if (waits[2 + i].revents != 0)
          read_output (relay, i);
      if (waits[4].revents != 0)
        write_input (relay);
      if (waits[0].revents != 0)
        read_port (relay);
      if (waits[1].revents != 0)
        reap (relay);
    }
}

int
main (void)
{
  static Relay relay;
  GuestConfig config;
  sigset_t children;

  prepare_guest ();
  guest_config_read (&config, "/config");
  sigemptyset (&children);
  sigaddset (&children, SIGCHLD);
  sigprocmask (SIG_BLOCK, &children, NULL);
  signal (SIGPIPE, SIG_IGN);
  relay.port = port;
  relay.children = signalfd (-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
  if (relay.children < 0)
    guest_fail ("listening for children");
  start_container (&relay, &config);
  relay_all (&relay);
}
