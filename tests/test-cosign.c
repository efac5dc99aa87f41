/* SPDX-License-Identifier: Apache-2.0 */
/* The verifier with a program that only looks like cosign (tests/cosign/fake-cosign.c). */
#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <utime.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-json.h"
#include "plugins/cosign/cosign-verifier.h"

#define DIGEST "sha256:6ea98e7565f51f70a29d3675f3a60c52f8c843ae98985b0733613f92fb77fe71"
#define OTHER_DIGEST "sha256:0ba2662b7753bcbf141e9091d0996500a40a83f0ffe2866645c2591f7322e8e5"
#define REFERENCE "r.example.com/a"
#define BY_IDENTITY "{\"identity\":\"ci@example.com\",\"issuer\":\"https://issuer.example.com\"}"
#define ELEMENT(digest, type) \
  "[{\"critical\":{\"image\":{\"docker-manifest-digest\":\"" digest "\"},\"type\":\"" type "\"},\"optional\":{}}]"
#define SIGNATURE ELEMENT (DIGEST, "cosign container image signature")
#define ATTESTATION ELEMENT (DIGEST, "https://slsa.dev/provenance/v1")
#define NO_SIGNATURE "Error: no signatures found\n"
#define SOMEBODY_ELSE \
  "Error: no matching signatures: none of the expected identities matched what was in the certificate, got subjects " \
  "[x] with issuer y\n"
#define PEM_KEY "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"
#define PEM_ROOT "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
#define FLAGS \
  "  --certificate-identity\n  --certificate-identity-regexp\n  --certificate-oidc-issuer\n" \
  "  --certificate-oidc-issuer-regexp\n  --insecure-ignore-sct\n  --insecure-ignore-tlog\n  --key\n  --registry-cacert\n" \
  "  --trusted-root\n"
#define HELP_2 FLAGS "  --ca-roots\n  --new-bundle-format=false\n"
#define HELP_3 FLAGS

typedef struct {
  char *directory;
  char *program;
  char *kept; /* NULL: what the program can do is kept in memory alone */
} Fixture;

static char *
beside (const Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->directory, name, NULL);
}

static char *
write_beside (const Fixture *fixture, const char *name, const char *content)
{
  char *path = beside (fixture, name);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, content, -1, &error);
  g_assert_no_error (error);
  return path;
}

static void
set (const Fixture *fixture, const char *name, const char *content)
{
  g_free (write_beside (fixture, name, content));
}

static void
set_up (Fixture *fixture, gconstpointer help)
{
  g_autofree char *built = g_test_build_filename (G_TEST_BUILT, "cosign", "fake-cosign", NULL);
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  fixture->directory = g_dir_make_tmp ("perry-cosign-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->program = beside (fixture, "cosign");
  g_file_get_contents (built, &data, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents_full (fixture->program, data, (gssize) length, G_FILE_SET_CONTENTS_NONE, 0755, &error);
  g_assert_no_error (error);
  set (fixture, "help", help);
}

static void
tear_down (Fixture *fixture, gconstpointer help)
{
  g_autoptr (GDir) directory = g_dir_open (fixture->directory, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = beside (fixture, name);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->directory);
  g_free (fixture->program);
  g_free (fixture->kept);
}

static PerryCosign *
open_with (const Fixture *fixture, const char *option, const char *value)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GError) error = NULL;
  PerryCosign *cosign;

  g_variant_dict_insert (&dict, "program", "s", fixture->program);
  if (option != NULL)
    g_variant_dict_insert (&dict, option, "s", value);
  options = g_variant_ref_sink (g_variant_dict_end (&dict));
  cosign = perry_cosign_open (options, NULL, &error);
  g_assert_no_error (error);
  g_free (cosign->kept_directory);
  cosign->kept_directory = g_strdup (fixture->kept);
  return cosign;
}

static PerryVerification *
ask (PerryCosign *cosign, const char *reference, const char *digest, const char *requirement, int timeout_ms,
     GCancellable *cancellable, GError **error)
{
  g_autoptr (JsonNode) node = perry_json_parse (requirement, -1, NULL, NULL);

  g_assert_nonnull (node);
  return perry_cosign_verify (cosign, reference, digest, node, timeout_ms, cancellable, error);
}

