/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of a batch, or results of an earlier one, as they come in pieces: the first byte says how large these are. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/sandbox/perry-sandbox-answer.h"
#include "core/sandbox/perry-sandbox-lines.h"
#include "tests/fuzz/fuzz-input.h"

#define MOST_PIECES 64

/* A descriptor that each read of gives one piece. */
static int
open_pieces (const uint8_t *data, size_t size, size_t piece)
{
  int ends[2];

  fuzz_require (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0, "there is a socket");
  piece = MAX (piece, size / MOST_PIECES + 1);
  for (size_t sent = 0; sent < size; sent += piece)
    fuzz_require (send (ends[1], data + sent, MIN (piece, size - sent), 0) > 0, "a piece is sent");
  close (ends[1]);
  return ends[0];
}

static void
check_request (const char *line, gsize length, const PerryContainerSpec *defaults)
{
  g_auto (PerrySandboxRequest) request = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *answer = NULL;
  g_autofree char *done = NULL;
  gboolean good = perry_sandbox_request_read (&request, line, length, defaults, &error);

  fuzz_require (request.id == NULL || (*request.id != '\0' && strlen (request.id) <= PERRY_SANDBOX_MAX_ID &&
                                       g_utf8_validate (request.id, -1, NULL)), "an id is a short text");
  if (good)
    {
      fuzz_require (request.id != NULL && request.spec != NULL, "a request has an id and a spec");
      fuzz_require (perry_container_spec_is_set (request.spec, PERRY_FIELD_IMAGE), "a request has an image");
      return;
    }
  fuzz_check_error (error, FALSE);
  answer = perry_sandbox_answer_format_error (request.id, 1, error);
  fuzz_require (strchr (answer, '\n') == answer + strlen (answer) - 1, "an answer is one line");
  done = perry_sandbox_answer_read_done (answer, strlen (answer));
  fuzz_require (done == NULL, "what could not be run is not done");
}

/* What is done is known again by its result, and by nothing of its output. */
static void
check_done (const char *line, gsize length)
{
  g_autofree char *id = perry_sandbox_answer_read_done (line, length);
  g_autoptr (PerryRunResult) result = NULL;
  g_autofree char *answer = NULL;
  g_autofree char *again = NULL;

  if (id == NULL)
    return;
  result = perry_run_result_new ();
  result->stdout_data = g_bytes_new (line, length);
  answer = perry_sandbox_answer_format (id, result);
  fuzz_require (strchr (answer, '\n') == answer + strlen (answer) - 1, "an answer is one line");
  again = perry_sandbox_answer_read_done (answer, strlen (answer));
  fuzz_require (g_strcmp0 (id, again) == 0, "an id that was read can be written");
}

/* The next line that is not empty, found in another way. */
static const char *
expect_line (const char *data, size_t size, size_t *position, guint64 *number, size_t *ret_length)
{
  while (*position < size)
    {
      const char *line = data + *position;
      const char *newline = memchr (line, '\n', size - *position);
      size_t length = newline != NULL ? (size_t) (newline - line) : size - *position;

      *position += length + 1;
      ++*number;
      *ret_length = length;
      if (length > 1 || (length == 1 && *line != '\r'))
        return line;
    }
  return NULL;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static PerryContainerSpec *defaults;
  const char *text = (const char *) data + 1;
  size_t rest = size > 0 ? size - 1 : 0, position = 0;
  g_autoptr (PerrySandboxLines) lines = NULL;
  guint64 number = 0, expected_number = 0;
  const char *line;
  gsize length = 0;
  int fd;

  if (rest == 0)
    return 0;
  if (defaults == NULL)
    defaults = perry_container_spec_new_from_json ("{\"image\": \"bb:1\"}", -1, NULL);
  fd = open_pieces (data + 1, rest, data[0]);
  lines = perry_sandbox_lines_new (fd);
  while ((line = perry_sandbox_lines_next (lines, &length, &number, NULL, NULL)) != NULL)
    {
      size_t expected_length = 0;
      const char *expected = expect_line (text, rest, &position, &expected_number, &expected_length);

      fuzz_require (expected != NULL && number == expected_number && length == expected_length &&
                    memcmp (line, expected, length) == 0, "pieces make no difference");
      check_request (line, length, defaults);
      check_done (line, length);
    }
  fuzz_require (expect_line (text, rest, &position, &expected_number, &length) == NULL, "no line is lost");
  fuzz_require (perry_sandbox_lines_ended_within (lines) == (text[rest - 1] != '\n'), "half a line is told");
  close (fd);
  return 0;
}
