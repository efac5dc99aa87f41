/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "perry-export.h"

G_BEGIN_DECLS

/**
 * PERRY_PROCESS_DEFAULT_TIMEOUT_MS:
 *
 * The default of [struct@Perry.ProcessOptions].timeout_ms: 30 seconds.
 *
 * Since: 0.1
 */
#define PERRY_PROCESS_DEFAULT_TIMEOUT_MS 30000

/**
 * PERRY_PROCESS_DEFAULT_GRACE_MS:
 *
 * The default of [struct@Perry.ProcessOptions].grace_ms: half a second.
 *
 * Since: 0.1
 */
#define PERRY_PROCESS_DEFAULT_GRACE_MS 500

/**
 * PERRY_PROCESS_DEFAULT_MAX_OUTPUT:
 *
 * The default of [struct@Perry.ProcessOptions].max_stdout and `max_stderr`: 1 MiB.
 *
 * Since: 0.1
 */
#define PERRY_PROCESS_DEFAULT_MAX_OUTPUT (1024 * 1024)

/**
 * PerryProcessOptions:
 * @environment: (nullable) (array zero-terminated=1): the whole environment as `NAME=value`, or %NULL to inherit ours
 * @working_directory: (nullable): where to run, or %NULL for our working directory
 * @input: (nullable): what the program reads from its standard input, or %NULL for `/dev/null`
 * @timeout_ms: milliseconds until the program is ended, 0 for %PERRY_PROCESS_DEFAULT_TIMEOUT_MS
 * @grace_ms: milliseconds between SIGTERM and SIGKILL at the deadline, 0 for %PERRY_PROCESS_DEFAULT_GRACE_MS; after a
 *   cancellation it is at most 30
 * @max_stdout: bytes of standard output to keep, 0 for %PERRY_PROCESS_DEFAULT_MAX_OUTPUT; the rest is read and dropped
 * @max_stderr: the same for standard error
 *
 * How perry_process_run() runs a program. Nothing in it is modified or kept.
 *
 * Since: 0.1
 */
typedef struct {
  const char *const *environment;
  const char *working_directory;
  GBytes *input;
  guint timeout_ms;
  guint grace_ms;
  gsize max_stdout;
  gsize max_stderr;
} PerryProcessOptions;

/**
 * PerryProcessResult:
 * @exit_status: the exit status from 0 to 255, or -1 when a signal ended the program
 * @signal: the signal that ended the program, or 0
 * @stdout_bytes: standard output, at most `max_stdout` bytes, never %NULL
 * @stderr_bytes: standard error, at most `max_stderr` bytes, never %NULL
 * @stdout_truncated: whether there was more standard output than what was kept, or somebody still held it open when
 *   reading was given up
 * @stderr_truncated: the same for standard error
 *
 * How a program ended. Its output is whatever bytes the program wrote; it need not be UTF-8.
 *
 * Since: 0.1
 */
typedef struct {
  int exit_status;
  int signal;
  GBytes *stdout_bytes;
  GBytes *stderr_bytes;
  gboolean stdout_truncated;
  gboolean stderr_truncated;
} PerryProcessResult;

#define PERRY_TYPE_PROCESS_RESULT (perry_process_result_get_type ())
PERRY_API GType perry_process_result_get_type (void);

/**
 * perry_process_result_copy:
 * @result: a result
 *
 * Copies @result; the output is shared.
 *
 * Returns: (transfer full): the copy
 *
 * Since: 0.1
 */
PERRY_API PerryProcessResult *perry_process_result_copy (const PerryProcessResult *result);

/**
 * perry_process_result_free:
 * @result: (transfer full) (nullable): a result
 *
 * Frees @result.
 *
 * Since: 0.1
 */
PERRY_API void perry_process_result_free (PerryProcessResult *result);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryProcessResult, perry_process_result_free)

/**
 * perry_process_result_describe_failure:
 * @result: a result
 * @program: what to call the program in the text
 *
 * Says in one line how a program failed, with the last line that it wrote to standard error: `cosign exited with status
 * 1: no signatures found`. Bytes that are not UTF-8 and control characters are replaced.
 *
 * Returns: (transfer full) (nullable): the text, or %NULL when the exit status is 0
 *
 * Since: 0.1
 */
