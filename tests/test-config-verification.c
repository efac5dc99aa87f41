/* SPDX-License-Identifier: Apache-2.0 */
#include "config/perry-config-private.h"

#include <string.h>

#include "tests/config-fixture.h"

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char *const no_environment[] = { NULL };

static void
put (const char *path, const char *text)
{
  config_put (path, text, -1);
}

static void
assert_fails (const ConfigFixture *fixture, const char *const *environment, const char *message)
{
  config_assert_fails (fixture, environment, PERRY_ERROR_INVALID_CONFIG, message);
}

static void
test_defaults (ConfigFixture *fixture, gconstpointer data)
{
  g_autoptr (PerryConfig) config = config_load (fixture, no_environment);
  g_autoptr (GPtrArray) rules = perry_config_list_verify_rules (config);
  const char *origin = NULL;

  g_assert_cmpint (perry_config_get_verify_mode (config, &origin), ==, PERRY_VERIFY_OFF);
  g_assert_cmpstr (origin, ==, "built-in default");
  g_assert_cmpint (perry_config_get_minimum_verify_mode (config, NULL), ==, PERRY_VERIFY_OFF);
  g_assert_cmpstr (perry_config_get_verifier (config, &origin), ==, "cosign");
  g_assert_cmpstr (origin, ==, "built-in default");
  g_assert_cmpint (perry_config_get_verification_cache_s (config), ==, 3600);
  g_assert_cmpint (perry_config_get_rejection_cache_s (config), ==, 60);
  g_assert_cmpint (perry_config_get_verification_timeout_ms (config), ==, 60000);
  g_assert_cmpstr (perry_config_get_verification_log (config), ==, "");
  g_assert_cmpstr (perry_config_get_registry_ca_file (config), ==, "");
  g_assert_null (perry_config_get_registry_mirrors (config)[0]);
  g_assert_cmpuint (rules->len, ==, 0);
}

static void
test_everything_set (ConfigFixture *fixture, gconstpointer data)
{
  g_autoptr (PerryConfig) config = NULL;
  g_autofree char *mirrors = NULL;

  put (fixture->paths.user_file, "[verification]\nmode=yes\nverifier=other\ncache-s=0\nrejection-cache-s=0\n"
       "timeout-ms=1\nlog=/var/log/perry.log\nregistry-ca-file=/etc/ca.pem\n"
       "registry-mirrors=docker.io=Mirror.example:5000/proxy; index.docker.io = second.example,[::1]:1=localhost\n");
  config = config_load (fixture, no_environment);
  g_assert_cmpint (perry_config_get_verify_mode (config, NULL), ==, PERRY_VERIFY_ENFORCE);
  config_assert_row (config, "verification", "mode", "enforce", fixture->paths.user_file);
  g_assert_cmpstr (perry_config_get_verifier (config, NULL), ==, "other");
  g_assert_cmpint (perry_config_get_verification_cache_s (config), ==, 0);
  g_assert_cmpint (perry_config_get_rejection_cache_s (config), ==, 0);
  g_assert_cmpint (perry_config_get_verification_timeout_ms (config), ==, 1);
  g_assert_cmpstr (perry_config_get_verification_log (config), ==, "/var/log/perry.log");
  g_assert_cmpstr (perry_config_get_registry_ca_file (config), ==, "/etc/ca.pem");
  mirrors = g_strjoinv (" ", (char **) perry_config_get_registry_mirrors (config));
  g_assert_cmpstr (mirrors, ==, "docker.io=mirror.example:5000/proxy docker.io=second.example [::1]:1=localhost");
}

