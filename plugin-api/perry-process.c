/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-file.h"

#define FALLBACK_PATH "/usr/local/bin:/usr/bin:/bin"

#define MAX_DESCRIPTION 400
#define MAX_CGROUP_BYTES 65536

G_DEFINE_BOXED_TYPE (PerryProcessResult, perry_process_result, perry_process_result_copy, perry_process_result_free)

PerryProcessResult *
perry_process_result_copy (const PerryProcessResult *result)
{
  PerryProcessResult *copy;

  g_return_val_if_fail (result != NULL, NULL);

  copy = g_new (PerryProcessResult, 1);
  *copy = *result;
  g_bytes_ref (copy->stdout_bytes);
  g_bytes_ref (copy->stderr_bytes);
  return copy;
}

void
perry_process_result_free (PerryProcessResult *result)
{
  if (result == NULL)
    return;
  g_bytes_unref (result->stdout_bytes);
  g_bytes_unref (result->stderr_bytes);
  g_free (result);
}

/* The last line that says something, as text that can stand in a message. */
static char *
get_last_line (GBytes *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *valid = NULL;
  gsize begin;

  while (size > 0 && g_ascii_isspace (data[size - 1]))
    size--;
  for (begin = size; begin > 0 && data[begin - 1] != '\n' && size - begin < MAX_DESCRIPTION;)
    begin--;

  valid = g_utf8_make_valid (size > begin ? data + begin : "", (gssize) (size - begin));
  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    g_string_append_unichar (line, g_unichar_isprint (g_utf8_get_char (p)) ? g_utf8_get_char (p) : '?');
  return g_strdup (g_strstrip (line->str));
}

char *
perry_process_result_describe_failure (const PerryProcessResult *result, const char *program)
{
  g_autofree char *line = NULL;
  g_autofree char *how = NULL;

  g_return_val_if_fail (result != NULL, NULL);
  g_return_val_if_fail (program != NULL, NULL);

  if (result->exit_status == 0)
    return NULL;

  line = get_last_line (result->stderr_bytes);
  if (result->signal != 0)
    how = g_strdup_printf ("%s was ended by signal %d (%s)", program, result->signal, g_strsignal (result->signal));
  else
    how = g_strdup_printf ("%s exited with status %d", program, result->exit_status);
  return *line != '\0' ? g_strdup_printf ("%s: %s", how, line) : g_steal_pointer (&how);
}

char *
perry_process_find_program (const char *program, GError **error)
{
  const char *search_path = g_getenv ("PATH");
  g_auto (GStrv) directories = NULL;
  g_autofree char *denied = NULL;

  g_return_val_if_fail (program != NULL, NULL);

  if (strchr (program, '/') != NULL)
    return g_strdup (program);

  if (search_path == NULL || *search_path == '\0')
    search_path = FALLBACK_PATH;
  directories = g_strsplit (search_path, ":", -1);

  for (gsize i = 0; directories[i] != NULL && *program != '\0'; i++)
    {
      g_autofree char *path = g_build_filename (directories[i], program, NULL);
      struct stat info;

      if (directories[i][0] != '/' || stat (path, &info) != 0 || !S_ISREG (info.st_mode))
        continue;
      if (faccessat (AT_FDCWD, path, X_OK, AT_EACCESS) == 0)
        return g_steal_pointer (&path);
      if (denied == NULL)
        denied = g_steal_pointer (&path);
    }

  if (denied != NULL)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_PERMISSION_DENIED, "%s may not be executed; check its mode", denied);
  else
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND,
                 "the program \"%s\" is not in any directory of PATH (%s); install it or extend PATH", program,
                 search_path);
  return NULL;
}

/* Runs between fork() and exec(): only async-signal-safe calls. */
static void
become_session_leader (gpointer data)
{
  struct sigaction action = { .sa_handler = SIG_DFL };
  sigset_t none;

  for (int number = 1; number < NSIG; number++)
    sigaction (number, &action, NULL);
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  setsid ();
}

static int
open_log (const char *path, GError **error)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
  int code = errno;

  if (fd < 0)
    g_set_error (error, PERRY_ERROR,
                 code == ENOENT ? PERRY_ERROR_NOT_FOUND
                                : (code == EACCES ? PERRY_ERROR_PERMISSION_DENIED : PERRY_ERROR_PROCESS_FAILED),
                 "opening the log file %s: %s", path, g_strerror (code));
  return fd;
}

static PerryError
code_for_spawn_error (const GError *spawn_error)
{
  if (g_error_matches (spawn_error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT))
    return PERRY_ERROR_NOT_FOUND;
  if (g_error_matches (spawn_error, G_SPAWN_ERROR, G_SPAWN_ERROR_ACCES)
      || g_error_matches (spawn_error, G_SPAWN_ERROR, G_SPAWN_ERROR_PERM))
    return PERRY_ERROR_PERMISSION_DENIED;
  return PERRY_ERROR_PROCESS_FAILED;
}

gboolean
perry_process_spawn_detached (const char *const *argv, const char *const *environment, const char *log_path,
                              GPid *ret_pid, GError **error)
{
  GSpawnFlags flags = G_SPAWN_FILE_AND_ARGV_ZERO;
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GPtrArray) arguments = NULL;
  g_autofree char *found = NULL;
  g_autofree char *path = NULL;
  int log_fd = -1;
  GPid pid;
  gboolean ok;

  g_return_val_if_fail (argv != NULL && argv[0] != NULL, FALSE);

  found = perry_process_find_program (argv[0], error);
  if (found == NULL)
    return FALSE;
  path = g_canonicalize_filename (found, NULL);

  arguments = g_ptr_array_new ();
  g_ptr_array_add (arguments, path);
  for (gsize i = 0; argv[i] != NULL; i++)
    g_ptr_array_add (arguments, (gpointer) argv[i]);
  g_ptr_array_add (arguments, NULL);

  if (log_path == NULL)
    flags |= G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL;
  else if ((log_fd = open_log (log_path, error)) < 0)
    return FALSE;

  /* Without G_SPAWN_DO_NOT_REAP_CHILD GLib forks twice, so that init adopts the program. */
  ok = g_spawn_async_with_pipes_and_fds ("/", (const char *const *) arguments->pdata, environment, flags,
                                         become_session_leader, NULL, -1, log_fd, log_fd, NULL, NULL, 0, &pid, NULL,
                                         NULL, NULL, &local_error);
  if (log_fd >= 0)
    close (log_fd);
  if (!ok)
    {
      g_set_error (error, PERRY_ERROR, (int) code_for_spawn_error (local_error), "starting %s: %s", path,
                   local_error->message);
      return FALSE;
    }
  if (ret_pid != NULL)
    *ret_pid = pid;
  return TRUE;
}

gboolean
perry_process_is_in_container (gint64 pid, const char *container_id)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/cgroup", pid);
  g_autofree char *text = NULL;

  g_return_val_if_fail (container_id != NULL && *container_id != '\0', FALSE);

  text = perry_file_read_text (path, MAX_CGROUP_BYTES, NULL);
  return text != NULL && strstr (text, container_id) != NULL;
}
