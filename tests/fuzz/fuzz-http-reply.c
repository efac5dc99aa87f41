/* SPDX-License-Identifier: Apache-2.0 */
/* What an engine sends: `h` and all of its answer to a hijacked request, or `l` and a body of JSON lines, after a newline. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "plugins/http-client/perry-http-hijack.h"
#include "tests/fuzz/fuzz-input.h"

typedef struct {
  const uint8_t *data;
  size_t size;
} Answer;

static char *directory;
static char *socket_path;
static int listener = -1;
static PerryHttpClient *client;

static void
stop (void)
{
  perry_http_client_free (client);
  close (listener);
  g_remove (socket_path);
  g_rmdir (directory);
  g_free (socket_path);
  g_free (directory);
}

static void
start (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  directory = g_dir_make_tmp ("fuzz-http-XXXXXX", NULL);
  fuzz_require (directory != NULL, "there is a directory");
  socket_path = g_build_filename (directory, "sock", NULL);
  g_strlcpy (address.sun_path, socket_path, sizeof address.sun_path);
  listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  fuzz_require (listener >= 0 && bind (listener, (struct sockaddr *) &address, sizeof address) == 0 &&
                listen (listener, 4) == 0, "there is a socket");
  client = perry_http_client_new (socket_path);
  atexit (stop);
}

/* Reads the request, so that closing does not take the answer away, and answers. */
static gpointer
answer (gpointer user_data)
{
  const Answer *reply = user_data;
  int connection = accept (listener, NULL, NULL);
  char request[4096];
  gsize length = 0;

  fuzz_require (connection >= 0, "the client connects");
  while (length < sizeof request && (length < 4 || memmem (request, length, "\r\n\r\n", 4) == NULL))
    {
      gssize count = read (connection, request + length, sizeof request - length);

      fuzz_require (count > 0, "the client sends a head");
      length += (gsize) count;
    }
  for (size_t sent = 0; sent < reply->size;)
    {
      ssize_t count = send (connection, reply->data + sent, reply->size - sent, MSG_NOSIGNAL);

      if (count <= 0)
        break;
      sent += (size_t) count;
    }
  close (connection);
  return NULL;
}

static void
check_hijack (const PerryHttpHijack *hijack, const Answer *reply)
{
  gsize early = hijack->early->len;

  fuzz_require (hijack->status == 101 || hijack->status == 200, "the status lets the connection go");
  fuzz_require (early < reply->size, "there was a head");
  fuzz_require (early == 0 || memcmp (hijack->early->data, reply->data + reply->size - early, early) == 0 ||
                memmem (reply->data, reply->size, hijack->early->data, early) != NULL, "what came early is kept");
}

static void
hijack (const uint8_t *data, size_t size)
{
  Answer reply = { data, size };
  g_autoptr (PerryHttpRequest) request = NULL;
  g_autoptr (PerryHttpHijack) taken = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread;

  if (client == NULL)
    start ();
  thread = g_thread_new ("engine", answer, &reply);
  request = perry_http_request_new ("POST", "/v1.41", "attach", NULL);
  perry_http_request_set_deadline (request, 5000);
  taken = perry_http_hijack (client, request, NULL, "attaching", NULL, &error);
  if (taken == NULL)
    fuzz_check_error (error, TRUE);
  else
    check_hijack (taken, &reply);
  g_thread_join (thread);
}

static void
read_lines (const uint8_t *data, size_t size)
{
  g_autofree guint8 *exact = g_memdup2 (data, size);
  g_autoptr (GBytes) body = g_bytes_new_static (exact, size);
  PerryHttpReply reply = { .status = 200, .body = body };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) lines = perry_http_reply_parse_lines (&reply, &error);

  if (lines == NULL)
    fuzz_check_error (error, FALSE);
  else
    fuzz_require (lines->len <= size, "a line is at least a byte");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < 3 || data[1] != '\n')
    return 0;
  if (data[0] == 'h')
    hijack (data + 2, size - 2);
  if (data[0] == 'l')
    read_lines (data + 2, size - 2);
  return 0;
}
