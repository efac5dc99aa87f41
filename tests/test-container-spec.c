/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-container-spec.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "plugin-api/perry-error.h"

#define PROFILE "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[]}"

typedef struct {
  char *directory;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->directory = g_dir_make_tmp ("perry-spec-XXXXXX", &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->directory, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->directory, name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->directory);
}

static char *
write_file (Fixture *fixture, const char *name, const char *text, gssize length)
{
  g_autofree char *path = g_build_filename (fixture->directory, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, length, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&path);
}

static PerryContainerSpec *
parse (const char *json)
{
  g_autoptr (GError) error = NULL;
  PerryContainerSpec *spec = perry_container_spec_new_from_json (json, -1, &error);

  g_assert_no_error (error);
  return spec;
}

/* Completes @json and returns the error's message, NULL on success. */
static char *
complete_message (const char *json, const char *directory, PerryError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerSpec) spec = parse (json);
  g_autofree char *before = perry_container_spec_to_json (spec);
  g_autofree char *after = NULL;

  if (perry_container_spec_complete (spec, directory, &error))
    return NULL;
  g_assert_error (error, PERRY_ERROR, (int) code);
  after = perry_container_spec_to_json (spec);
  g_assert_cmpstr (after, ==, before);
  return g_strdup (error->message);
}

static void
assert_contains (const char *text, const char *part)
{
  if (text == NULL || strstr (text, part) == NULL)
    g_error ("“%s” is not in “%s”", part, text != NULL ? text : "(no error)");
}