static PerryVerification *
verify_with (const Fixture *fixture, const char *option, const char *value, const char *requirement)
{
  PerryCosign *cosign = open_with (fixture, option, value);
  g_autoptr (GError) error = NULL;
  PerryVerification *answer = ask (cosign, REFERENCE, DIGEST, requirement, 20000, NULL, &error);

  g_assert_no_error (error);
  perry_cosign_close (cosign);
  return answer;
}

static void
assert_answer (const PerryVerification *answer, PerryVerificationKind kind, PerryVerificationReason reason, const char *note)
{
  if (answer->kind != kind || answer->reason != reason || strstr (answer->note, note) == NULL)
    g_error ("%s, %s: %s", perry_verification_kind_get_name (answer->kind),
             perry_verification_reason_get_name (answer->reason), answer->note);
}

/* How often cosign was asked, without the questions about its flags. */
static guint
count_lines (const Fixture *fixture, const char *line)
{
  g_autofree char *path = beside (fixture, "log");
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint count = 0;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  lines = g_strsplit (text, "\n", -1);
  for (char **at = lines; *at != NULL; at++)
    count += g_str_equal (*at, line);
  return count;
}

static void
test_open (void)
{
  static const struct {
    const char *options;
    const char *message;
  } cases[] = {
    { "{'program': <'./cosign'>}", "option program: “./cosign” is neither a name nor an absolute path" },
    { "{'trusted-root': <'t.json'>}", "option trusted-root: “t.json” is not an absolute path" },
    { "{'ca-roots': <'a'>}", "option ca-roots: " },
    { "{'rekor-public-key': <'https://x'>}", "option rekor-public-key: " },
    { "{'ct-log-public-key': <'a'>}", "option ct-log-public-key: " },
    { "{'registry-ca': <'a'>}", "option registry-ca: " },
    { "{'timeout-ms': <int64 0>}", "option timeout-ms: 0 is not between 100 and 3600000" },
    { "{'timeout-ms': <int64 -1>}", "option timeout-ms: -1 " },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) options = g_variant_ref_sink (g_variant_new_parsed (cases[i].options));
      g_autoptr (GError) error = NULL;

      g_assert_null (perry_cosign_open (options, NULL, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG);
      g_assert_nonnull (strstr (error->message, cases[i].message));
    }
}

static void
test_verified (Fixture *fixture, gconstpointer help)
{
  g_autoptr (PerryVerification) answer = NULL;

  set (fixture, "first.stdout", SIGNATURE);
  answer = verify_with (fixture, NULL, NULL, BY_IDENTITY);
  assert_answer (answer, PERRY_VERIFICATION_VERIFIED, PERRY_VERIFICATION_REASON_NONE, "");
  g_assert_cmpuint (count_lines (fixture, "--certificate-identity=ci@example.com"), ==, 1);
  g_assert_cmpuint (count_lines (fixture, "--help"), ==, 0);
  g_assert_cmpuint (count_lines (fixture, REFERENCE "@" DIGEST), ==, 1);
}

/* Success by exit status alone is none. Each row is what was printed before the status 0. */
static void
test_success_without_signature (Fixture *fixture, gconstpointer help)
{
  static const struct {
    const char *text;
    PerryVerificationKind kind;
    PerryVerificationReason reason;
  } cases[] = {
    { ATTESTATION, PERRY_VERIFICATION_REJECTED, PERRY_VERIFICATION_REASON_ONLY_ATTESTATIONS },
    { ELEMENT (OTHER_DIGEST, "cosign container image signature"), PERRY_VERIFICATION_REJECTED,
      PERRY_VERIFICATION_REASON_OTHER_DIGEST },
    { "", PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_PROGRAM_FAILED },
    { "verified\n", PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_PROGRAM_FAILED },
    { "[", PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_PROGRAM_FAILED },
  };

  set (fixture, "legacy.stderr", NO_SIGNATURE);
  set (fixture, "legacy.status", "10");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryVerification) answer = NULL;

      set (fixture, "first.stdout", cases[i].text);
      answer = verify_with (fixture, NULL, NULL, BY_IDENTITY);
      assert_answer (answer, cases[i].kind, cases[i].reason, "");
      g_assert_false (answer->certain);
    }
}

