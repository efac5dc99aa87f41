/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-process.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin-api/perry-error.h"

/* The call has to return within 100 ms after a cancellation; these two together stay below. */
#define CANCEL_GRACE_US (30 * 1000)
#define GIVE_UP_US (40 * 1000)

/* How long output is waited for that somebody else than the program still holds open. */
#define DRAIN_US (200 * 1000)

/* How often is looked where the kernel cannot wake us. */
#define TICK_US (10 * 1000)

#define READ_SIZE 65536
#define MAX_LAST_READS 64

typedef struct {
  int fd; /* -1 after the end */
  GByteArray *data;
  gsize max;
  gboolean truncated;
} Output;

typedef enum {
  PHASE_RUNNING,     /* until the deadline */
  PHASE_TERMINATING, /* SIGTERM was sent; until SIGKILL is due */
  PHASE_KILLED,      /* SIGKILL was sent; until it is given up */
  PHASE_DRAINING,    /* the program ended; until its output is given up */
  PHASE_DONE,
} Phase;

typedef struct {
  const char *program;
  pid_t pid;
  int pidfd; /* -1 where the kernel has none */
  Output outputs[2];
  Phase phase;
  gint64 deadline; /* all times are those of the monotonic clock, in µs */
  gint64 next;     /* when the phase ends */
  gint64 grace;
  guint timeout_ms;
  gboolean ended; /* but not reaped, so that the id of its process group stays ours */
  gboolean lost;  /* the kernel has no exit status for us */
  GError *error;
} Run;

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

/* In a program that closed its standard descriptors a new one can be 0, 1 or 2, which the child needs for itself. */
static int
move_above_standard (int fd)
{
  int moved;

  if (fd < 0 || fd > 2)
    return fd;
  moved = fcntl (fd, F_DUPFD_CLOEXEC, 3);
  close (fd);
  return moved;
}

/* A memory file instead of a pipe: nothing has to be fed while the program runs, and there is no SIGPIPE. */
static int
open_input (GBytes *input)
{
  gsize size = 0, done = 0;
  const char *data = input != NULL ? g_bytes_get_data (input, &size) : NULL;
  int fd;

  if (size == 0)
    return move_above_standard (open ("/dev/null", O_RDONLY | O_CLOEXEC));

  fd = memfd_create ("perry-process-input", MFD_CLOEXEC);
  while (fd >= 0 && done < size)
    {
      gssize n = write (fd, data + done, size - done);

      if (n < 0 && errno != EINTR)
        close_fd (&fd);
      else if (n > 0)
        done += (gsize) n;
    }
  if (fd >= 0)
    lseek (fd, 0, SEEK_SET);
  return move_above_standard (fd);
}

typedef struct {
  int input;
  int directory;
  int output[2][2];
} Descriptors;

static void
close_descriptors (Descriptors *fds)
{
  close_fd (&fds->input);
  close_fd (&fds->directory);
  for (int i = 0; i < 2; i++)
    {
      close_fd (&fds->output[i][0]);
      close_fd (&fds->output[i][1]);
    }
}

static gboolean
fail_with_errno (GError **error, int code, const char *what, const char *on)
{
  PerryError perry_code = PERRY_ERROR_PROCESS_FAILED;

  if (code == ENOENT || code == ENOTDIR)
    perry_code = PERRY_ERROR_NOT_FOUND;
  else if (code == EACCES || code == EPERM)
    perry_code = PERRY_ERROR_PERMISSION_DENIED;
  g_set_error (error, PERRY_ERROR, (int) perry_code, "%s %s: %s", what, on, g_strerror (code));
  return FALSE;
}