static void
test_bad_values (ConfigFixture *fixture, gconstpointer data)
{
  static const struct {
    const char *line, *message;
  } cases[] = {
    { "mode=enfroce", "mode: “enfroce” is no mode of verification; write off, warn or enforce" },
    { "mode=2", "mode: “2” is no mode" },
    { "minimum-verification=always", "minimum-verification: “always” is no mode" },
    { "verifier=", "verifier: “” is no name" },
    { "verifier=/usr/bin/cosign", "verifier: “/usr/bin/cosign” is no name" },
    { "verifier=cosign;noop", "verifier: “cosign;noop” is no name" },
    { "cache-s=-1", "cache-s: “-1” is no number from 0 to 31536000" },
    { "cache-s=1h", "cache-s: “1h” is no number" },
    { "rejection-cache-s=3601", "rejection-cache-s: “3601” is no number from 0 to 3600" },
    { "timeout-ms=0", "timeout-ms: “0” is no number from 1 to 3600000" },
    { "log=verification.log", "log: “verification.log” is neither “journal” nor an absolute path" },
    { "log=Journal", "log: “Journal” is neither" },
    { "registry-ca-file=ca.pem", "registry-ca-file: “ca.pem” is no absolute path" },
    { "registry-mirrors=mirror.example", "registry-mirrors: “mirror.example” is no REGISTRY=MIRROR" },
    { "registry-mirrors=docker.io=", "registry-mirrors: “docker.io=” is no REGISTRY=MIRROR" },
    { "registry-mirrors==mirror.example", "registry-mirrors: “=mirror.example” is no REGISTRY=MIRROR" },
    { "registry-mirrors=docker.io=https://mirror.example", "is no REGISTRY=MIRROR" },
    { "registry-mirrors=docker.io=mirror", "is no REGISTRY=MIRROR" },
    { "registry-mirrors=docker.io=mirror.example/", "is no REGISTRY=MIRROR" },
    { "registry-mirrors=docker.io=mirror.example:70000", "is no REGISTRY=MIRROR" },
    { "registry-mirrors=docker.io=user@mirror.example", "is no REGISTRY=MIRROR" },
    { "registry-mirrors=docker.io/library=mirror.example", "is no REGISTRY=MIRROR" },
    { "registry-mirrors=a.io=b.io;a.io=B.io", "registry-mirrors: it names “a.io=B.io” twice" },
    { "mod=off", "mod: there is no such key; did you mean “mode”?" },
    { "enforcement=warn", "enforcement: there is no such key" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strconcat ("[verification]\n", cases[i].line, "\n", NULL);
      g_autofree char *place = g_strconcat (fixture->paths.administrator_file, ":2: [verification] ", NULL);

      put (fixture->paths.administrator_file, text);
      assert_fails (fixture, no_environment, place);
      assert_fails (fixture, no_environment, cases[i].message);
    }
}

static void
test_too_many_mirrors (ConfigFixture *fixture, gconstpointer data)
{
  g_autoptr (PerryConfig) config = NULL;
  GString *text = g_string_new ("[verification]\nregistry-mirrors=");

  for (guint i = 0; i < 64; i++)
    g_string_append_printf (text, "%sa.io=m%u.io", i > 0 ? ";" : "", i);
  put (fixture->paths.user_file, text->str);
  config = config_load (fixture, no_environment);
  g_assert_cmpuint (g_strv_length ((char **) perry_config_get_registry_mirrors (config)), ==, 64);
  g_string_append (text, ";a.io=m64.io");
  put (fixture->paths.user_file, text->str);
  assert_fails (fixture, no_environment, "it has more than 64 mirrors");
  g_string_free (text, TRUE);
}

static void
test_environment (ConfigFixture *fixture, gconstpointer data)
{
  static const struct {
    const char *variable;
    PerryVerifyMode mode;
    const char *message; /* NULL where it is good */
  } cases[] = {
    { "PERRY_CONTAINER_VERIFY_IMAGES=1", PERRY_VERIFY_ENFORCE },
    { "PERRY_CONTAINER_VERIFY_IMAGES=enforce", PERRY_VERIFY_ENFORCE },
    { "PERRY_CONTAINER_VERIFY_IMAGES= Strict ", PERRY_VERIFY_ENFORCE },
    { "PERRY_CONTAINER_VERIFY_IMAGES=off", PERRY_VERIFY_OFF },
    { "PERRY_CONTAINER_VERIFY_IMAGES=0", PERRY_VERIFY_OFF },
    { "PERRY_CONTAINER_VERIFY_IMAGES=", PERRY_VERIFY_WARN },
    { "PERRY_CONTAINER_VERIFY_IMAGES=  ", PERRY_VERIFY_WARN },
    { "PERRY_CONTAINER_VERIFY_IMAGES=sure", 0,
      "environment PERRY_CONTAINER_VERIFY_IMAGES: [verification] mode: “sure” is no mode of verification; write off, warn or "
      "enforce" },
    { "PERRY_CONTAINER_VERIFY_IMAGES=o\xff", 0,
      "environment PERRY_CONTAINER_VERIFY_IMAGES: [verification] mode: the value is not UTF-8 text" },
    { "PERRY_CONTAINER_VERIFIER=Noop", 0,
      "environment PERRY_CONTAINER_VERIFIER: [verification] verifier: “Noop” is no name" },
  };

  put (fixture->paths.user_file, "[verification]\nmode=warn\n");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *const environment[] = { cases[i].variable, "PERRY_CONTAINER_VERIFIER=noop", NULL };
      g_autoptr (PerryConfig) config = NULL;
      const char *origin = NULL;

      g_test_message ("%s", cases[i].message != NULL ? cases[i].message : cases[i].variable);
      if (cases[i].message != NULL)
        {
          assert_fails (fixture, environment, cases[i].message);
          continue;
        }
      config = config_load (fixture, environment);
      g_assert_cmpint (perry_config_get_verify_mode (config, &origin), ==, cases[i].mode);
      g_assert_cmpstr (origin, ==, cases[i].mode == PERRY_VERIFY_WARN ? fixture->paths.user_file
                                                                      : "environment PERRY_CONTAINER_VERIFY_IMAGES");
      g_assert_cmpstr (perry_config_get_verifier (config, &origin), ==, "noop");
      g_assert_cmpstr (origin, ==, "environment PERRY_CONTAINER_VERIFIER");
    }
}