static void
assert_program_failed (const Fixture *fixture, const char *option, const char *value, const char *note)
{
  g_autoptr (PerryVerification) answer = verify_with (fixture, option, value, BY_IDENTITY);

  assert_answer (answer, PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_PROGRAM_FAILED, note);
}

static void
test_floods (Fixture *fixture, gconstpointer help)
{
  set (fixture, "first.stdout", SIGNATURE);
  set (fixture, "first.action", "flood-stdout");
  assert_program_failed (fixture, NULL, NULL, "printed more than is read");

  set (fixture, "first.stdout", "");
  set (fixture, "first.stderr", NO_SIGNATURE);
  set (fixture, "first.status", "10");
  set (fixture, "first.action", "flood-stderr");
  assert_program_failed (fixture, NULL, NULL, "not known");
}

static void
test_crashes (Fixture *fixture, gconstpointer help)
{
  set (fixture, "first.stdout", SIGNATURE);
  set (fixture, "first.stderr", "panic: runtime error\n\ngoroutine 1 [running]:\n");
  set (fixture, "first.status", "2");
  assert_program_failed (fixture, NULL, NULL, "cosign crashed (exit status 2)");

  set (fixture, "first.action", "crash");
  assert_program_failed (fixture, NULL, NULL, "cosign crashed (signal 6)");
}

static void
test_unsigned (Fixture *fixture, gconstpointer help)
{
  g_autoptr (PerryVerification) answer = NULL;

  set (fixture, "first.stderr", NO_SIGNATURE);
  set (fixture, "first.status", "10");
  answer = verify_with (fixture, NULL, NULL, BY_IDENTITY);
  assert_answer (answer, PERRY_VERIFICATION_UNSIGNED, PERRY_VERIFICATION_REASON_NO_SIGNATURE, "no signature was found");
  g_assert_cmpint (strstr (answer->note, "this is a cosign 2") != NULL, ==, strcmp (help, HELP_2) == 0);
  g_assert_false (answer->certain);
  g_assert_cmpuint (count_lines (fixture, REFERENCE "@" DIGEST), ==, 1);
}

/* A cosign 3 is asked again for the first format where bundles were refused; a cosign 2 has no other. */
static void
test_second_look (Fixture *fixture, gconstpointer help)
{
  static const struct {
    const char *out;
    const char *err;
    const char *status;
    PerryVerificationKind kind;
    PerryVerificationReason reason;
    gboolean certain;
  } cases[] = {
    { SIGNATURE, "", "0", PERRY_VERIFICATION_VERIFIED, PERRY_VERIFICATION_REASON_NONE, FALSE },
    { "", NO_SIGNATURE, "10", PERRY_VERIFICATION_REJECTED, PERRY_VERIFICATION_REASON_WRONG_KEY, FALSE },
    { "", SOMEBODY_ELSE, "12", PERRY_VERIFICATION_REJECTED, PERRY_VERIFICATION_REASON_WRONG_IDENTITY, TRUE },
    { "", "Error: GET https://r: unexpected status code 500\n", "1", PERRY_VERIFICATION_ERROR,
      PERRY_VERIFICATION_REASON_REGISTRY, FALSE },
    { "", "Error: unknown flag: --new-bundle-format\n", "1", PERRY_VERIFICATION_REJECTED, PERRY_VERIFICATION_REASON_WRONG_KEY,
      TRUE },
    { ATTESTATION, "", "0", PERRY_VERIFICATION_REJECTED, PERRY_VERIFICATION_REASON_ONLY_ATTESTATIONS, FALSE },
  };

  set (fixture, "first.stderr", "Error: no matching attestations: accepted signatures do not match threshold\n");
  set (fixture, "first.status", "1");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryVerification) answer = NULL;

      set (fixture, "legacy.stdout", cases[i].out);
      set (fixture, "legacy.stderr", cases[i].err);
      set (fixture, "legacy.status", cases[i].status);
      answer = verify_with (fixture, NULL, NULL, BY_IDENTITY);
      assert_answer (answer, cases[i].kind, cases[i].reason, "");
      g_assert_cmpint (answer->certain, ==, cases[i].certain);
    }
  g_assert_cmpuint (count_lines (fixture, "--new-bundle-format=false"), ==, G_N_ELEMENTS (cases));
}

