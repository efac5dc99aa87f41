/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "plugin-api/perry-error.h"
#include "plugins/cosign/cosign-answer.h"
#include "plugins/cosign/cosign-arguments.h"
#include "plugins/cosign/cosign-failure.h"

#define DIGEST "sha256:6ea98e7565f51f70a29d3675f3a60c52f8c843ae98985b0733613f92fb77fe71"
#define OTHER_DIGEST "sha256:0ba2662b7753bcbf141e9091d0996500a40a83f0ffe2866645c2591f7322e8e5"
#define SIGNATURE "cosign container image signature"
#define BUNDLE "https://sigstore.dev/cosign/sign/v1"
#define PROVENANCE "https://slsa.dev/provenance/v1"
#define WARNING_LINE "WARNING: Skipping tlog verification is an insecure practice.\n"
#define ELEMENT(digest, type, optional) \
  "{\"critical\":{\"identity\":{\"docker-reference\":\"r.example.com/a\"},\"image\":{\"docker-manifest-digest\":\"" digest \
  "\"},\"type\":\"" type "\"},\"optional\":" optional "}"
#define CERTIFICATE(subject, issuer) "{\"Issuer\":\"" issuer "\",\"Subject\":\"" subject "\"}"

static const PerryRequirement by_identity = { .identity = (char *) "ci@example.com",
                                              .issuer = (char *) "https://issuer.example.com" };
static const PerryRequirement by_regexp = { .identity_regexp = (char *) "ci@.+|dev@.+", .issuer_regexp = (char *) "https://.+",
                                            .ignore_tlog = TRUE, .ignore_sct = TRUE };
static const PerryRequirement by_key = { .key = (char *) "/etc/cosign.pub", .ignore_tlog = TRUE };
static const PerryRequirement by_logged_key = { .key = (char *) "/etc/cosign.pub" };

