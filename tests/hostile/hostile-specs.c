/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/hostile/hostile-specs.h"

#define MANY 100000
#define LONG 1000000

static void
append_repeated (GString *text, const char *piece, guint count)
{
  for (guint i = 0; i < count; i++)
    g_string_append (text, piece);
}

/* `{"image": "busybox", ` @before @piece × @count @after `}` */
static GString *
new_spec (const char *before, const char *piece, guint count, const char *after)
{
  GString *text = g_string_new ("{\"image\": \"busybox\", ");

  g_string_append (text, before);
  append_repeated (text, piece, count);
  g_string_append (text, after);
  g_string_append_c (text, '}');
  return text;
}

static GString *
make_long_image (void)
{
  GString *text = g_string_new ("{\"image\": \"");

  append_repeated (text, "a", LONG);
  g_string_append (text, "\"}");
  return text;
}

static GString *
make_long_image_of_escapes (void)
{
  GString *text = g_string_new ("{\"image\": \"");

  append_repeated (text, "\\u001b", LONG / 10);
  g_string_append (text, "\"}");
  return text;
}

static GString *
make_long_name (void)
{
  return new_spec ("\"name\": \"", "n", LONG, "\"");
}

static GString *
make_long_name_of_bidi (void)
{
  return new_spec ("\"name\": \"", "\xe2\x80\xae", LONG, "\"");
}

static GString *
make_long_user (void)
{
  return new_spec ("\"user\": \"", "9", LONG, "\"");
}

static GString *
make_long_key (void)
{
  return new_spec ("\"", "k", LONG, "\": 1");
}

static GString *
make_long_key_of_escapes (void)
{
  return new_spec ("\"", "\\u0007", MANY, "\": 1");
}

static GString *
make_long_capability (void)
{
  return new_spec ("\"cap_add\": [\"", "C", LONG, "\"]");
}

static GString *
make_long_argument (void)
{
  return new_spec ("\"cmd\": [\"", "x", LONG, "\"]");
}

static GString *
make_long_variable (void)
{
  return new_spec ("\"env\": {\"A\": \"", "x", LONG, "\"}");
}

static GString *
make_long_label_name (void)
{
  return new_spec ("\"labels\": {\"", "x", LONG, "\": \"\"}");
}

static GString *
make_long_workdir (void)
{
  return new_spec ("\"workdir\": \"", "/d", LONG / 2, "\"");
}

static GString *
make_long_seccomp (void)
{
  return new_spec ("\"seccomp\": \"", "s", LONG, "\"");
}

static GString *
make_long_seccomp_path (void)
{
  return new_spec ("\"seccomp\": \"", "/s", LONG / 2, ".json\"");
}

static GString *
make_long_volume (void)
{
  return new_spec ("\"volumes\": [\"./", "v", LONG, ":/data\"]");
}

static GString *
make_long_volume_target (void)
{
  return new_spec ("\"volumes\": [\"data:/", "../", LONG / 3, "\"]");
}

static GString *
make_long_tmpfs_option (void)
{
  return new_spec ("\"tmpfs\": [\"/tmp:", "o", LONG, "\"]");
}

static GString *
make_many_colons (void)
{
  return new_spec ("\"volumes\": [\"", ":", LONG, "\"]");
}

static GString *
make_long_number (void)
{
  return new_spec ("\"pids_limit\": ", "9", LONG, "");
}

static GString *
make_long_fraction (void)
{
  return new_spec ("\"cpus\": 1.", "0", LONG, "1");
}

static GString *
make_string_beyond_limit (void)
{
  return new_spec ("\"user\": \"", "0123456789", 500000, "\"");
}

static GString *
make_document_beyond_limit (void)
{
  GString *text = g_string_new ("{\"image\": \"busybox\"");

  append_repeated (text, "          ", 1700000);
  g_string_append_c (text, '}');
  return text;
}

static GString *
make_deep_arrays (void)
{
  return new_spec ("\"cmd\": ", "[", MANY, "");
}

static GString *
make_deep_objects (void)
{
  return new_spec ("\"labels\": ", "{\"a\":", MANY, "");
}

static GString *
make_deep_profile_text (void)
{
  return new_spec ("\"seccomp\": \"{\\\"a\\\":", "[", MANY, "\"");
}

static GString *
make_deep_security_option (void)
{
  return new_spec ("\"security_opt\": [\"seccomp={\\\"a\\\":", "[", MANY, "\"]");
}

/* Every level's key is cut where it stands in the message; 60 of them are still a lot. */
static GString *
make_deep_path (void)
{
  GString *text = g_string_new ("{\"image\": \"busybox\", \"verify\": ");

  for (guint depth = 0; depth < 60; depth++)
    {
      g_string_append (text, "{\"");
      append_repeated (text, "\\u0001", 64);
      g_string_append (text, "\":");
    }
  g_string_append (text, "nothing");
  return text;
}