static void
test_no_second_look (Fixture *fixture, gconstpointer help)
{
  g_autoptr (PerryVerification) answer = NULL;

  set (fixture, "first.stderr", SOMEBODY_ELSE);
  set (fixture, "first.status", "12");
  set (fixture, "legacy.stdout", SIGNATURE);
  answer = verify_with (fixture, NULL, NULL, BY_IDENTITY);
  assert_answer (answer, PERRY_VERIFICATION_REJECTED, PERRY_VERIFICATION_REASON_WRONG_IDENTITY, "");
  g_assert_true (answer->certain);
  g_assert_cmpuint (count_lines (fixture, "--new-bundle-format=false"), ==, 0);
}

static gboolean
is_gone (const char *pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/stat", pid);
  g_autofree char *text = NULL;
  const char *state;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return TRUE;
  state = strrchr (text, ')');
  return state != NULL && (state[2] == 'Z' || state[2] == 'X');
}

static void
assert_all_gone (const Fixture *fixture)
{
  g_autofree char *path = beside (fixture, "pids");
  g_autofree char *text = NULL;
  g_auto (GStrv) pids = NULL;
  g_autoptr (GError) error = NULL;
  gint64 end = g_get_monotonic_time () + 5 * G_TIME_SPAN_SECOND;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  pids = g_strsplit (g_strchomp (text), "\n", -1);
  g_assert_cmpuint (g_strv_length (pids), ==, 2);
  for (char **pid = pids; *pid != NULL; pid++)
    while (!is_gone (*pid))
      {
        g_assert_cmpint (g_get_monotonic_time (), <, end);
        g_usleep (1000);
      }
}

/* Deaf to SIGTERM, with a child that is so too: both have to be gone soon after the deadline. */
static void
test_hangs (Fixture *fixture, gconstpointer help)
{
  PerryCosign *cosign = open_with (fixture, NULL, NULL);
  g_autoptr (PerryVerification) before = NULL;
  g_autoptr (PerryVerification) answer = NULL;
  gint64 begin;

  set (fixture, "first.stdout", SIGNATURE);
  before = ask (cosign, REFERENCE, DIGEST, BY_IDENTITY, 20000, NULL, NULL);
  g_assert_cmpint (before->kind, ==, PERRY_VERIFICATION_VERIFIED);
  set (fixture, "first.action", "hang");
  begin = g_get_monotonic_time ();
  answer = ask (cosign, REFERENCE, DIGEST, BY_IDENTITY, 1500, NULL, NULL);
  assert_answer (answer, PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_TIMED_OUT, "did not end within");
  g_assert_null (strstr (answer->note, "timeout-ms")); /* the limit is the caller's */
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 5 * G_TIME_SPAN_SECOND);
  assert_all_gone (fixture);
  perry_cosign_close (cosign);
}

/* The option is a limit of its own, whatever the caller allows; it counts for the question about the flags as well. */
static void
test_own_limit (Fixture *fixture, gconstpointer help)
{
  static const char named[] = " seconds; the limit is the option timeout-ms, [plugin cosign] in perry.conf";
  g_autoptr (GVariant) options = g_variant_ref_sink (
      g_variant_new_parsed ("{'program': <%s>, 'timeout-ms': <int64 1500>}", fixture->program));
  PerryCosign *cosign = perry_cosign_open (options, NULL, NULL);
  g_autoptr (PerryVerification) answer = NULL;
  g_autoptr (PerryVerification) first = NULL;

  set (fixture, "first.stderr", NO_SIGNATURE);
  set (fixture, "first.status", "10");
  set (fixture, "help.action", "hang");
  answer = ask (cosign, REFERENCE, DIGEST, BY_IDENTITY, G_MAXINT, NULL, NULL);
  assert_answer (answer, PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_TIMED_OUT, named);
  assert_all_gone (fixture);
  set (fixture, "first.action", "hang");
  first = ask (cosign, REFERENCE, DIGEST, BY_IDENTITY, 1500, NULL, NULL);
  assert_answer (first, PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_TIMED_OUT, named);
  assert_all_gone (fixture);
  perry_cosign_close (cosign);
}

