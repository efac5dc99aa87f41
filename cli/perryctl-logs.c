/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <unistd.h>

#include "cli/perryctl-command.h"
#include "cli/perryctl-text.h"

#define BUFFER_SIZE (64 * 1024)

static const PerryctlOption options[] = {
  { "follow", 'f', NULL, "Go on until the container ends" },
  { "timestamps", 't', NULL, "Begin each line with its time" },
  { "tail", 'n', "LINES", "Begin this many lines before the end" },
  { "since", 0, "TIME",
    "Begin at a time (2026-01-31T12:00:00Z, seconds since the epoch) or that long ago (90s, 10m, 1h30m)" },
  { NULL },
};

static gboolean
read_request (const PerryctlArguments *arguments, PerryLogRequest *request, GError **error)
{
  const char *since = perryctl_arguments_get (arguments, "since");

  request->follow = perryctl_arguments_is_on (arguments, "follow");
  request->timestamps = perryctl_arguments_is_on (arguments, "timestamps");
  if (g_strcmp0 (perryctl_arguments_get (arguments, "tail"), "all") != 0
      && !perryctl_arguments_read_integer (arguments, "tail", 0, G_MAXINT32, &request->tail, error))
    return FALSE;
  if (since == NULL || perryctl_text_read_time (since, g_get_real_time (), &request->since))
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
               "--since: \"%s\" is no time such as 2026-01-31T12:00:00Z, 1700000000 or 10m", since);
  return FALSE;
}

static gboolean
write_all (int fd, const char *data, gssize size, GError **error)
{
  while (size > 0)
    {
      gssize n = write (fd, data, (gsize) size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "writing the log failed: %s", g_strerror (errno));
          return FALSE;
        }
      data += n;
      size -= n;
    }
  return TRUE;
}

static gboolean
copy (PerryStream *stream, GError **error)
{
  g_autofree char *buffer = g_malloc (BUFFER_SIZE);
  PerryChannel channel;
  gssize n;

  while ((n = perry_stream_read (stream, &channel, buffer, BUFFER_SIZE, -1, NULL, error)) > 0)
    if (!write_all (channel == PERRY_CHANNEL_STDERR ? STDERR_FILENO : STDOUT_FILENO, buffer, n, error))
      return FALSE;
  return n == 0;
}

static int
run (PerryctlCall *call, GError **error)
{
  PerryLogRequest request = { .struct_size = sizeof request, .stdout_wanted = TRUE, .stderr_wanted = TRUE, .tail = -1 };
  g_autoptr (PerryStream) stream = NULL;
  PerryEngine *engine;

  if (!read_request (call->arguments, &request, error))
    return 0;
  engine = perryctl_call_get_engine (call, error);
  if (engine == NULL)
    return 0;
  stream = perry_engine_open_logs (engine, call->arguments->operands[0], &request, NULL, error);
  if (stream != NULL)
    copy (stream, error);
  return 0;
}

const PerryctlCommand perryctl_logs_command = {
  .name = "logs",
  .operands = "NAME",
  .summary = "print what a container has written",
  .flags = PERRYCTL_COMMAND_BACKEND,
  .least_operands = 1,
  .most_operands = 1,
  .options = options,
  .run = run,
};