static void
test_help (void)
{
  static const char needed[] = "    --certificate-identity='':\n\tx\n    --certificate-identity-regexp='':\n"
                               "    --certificate-oidc-issuer='':\n    --certificate-oidc-issuer-regexp='':\n"
                               "    --insecure-ignore-sct=false:\n    --insecure-ignore-tlog=false:\n    --key='':\n";
  static const struct {
    const char *more;
    gboolean reads_trusted_root;
    gboolean has_registry_ca;
  } cases[] = {
    /* Debian's 2.5 and 3.1, then the same as upstream's library writes it, and a 3.0 that has both */
    { "    --ca-roots='':\n    --new-bundle-format=false:\n    --trusted-root='':\n    --registry-cacert='':\n", FALSE, TRUE },
    { "    --trusted-root='':\n    --registry-cacert='':\n", TRUE, TRUE },
    { "      --ca-roots string\n      --new-bundle-format   expect a bundle\n      --trusted-root string\n", FALSE, FALSE },
    { "      --ca-roots string\n      --new-bundle-format   expect a bundle (default true)\n      --trusted-root string\n",
      TRUE, FALSE },
    { "      --ca-roots string\n", FALSE, FALSE },
    { "      --ca-roots string\n      --trusted-root string\n", FALSE, FALSE },
    { "  text about --trusted-root\n", FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strconcat ("Usage:\n", needed, cases[i].more, NULL);
      PerryCosignFeatures features = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_true (perry_cosign_read_help (text, &features, &error));
      g_assert_no_error (error);
      g_assert_cmpint (features.reads_trusted_root, ==, cases[i].reads_trusted_root);
      g_assert_cmpint (features.has_registry_ca, ==, cases[i].has_registry_ca);
    }
}

static void
test_help_of_something_else (void)
{
  static const char *const texts[] = {
    "", "Usage: cosign verify\n", "    --key='':\n",
    ("    --certificate-identity-regexp='':\n    --certificate-oidc-issuer-regexp='':\n"
     "    --insecure-ignore-sct=false:\n    --insecure-ignore-tlog=false:\n    --key='':\n"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      PerryCosignFeatures features;
      g_autoptr (GError) error = NULL;

      g_assert_false (perry_cosign_read_help (texts[i], &features, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PROCESS_FAILED);
      g_assert_nonnull (strstr (error->message, "knows no --certificate-identity"));
    }
}

typedef struct {
  const char *stdout_text;
  const PerryRequirement *requirement;
  PerryVerificationKind kind;
  PerryVerificationReason reason;
} AnswerCase;

#define VERIFIED PERRY_VERIFICATION_VERIFIED, PERRY_VERIFICATION_REASON_NONE
#define UNSIGNED PERRY_VERIFICATION_UNSIGNED, PERRY_VERIFICATION_REASON_NO_SIGNATURE
#define REJECTED(reason) PERRY_VERIFICATION_REJECTED, PERRY_VERIFICATION_REASON_##reason
#define ERROR(reason) PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_##reason
#define GOOD CERTIFICATE ("ci@example.com", "https://issuer.example.com")

static const AnswerCase answers[] = {
  { "\n[" ELEMENT (DIGEST, SIGNATURE, "null") "]\n", &by_key, VERIFIED },
  { "[" ELEMENT (DIGEST, BUNDLE, "{}") "]", &by_key, VERIFIED },
  { "[" ELEMENT (DIGEST, SIGNATURE, GOOD) "]", &by_identity, VERIFIED },
  { "[" ELEMENT (DIGEST, SIGNATURE, GOOD) "]", &by_regexp, VERIFIED },
  { "[" ELEMENT (DIGEST, BUNDLE, "{}") "]", &by_identity, VERIFIED },
  { "[" ELEMENT (DIGEST, PROVENANCE, "{}") "," ELEMENT (DIGEST, BUNDLE, "{}") "]", &by_identity, VERIFIED },
  { "[" ELEMENT (DIGEST, PROVENANCE, "{}") "]", &by_identity, REJECTED (ONLY_ATTESTATIONS) },
  { "[" ELEMENT (DIGEST, PROVENANCE, "{}") "]", &by_key, REJECTED (ONLY_ATTESTATIONS) },
  { "[" ELEMENT (DIGEST, "", "{}") "]", &by_key, REJECTED (ONLY_ATTESTATIONS) },
  { "[" ELEMENT (DIGEST, BUNDLE "/", "{}") "]", &by_key, REJECTED (ONLY_ATTESTATIONS) },
  { "[" ELEMENT (OTHER_DIGEST, SIGNATURE, "null") "]", &by_key, REJECTED (OTHER_DIGEST) },
  { "[" ELEMENT (DIGEST "0", SIGNATURE, "null") "]", &by_key, REJECTED (OTHER_DIGEST) },
  { "[" ELEMENT ("", SIGNATURE, "null") "]", &by_key, REJECTED (OTHER_DIGEST) },
  { "[" ELEMENT (OTHER_DIGEST, SIGNATURE, "null") "," ELEMENT (DIGEST, PROVENANCE, "null") "]", &by_key,
    REJECTED (ONLY_ATTESTATIONS) },
  { "[" ELEMENT (DIGEST, SIGNATURE, CERTIFICATE ("x@example.com", "https://issuer.example.com")) "]", &by_identity,
    REJECTED (WRONG_IDENTITY) },
  { "[" ELEMENT (DIGEST, SIGNATURE, CERTIFICATE ("x-ci@example.com", "https://issuer.example.com")) "]", &by_regexp,
    REJECTED (WRONG_IDENTITY) },
  { "[" ELEMENT (DIGEST, SIGNATURE, CERTIFICATE ("ci@example.com", "https://issuer.example.com.evil")) "]",
    &by_identity, REJECTED (WRONG_ISSUER) },
  { "[" ELEMENT (DIGEST, SIGNATURE, CERTIFICATE ("x", "y")) "," ELEMENT (DIGEST, SIGNATURE, GOOD) "]",
    &by_identity, VERIFIED },
  { "", &by_key, ERROR (PROGRAM_FAILED) },
  { "[]", &by_key, ERROR (PROGRAM_FAILED) },
  { "null", &by_key, ERROR (PROGRAM_FAILED) },
  { "verified", &by_key, ERROR (PROGRAM_FAILED) },
  { "[1, null, {}, \"" SIGNATURE "\"]", &by_key, ERROR (PROGRAM_FAILED) },
  { "[{\"critical\":{\"type\":\"" SIGNATURE "\"}}]", &by_key, ERROR (PROGRAM_FAILED) },
  { "[{\"critical\":{\"type\":5,\"image\":{\"docker-manifest-digest\":\"" DIGEST "\"}}}]",
    &by_key, ERROR (PROGRAM_FAILED) },
  { "[" ELEMENT (DIGEST, SIGNATURE, "null") "] trailing", &by_key, ERROR (PROGRAM_FAILED) },
  { "[" ELEMENT (DIGEST, SIGNATURE, "null"), &by_key, ERROR (PROGRAM_FAILED) },
  { ELEMENT (DIGEST, SIGNATURE, "null"), &by_key, ERROR (PROGRAM_FAILED) },
};

static void
test_answers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      const AnswerCase *row = &answers[i];
      g_autoptr (PerryVerification) answer = perry_cosign_read_answer (row->stdout_text, strlen (row->stdout_text), DIGEST,
                                                                       row->requirement);

      if (answer->kind != row->kind || answer->reason != row->reason)
        g_error ("%s: %s, %s (%s)", row->stdout_text, perry_verification_kind_get_name (answer->kind),
                 perry_verification_reason_get_name (answer->reason), answer->note);
      g_assert_true (answer->kind == PERRY_VERIFICATION_VERIFIED || *answer->note != '\0');
      g_assert_false (answer->certain);
    }
}

typedef struct {
  int status;
  const char *error_text; /* after `Error: ` */
  const PerryRequirement *requirement;
  PerryVerificationKind kind;
  PerryVerificationReason reason;
} FailureCase;

#define TUF "updating local metadata and targets: error updating to TUF remote mirror: tuf: failed to download " \
            "13.root.json: Get \"https://tuf.example.com/13.root.json\": dial tcp: lookup tuf.example.com: no such host"

/* As cosign 2.5.0 and 3.1.1 say it. */
static const FailureCase failures[] = {
  { 10, "no signatures found", &by_key, UNSIGNED },
  { 10, "no signatures found: GET https://r.example.com/v2/: unexpected status code 500", &by_key, ERROR (REGISTRY) },
  { 12, "no matching signatures: invalid signature when validating ASN.1 encoded signature",
    &by_key, REJECTED (WRONG_KEY) },
  { 1, "no matching attestations: failed to verify signature: could not verify envelope: accepted signatures do not "
       "match threshold, Found: 0, Expected 1", &by_key, REJECTED (WRONG_KEY) },
  { 12, "no matching signatures: no certificate found on signature", &by_identity, REJECTED (NO_CERTIFICATE) },
  { 1, "no matching attestations: signature time outside of public key validity window", &by_identity,
    REJECTED (NO_CERTIFICATE) },
  { 12, "no matching signatures: none of the expected identities matched what was in the certificate, got subjects "
        "[x@example.com] with issuer https://issuer.example.com", &by_identity, REJECTED (WRONG_IDENTITY) },
  { 12, "no matching signatures: none of the expected identities matched what was in the certificate, got subjects "
        "[ci@example.com] with issuer https://x", &by_identity, REJECTED (WRONG_ISSUER) },
  { 12, "no matching signatures: none of the expected identities matched what was in the certificate, got subjects "
        "[dev@example.com] with issuer gopher://x", &by_regexp, REJECTED (WRONG_ISSUER) },
  { 1, "no matching attestations: failed to verify certificate identity: no matching CertificateIdentity found, last "
       "error: expected SAN value \"x@example.com\", got \"ci@example.com\"", &by_identity, REJECTED (WRONG_IDENTITY) },
  { 1, "no matching attestations: failed to verify certificate identity: no matching CertificateIdentity found, last "
       "error: expected issuer value \"https://x\", got \"https://issuer.example.com\"",
    &by_identity, REJECTED (WRONG_ISSUER) },
  { 12, "no matching signatures: expected a signed timestamp to verify an expired certificate", &by_identity,
    REJECTED (EXPIRED_CERTIFICATE) },
  { 12, "no matching signatures: cert verification failed: x509: certificate signed by unknown authority. Check your "
        "TUF root (see cosign initialize) or set a custom root with env var SIGSTORE_ROOT_FILE", &by_identity,
    REJECTED (UNTRUSTED_CERTIFICATE) },
  { 1, "no matching attestations: failed to verify leaf certificate: leaf certificate verification failed",
    &by_identity, REJECTED (UNTRUSTED_CERTIFICATE) },
  { 12, "no matching signatures: invalid or missing digest in claim: " OTHER_DIGEST, &by_key, REJECTED (OTHER_DIGEST) },
  { 1, "no matching attestations: failed to verify signature: provided artifact digest does not match any digest in "
       "statement", &by_key, REJECTED (OTHER_DIGEST) },
  { 12, "no matching signatures: certificate does not include required embedded SCT and no detached SCT was set",
    &by_identity, REJECTED (NO_LOG_ENTRY) },
  { 1, "no matching attestations: failed to verify signed certificate timestamp: only able to verify 0 SCT entries; "
       "unable to meet threshold of 1", &by_identity, REJECTED (NO_LOG_ENTRY) },
  { 1, "no matching attestations: failed to verify log inclusion: not enough verified log entries from transparency "
       "log: 0 < 1", &by_identity, REJECTED (NO_LOG_ENTRY) },
  { 12, "no matching signatures: checking expiry on certificate with bundle: certificate expired before signatures "
        "were entered in log: 2024-01-01T00:10:00Z is before 2024-01-01T00:15:00Z",
    &by_identity, REJECTED (EXPIRED_CERTIFICATE) },
  { 1, "no matching attestations: failed to verify log inclusion: integrated time outside certificate validity",
    &by_identity, REJECTED (EXPIRED_CERTIFICATE) },
  { 12, "no matching signatures: error verifying bundle: verifying bundle: rekor log public key not found for payload",
    &by_identity, REJECTED (NO_LOG_ENTRY) },
  { 12, "no matching signatures: ctfe public key not found for payload. Check your TUF root (see cosign initialize) or "
        "set a custom key with env var SIGSTORE_CT_LOG_PUBLIC_KEY_FILE", &by_identity, REJECTED (NO_LOG_ENTRY) },
  { 1, "no matching attestations: threshold not met for verified signed timestamps: 0 < 1", &by_identity,
    REJECTED (NO_LOG_ENTRY) },
  { 12, "no matching signatures: something new", &by_key, REJECTED (MISMATCH) },
  { 12, "no matching signatures: GET https://r.example.com/v2/a/blobs/sha256:1: unexpected status code 500 Internal "
        "Server Error", &by_key, ERROR (REGISTRY) },
  { 12, "no matching signatures: invalid signature when validating ASN.1 encoded signature\n GET "
        "https://r.example.com/v2/a: unexpected status code 503", &by_key, ERROR (REGISTRY) },
  { 12, "no matching signatures: searching log query: Post \"https://rekor.example.com/api\": giving up after 4 "
        "attempt(s): dial tcp: lookup rekor.example.com: no such host", &by_identity, ERROR (TRUST_ROOT) },
  { 12, "no matching signatures: malformed subject in identity: (?=a) : error parsing regexp: invalid or unsupported "
        "Perl syntax: `(?=`", &by_regexp, ERROR (CONFIGURATION) },
  { 1, "no matching attestations: error parsing regexp: invalid or unsupported Perl syntax: `(?=`", &by_regexp,
    ERROR (CONFIGURATION) },
  { 1, "getting Rekor public keys: " TUF, &by_identity, ERROR (TRUST_ROOT) },
  { 1, "getting ctlog public keys: " TUF, &by_identity, ERROR (TRUST_ROOT) },
  { 1, "setting trusted material: getting trusted root from TUF for new bundle verification: error getting live "
       "trusted root: failed to create TUF client failed to load metadata: tuf refresh failed: Get \"https://t\": dial tcp: x",
    &by_identity, ERROR (TRUST_ROOT) },
  { 1, "setting trusted material: loading trusted root: failed to proto-json unmarshal trusted root: proto: syntax error",
    &by_identity, ERROR (TRUST_ROOT) },
  { 1, "error during PEM decoding", &by_identity, ERROR (TRUST_ROOT) },
  { 1, "getting Fulcio roots: error unmarshalling certificates: x509: malformed certificate", &by_identity,
    ERROR (TRUST_ROOT) },
  { 1, "getting ctlog public keys: x", &by_identity, ERROR (TRUST_ROOT) },
  { 1, "loading public key: pem to public key: unknown Public key PEM file type: CERTIFICATE. Are you passing the "
       "correct public key?", &by_key, ERROR (CONFIGURATION) },
  { 1, "Get \"https://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused; Get "
       "\"http://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused", &by_key, ERROR (REGISTRY) },
  { 1, "GET https://r.example.com/v2/a/manifests/x: UNAUTHORIZED: authentication required; [map[Type:repository]]",
    &by_key, ERROR (CREDENTIALS) },
  { 1, "error getting credentials - err: exec: \"docker-credential-x\": executable file not found in $PATH, out: ``",
    &by_key, ERROR (CREDENTIALS) },
  { 11, "image tag not found: GET https://r.example.com/v2/a/manifests/1: MANIFEST_UNKNOWN: manifest unknown", &by_key,
    ERROR (REGISTRY) },
  { 1, "context deadline exceeded", &by_key, ERROR (REGISTRY) },
  { 1, "unknown flag: --trusted-root", &by_key, ERROR (CONFIGURATION) },
  { 1, "--certificate-identity or --certificate-identity-regexp is required for verification in keyless mode", &by_key,
    ERROR (CONFIGURATION) },
  { 1, "parsing reference: could not parse reference: a@b@c", &by_key, ERROR (CONFIGURATION) },
  { 1, "something new", &by_key, ERROR (PROGRAM_FAILED) },
  { 10, "something new", &by_key, ERROR (PROGRAM_FAILED) },
  { 10, "", &by_key, ERROR (PROGRAM_FAILED) },
  { 12, "", &by_key, ERROR (PROGRAM_FAILED) },
  { 2, "no signatures found", &by_key, ERROR (PROGRAM_FAILED) },
  { 2, "no matching signatures: invalid signature when validating ASN.1 encoded signature",
    &by_key, ERROR (PROGRAM_FAILED) },
};

static PerryVerification *
explain (int status, int signal_number, const char *text, gboolean truncated, const PerryRequirement *requirement)
{
  g_autoptr (GBytes) none = g_bytes_new (NULL, 0);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  PerryProcessResult result = { status, signal_number, none, bytes, FALSE, truncated };

  return perry_cosign_explain_failure (&result, requirement);
}

static void
test_failures (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      const FailureCase *row = &failures[i];
      g_autofree char *text = g_strdup_printf (WARNING_LINE "Error: %s\nerror during command execution: %s\n",
                                               row->error_text, row->error_text);
      g_autoptr (PerryVerification) answer = explain (row->status, 0, text, FALSE, row->requirement);

      if (answer->kind != row->kind || answer->reason != row->reason)
        g_error ("%s: %s, %s (%s)", row->error_text, perry_verification_kind_get_name (answer->kind),
                 perry_verification_reason_get_name (answer->reason), answer->note);
      g_assert_cmpint (answer->certain, ==, row->kind == PERRY_VERIFICATION_REJECTED);
      g_assert_cmpstr (answer->note, !=, "");
      g_assert_null (strchr (answer->note, '\n'));
    }
}