static gboolean
open_descriptors (Descriptors *fds, const PerryProcessOptions *options, const char *program, GError **error)
{
  const char *directory = options->working_directory;

  if (directory != NULL)
    {
      fds->directory = move_above_standard (open (directory, O_PATH | O_DIRECTORY | O_CLOEXEC));
      if (fds->directory < 0)
        return fail_with_errno (error, errno, "opening the working directory", directory);
    }

  fds->input = open_input (options->input);
  if (fds->input < 0)
    return fail_with_errno (error, errno, "preparing the standard input of", program);

  for (int i = 0; i < 2; i++)
    {
      if (pipe2 (fds->output[i], O_CLOEXEC) != 0)
        return fail_with_errno (error, errno, "making a pipe for", program);
      fds->output[i][0] = move_above_standard (fds->output[i][0]);
      fds->output[i][1] = move_above_standard (fds->output[i][1]);
      if (fds->output[i][0] < 0 || fds->output[i][1] < 0 || fcntl (fds->output[i][0], F_SETFL, O_NONBLOCK) != 0)
        return fail_with_errno (error, errno, "making a pipe for", program);
    }
  return TRUE;
}

/* Returns 0 or an errno value. posix_spawn() suspends us until the program was executed, so that the process group
 * exists when it returns. */
static int
spawn (const char *path, const char *const *argv, const char *const *environment, const Descriptors *fds,
       pid_t *ret_pid)
{
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none, catchable;
  int code;

  sigemptyset (&none);
  sigfillset (&catchable);
  sigdelset (&catchable, SIGKILL);
  sigdelset (&catchable, SIGSTOP);

  posix_spawnattr_init (&attributes);
  posix_spawnattr_setflags (&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup (&attributes, 0);
  posix_spawnattr_setsigmask (&attributes, &none);
  posix_spawnattr_setsigdefault (&attributes, &catchable);

  posix_spawn_file_actions_init (&actions);
  code = posix_spawn_file_actions_adddup2 (&actions, fds->input, STDIN_FILENO);
  if (code == 0)
    code = posix_spawn_file_actions_adddup2 (&actions, fds->output[0][1], STDOUT_FILENO);
  if (code == 0)
    code = posix_spawn_file_actions_adddup2 (&actions, fds->output[1][1], STDERR_FILENO);
  if (code == 0 && fds->directory >= 0)
    code = posix_spawn_file_actions_addfchdir_np (&actions, fds->directory);
  if (code == 0)
    code = posix_spawn_file_actions_addclosefrom_np (&actions, STDERR_FILENO + 1);
  if (code == 0)
    code = posix_spawn (ret_pid, path, &actions, &attributes, (char *const *) argv,
                        environment != NULL ? (char *const *) environment : environ);

  posix_spawn_file_actions_destroy (&actions);
  posix_spawnattr_destroy (&attributes);
  return code;
}

static void
read_output (Output *output)
{
  guint8 buffer[READ_SIZE];
  gssize n = read (output->fd, buffer, sizeof buffer);
  gsize room = output->max - output->data->len;

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n <= 0)
    {
      close_fd (&output->fd);
      return;
    }
  if ((gsize) n > room)
    {
      output->truncated = TRUE;
      n = (gssize) room;
    }
  g_byte_array_append (output->data, buffer, (guint) n);
}

static void
send_signal (const Run *run, int number)
{
  /* A program may have moved itself into another group; then the group is empty or not all there is. */
  if (kill (-run->pid, number) != 0 || number == SIGKILL)
    kill (run->pid, number);
}