static void
test_chapter (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerSpec) spec =
    parse ("{\"image\": \"alpine:3.19\", \"cmd\": [\"sh\", \"-c\", \"echo isolated && exit 0\"], \"read_only\": true,"
           " \"cap_drop\": [\"ALL\"], \"user\": \"nobody\", \"workdir\": \"/tmp\", \"seccomp\": \"default\"}");
  g_autofree const char **cmd = perry_container_spec_get_strv (spec, PERRY_FIELD_CMD);
  g_autofree char *printed = perry_container_spec_format_value (spec, PERRY_FIELD_CMD);

  g_assert_true (perry_container_spec_complete (spec, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (perry_container_spec_get_string (spec, PERRY_FIELD_IMAGE), ==, "alpine:3.19");
  g_assert_cmpstr (cmd[2], ==, "echo isolated && exit 0");
  g_assert_null (cmd[3]);
  g_assert_cmpstr (printed, ==, "sh -c \"echo isolated && exit 0\"");
  g_assert_true (perry_container_spec_get_boolean (spec, PERRY_FIELD_READ_ONLY));
  g_assert_cmphex (perry_container_spec_get_capabilities (spec, 0xff), ==, 0);
  g_assert_null (perry_container_spec_get_seccomp_profile (spec));
  g_assert_null (perry_container_spec_get_network (spec));
  g_assert_cmpint (perry_container_spec_get_int64 (spec, PERRY_FIELD_MEMORY, -7), ==, -7);
  g_assert_cmpint (perry_container_spec_get_enforcement (spec, PERRY_ENFORCEMENT_WARN), ==, PERRY_ENFORCEMENT_WARN);
}

static void
test_five_mistakes (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (perry_container_spec_new_from_json (
    "{\"image\": \"alpine\", \"cap_add\": [\"CHOWN\", \"NET_ADMN\"], \"raed_only\": true, \"memory\": \"lots\","
    " \"tmpfs\": [\"/a\", \"b\"], \"workdir\": 5}", -1, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC);
  g_assert_cmpstr (error->message, ==,
                   "5 problems in the container spec:\n"
                   "  $.cap_add[1]: unknown capability “NET_ADMN”; did you mean NET_ADMIN?\n"
                   "  $.raed_only: unknown field “raed_only”; did you mean read_only?\n"
                   "  $.memory: “lots” is not an amount such as 256m\n"
                   "  $.tmpfs[1]: “b” is not an absolute path; it has to begin with /\n"
                   "  $.workdir: must be a string (in quotation marks), not a number");
}

/* What is wrong between fields is not left for a second round. */
static void
test_mistakes_between_fields_join (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (perry_container_spec_new_from_json (
    "{\"no_network\": true, \"network\": \"host\", \"user\": \"\", \"cap_add\": [1, \"NET_ADMN\"],"
    " \"tmpfs\": [\"/t\"], \"volumes\": [\"/x:/t\"], \"security_opt\": [\"seccomp=unconfined\"],"
    " \"seccomp\": \"default\", \"require\": [\"user\"], \"prefer\": [\"user\"]}", -1, &error));
  assert_contains (error->message, "8 problems");
  assert_contains (error->message, "\n  $.user: ");
  assert_contains (error->message, "\n  $.cap_add[0]: must be a string");
  assert_contains (error->message, "\n  $.cap_add[1]: unknown capability");
  assert_contains (error->message, "\n  $.image: is missing");
  assert_contains (error->message, "\n  $.security_opt[0]: sets seccomp to “unconfined”, which is “default” already");
  assert_contains (error->message, "\n  $.no_network: contradicts $.network, which is “host”");
  assert_contains (error->message, "\n  $.prefer[0]: user is in $.require too");
  assert_contains (error->message, "\n  $.volumes[0]: “/t” is the target of $.tmpfs[0] too");
}

static void
test_single_problem (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (perry_container_spec_new_from_json ("{\"image\": \"a\", \"init\": 1}", -1, &error));
  g_assert_cmpstr (error->message, ==, "container spec: $.init: must be true or false, not a number");
}

static void
test_not_available (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (perry_container_spec_new_from_json ("{\"image\":\"a\",\"network\":\"container:b\"}", -1, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_NOT_AVAILABLE);
  assert_contains (error->message, "is not available in this version");
}

static void
test_perry_profile (void)
{
  g_autoptr (PerryContainerSpec) spec = parse ("{\"image\":\"a\",\"seccomp\":\"perry\"}");
  g_autofree char *word = perry_container_spec_format_value (spec, PERRY_FIELD_SECCOMP);
  g_autofree char *printed = NULL;
  g_autofree char *json = NULL;
  g_autoptr (PerryContainerSpec) copy = NULL;

  g_assert_cmpstr (word, ==, "perry");
  g_assert_null (perry_container_spec_get_seccomp_profile (spec));
  perry_container_spec_set_perry_profile (spec, "{}");
  copy = perry_container_spec_copy (spec);
  g_assert_cmpstr (perry_container_spec_get_seccomp_profile (copy), ==, "{}");
  printed = perry_container_spec_format_value (copy, PERRY_FIELD_SECCOMP);
  g_assert_cmpstr (printed, ==, "perry (sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a)");
  json = perry_container_spec_to_json (copy);
  g_assert_cmpstr (json, ==, "{\"image\":\"a\",\"seccomp\":\"perry\"}");

  perry_container_spec_take_value (copy, PERRY_FIELD_SECCOMP, g_variant_new_string ("default"));
  g_assert_null (perry_container_spec_get_seccomp_profile (copy));
}

static void
test_perry_profile_reported (void)
{
  static const struct { const char *reported; PerryVerdict verdict; } rows[] = {
    { "{\"seccomp\":{\"syscalls\":[],\"defaultAction\":\"SCMP_ACT_ERRNO\"}}", PERRY_VERDICT_PROVEN },
    { "{\"seccomp\":{\"syscalls\":[],\"defaultAction\":\"SCMP_ACT_ALLOW\"}}", PERRY_VERDICT_DIFFERS },
    { "{\"seccomp\":\"default\"}", PERRY_VERDICT_DIFFERS },
    { "{\"seccomp\":\"/run/p.json\"}", PERRY_VERDICT_UNPROVEN },
  };
  const PerryFieldInfo *info = perry_field_get_info (PERRY_FIELD_SECCOMP);
  const PerryCompareContext context = { .default_capabilities = 0 };
  g_autoptr (PerryContainerSpec) asked = parse ("{\"seccomp\":\"perry\"}");

  perry_container_spec_set_perry_profile (asked, "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[]}");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PerryContainerSpec) reported = parse (rows[i].reported);
      g_autoptr (GString) value = g_string_new (NULL);
      g_autoptr (GString) reason = g_string_new (NULL);

      g_assert_cmpint (info->compare_reported (asked, reported, &context, value, reason), ==, rows[i].verdict);
    }
}

static void
test_same_field_twice (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (perry_container_spec_new_from_json ("{\"image\":\"a\",\"memory\":\"64m\",\"mem_limit\":\"64m\"}", -1,
                                                     &error));
  assert_contains (error->message, "$.mem_limit: is the same field as memory, which is there too");
}

static void
test_aliases (void)
{
  g_autoptr (PerryContainerSpec) spec =
    parse ("{\"image\":\"a\",\"mem_limit\":\"64m\",\"cpu_limit\":\"0.5\",\"readOnly\":true,\"capDrop\":[\"ALL\"],"
           "\"pidsLimit\":5,\"environment\":[\"A=1\"],\"command\":[\"x\"],\"working_dir\":\"/w\","
           "\"noNewPrivileges\":true}");
  g_autofree char *json = perry_container_spec_to_json (spec);

  g_assert_cmpstr (json, ==,
                   "{\"image\":\"a\",\"cmd\":[\"x\"],\"env\":{\"A\":\"1\"},\"workdir\":\"/w\",\"read_only\":true,"
                   "\"cap_drop\":[\"ALL\"],\"no_new_privileges\":true,\"memory\":67108864,\"cpus\":0.5,"
                   "\"pids_limit\":5}");
}

static void
test_hostile_documents (void)
{
  static const char *const documents[] = { "", "[]", "7", "\"x\"", "null", "{", "{}x", "{\"a\":1,\"a\":2}",
                                           "{\"image\":\"a\\u0000b\"}", "{\"memory\":99999999999999999999}",
                                           "{\"image\":\"\\ud800\"}" };

  for (gsize i = 0; i < G_N_ELEMENTS (documents); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (perry_container_spec_new_from_json (documents[i], -1, &error));
      g_assert_true (error->domain == PERRY_ERROR);
      g_assert_true (g_str_has_prefix (error->message, "container spec: "));
    }
}

/* Whatever a spec contains, the message is printable, in one line per problem, and of limited length. */
static void
test_hostile_text_in_messages (void)
{
  g_autofree char *long_text = g_strnfill (100000, 'A');
  const char *const texts[] = { "\\u001b[2J\\u0007x y", "a\\nb c", "\\u202egnp.x y", long_text, "\\u2028 ", "é√ 𝕏" };

  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
      {
        g_autoptr (GError) error = NULL;
        g_autofree char *json = g_strdup_printf ("{\"%s\":\"%s\",\"%s\":1,\"require\":[\"%s\"],\"volumes\":[\"%s\"],"
                                                 "\"env\":{\"%s=\":\"x\"}}", perry_field_get_name (field), texts[i],
                                                 texts[i], texts[i], texts[i], texts[i]);
        g_autoptr (PerryContainerSpec) spec = NULL;

        if (field == PERRY_FIELD_REQUIRE || field == PERRY_FIELD_VOLUMES || field == PERRY_FIELD_ENV)
          continue;
        spec = perry_container_spec_new_from_json (json, -1, &error);
        g_assert_null (spec);
        g_assert_cmpuint (strlen (error->message), <, 4096);
        g_assert_true (g_utf8_validate (error->message, -1, NULL));
        for (const char *p = error->message; *p != '\0'; p = g_utf8_next_char (p))
          g_assert_true (*p == '\n' || g_unichar_isprint (g_utf8_get_char (p)));
      }
}

static void
test_many_mistakes (void)
{
  g_autoptr (GString) json = g_string_new ("{\"cap_add\":[\"x\"");
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 9999; i++)
    g_string_append (json, ",\"xxxxxxxxxxxxxxxxxxx\"");
  g_string_append (json, "]}");
  g_assert_null (perry_container_spec_new_from_json (json->str, -1, &error));
  g_assert_cmpuint (strlen (error->message), <, 4096);
  g_assert_true (g_str_has_prefix (error->message, "10001 problems in the container spec:\n"));
  assert_contains (error->message, " more");
}