PERRY_API char *perry_process_result_describe_failure (const PerryProcessResult *result, const char *program);

/**
 * perry_process_find_program:
 * @program: a name, or a path when it contains a slash
 * @error: return location for an error
 *
 * Looks for an executable file in the directories of our `PATH`, of which only absolute ones are considered. A path is
 * returned as it is and not looked at.
 *
 * This function may be called from any thread.
 *
 * Errors: %PERRY_ERROR_NOT_FOUND when no directory has it, %PERRY_ERROR_PERMISSION_DENIED when one has it but it may
 * not be executed.
 *
 * Returns: (transfer full) (type filename): the path
 *
 * Since: 0.1
 */
PERRY_API char *perry_process_find_program (const char *program, GError **error);

/**
 * perry_process_run:
 * @argv: (array zero-terminated=1): the program, as perry_process_find_program() takes it, and its arguments; a path
 *   with a slash that is not absolute is relative to the working directory of the options
 * @options: (nullable): how to run it, or %NULL for the defaults
 * @cancellable: (nullable): ends the program when it is triggered
 * @error: return location for an error
 *
 * Runs a program without a shell and waits for its end.
 *
 * The program gets a process group of its own, default signal handlers, an empty signal mask and no file descriptors
 * but the standard ones. When the program ends, everything that is left of its process group is killed; a process that
 * left the group but still holds its output open is not waited for longer than 200 ms.
 *
 * At the deadline and on cancellation the process group gets SIGTERM and, after the grace, SIGKILL. The call returns
 * within 100 ms after a cancellation, and within the grace and 100 ms after the deadline.
 *
 * A program that ends with a status other than 0 is not an error here; look at the result.
 *
 * This function blocks. It may be called from any thread and needs no main loop. It does not use SIGCHLD; where a
 * process ignores that signal the kernel discards exit statuses, which is an error.
 *
 * Errors: %PERRY_ERROR_NOT_FOUND when there is no such program or working directory, %PERRY_ERROR_PERMISSION_DENIED
 * when it may not be executed, %PERRY_ERROR_TIMED_OUT, %PERRY_ERROR_CANCELLED, %PERRY_ERROR_PROCESS_FAILED when it
 * could not be started for another reason.
 *
 * Returns: (transfer full): how it ended
 *
 * Since: 0.1
 */
PERRY_API PerryProcessResult *perry_process_run (const char *const *argv, const PerryProcessOptions *options,
                                                 GCancellable *cancellable, GError **error);

/**
 * perry_process_spawn_detached:
 * @argv: (array zero-terminated=1): the program, as perry_process_find_program() takes it, and its arguments
 * @environment: (nullable) (array zero-terminated=1): the whole environment, or %NULL to inherit ours
 * @log_path: (nullable) (type filename): a file for both outputs, created with mode 0600 or appended to, never a
 *   symbolic link; %NULL for `/dev/null`
 * @ret_pid: (out) (optional): where to put the process id; not written on failure
 * @error: return location for an error
 *
 * Starts a program that lives on without us: in a session of its own with `/` as its working directory, with
 * `/dev/null` as its standard input, no other file descriptors, default signal handlers and an empty signal mask. It is
 * not our child, so it never becomes a zombie of ours, and its id says nothing about whether it still runs.
 *
 * Returns when the program was executed. This function may be called from any thread.
 *
 * Errors: %PERRY_ERROR_NOT_FOUND and %PERRY_ERROR_PERMISSION_DENIED for the program or the log file,
 * %PERRY_ERROR_PROCESS_FAILED when it could not be started for another reason.
 *
 * Returns: %TRUE when the program was started
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_process_spawn_detached (const char *const *argv, const char *const *environment,
                                                 const char *log_path, GPid *ret_pid, GError **error);

/**
 * perry_process_is_in_container: (skip)
 * @pid: a process id, as /proc of this process shows it
 * @container_id: a container's full id
 *
 * Looks whether a process is in the cgroup of a container, as far as that one has the container's id in its name. A process
 * id is used again: whoever holds a pidfd that was opened before knows that both are about the same process.
 *
 * This function may be called from any thread.
 *
 * Returns: %TRUE when it is; %FALSE also when there is no such process or nothing can be read about it
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_process_is_in_container (gint64 pid, const char *container_id);

G_END_DECLS