/* An empty value takes nothing back: a file that only lost its word must not switch verification off. */
static void
test_empty_is_unset (ConfigFixture *fixture, gconstpointer data)
{
  g_autoptr (PerryConfig) config = NULL;
  const char *origin = NULL;

  put (fixture->paths.vendor_file, "[verification]\nminimum-verification=warn\nmode=enforce\n");
  put (fixture->paths.administrator_file, "[verification]\nminimum-verification=\nmode=\n");
  put (fixture->paths.user_file, "[verification]\nmode= \n");
  config = config_load (fixture, no_environment);
  g_assert_cmpint (perry_config_get_verify_mode (config, &origin), ==, PERRY_VERIFY_ENFORCE);
  g_assert_cmpstr (origin, ==, fixture->paths.vendor_file);
  g_assert_cmpint (perry_config_get_minimum_verify_mode (config, &origin), ==, PERRY_VERIFY_WARN);
  g_assert_cmpstr (origin, ==, fixture->paths.vendor_file);
}

static int
get_mode (const PerryConfig *config, const char **ret_origin)
{
  return perry_config_get_verify_mode (config, ret_origin);
}

static int
get_minimum_mode (const PerryConfig *config, const char **ret_origin)
{
  return perry_config_get_minimum_verify_mode (config, ret_origin);
}

static void
test_minimum (ConfigFixture *fixture, gconstpointer data)
{
  static const ConfigMinimum verification = {
    .group = "verification",
    .key = "mode",
    .minimum_key = "minimum-verification",
    .variable = "PERRY_CONTAINER_VERIFY_IMAGES",
    .values = { "off", "warn", "enforce" },
    .get = get_mode,
    .get_minimum = get_minimum_mode,
  };

  config_assert_minimum (fixture, &verification);
}