static gboolean
has_ended (Run *run)
{
  siginfo_t info = { 0 };

  if (waitid (P_PID, (id_t) run->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
    {
      run->lost = errno == ECHILD;
      return run->lost;
    }
  return info.si_pid == run->pid;
}

static void
begin_termination (Run *run, GCancellable *cancellable, gint64 now)
{
  if (g_cancellable_is_cancelled (cancellable))
    {
      g_set_error (&run->error, PERRY_ERROR, PERRY_ERROR_CANCELLED, "running %s was cancelled", run->program);
      run->grace = MIN (run->grace, CANCEL_GRACE_US);
    }
  else
    g_set_error (&run->error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT, "%s did not end within %u.%03u seconds",
                 run->program, run->timeout_ms / 1000, run->timeout_ms % 1000);
  send_signal (run, SIGTERM);
  run->phase = PHASE_TERMINATING;
  run->next = now + run->grace;
}

/* Moves through the phases; all that depends on the time is here. */
static void
advance (Run *run, GCancellable *cancellable)
{
  gint64 now = g_get_monotonic_time ();

  if (!run->ended && has_ended (run))
    {
      run->ended = TRUE;
      close_fd (&run->pidfd);
      if (run->phase == PHASE_RUNNING)
        run->next = MIN (now + DRAIN_US, MAX (now, run->deadline));
      run->phase = run->phase == PHASE_RUNNING ? PHASE_DRAINING : PHASE_DONE;
    }

  switch (run->phase)
    {
    case PHASE_RUNNING:
      if (now >= run->deadline || g_cancellable_is_cancelled (cancellable))
        begin_termination (run, cancellable, now);
      break;
    case PHASE_TERMINATING:
      if (run->error->code == PERRY_ERROR_TIMED_OUT && g_cancellable_is_cancelled (cancellable))
        run->next = MIN (run->next, now + CANCEL_GRACE_US);
      if (now < run->next)
        break;
      send_signal (run, SIGKILL);
      run->phase = PHASE_KILLED;
      run->next = now + GIVE_UP_US;
      break;
    case PHASE_DRAINING:
      if (now >= run->next || g_cancellable_is_cancelled (cancellable)
          || (run->outputs[0].fd < 0 && run->outputs[1].fd < 0))
        run->phase = PHASE_DONE;
      break;
    case PHASE_KILLED:
      if (now >= run->next)
        run->phase = PHASE_DONE;
      break;
    default:
      break;
    }
}

static int
get_poll_timeout (const Run *run, gboolean must_look)
{
  gint64 left = (run->phase == PHASE_RUNNING ? run->deadline : run->next) - g_get_monotonic_time ();

  if (must_look)
    left = MIN (left, TICK_US);
  return (int) CLAMP ((left + 999) / 1000, 0, G_MAXINT);
}

static void
supervise (Run *run, GCancellable *cancellable)
{
  GPollFD cancel_fd = { .fd = -1 };
  gboolean has_cancel_fd = g_cancellable_make_pollfd (cancellable, &cancel_fd);

  for (advance (run, cancellable); run->phase != PHASE_DONE; advance (run, cancellable))
    {
      GPollFD fds[] = {
        { .fd = run->pidfd, .events = G_IO_IN },
        { .fd = run->outputs[0].fd, .events = G_IO_IN },
        { .fd = run->outputs[1].fd, .events = G_IO_IN },
        /* Once it has fired it would fire for ever. */
        { .fd = g_cancellable_is_cancelled (cancellable) ? -1 : cancel_fd.fd, .events = G_IO_IN },
      };
      gboolean must_look = (run->pidfd < 0 && !run->ended) || (cancellable != NULL && !has_cancel_fd);

      g_poll (fds, G_N_ELEMENTS (fds), get_poll_timeout (run, must_look));
      for (int i = 0; i < 2; i++)
        {
          if (fds[i + 1].revents != 0)
            read_output (&run->outputs[i]);
        }
    }

  if (has_cancel_fd)
    g_cancellable_release_fd (cancellable);
}

static gpointer
reap_later (gpointer data)
{
  while (waitpid (GPOINTER_TO_INT (data), NULL, 0) < 0 && errno == EINTR)
    ;
  return NULL;
}

/* Kills what is left of the group and only then reaps the program, whose id keeps the group's from being reused. */
static void
reap (Run *run, int *ret_status)
{
  GThread *thread;

  if (run->lost)
    return;

  kill (-run->pid, SIGKILL);
  if (run->ended)
    {
      while (waitpid (run->pid, ret_status, 0) < 0 && errno == EINTR)
        ;
      return;
    }

  /* It is in the middle of a system call that cannot be interrupted, or belongs to somebody else by now. */
  thread = g_thread_try_new ("perry-reaper", reap_later, GINT_TO_POINTER (run->pid), NULL);
  if (thread != NULL)
    g_thread_unref (thread);
}

static void
finish_output (Output *output)
{
  for (int i = 0; i < MAX_LAST_READS && output->fd >= 0; i++)
    read_output (output);
  if (output->fd >= 0)
    output->truncated = TRUE;
}

static PerryProcessResult *
make_result (Run *run, int status)
{
  PerryProcessResult *result = g_new0 (PerryProcessResult, 1);

  result->exit_status = WIFEXITED (status) ? WEXITSTATUS (status) : -1;
  result->signal = WIFSIGNALED (status) ? WTERMSIG (status) : 0;
  result->stdout_bytes = g_byte_array_free_to_bytes (g_steal_pointer (&run->outputs[0].data));
  result->stderr_bytes = g_byte_array_free_to_bytes (g_steal_pointer (&run->outputs[1].data));
  result->stdout_truncated = run->outputs[0].truncated;
  result->stderr_truncated = run->outputs[1].truncated;
  return result;
}

static PerryProcessResult *
run_to_end (Run *run, GCancellable *cancellable, GError **error)
{
  PerryProcessResult *result = NULL;
  int status = 0;

  supervise (run, cancellable);
  if (run->error == NULL && g_cancellable_is_cancelled (cancellable)
      && (run->outputs[0].fd >= 0 || run->outputs[1].fd >= 0))
    g_set_error (&run->error, PERRY_ERROR, PERRY_ERROR_CANCELLED, "running %s was cancelled", run->program);
  reap (run, &status);

  if (run->error == NULL && run->lost)
    g_set_error (&run->error, PERRY_ERROR, PERRY_ERROR_PROCESS_FAILED,
                 "the exit status of %s is lost, because this process ignores SIGCHLD or reaps all children",
                 run->program);
  if (run->error == NULL)
    {
      finish_output (&run->outputs[0]);
      finish_output (&run->outputs[1]);
      result = make_result (run, status);
    }
  else
    g_propagate_error (error, run->error);

  close_fd (&run->pidfd);
  for (int i = 0; i < 2; i++)
    {
      close_fd (&run->outputs[i].fd);
      g_clear_pointer (&run->outputs[i].data, g_byte_array_unref);
    }
  return result;
}

static gsize
limit_or_default (gsize limit)
{
  return MIN (limit != 0 ? limit : PERRY_PROCESS_DEFAULT_MAX_OUTPUT, G_MAXINT);
}

PerryProcessResult *
perry_process_run (const char *const *argv, const PerryProcessOptions *options, GCancellable *cancellable,
                   GError **error)
{
  const PerryProcessOptions defaults = { 0 };
  Descriptors fds = { -1, -1, { { -1, -1 }, { -1, -1 } } };
  g_autofree char *path = NULL;
  Run run = { .phase = PHASE_RUNNING };
  guint grace_ms;
  int code;

  g_return_val_if_fail (argv != NULL && argv[0] != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (options == NULL)
    options = &defaults;
  if (g_cancellable_is_cancelled (cancellable))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED, "running %s was cancelled", argv[0]);
      return NULL;
    }
  path = perry_process_find_program (argv[0], error);
  if (path == NULL)
    return NULL;

  run.program = argv[0];
  run.timeout_ms = options->timeout_ms != 0 ? options->timeout_ms : PERRY_PROCESS_DEFAULT_TIMEOUT_MS;
  run.deadline = g_get_monotonic_time () + (gint64) run.timeout_ms * 1000;
  grace_ms = options->grace_ms != 0 ? options->grace_ms : PERRY_PROCESS_DEFAULT_GRACE_MS;
  run.grace = (gint64) grace_ms * 1000;

  if (!open_descriptors (&fds, options, argv[0], error))
    {
      close_descriptors (&fds);
      return NULL;
    }
  code = spawn (path, argv, options->environment, &fds, &run.pid);
  if (code != 0)
    {
      close_descriptors (&fds);
      fail_with_errno (error, code, "running", path);
      return NULL;
    }

  run.pidfd = (int) syscall (SYS_pidfd_open, run.pid, 0);
  run.outputs[0] = (Output) { fds.output[0][0], g_byte_array_new (), limit_or_default (options->max_stdout), FALSE };
  run.outputs[1] = (Output) { fds.output[1][0], g_byte_array_new (), limit_or_default (options->max_stderr), FALSE };
  fds.output[0][0] = fds.output[1][0] = -1;
  close_descriptors (&fds);
  return run_to_end (&run, cancellable, error);
}