static GString *
make_many_unknown_keys (void)
{
  GString *text = g_string_new ("{\"image\": \"busybox\"");

  for (guint i = 0; i < MANY; i++)
    g_string_append_printf (text, ", \"k%u\": %u", i, i);
  g_string_append_c (text, '}');
  return text;
}

static GString *
make_unknown_keys_below_the_limit (void)
{
  GString *text = g_string_new ("{\"image\": \"busybox\"");

  for (guint i = 0; i < 9000; i++)
    g_string_append_printf (text, ", \"privilege%u\": %u", i, i);
  g_string_append_c (text, '}');
  return text;
}

/* "Aa" and "BB" have the same g_str_hash() less often than others want, but "ab" and "bA" do: 33 a + b. */
static GString *
make_colliding_keys (void)
{
  GString *text = g_string_new ("{\"image\": \"busybox\", \"env\": {");

  for (guint i = 0; i < 8192; i++)
    {
      g_string_append (text, i == 0 ? "\"" : ", \"");
      for (guint bit = 0; bit < 13; bit++)
        g_string_append (text, (i >> bit & 1) != 0 ? "ab" : "bA");
      g_string_append (text, "\": \"\"");
    }
  g_string_append (text, "}}");
  return text;
}

static GString *
make_many_variables (void)
{
  GString *text = g_string_new ("{\"image\": \"busybox\", \"env\": {\"A\": \"\"");

  for (guint i = 0; i < MANY; i++)
    g_string_append_printf (text, ", \"V%u\": \"%u\"", i, i);
  g_string_append (text, "}}");
  return text;
}

static GString *
make_same_variable_many_times (void)
{
  return new_spec ("\"env\": [\"A=0\"", ", \"A=1\"", MANY, "]");
}

static GString *
make_many_unknown_capabilities (void)
{
  return new_spec ("\"cap_add\": [\"CHOWNN\"", ", \"SYS_ADMINN\"", MANY, "]");
}

static GString *
make_many_wrong_types (void)
{
  return new_spec ("\"cmd\": [1", ", {}", MANY, "]");
}

static GString *
make_many_volumes_with_one_target (void)
{
  return new_spec ("\"volumes\": [\"data:/data\"", ", \"data:/data\"", MANY, "]");
}

static GString *
make_many_tmpfs_options (void)
{
  return new_spec ("\"tmpfs\": [\"/tmp:ro", ",nosuid", MANY, "\"]");
}

static GString *
make_many_required_fields (void)
{
  return new_spec ("\"require\": [\"seccmop\"", ", \"mem0ry\"", MANY, "]");
}

static GString *
make_many_security_options (void)
{
  return new_spec ("\"security_opt\": [\"seccomp=default\"", ", \"seccomp=unconfined\"", MANY, "]");
}

static GString *
make_more_values_than_allowed (void)
{
  return new_spec ("\"cmd\": [\"\"", ",\"\"", 1000000, "]");
}

const HostileSpec hostile_specs[] = {
  { "long-image", make_long_image },
  { "long-image-of-escapes", make_long_image_of_escapes },
  { "long-name", make_long_name },
  { "long-name-of-bidi", make_long_name_of_bidi },
  { "long-user", make_long_user },
  { "long-key", make_long_key },
  { "long-key-of-escapes", make_long_key_of_escapes },
  { "long-capability", make_long_capability },
  { "long-argument", make_long_argument },
  { "long-variable", make_long_variable },
  { "long-label-name", make_long_label_name },
  { "long-workdir", make_long_workdir },
  { "long-seccomp", make_long_seccomp },
  { "long-seccomp-path", make_long_seccomp_path },
  { "long-volume", make_long_volume },
  { "long-volume-target", make_long_volume_target },
  { "long-tmpfs-option", make_long_tmpfs_option },
  { "many-colons", make_many_colons },
  { "long-number", make_long_number },
  { "long-fraction", make_long_fraction },
  { "string-beyond-limit", make_string_beyond_limit },
  { "document-beyond-limit", make_document_beyond_limit },
  { "deep-arrays", make_deep_arrays },
  { "deep-objects", make_deep_objects },
  { "deep-profile-text", make_deep_profile_text },
  { "deep-security-option", make_deep_security_option },
  { "deep-path", make_deep_path },
  { "many-unknown-keys", make_many_unknown_keys },
  { "unknown-keys-below-the-limit", make_unknown_keys_below_the_limit },
  { "colliding-keys", make_colliding_keys },
  { "many-variables", make_many_variables },
  { "same-variable-many-times", make_same_variable_many_times },
  { "many-unknown-capabilities", make_many_unknown_capabilities },
  { "many-wrong-types", make_many_wrong_types },
  { "many-volumes-with-one-target", make_many_volumes_with_one_target },
  { "many-tmpfs-options", make_many_tmpfs_options },
  { "many-required-fields", make_many_required_fields },
  { "many-security-options", make_many_security_options },
  { "more-values-than-allowed", make_more_values_than_allowed },
  { NULL, NULL },
};