/* Work that grows faster than the document would stop the program that reads it. */
static void
test_large_documents (void)
{
  static const struct { const char *start; const char *element; const char *end; guint n; } cases[] = {
    { "{\"cap_add\":[\"\"", ",\"NET_ADMIN_WITH_A_LONG_NAME\"", "]}", 100000 },
    { "{\"require\":[\"\"", ",\"a_field_that_does_not_exist\"", "]}", 100000 },
    { "{\"tmpfs\":[\"/a:ro", ",ro", "\"]}", 1000000 },
    { "{\"volumes\":[\"/a:/b", ":z", "\"]}", 1000000 },
    { "{\"user\":\"a", ":b", "\"}", 1000000 },
    { "{\"workdir\":\"/a", "/b", "\"}", 1000000 },
    { "{\"security_opt\":[\"label=disable\"", ",\"label=disable\"", "],\"image\":5}", 40000 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) json = g_string_new (cases[i].start);
      g_autoptr (GError) error = NULL;
      gint64 start = g_get_monotonic_time ();

      for (guint k = 0; k < cases[i].n; k++)
        g_string_append (json, cases[i].element);
      g_string_append (json, cases[i].end);
      g_assert_null (perry_container_spec_new_from_json (json->str, -1, &error));
      g_assert_cmpuint (strlen (error->message), <, 4096);
      g_test_message ("%s: %" G_GINT64_FORMAT " ms", cases[i].start, (g_get_monotonic_time () - start) / 1000);
      g_assert_cmpint (g_get_monotonic_time () - start, <, 20 * G_USEC_PER_SEC);
    }
}