/* Only what stands behind "Error: " is what cosign says; the rest may be text of whoever. */
static void
test_failures_elsewhere (void)
{
  static const char *const texts[] = {
    "", "no signatures found\n", WARNING_LINE "no signatures found", "error during command execution: no signatures found\n",
    "Error:no signatures found", " Error: no signatures found", "panic: no signatures found\n\ngoroutine 1 [running]:\n",
    "Error: x no signatures found", "\xff\xfe\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (PerryVerification) answer = explain (10, 0, texts[i], FALSE, &by_key);

      g_assert_cmpint (answer->kind, ==, PERRY_VERIFICATION_ERROR);
      g_assert_cmpint (answer->reason, ==, PERRY_VERIFICATION_REASON_PROGRAM_FAILED);
    }
}

static void
test_signal_and_cut (void)
{
  g_autoptr (PerryVerification) crashed = explain (-1, 11, "Error: no signatures found\n", FALSE, &by_key);
  g_autoptr (PerryVerification) cut = explain (10, 0, "Error: no signatures found\n", TRUE, &by_key);

  g_assert_cmpint (crashed->kind, ==, PERRY_VERIFICATION_ERROR);
  g_assert_nonnull (strstr (crashed->note, "signal 11"));
  g_assert_cmpint (cut->kind, ==, PERRY_VERIFICATION_ERROR);
}

