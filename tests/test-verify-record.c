/* SPDX-License-Identifier: Apache-2.0 */
/* The verification log in the journal: its socket has one place, /run/systemd/journal, so that the test puts one of its own
 * there, in a mount namespace of its own. */
#include "core/verification/perry-verify-record.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-json.h"

#define FOLDER "/run/systemd/journal"
#define IMAGE "registry.example/app:1"
#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define NOWHERE "a mount namespace needs root"

/* With an empty /run that nobody else sees. */
static gboolean
enter_namespace (void)
{
  return unshare (CLONE_NEWNS) == 0 && mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
         mount ("none", "/run", "tmpfs", 0, "mode=755") == 0;
}

static int
listen_as_journal (void)
{
  const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = FOLDER "/socket" };
  int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (g_mkdir_with_parents (FOLDER, 0755), ==, 0);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (bind (fd, (const struct sockaddr *) &address, sizeof address), ==, 0);
  return fd;
}

/* The fields of the next entry: `NAME=value`, one a line, as the journal's protocol has it. */
static char **
receive (int fd)
{
  char text[65536];
  gssize length = recv (fd, text, sizeof text - 1, MSG_DONTWAIT);

  g_assert_cmpint (length, >, 0);
  text[length] = '\0';
  g_test_message ("%s", text);
  return g_strsplit (text, "\n", -1);
}

static const char *
get_field (char **fields, const char *name)
{
  const char *found = NULL;

  for (char **field = fields; *field != NULL; field++)
    if (g_str_has_prefix (*field, name) && (*field)[strlen (name)] == '=')
      {
        g_assert_null (found);
        found = *field + strlen (name) + 1;
      }
  return found;
}

static void
assert_entry (char **fields, const char *digest, const char *verdict)
{
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *object;

  g_assert_cmpstr (get_field (fields, "PRIORITY"), ==, "5");
  g_assert_cmpstr (get_field (fields, "SYSLOG_IDENTIFIER"), ==, "perry-container");
  g_assert_cmpstr (get_field (fields, "PERRY_IMAGE"), ==, IMAGE);
  g_assert_cmpstr (get_field (fields, "PERRY_DIGEST"), ==, digest != NULL ? digest : "");
  node = perry_json_parse (get_field (fields, "MESSAGE"), -1, NULL, &error);
  g_assert_no_error (error);
  object = json_node_get_object (node);
  g_assert_cmpstr (json_object_get_string_member (object, "image"), ==, IMAGE);
  g_assert_cmpstr (json_object_get_string_member_with_default (object, "digest", NULL), ==, digest);
  g_assert_cmpstr (json_object_get_string_member (object, "verdict"), ==, verdict);
}

static void
assert_written (int fd, const char *digest, PerryVerificationKind kind, const char *verdict)
{
  g_autoptr (PerryVerification) verification = perry_verification_new (kind, PERRY_VERIFICATION_REASON_NONE, "a\nnote");
  const PerryVerifyRecord record = { .image = IMAGE, .digest = digest, .verification = verification };
  g_auto (GStrv) fields = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (perry_verify_record_write (&record, "journal", &error));
  g_assert_no_error (error);
  fields = receive (fd);
  assert_entry (fields, digest, verdict);
}

static void
test_in_namespace (void)
{
  const PerryVerifyRecord record = { .image = IMAGE, .exempt = TRUE };
  g_autoptr (GError) error = NULL;
  int fd;

  if (!enter_namespace ())
    {
      g_print (NOWHERE "\n");
      exit (EXIT_FAILURE);
    }
  g_assert_false (perry_verify_record_write (&record, "journal", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "there is no journal here; name a file in perry.conf, [verification] log"));
  fd = listen_as_journal ();
  assert_written (fd, DIGEST, PERRY_VERIFICATION_VERIFIED, "verified");
  assert_written (fd, NULL, PERRY_VERIFICATION_ERROR, "error");
  /* to a file, nothing goes there */
  g_assert_true (perry_verify_record_write (&record, "/run/log", NULL));
  g_assert_true (perry_verify_record_write (&record, "", NULL));
  g_assert_cmpint (recv (fd, &(char){ 0 }, 1, MSG_DONTWAIT), ==, -1);
  close (fd);
}

/* In a process of its own, which is the one that has another /run. */
static void
test_journal (void)
{
  g_test_trap_subprocess ("/verify-record/journal/subprocess", 0, G_TEST_SUBPROCESS_DEFAULT);
  if (g_test_trap_has_passed ())
    return;
  g_test_trap_assert_stdout ("*" NOWHERE "*");
  g_test_skip (NOWHERE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/verify-record/journal", test_journal);
  g_test_add_func ("/verify-record/journal/subprocess", test_in_namespace);
  return g_test_run ();
}