static void
test_text_grows_lists (void)
{
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new ();
  g_autofree char *json = NULL;
  static const struct { PerryField field; const char *text; } options[] = {
    { PERRY_FIELD_CAP_ADD, "net_raw" }, { PERRY_FIELD_CAP_ADD, "CHOWN" }, { PERRY_FIELD_ENV, "B=1" },
    { PERRY_FIELD_ENV, "A=x=y" }, { PERRY_FIELD_ENV, "B=2" }, { PERRY_FIELD_ENTRYPOINT, "a" },
    { PERRY_FIELD_ENTRYPOINT, "b" }, { PERRY_FIELD_CMD, "c" }, { PERRY_FIELD_CMD, "" },
    { PERRY_FIELD_VOLUMES, "/a:/b" }, { PERRY_FIELD_VOLUMES, "n:/c" }, { PERRY_FIELD_USER, "1" },
    { PERRY_FIELD_USER, "2" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (perry_container_spec_set_from_text (spec, options[i].field, options[i].text, "--x", &error));
      g_assert_no_error (error);
    }
  json = perry_container_spec_to_json (spec);
  g_assert_cmpstr (json, ==,
                   "{\"entrypoint\":[\"b\"],\"cmd\":[\"c\",\"\"],\"env\":{\"A\":\"x=y\",\"B\":\"2\"},\"user\":\"2\","
                   "\"cap_add\":[\"CHOWN\",\"NET_RAW\"],\"volumes\":[{\"type\":\"bind\",\"source\":\"/a\","
                   "\"target\":\"/b\"},"
                   "{\"type\":\"volume\",\"source\":\"n\",\"target\":\"/c\"}]}");
}

static void
test_copy (void)
{
  g_autoptr (PerryContainerSpec) spec = parse ("{\"image\":\"a\",\"user\":\"1\"}");
  g_autoptr (PerryContainerSpec) copy = g_boxed_copy (PERRY_TYPE_CONTAINER_SPEC, spec);

  perry_container_spec_unset (spec, PERRY_FIELD_USER);
  perry_container_spec_take_value (spec, PERRY_FIELD_IMAGE, g_variant_new_string ("b"));
  g_assert_cmpstr (perry_container_spec_get_string (copy, PERRY_FIELD_USER), ==, "1");
  g_assert_cmpstr (perry_container_spec_get_string (copy, PERRY_FIELD_IMAGE), ==, "a");
  g_assert_false (perry_container_spec_is_set (spec, PERRY_FIELD_USER));
}

static void
test_capabilities (void)
{
  static const struct { const char *json; PerryLinuxCapabilities defaults; PerryLinuxCapabilities set; } cases[] = {
    { "{}", 0x3, 0x3 },
    { "{\"cap_drop\":[\"ALL\"]}", 0x3, 0 },
    { "{\"cap_drop\":[\"CHOWN\"]}", 0x3, 0x2 },
    { "{\"cap_add\":[\"DAC_READ_SEARCH\"]}", 0x3, 0x7 },
    { "{\"cap_drop\":[\"ALL\"],\"cap_add\":[\"CHOWN\"]}", 0x3, 0x1 },
    { "{\"cap_drop\":[\"CHOWN\"],\"cap_add\":[\"CHOWN\"]}", 0, 0x1 },
  };
  g_autoptr (PerryContainerSpec) all = parse ("{\"cap_add\":[\"ALL\"],\"cap_drop\":[\"CHOWN\"]}");
  g_autoptr (PerryContainerSpec) privileged = parse ("{\"privileged\":true,\"cap_drop\":[\"ALL\"]}");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryContainerSpec) spec = parse (cases[i].json);

      g_assert_cmphex (perry_container_spec_get_capabilities (spec, cases[i].defaults), ==, cases[i].set);
    }
  g_assert_cmphex (perry_container_spec_get_capabilities (all, 0), ==, perry_linux_capabilities_all () & ~0x1ull);
  g_assert_cmphex (perry_container_spec_get_capabilities (privileged, 0), ==, perry_linux_capabilities_all ());
}