/* Registries redirect to storage with addresses that open it for whoever has them. */
static void
test_no_secret_in_note (void)
{
  g_autoptr (PerryVerification) answer = explain (
      1, 0, "Error: GET https://s3.example.com/blob?X-Amz-Signature=hunter2&x=1: unexpected status code 403 and Get "
            "\"https://b.example.com/?sig=hunter3\": dial tcp\n", FALSE, &by_key);

  g_assert_null (strstr (answer->note, "hunter"));
  g_assert_nonnull (strstr (answer->note, "https://s3.example.com/blob?… unexpected status code 403 and Get "
                                          "\"https://b.example.com/?…\": dial tcp"));
}

static void
test_arguments (void)
{
  PerryCosign cosign = { .trusted_root = (char *) "/t.json", .registry_ca = (char *) "/ca.pem" };
  PerryCosignProgram old = { .path = (char *) "/usr/bin/cosign" };
  PerryCosignProgram new = { .path = (char *) "/usr/bin/cosign", .features = { TRUE, TRUE } };
  static const char end[] = " --registry-cacert=/ca.pem --output=json -- r.example.com/a@" DIGEST;
  const struct {
    const PerryCosignProgram *program;
    const PerryRequirement *requirement;
    gboolean legacy;
    const char *words;
  } cases[] = {
    { &old, &by_identity, FALSE,
      "--certificate-identity=ci@example.com --certificate-oidc-issuer=https://issuer.example.com" },
    { &new, &by_identity, FALSE,
      "--certificate-identity=ci@example.com --certificate-oidc-issuer=https://issuer.example.com --trusted-root=/t.json" },
    { &new, &by_regexp, FALSE,
      "--certificate-identity-regexp=^(?:ci@.+|dev@.+)$ --certificate-oidc-issuer-regexp=^(?:https://.+)$ "
      "--insecure-ignore-tlog=true --insecure-ignore-sct=true --trusted-root=/t.json" },
    { &new, &by_key, FALSE, "--key=/etc/cosign.pub --insecure-ignore-tlog=true" },
    { &new, &by_logged_key, FALSE, "--key=/etc/cosign.pub --trusted-root=/t.json" },
    { &new, &by_key, TRUE, "--key=/etc/cosign.pub --insecure-ignore-tlog=true" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) argv = perry_cosign_make_arguments (&cosign, cases[i].program, cases[i].requirement,
                                                         "r.example.com/a@" DIGEST, cases[i].legacy);
      g_autofree char *line = g_strjoinv (" ", argv);
      g_autofree char *expected = g_strconcat ("/usr/bin/cosign verify ", cases[i].words, end, NULL);
      g_auto (GStrv) halves = g_strsplit (line, " --new-bundle-format=false", 2);
      g_autofree char *without = g_strjoinv ("", halves);

      g_assert_cmpstr (without, ==, expected);
      g_assert_cmpint (halves[1] != NULL, ==, cases[i].legacy);
    }
}