static gpointer
cancel_when_it_hangs (gpointer data)
{
  gpointer *pair = data;
  g_autofree char *path = beside (pair[0], "pids");

  for (int i = 0; i < 20000 && !g_file_test (path, G_FILE_TEST_EXISTS); i++)
    g_usleep (1000);
  g_cancellable_cancel (pair[1]);
  return NULL;
}

static void
test_cancelled (Fixture *fixture, gconstpointer help)
{
  PerryCosign *cosign = open_with (fixture, NULL, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gpointer pair[] = { fixture, cancellable };
  GThread *thread;

  set (fixture, "first.action", "hang");
  thread = g_thread_new ("cancel", cancel_when_it_hangs, pair);
  g_assert_null (ask (cosign, REFERENCE, DIGEST, BY_IDENTITY, 60000, cancellable, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  g_thread_join (thread);
  perry_cosign_close (cosign);
}

static void
test_missing (Fixture *fixture, gconstpointer help)
{
  PerryCosign *cosign = open_with (fixture, NULL, NULL);
  g_autoptr (PerryVerification) answer = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_unlink (fixture->program), ==, 0);
  answer = ask (cosign, REFERENCE, DIGEST, BY_IDENTITY, 20000, NULL, &error);
  g_assert_no_error (error);
  assert_answer (answer, PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_PROGRAM_MISSING,
                 "images cannot be verified without cosign: ");
  g_assert_nonnull (strstr (answer->note, "; install cosign 2.5 or newer"));
  g_assert_null (perry_cosign_describe (cosign, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND);
  perry_cosign_close (cosign);
}

static void
test_not_in_path (void)
{
  Fixture nowhere = { NULL, (char *) "there-is-no-such-cosign" };
  g_autoptr (PerryVerification) answer = verify_with (&nowhere, NULL, NULL, BY_IDENTITY);

  assert_answer (answer, PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_PROGRAM_MISSING,
                 "\"there-is-no-such-cosign\" is not in any directory of PATH");
}

static void
test_not_executable (Fixture *fixture, gconstpointer help)
{
  g_autoptr (PerryVerification) answer = NULL;

  g_assert_cmpint (g_chmod (fixture->program, 0644), ==, 0);
  answer = verify_with (fixture, NULL, NULL, BY_IDENTITY);
  assert_answer (answer, PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_PROGRAM_FAILED, "Permission denied");
}

static void
test_something_else (Fixture *fixture, gconstpointer help)
{
  g_autofree char *root = write_beside (fixture, "root", PEM_ROOT);

  set (fixture, "first.stderr", NO_SIGNATURE);
  set (fixture, "first.status", "10");
  set (fixture, "help", "Usage: something verify\n");
  assert_program_failed (fixture, NULL, NULL, "it is no cosign");
  set (fixture, "help.status", "1");
  assert_program_failed (fixture, NULL, NULL, "exited with status 1");
  set (fixture, "first.stdout", SIGNATURE);
  set (fixture, "first.status", "0");
  assert_program_failed (fixture, "ca-roots", root, "exited with status 1");
}

/* The program is asked for its flags once, and again when it is another one. */
static void
test_features_are_kept (Fixture *fixture, gconstpointer help)
{
  PerryCosign *cosign = open_with (fixture, NULL, NULL);
  struct utimbuf times = { 1000000, 1000000 };

  set (fixture, "first.stderr", NO_SIGNATURE);
  set (fixture, "first.status", "10");
  for (int i = 0; i < 3; i++)
    {
      g_autoptr (PerryVerification) answer = ask (cosign, REFERENCE, DIGEST, BY_IDENTITY, 20000, NULL, NULL);

      g_assert_cmpint (answer->kind, ==, PERRY_VERIFICATION_UNSIGNED);
    }
  g_assert_cmpuint (count_lines (fixture, "--help"), ==, 1);
  g_assert_cmpint (utime (fixture->program, &times), ==, 0);
  for (int i = 0; i < 3; i++)
    {
      g_autoptr (PerryVerification) answer = ask (cosign, REFERENCE, DIGEST, BY_IDENTITY, 20000, NULL, NULL);

      g_assert_cmpint (answer->kind, ==, PERRY_VERIFICATION_UNSIGNED);
    }
  g_assert_cmpuint (count_lines (fixture, "--help"), ==, 2);
  perry_cosign_close (cosign);
}

/* The next process does not ask again; but nothing is written before that is asked for, as it is not for a plan. */
static void
test_features_are_kept_on_disk (Fixture *fixture, gconstpointer help)
{
  g_autofree char *file = NULL;
  PerryCosign *cosign;

  fixture->kept = beside (fixture, "kept");
  file = g_build_filename (fixture->kept, "program.json", NULL);
  set (fixture, "first.stderr", NO_SIGNATURE);
  set (fixture, "first.status", "10");
  cosign = open_with (fixture, NULL, NULL);
  perry_cosign_keep (cosign); /* when nothing is known */
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (PerryVerification) answer = ask (cosign, REFERENCE, DIGEST, BY_IDENTITY, 20000, NULL, NULL);

      g_assert_cmpint (answer->kind, ==, PERRY_VERIFICATION_UNSIGNED);
      g_assert_false (g_file_test (fixture->kept, G_FILE_TEST_EXISTS));
    }
  perry_cosign_keep (cosign);
  perry_cosign_close (cosign);
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (PerryVerification) answer = verify_with (fixture, NULL, NULL, BY_IDENTITY);

      g_assert_cmpint (answer->kind, ==, PERRY_VERIFICATION_UNSIGNED);
      g_assert_cmpuint (count_lines (fixture, "--help"), ==, 1);
    }
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_cmpint (g_rmdir (fixture->kept), ==, 0);
}

static void
test_trust_files (Fixture *fixture, gconstpointer help)
{
  gboolean is_new = strcmp (help, HELP_3) == 0;
  const char *option = is_new ? "trusted-root" : "ca-roots";
  g_autofree char *path = write_beside (fixture, "root", is_new ? "{}" : PEM_ROOT);
  g_autofree char *missing = beside (fixture, "missing");
  g_autofree char *expected = is_new ? g_strdup_printf ("--trusted-root=%s", path)
                                     : g_strdup_printf ("env SIGSTORE_ROOT_FILE=%s", path);
  g_autoptr (PerryVerification) good = NULL, absent = NULL, garbage = NULL, other = NULL;

  set (fixture, "first.stdout", SIGNATURE);
  good = verify_with (fixture, option, path, BY_IDENTITY);
  assert_answer (good, PERRY_VERIFICATION_VERIFIED, PERRY_VERIFICATION_REASON_NONE, "");
  g_assert_cmpuint (count_lines (fixture, expected), ==, 1);

  absent = verify_with (fixture, option, missing, BY_IDENTITY);
  assert_answer (absent, PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_TRUST_ROOT, "No such file");
  g_assert_nonnull (strstr (absent->note, option));
  set (fixture, "root", "garbage");
  garbage = verify_with (fixture, option, path, BY_IDENTITY);
  assert_answer (garbage, PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_TRUST_ROOT, "does not hold what it has to");
  set (fixture, "root", is_new ? PEM_ROOT : "{}");
  other = verify_with (fixture, is_new ? "ca-roots" : "trusted-root", path, BY_IDENTITY);
  assert_answer (other, PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_TRUST_ROOT,
                 is_new ? "is a cosign 3" : "is a cosign 2");
  g_assert_cmpuint (count_lines (fixture, REFERENCE "@" DIGEST), ==, 1);
}

/* A key without a log needs no root, so one that is missing is not in its way. */
static void
test_key (Fixture *fixture, gconstpointer help)
{
  g_autofree char *key = write_beside (fixture, "key.pub", PEM_KEY);
  g_autofree char *requirement = g_strdup_printf ("{\"key\":\"%s\",\"ignore_tlog\":true}", key);
  g_autofree char *word = g_strdup_printf ("--key=%s", key);
  g_autoptr (PerryVerification) good = NULL, secret = NULL, absent = NULL;

  set (fixture, "first.stdout", SIGNATURE);
  good = verify_with (fixture, "trusted-root", "/nonexistent", requirement);
  assert_answer (good, PERRY_VERIFICATION_VERIFIED, PERRY_VERIFICATION_REASON_NONE, "");
  g_assert_cmpuint (count_lines (fixture, word), ==, 1);

  set (fixture, "key.pub", "-----BEGIN EC PRIVATE KEY-----\n");
  secret = verify_with (fixture, NULL, NULL, requirement);
  assert_answer (secret, PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_CONFIGURATION, "holds no public key");
  g_assert_cmpint (g_unlink (key), ==, 0);
  absent = verify_with (fixture, NULL, NULL, requirement);
  assert_answer (absent, PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_CONFIGURATION, "No such file");
  g_assert_cmpuint (count_lines (fixture, REFERENCE "@" DIGEST), ==, 1);
}

static void
test_registry_ca (Fixture *fixture, gconstpointer help)
{
  g_autofree char *path = write_beside (fixture, "ca.pem", PEM_ROOT);
  g_autofree char *word = g_strdup_printf ("--registry-cacert=%s", path);
  g_auto (GStrv) halves = g_strsplit (help, "  --registry-cacert\n", 2);
  g_autofree char *flags = g_strjoinv ("", halves);
  g_autoptr (PerryVerification) good = NULL, lacking = NULL;

  set (fixture, "first.stdout", SIGNATURE);
  good = verify_with (fixture, "registry-ca", path, BY_IDENTITY);
  assert_answer (good, PERRY_VERIFICATION_VERIFIED, PERRY_VERIFICATION_REASON_NONE, "");
  g_assert_cmpuint (count_lines (fixture, word), ==, 1);
  set (fixture, "help", flags);
  lacking = verify_with (fixture, "registry-ca", path, BY_IDENTITY);
  assert_answer (lacking, PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_CONFIGURATION, "no --registry-cacert");
}

static char *
describe (PerryCosign *cosign)
{
  g_autoptr (GError) error = NULL;
  char *text = perry_cosign_describe (cosign, NULL, &error);

  g_assert_no_error (error);
  return text;
}

static void
test_describe (Fixture *fixture, gconstpointer help)
{
  g_autofree char *path = write_beside (fixture, "root", "{}");
  PerryCosign *cosign = open_with (fixture, "trusted-root", path);
  struct utimbuf times = { 1000000, 1000000 };
  g_autofree char *first = describe (cosign), *again = describe (cosign);
  g_autofree char *other_root = NULL, *other_program = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_str_has_prefix (first, "cosign " PERRY_VERSION "; "));
  g_assert_nonnull (strstr (first, "; trust: trusted-root sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61"
                                   "caaff8a"));
  g_assert_cmpstr (first, ==, again);
  set (fixture, "root", "{ }");
  other_root = describe (cosign);
  g_assert_cmpstr (first, !=, other_root);
  g_assert_cmpint (utime (fixture->program, &times), ==, 0);
  other_program = describe (cosign);
  g_assert_cmpstr (other_root, !=, other_program);
  g_assert_cmpuint (count_lines (fixture, "verify"), ==, 0);
  g_assert_cmpuint (count_lines (fixture, "--help"), ==, 0); /* and no process was started for all that */
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_null (perry_cosign_describe (cosign, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG);
  g_assert_true (g_str_has_prefix (error->message, "option trusted-root: reading "));
  perry_cosign_close (cosign);
}

static void
test_references (Fixture *fixture, gconstpointer help)
{
  static const struct {
    const char *reference;
    const char *asked;
  } cases[] = {
    { "r.example.com/a/b:1.2", "r.example.com/a/b@" DIGEST },
    { "r.example.com:5000/a:1@" DIGEST, "r.example.com:5000/a@" DIGEST },
    { "busybox", "docker.io/library/busybox@" DIGEST },
  };
  static const char *const bad[] = { "-x", "", "r.example.com/A", DIGEST, "r.example.com/a b" };
  PerryCosign *cosign = open_with (fixture, NULL, NULL);

  set (fixture, "first.stdout", SIGNATURE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryVerification) answer = ask (cosign, cases[i].reference, DIGEST, BY_IDENTITY, 20000, NULL, NULL);

      g_assert_cmpint (answer->kind, ==, PERRY_VERIFICATION_VERIFIED);
      g_assert_cmpuint (count_lines (fixture, cases[i].asked), ==, 1);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (ask (cosign, bad[i], DIGEST, BY_IDENTITY, 20000, NULL, &error));
      g_assert_nonnull (error);
    }
  perry_cosign_close (cosign);
}