static void
test_mounts (void)
{
  g_autoptr (PerryContainerSpec) spec = parse ("{\"tmpfs\":[\"/tmp:ro,size=64m\"],\"volumes\":[\"v:/z\","
                              "\"/s:/a:ro,z\"]}");
  g_autoptr (GPtrArray) mounts = perry_container_spec_dup_mounts (spec);
  const PerryMount *bind = g_ptr_array_index (mounts, 0);
  const PerryMount *tmpfs = g_ptr_array_index (mounts, 1);
  const PerryMount *volume = g_ptr_array_index (mounts, 2);
  g_autoptr (PerryMount) copy = g_boxed_copy (PERRY_TYPE_MOUNT, bind);

  g_assert_cmpuint (mounts->len, ==, 3);
  g_assert_cmpint (bind->type, ==, PERRY_MOUNT_BIND);
  g_assert_cmpstr (copy->source, ==, "/s");
  g_assert_true (copy->read_only);
  g_assert_cmpstr (copy->options[0], ==, "z");
  g_assert_cmpint (copy->field, ==, PERRY_FIELD_VOLUMES);
  g_assert_cmpint (tmpfs->type, ==, PERRY_MOUNT_TMPFS);
  g_assert_null (tmpfs->source);
  g_assert_true (tmpfs->read_only);
  g_assert_cmpstr (tmpfs->options[0], ==, "size=64m");
  g_assert_null (tmpfs->options[1]);
  g_assert_cmpint (tmpfs->field, ==, PERRY_FIELD_TMPFS);
  g_assert_cmpint (volume->type, ==, PERRY_MOUNT_VOLUME);
  g_assert_cmpstr (volume->source, ==, "v");
}