static void
assert_environment (const PerryCosign *cosign, const PerryCosignProgram *program, const PerryRequirement *requirement,
                    const char *expected)
{
  static const char *const ours[] = {
    "PATH=/bin", "HOME=/h", "DOCKER_CONFIG=/d", "REGISTRY_AUTH_FILE=/r", "XDG_RUNTIME_DIR=/x", "https_proxy=http://p",
    "SSL_CERT_FILE=/s", "NO_PROXY=", "COSIGN_REPOSITORY=evil", "COSIGN_EXPERIMENTAL=1", "SIGSTORE_ROOT_FILE=/evil",
    "SIGSTORE_REKOR_PUBLIC_KEY=/evil", "SIGSTORE_CT_LOG_PUBLIC_KEY_FILE=/evil", "SIGSTORE_TSA_CERTIFICATE_FILE=/evil",
    "TUF_ROOT=/evil", "TUF_MIRROR=evil", "TUF_ROOT_JSON=/evil", "LD_PRELOAD=/evil", "GODEBUG=x", NULL,
  };
  g_auto (GStrv) environment = perry_cosign_make_environment (cosign, program, requirement, (char *const *) ours);
  g_autofree char *line = g_strjoinv (" ", environment);

  g_assert_cmpstr (line, ==, expected);
}