static void
test_minimum_is_the_administrators (ConfigFixture *fixture, gconstpointer data)
{
  g_autoptr (PerryConfig) config = config_load (fixture, no_environment);
  g_autoptr (GError) error = NULL;

  g_assert_false (perry_config_set_override (config, "verification", "minimum-verification", "off", "option --x", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG);
  put (fixture->paths.user_file, "[verification]\nminimum-verification=\n");
  assert_fails (fixture, no_environment, ":2: [verification] minimum-verification: only the administrator's files may set");
}

static void
test_overrides (ConfigFixture *fixture, gconstpointer data)
{
  g_autoptr (PerryConfig) config = config_load (fixture, no_environment);
  g_autoptr (GError) error = NULL;

  g_assert_true (perry_config_set_override (config, "verification", "verifier", "noop", "option --verifier", NULL));
  config_assert_row (config, "verification", "verifier", "noop", "option --verifier");
  g_assert_true (perry_config_set_override (config, "verification", "mode", "no", "option --x", NULL));
  config_assert_row (config, "verification", "mode", "off", "option --x");
  g_assert_false (perry_config_set_override (config, "verification", "mode", "sure", "option --x", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG);
  g_assert_cmpstr (error->message, ==, "option --x: [verification] mode: “sure” is no mode of verification; write off, warn "
                   "or enforce");
  g_clear_error (&error);
  g_assert_false (perry_config_set_override (config, "verify a", "pattern", "**", "option --x", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG);
  g_assert_cmpstr (error->message, ==, "option --x: [verify a] pattern: rules of images stand in files alone");
}

static const PerryVerifyRule *
find_rule (GPtrArray *rules, guint index, const char *name, const char *pattern, const char *origin)
{
  const PerryVerifyRule *rule = g_ptr_array_index (rules, index);

  g_assert_cmpstr (rule->name, ==, name);
  g_assert_cmpstr (rule->pattern, ==, pattern);
  g_assert_cmpstr (rule->origin, ==, origin);
  g_assert_true (rule->exempt == (rule->requirement == NULL));
  return rule;
}

static void
assert_requirement (const PerryVerifyRule *rule, const char *json)
{
  g_autofree char *text = perry_requirement_to_json (rule->requirement);

  g_assert_cmpstr (text, ==, json);
}

static void
test_rules (ConfigFixture *fixture, gconstpointer data)
{
  g_autoptr (PerryRequirement) standard = perry_requirement_new_default ();
  g_autoptr (PerryVerifyRule) copy = NULL;
  g_autoptr (GPtrArray) rules = NULL;
  g_autoptr (PerryConfig) config = NULL;
  const PerryVerifyRule *rule;

  put (fixture->paths.user_file,
       "[verify keyed]\npattern=registry.example:5000/team/*\nkey=/etc/key.pem\nignore-tlog=true\n"
       "[verify any]\npattern=**\n"
       "[verify local]\npattern=localhost:*/**\naction=exempt\nignore-sct=false\n"
       "[verify both]\npattern=ghcr.io/a/b:v*\naction=require\nidentity-regexp=https://github\\.com/a/.+\nissuer= x y\n");
  config = config_load (fixture, no_environment);
  rules = perry_config_list_verify_rules (config);
  g_assert_cmpuint (rules->len, ==, 4);

  rule = find_rule (rules, 0, "any", "**", fixture->paths.user_file);
  g_assert_true (perry_requirement_equal (rule->requirement, standard));
  rule = find_rule (rules, 1, "both", "ghcr.io/a/b:v*", fixture->paths.user_file);
  assert_requirement (rule, "{\"identity_regexp\":\"https://github\\\\.com/a/.+\",\"issuer\":\"x y\"}");
  rule = find_rule (rules, 2, "keyed", "registry.example:5000/team/*", fixture->paths.user_file);
  assert_requirement (rule, "{\"ignore_tlog\":true,\"key\":\"/etc/key.pem\"}");
  rule = find_rule (rules, 3, "local", "localhost:*/**", fixture->paths.user_file);
  g_assert_true (rule->exempt);
  config_assert_row (config, "verify local", "action", "exempt", fixture->paths.user_file);

  copy = perry_verify_rule_copy (g_ptr_array_index (rules, 2));
  g_clear_pointer (&config, perry_config_unref);
  g_clear_pointer (&rules, g_ptr_array_unref);
  g_assert_cmpstr (copy->name, ==, "keyed");
  assert_requirement (copy, "{\"ignore_tlog\":true,\"key\":\"/etc/key.pem\"}");
}

/* Key by key: what each file leaves out comes from the one before. */
static void
test_rules_of_several_files (ConfigFixture *fixture, gconstpointer data)
{
  g_autoptr (PerryConfig) config = NULL;
  g_autoptr (GPtrArray) rules = NULL;
  const PerryVerifyRule *rule;

  put (fixture->paths.vendor_file, "[verify a]\npattern=a.io/**\nidentity=vendor\nissuer=i\nignore-tlog=true\n");
  put (fixture->paths.administrator_file, "[verify a]\npattern=b.io/**\nignore-tlog=false\n");
  put (fixture->paths.user_file, "[verify a]\nidentity=user\n");
  config = config_load (fixture, no_environment);
  rules = perry_config_list_verify_rules (config);
  g_assert_cmpuint (rules->len, ==, 1);
  rule = find_rule (rules, 0, "a", "b.io/**", fixture->paths.administrator_file);
  assert_requirement (rule, "{\"identity\":\"user\",\"issuer\":\"i\"}");
  config_assert_row (config, "verify a", "identity", "user", fixture->paths.user_file);
}

/* Each file is right alone; together they contradict each other, and the one that came last is named. */
static void
test_rules_that_contradict (ConfigFixture *fixture, gconstpointer data)
{
  put (fixture->paths.administrator_file, "[verify a]\npattern=a.io/**\nidentity=x\nissuer=i\n");
  put (fixture->paths.user_file, "[verify a]\nidentity-regexp=y\n");
  assert_fails (fixture, no_environment, "user.conf:2: [verify a] identity-regexp: contradicts identity; remove one");
  put (fixture->paths.user_file, "[verify a]\n\naction=exempt\n");
  assert_fails (fixture, no_environment, "admin.conf:3: [verify a] identity: contradicts action=exempt; remove one");
}

static void
test_bad_rules (ConfigFixture *fixture, gconstpointer data)
{
  static const struct {
    const char *lines, *message;
  } cases[] = {
    { "", ":1: [verify a] pattern: the rule has none; say which images it is about" },
    { "action=exempt", ":1: [verify a] pattern: the rule has none" },
    { "pattern=", ":2: [verify a] pattern: a pattern of images has 1 to 512 bytes" },
    { "patern=**", ":2: [verify a] patern: there is no such key; did you mean “pattern”?" },
    { "xyzzy=**", ":2: [verify a] xyzzy: there is no such key" },
    { "pattern=**\naction=allow", ":3: [verify a] action: “allow” is neither require nor exempt" },
    { "pattern=**\naction=", ":3: [verify a] action: “” is neither require nor exempt" },
    { "pattern=**\nignore-tlog=yes", ":3: [verify a] ignore-tlog: “yes” is neither true nor false" },
    { "pattern=**\naction=exempt\nidentity=x\nissuer=y", ":4: [verify a] identity: contradicts action=exempt" },
    { "pattern=**\naction=exempt\nignore-sct=true", ":4: [verify a] ignore-sct: contradicts action=exempt" },
    { "pattern=**\nissuer=y\nidentity=", ":4: [verify a] identity: is empty, which would ask for nothing" },
    { "pattern=**\nissuer-regexp=", ":3: [verify a] issuer-regexp: is empty, which would ask for nothing" },
    { "pattern=**\nkey=", ":3: [verify a] key: is empty" },
    { "pattern=**\nkey=cosign.pub", ":3: [verify a] key: “cosign.pub” is not an absolute path" },
    { "pattern=**\nidentity=x", ":3: [verify a] identity: has no issuer and no issuer-regexp beside it" },
    { "pattern=**\nidentity-regexp=x", ":3: [verify a] identity-regexp: has no issuer and no issuer-regexp beside it" },
    { "pattern=**\nissuer=x", ":3: [verify a] issuer: has no identity and no identity-regexp beside it" },
    { "pattern=**\nissuer-regexp=x", ":3: [verify a] issuer-regexp: has no identity and no identity-regexp beside it" },
    { "pattern=**\nidentity=x\nidentity-regexp=x\nissuer=y", ":4: [verify a] identity-regexp: contradicts identity" },
    { "pattern=**\nidentity=x\nissuer=y\nissuer-regexp=y", ":5: [verify a] issuer-regexp: contradicts issuer" },
    { "pattern=**\nidentity-regexp=a(\nissuer=y", ":3: [verify a] identity-regexp: “a(” is not a regular expression: " },
    { "pattern=**\nidentity-regexp=.*\nissuer=y", ":3: [verify a] identity-regexp: “.*” matches an empty text" },
    { "pattern=**\nkey=/k\nissuer=y", ":4: [verify a] issuer: belongs to certificates and contradicts key" },
    { "pattern=**\nkey=/k\nignore-sct=true", ":4: [verify a] ignore-sct: belongs to certificates and contradicts key" },
    { "pattern=**\nignore-tlog=true", ":3: [verify a] ignore-tlog: needs identity and issuer, or key, beside it" },
    { "pattern=**\n[verify A]", ":3: [verify A]: “A” is no name" },
    { "pattern=**\n[verify ]", ":3: [verify ]: “” is no name" },
    { "pattern=**\n[verify]", ":3: [verify]: there is no such group" },
    { "pattern=**\n[verify a]", ":3: [verify a]: this occurs twice in the file" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strconcat ("[verify a]\n", cases[i].lines, "\n", NULL);
      g_autofree char *message = g_strconcat (fixture->paths.user_file, cases[i].message, NULL);

      put (fixture->paths.user_file, text);
      assert_fails (fixture, no_environment, message);
    }
}

static void
test_too_many_rules (ConfigFixture *fixture, gconstpointer data)
{
  g_autoptr (PerryConfig) config = NULL;
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (text, "[verify r%u]\npattern=**\n", i);
  put (fixture->paths.user_file, text->str);
  config = config_load (fixture, no_environment);
  g_string_append (text, "[verify z]\npattern=**\n");
  put (fixture->paths.user_file, text->str);
  assert_fails (fixture, no_environment, "user.conf:2002: [verify z] pattern: there are more than 1000 rules");
  g_string_free (text, TRUE);
}

static void
test_patterns (void)
{
  static const char *const good[] = {
    "**", "cgr.dev/chainguard/**", "docker.io/library/*", "docker.io/**", "docker.io/library/alpine",
    "docker.io/library/alpine:3.*", "docker.io/library/alpine@" DIGEST, "docker.io/library/alpine:3@" DIGEST, "**@" DIGEST,
    "**:latest", "**/nginx", "*/**", "*.example.com/**", "localhost:5000/a", "localhost:*/a", "localhost:50*/a",
    "[::1]:5000/**", "ghcr.io/a/**/b", "ghcr.io/team-*/x_*", "reg*/a", "cgr**", "gcr.io/a/b:*",
  };
  static const struct {
    const char *pattern, *message;
  } bad[] = {
    { "alpine", "“alpine” matches no image: they are compared in full, with their registry" },
    { "alpine:3", "matches no image" },
    { "library/alpine", "matches no image" },
    { "docker.io/alpine", "matches no image" },
    { "docker.io/*", "matches no image" },
    { "index.docker.io/library/alpine", "matches no image" },
    { "*", "matches no image" },
    { "a*", "matches no image" },
    { "chainguard/*", "matches no image" },
    { "CGR.dev/a", "matches no image" },
    { "***", "no three in a row" },
    { "cgr.dev/Chainguard/*", "“cgr.dev/Chainguard/*” is no pattern of images: " },
    { "cgr.dev/a?", "is no pattern of images" },
    { "cgr.dev/[ab]/*", "is no pattern of images" },
    { "cgr.dev//a", "is no pattern of images" },
    { "cgr.dev/", "is no pattern of images" },
    { "https://cgr.dev/*", "is no pattern of images" },
    { "cgr.dev/a b", "is no pattern of images" },
    { "cgr.dev/a:", "is no pattern of images" },
    { "cgr.dev/a:**", "is no pattern of images" },
    { "cgr.dev/a@*", "is no pattern of images" },
    { "cgr.dev/a@sha256:*", "is no pattern of images" },
    { "cgr.dev/*-", "is no pattern of images" },
    { DIGEST, "is an image's id" },
    { "a.io/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*", "at most 16 stars" },
  };
  g_autofree char *long_name = g_strnfill (600, 'a');
  g_autoptr (GError) long_error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;

      perry_config_check_pattern (good[i], &error);
      g_assert_no_error (error);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (perry_config_check_pattern (bad[i].pattern, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, bad[i].message));
    }
  g_assert_false (perry_config_check_pattern (long_name, &long_error));
}

#define ADD(path, function) \
  g_test_add (path, ConfigFixture, NULL, config_fixture_set_up, function, config_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/config-verification/defaults", test_defaults);
  ADD ("/config-verification/everything-set", test_everything_set);
  ADD ("/config-verification/every-bad-value", test_bad_values);
  ADD ("/config-verification/too-many-mirrors", test_too_many_mirrors);
  ADD ("/config-verification/environment", test_environment);
  ADD ("/config-verification/empty-is-unset", test_empty_is_unset);
  ADD ("/config-verification/minimum/every-pair", test_minimum);
  ADD ("/config-verification/minimum/is-the-administrators", test_minimum_is_the_administrators);
  ADD ("/config-verification/overrides", test_overrides);
  ADD ("/config-verification/rules/all-kinds", test_rules);
  ADD ("/config-verification/rules/of-several-files", test_rules_of_several_files);
  ADD ("/config-verification/rules/that-contradict", test_rules_that_contradict);
  ADD ("/config-verification/rules/every-mistake", test_bad_rules);
  ADD ("/config-verification/rules/too-many", test_too_many_rules);
  g_test_add_func ("/config-verification/patterns", test_patterns);
  return g_test_run ();
}