static void
test_format (void)
{
  static const struct { const char *json; PerryField field; const char *text; } cases[] = {
    { "{\"env\":{\"SECRET\":\"hunter2\",\"A\":\"1\"}}", PERRY_FIELD_ENV, "A, SECRET" },
    { "{\"labels\":{\"a\":\"1\"}}", PERRY_FIELD_LABELS, "a=1" },
    { "{\"memory\":\"256m\"}", PERRY_FIELD_MEMORY, "256m" },
    { "{\"cpus\":1}", PERRY_FIELD_CPUS, "1" },
    { "{\"cpus\":0.25}", PERRY_FIELD_CPUS, "0.25" },
    { "{\"tmpfs\":[]}", PERRY_FIELD_TMPFS, "none" },
    { "{\"cap_drop\":[\"CHOWN\",\"NET_RAW\"]}", PERRY_FIELD_CAP_DROP, "CHOWN, NET_RAW" },
    { "{\"volumes\":[\"/a:/b:ro,z\",\"v:/c\"]}", PERRY_FIELD_VOLUMES, "/a:/b:ro,z, v:/c" },
    { "{\"seccomp\":" PROFILE "}", PERRY_FIELD_SECCOMP, "inline profile (48 bytes)" },
    { "{\"cmd\":[\"a\\nb\",\"\"]}", PERRY_FIELD_CMD, "a\\x0ab \"\"" },
    { "{}", PERRY_FIELD_CMD, NULL },
  };
  g_autofree char *long_text = g_strnfill (5000, 'x');
  g_autofree char *json = g_strdup_printf ("{\"cmd\":[\"%s\"]}", long_text);
  g_autoptr (PerryContainerSpec) spec = parse (json);
  g_autofree char *shortened = perry_container_spec_format_value (spec, PERRY_FIELD_CMD);

  g_assert_cmpuint (strlen (shortened), <, 200);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryContainerSpec) each = parse (cases[i].json);
      g_autofree char *text = perry_container_spec_format_value (each, cases[i].field);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_security_opt (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerSpec) spec =
    parse ("{\"image\":\"a\",\"security_opt\":[\"no-new-privileges\",\"seccomp=unconfined\",\"apparmor:p\","
           "\"label=type:t\","
           "\"label:level:s0:c1\"],\"selinux\":[\"user:u\"]}");
  g_autoptr (PerryContainerSpec) twice = parse ("{\"image\":\"a\",\"security_opt\":[\"seccomp=default\"],"
                                                "\"seccomp\":\"default\"}");
  g_autofree char *json = NULL;
  g_autofree char *labels = complete_message ("{\"image\":\"a\",\"security_opt\":[\"label=disable\",\"label=type:x\"]}",
                                              NULL, PERRY_ERROR_INVALID_SPEC);
  g_autofree char *bit = complete_message ("{\"image\":\"a\",\"security_opt\":[\"no-new-privileges:false\"],"
                                           "\"no_new_privileges\":true}", NULL, PERRY_ERROR_INVALID_SPEC);
  g_autofree char *value = complete_message ("{\"image\":\"a\",\"security_opt\":[\"seccomp=x\"]}", NULL,
                                             PERRY_ERROR_INVALID_SPEC);

  g_assert_true (perry_container_spec_complete (spec, NULL, &error));
  g_assert_no_error (error);
  json = perry_container_spec_to_json (spec);
  g_assert_cmpstr (json, ==,
                   "{\"image\":\"a\",\"seccomp\":\"unconfined\",\"no_new_privileges\":true,\"apparmor\":\"p\","
                   "\"selinux\":[\"user:u\",\"type:t\",\"level:s0:c1\"]}");
  g_assert_true (perry_container_spec_complete (twice, NULL, &error));
  assert_contains (labels, "$.security_opt[1]: “disable” cannot stand with");
  assert_contains (bit, "$.security_opt[0]: sets no_new_privileges to “false”, which is “true” already");
  assert_contains (value, "$.security_opt[0]: “x” is not default");
}