#define KEPT "PATH=/bin HOME=/h DOCKER_CONFIG=/d REGISTRY_AUTH_FILE=/r XDG_RUNTIME_DIR=/x SSL_CERT_FILE=/s https_proxy=http://p"

static void
test_environment (void)
{
  PerryCosign bare = { 0 };
  PerryCosign rooted = { .ca_roots = (char *) "/ca", .rekor_key = (char *) "/rekor", .ct_log_key = (char *) "/ct" };
  PerryCosignProgram old = { 0 };
  PerryCosignProgram new = { .features = { TRUE, TRUE } };

  assert_environment (&bare, &old, &by_identity, KEPT);
  assert_environment (&rooted, &old, NULL, KEPT);
  assert_environment (&rooted, &old, &by_key, KEPT);
  assert_environment (&rooted, &new, &by_identity, KEPT);
  assert_environment (&rooted, &old, &by_identity,
                      KEPT " SIGSTORE_ROOT_FILE=/ca SIGSTORE_REKOR_PUBLIC_KEY=/rekor SIGSTORE_CT_LOG_PUBLIC_KEY_FILE=/ct");
  assert_environment (&rooted, &old, &by_logged_key,
                      KEPT " SIGSTORE_ROOT_FILE=/ca SIGSTORE_REKOR_PUBLIC_KEY=/rekor SIGSTORE_CT_LOG_PUBLIC_KEY_FILE=/ct");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cosign/help", test_help);
  g_test_add_func ("/cosign/help/of-something-else", test_help_of_something_else);
  g_test_add_func ("/cosign/answers", test_answers);
  g_test_add_func ("/cosign/failures", test_failures);
  g_test_add_func ("/cosign/failures/text-elsewhere", test_failures_elsewhere);
  g_test_add_func ("/cosign/failures/signal-and-cut", test_signal_and_cut);
  g_test_add_func ("/cosign/failures/no-secret", test_no_secret_in_note);
  g_test_add_func ("/cosign/arguments", test_arguments);
  g_test_add_func ("/cosign/environment", test_environment);
  return g_test_run ();
}