static void
test_bad_arguments (Fixture *fixture, gconstpointer help)
{
  static const char *const requirements[] = { "{}", "{\"identity\":\"\",\"issuer\":\"i\"}", "[]",
                                              "{\"identity_regexp\":\".*\",\"issuer\":\"i\"}" };
  PerryCosign *cosign = open_with (fixture, NULL, NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (requirements); i++)
    {
      g_assert_null (ask (cosign, REFERENCE, DIGEST, requirements[i], 20000, NULL, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
      g_clear_error (&error);
    }
  g_assert_null (ask (cosign, REFERENCE, "sha256:1", BY_IDENTITY, 20000, NULL, &error));
  g_assert_nonnull (error);
  g_assert_cmpuint (count_lines (fixture, "verify"), ==, 0);
  perry_cosign_close (cosign);
}

static void
test_environment (Fixture *fixture, gconstpointer help)
{
  g_autoptr (PerryVerification) answer = NULL;
  g_autofree char *path = beside (fixture, "log");
  g_autofree char *text = NULL;

  set (fixture, "first.stdout", SIGNATURE);
  answer = verify_with (fixture, NULL, NULL, BY_IDENTITY);
  g_assert_cmpint (answer->kind, ==, PERRY_VERIFICATION_VERIFIED);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_null (strstr (text, "evil"));
  g_assert_nonnull (strstr (text, "env PATH="));
}

static gpointer
verify_in_thread (gpointer data)
{
  g_autoptr (PerryVerification) answer = ask (data, REFERENCE, DIGEST, BY_IDENTITY, 60000, NULL, NULL);

  return GINT_TO_POINTER (answer != NULL && answer->kind == PERRY_VERIFICATION_VERIFIED);
}

static void
test_threads (Fixture *fixture, gconstpointer help)
{
  PerryCosign *cosign = open_with (fixture, NULL, NULL);
  GThread *threads[16];

  set (fixture, "first.stdout", SIGNATURE);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("verify", verify_in_thread, cosign);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_true (GPOINTER_TO_INT (g_thread_join (threads[i])));
  perry_cosign_close (cosign);
}

#define ADD(name, help, function) g_test_add ("/cosign/" name, Fixture, help, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_setenv ("COSIGN_REPOSITORY", "evil", TRUE);
  g_setenv ("SIGSTORE_ROOT_FILE", "/evil", TRUE);
  g_setenv ("TUF_ROOT", "/evil", TRUE);
  g_test_add_func ("/cosign/open", test_open);
  ADD ("verified/2", HELP_2, test_verified);
  ADD ("verified/3", HELP_3, test_verified);
  ADD ("success-without-signature/2", HELP_2, test_success_without_signature);
  ADD ("success-without-signature/3", HELP_3, test_success_without_signature);
  ADD ("floods", HELP_2, test_floods);
  ADD ("crashes", HELP_2, test_crashes);
  ADD ("unsigned/2", HELP_2, test_unsigned);
  ADD ("unsigned/3", HELP_3, test_unsigned);
  ADD ("second-look", HELP_3, test_second_look);
  ADD ("no-second-look", HELP_2, test_no_second_look);
  ADD ("hangs", HELP_3, test_hangs);
  ADD ("own-limit", HELP_3, test_own_limit);
  ADD ("cancelled", HELP_3, test_cancelled);
  ADD ("missing", HELP_3, test_missing);
  g_test_add_func ("/cosign/not-in-path", test_not_in_path);
  ADD ("not-executable", HELP_3, test_not_executable);
  ADD ("something-else", HELP_3, test_something_else);
  ADD ("features-are-kept", HELP_3, test_features_are_kept);
  ADD ("features-are-kept/on-disk", HELP_3, test_features_are_kept_on_disk);
  ADD ("trust-files/2", HELP_2, test_trust_files);
  ADD ("trust-files/3", HELP_3, test_trust_files);
  ADD ("key/2", HELP_2, test_key);
  ADD ("key/3", HELP_3, test_key);
  ADD ("registry-ca", HELP_3, test_registry_ca);
  ADD ("describe", HELP_3, test_describe);
  ADD ("references", HELP_3, test_references);
  ADD ("bad-arguments", HELP_3, test_bad_arguments);
  ADD ("environment", HELP_2, test_environment);
  ADD ("threads", HELP_3, test_threads);
  return g_test_run ();
}