static void
test_contradictions (void)
{
  static const struct { const char *json; const char *message; } cases[] = {
    { "{}", "$.image: is missing" },
    { "{\"image\":\"a\",\"no_network\":true,\"network\":\"host\"}", "$.no_network: contradicts $.network" },
    { "{\"image\":\"a\",\"no_network\":true,\"network\":\"mine\"}", "$.no_network: contradicts $.network" },
    { "{\"image\":\"a\",\"cap_add\":[\"CHOWN\"],"
      "\"cap_drop\":[\"CHOWN\"]}", "$.cap_add[0]: CHOWN is in $.cap_drop too" },
    { "{\"image\":\"a\",\"require\":[\"cpus\"],\"prefer\":[\"cpus\"]}", "$.prefer[0]: cpus is in $.require too" },
    { "{\"image\":\"a\",\"tmpfs\":[\"/t\",\"/t/\"]}", "$.tmpfs[1]: “/t” is the target of $.tmpfs[0] too" },
    { "{\"image\":\"a\",\"volumes\":[\"a:/t\",\"b:/t\"]}", "$.volumes[1]: “/t” is the target of $.volumes[0] too" },
  };
  static const char *const good[] = {
    "{\"image\":\"a\",\"no_network\":true,\"network\":\"none\"}", "{\"image\":\"a\",\"no_network\":false,"
    "\"network\":\"host\"}",
    "{\"image\":\"a\",\"cap_add\":[\"ALL\"],\"cap_drop\":[\"CHOWN\"]}", "{\"image\":\"a\",\"privileged\":true,"
    "\"cap_drop\":[\"ALL\"]}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *message = complete_message (cases[i].json, NULL, PERRY_ERROR_INVALID_SPEC);

      assert_contains (message, cases[i].message);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_cmpstr (complete_message (good[i], NULL, PERRY_ERROR_INVALID_SPEC), ==, NULL);
}

static void
test_profile_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = write_file (fixture, "p.json", PROFILE "\n", -1);
  g_autoptr (PerryContainerSpec) spec = parse ("{\"image\":\"a\",\"seccomp\":\"./p.json\"}");
  g_autoptr (PerryContainerSpec) copy = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (perry_container_spec_get_seccomp_profile (spec));
  g_assert_true (perry_container_spec_complete (spec, fixture->directory, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (perry_container_spec_get_seccomp_profile (spec), ==, PROFILE "\n");
  g_assert_cmpstr (perry_container_spec_get_string (spec, PERRY_FIELD_SECCOMP), ==, file);
  copy = perry_container_spec_copy (spec);
  perry_container_spec_take_value (spec, PERRY_FIELD_SECCOMP, g_variant_new_string ("default"));
  g_assert_null (perry_container_spec_get_seccomp_profile (spec));
  g_assert_cmpstr (perry_container_spec_get_seccomp_profile (copy), ==, PROFILE "\n");

  g_assert_true (perry_container_spec_complete (copy, "/", &error));
  g_assert_cmpstr (perry_container_spec_get_seccomp_profile (copy), ==, PROFILE "\n");
}

static void
test_bad_profile_files (Fixture *fixture, gconstpointer data)
{
  g_autofree char *large = g_strnfill (1024 * 1024 + 1, ' ');
  g_autofree char *fifo = g_build_filename (fixture->directory, "fifo.json", NULL);
  static const struct { const char *name; const char *message; } cases[] = {
    { "./missing.json", "No such file or directory" }, { "./broken.json", "is not valid" },
    { "./array.json", "is not a JSON object" },        { "./empty.json", "has no “defaultAction”" },
    { "./large.json", "is larger than 1 MiB" },        { "./fifo.json", "is not a regular file" },
    { "./", "is not a regular file" },                 { "~/p.json", "“~” is not expanded" },
  };
  const char *const files[][2] = { { "broken.json", "{" }, { "array.json", "[]" }, { "empty.json", "{}" },
                                   { "large.json", large } };

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    g_free (write_file (fixture, files[i][0], files[i][1], -1));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"image\":\"a\",\"seccomp\":\"%s\"}", cases[i].name);
      g_autofree char *message = complete_message (json, fixture->directory, PERRY_ERROR_INVALID_SPEC);

      g_assert_true (g_str_has_prefix (message, "container spec: $.seccomp: "));
      assert_contains (message, cases[i].message);
    }
}

static void
test_bind_sources (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = write_file (fixture, "data", "x", -1);
  g_autoptr (PerryContainerSpec) spec = parse ("{\"image\":\"a\",\"volumes\":[\"./data:/a:ro,nosuid\","
                              "\"./x/../data:/b\","
                                               "{\"type\":\"bind\",\"source\":\"data\",\"target\":\"/c\"},"
                                               "\"vol:/d\"]}");
  g_autoptr (GPtrArray) mounts = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *missing = complete_message ("{\"image\":\"a\",\"volumes\":[\"vol:/d\",\"./nothing:/a\"]}",
                                               fixture->directory, PERRY_ERROR_INVALID_SPEC);

  g_assert_true (perry_container_spec_complete (spec, fixture->directory, &error));
  g_assert_no_error (error);
  mounts = perry_container_spec_dup_mounts (spec);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpstr (((PerryMount *) g_ptr_array_index (mounts, i))->source, ==, file);
  g_assert_true (((PerryMount *) g_ptr_array_index (mounts, 0))->read_only);
  g_assert_cmpstr (((PerryMount *) g_ptr_array_index (mounts, 0))->options[0], ==, "nosuid");
  g_assert_cmpstr (((PerryMount *) g_ptr_array_index (mounts, 3))->source, ==, "vol");
  assert_contains (missing, "$.volumes[1]: ");
  assert_contains (missing, "No such file or directory; the source of a bind mount has to exist");
}

static void
test_enforcement (void)
{
  g_autoptr (PerryContainerSpec) spec = parse ("{\"enforcement\":\"strict\",\"require\":[\"user\"]}");

  for (int i = PERRY_ENFORCEMENT_LENIENT; i <= PERRY_ENFORCEMENT_STRICT; i++)
    {
      PerryEnforcement parsed;

      g_assert_true (perry_enforcement_from_name (perry_enforcement_get_name (i), &parsed));
      g_assert_cmpint (parsed, ==, i);
    }
  g_assert_false (perry_enforcement_from_name ("off", &(PerryEnforcement) { 0 }));
  g_assert_cmpint (perry_container_spec_get_enforcement (spec, PERRY_ENFORCEMENT_WARN), ==, PERRY_ENFORCEMENT_STRICT);
  g_assert_true (perry_container_spec_names_field (spec, PERRY_FIELD_REQUIRE, PERRY_FIELD_USER));
  g_assert_false (perry_container_spec_names_field (spec, PERRY_FIELD_REQUIRE, PERRY_FIELD_CPUS));
  g_assert_false (perry_container_spec_names_field (spec, PERRY_FIELD_PREFER, PERRY_FIELD_USER));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/container-spec/the-chapter's-workload", test_chapter);
  g_test_add_func ("/container-spec/five-mistakes-give-five-messages", test_five_mistakes);
  g_test_add_func ("/container-spec/mistakes-between-fields-join-the-list", test_mistakes_between_fields_join);
  g_test_add_func ("/container-spec/single-problem-is-one-line", test_single_problem);
  g_test_add_func ("/container-spec/not-available-in-this-version", test_not_available);
  g_test_add_func ("/container-spec/perry-profile", test_perry_profile);
  g_test_add_func ("/container-spec/perry-profile-reported", test_perry_profile_reported);
  g_test_add_func ("/container-spec/same-field-twice", test_same_field_twice);
  g_test_add_func ("/container-spec/aliases", test_aliases);
  g_test_add_func ("/container-spec/hostile/documents", test_hostile_documents);
  g_test_add_func ("/container-spec/hostile/text-in-messages", test_hostile_text_in_messages);
  g_test_add_func ("/container-spec/hostile/many-mistakes", test_many_mistakes);
  g_test_add_func ("/container-spec/hostile/large-documents", test_large_documents);
  g_test_add_func ("/container-spec/text-grows-lists", test_text_grows_lists);
  g_test_add_func ("/container-spec/copy-is-independent", test_copy);
  g_test_add_func ("/container-spec/capabilities", test_capabilities);
  g_test_add_func ("/container-spec/mounts", test_mounts);
  g_test_add_func ("/container-spec/format-for-people", test_format);
  g_test_add_func ("/container-spec/enforcement", test_enforcement);
  g_test_add_func ("/container-spec/complete/security-opt-is-folded", test_security_opt);
  g_test_add_func ("/container-spec/complete/contradictions", test_contradictions);
  g_test_add ("/container-spec/complete/profile-file", Fixture, NULL, set_up, test_profile_file, tear_down);
  g_test_add ("/container-spec/complete/bad-profile-files", Fixture, NULL, set_up, test_bad_profile_files, tear_down);
  g_test_add ("/container-spec/complete/bind-sources", Fixture, NULL, set_up, test_bind_sources, tear_down);
  return g_test_run ();
}
