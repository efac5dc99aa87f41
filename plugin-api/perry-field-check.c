/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-check.h"

#include <math.h>
#include <string.h>

#include "plugin-api/perry-container-spec-private.h"
#include "plugin-api/perry-field-mounts.h"
#include "plugin-api/perry-field-value.h"
#include "plugin-api/perry-image-reference.h"
#include "plugin-api/perry-json.h"

#define MAX_NAME 128
#define MAX_ACCOUNT 256
/* The kernel refuses a longer argument or variable (MAX_ARG_STRLEN with its NUL). */
#define MAX_ARGUMENT (128 * 1024 - 1)
#define MIN_MEMORY (6 * 1024 * 1024)
#define MAX_CPUS 10000.0

const char *const perry_field_tier_words[] = { "default", "isolated", "hardened", "untrusted", NULL };
const char *const perry_field_enforcement_words[] = { "lenient", "warn", "strict", NULL };

#define add_about perry_spec_problems_add_about

static gboolean
consists_of (const char *text, const char *more)
{
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr (more, *p) == NULL)
      return FALSE;
  return TRUE;
}

GVariant *
perry_field_check_image (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  const char *text = g_variant_get_string (value, NULL);

  g_autoptr (GError) error = NULL;
  g_autoptr (PerryImageReference) reference = perry_image_reference_parse (text, &error);

  /* Kept as it was written: an engine may have the image under that very spelling. */
  if (reference != NULL)
    return value;
  perry_spec_problems_add (problems, path, "%s", error->message);
  return NULL;
}

gboolean
perry_field_is_engine_name (const char *text)
{
  gsize length = strlen (text);

  return length >= 2 && length <= MAX_NAME && g_ascii_isalnum (*text) && consists_of (text, "_.-");
}

GVariant *
perry_field_check_name (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  const char *text = g_variant_get_string (value, NULL);

  if (perry_field_is_engine_name (text))
    return value;
  add_about (problems, path, text,
             "is not a container's name: 2 to %d letters, digits and “_.-”, beginning with a letter or digit",
             MAX_NAME);
  return NULL;
}

static GVariant *
check_arguments (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  g_autofree const char **arguments = g_variant_get_strv (value, NULL);
  GVariant *valid = value;

  for (gsize i = 0; arguments[i] != NULL; i++)
    if (strlen (arguments[i]) > MAX_ARGUMENT)
      {
        g_autofree char *element = perry_spec_path_add_index (path, i);

        perry_spec_problems_add (problems, element, "is longer than the kernel's limit of %d bytes", MAX_ARGUMENT);
        valid = NULL;
      }
  return valid;
}

GVariant *
perry_field_check_entrypoint (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  g_autofree const char **arguments = g_variant_get_strv (value, NULL);

  if (arguments[0] != NULL && *arguments[0] == '\0')
    {
      g_autofree char *element = perry_spec_path_add_index (path, 0);

      perry_spec_problems_add (problems, element, "is an empty program name; in JSON, [] means no entrypoint");
      return NULL;
    }
  return check_arguments (value, path, problems);
}

GVariant *
perry_field_check_cmd (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  return check_arguments (value, path, problems);
}

static GVariant *
check_map (GVariant *value, const char *path, PerrySpecProblems *problems, PerryField field)
{
  GVariantIter iter;
  const char *key;
  const char *text;
  GVariant *valid = value;

  g_variant_iter_init (&iter, value);
  while (g_variant_iter_next (&iter, "{&s&s}", &key, &text))
    {
      g_autofree char *member = perry_spec_path_add_member (path, key);
      guint before = perry_spec_problems_get_length (problems);

      if (*key == '\0')
        perry_spec_problems_add (problems, member, "has an empty name");
      else if (strchr (key, '=') != NULL)
        add_about (problems, member, key, "has a “=” in its name");
      else if (strlen (key) + strlen (text) > MAX_ARGUMENT - 1)
        perry_spec_problems_add (problems, member, "is longer than the kernel's limit of %d bytes", MAX_ARGUMENT);
      else if (field == PERRY_FIELD_LABELS && g_str_has_prefix (key, "perry."))
        add_about (problems, member, key, "begins with “perry.”, which is reserved");
      if (perry_spec_problems_get_length (problems) > before)
        valid = NULL;
    }
  return valid;
}

GVariant *
perry_field_check_env (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  return check_map (value, path, problems, PERRY_FIELD_ENV);
}

GVariant *
perry_field_check_labels (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  return check_map (value, path, problems, PERRY_FIELD_LABELS);
}

gboolean
perry_field_is_account (const char *text)
{
  if (*text != '\0' && strspn (text, "0123456789") == strlen (text))
    return g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32 - 1, NULL, NULL);
  return *text != '\0' && *text != '-' && strlen (text) <= MAX_ACCOUNT && consists_of (text, "._-@$");
}

GVariant *
perry_field_check_user (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  const char *text = g_variant_get_string (value, NULL);
  g_auto (GStrv) parts = g_strsplit (text, ":", 3);
  guint n_parts = g_strv_length (parts);

  if ((n_parts == 1 || n_parts == 2) && perry_field_is_account (parts[0]) &&
      (n_parts == 1 || perry_field_is_account (parts[1])))
    return value;
  add_about (problems, path, text, "is not a user; write a number or a name, and a group after a colon if you like, "
             "such as 65534:65534");
  return NULL;
}

GVariant *
perry_field_check_workdir (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  g_autofree char *normal = perry_field_normalise_path (g_variant_get_string (value, NULL), path, problems);

  return normal != NULL ? g_variant_new_string (normal) : NULL;
}

GVariant *
perry_field_check_capabilities (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  g_autofree const char **names = g_variant_get_strv (value, NULL);
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (G_VARIANT_TYPE_STRING_ARRAY);
  PerryLinuxCapabilities set = 0;
  gboolean valid = TRUE;
  gboolean all = FALSE;

  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autofree char *element = perry_spec_path_add_index (path, i);
      g_autofree char *nearest = NULL;
      g_autofree char *quoted = NULL;
      guint number;

      if (g_ascii_strcasecmp (names[i], "ALL") == 0 || g_ascii_strcasecmp (names[i], "CAP_ALL") == 0)
        {
          all = TRUE;
          continue;
        }
      if (perry_linux_capability_parse (names[i], &number))
        {
          set |= G_GUINT64_CONSTANT (1) << number;
          continue;
        }
      valid = FALSE;
      quoted = perry_spec_quote (names[i]);
      nearest = perry_spec_problems_is_full (problems) ? NULL : perry_linux_capability_nearest (names[i]);
      if (nearest != NULL)
        perry_spec_problems_add (problems, element, "unknown capability %s; did you mean %s?", quoted, nearest);
      else
        perry_spec_problems_add (problems, element, "unknown capability %s; capabilities(7) lists them", quoted);
    }
  if (!valid)
    return NULL;

  if (all)
    g_variant_builder_add (builder, "s", "ALL");
  for (guint number = 0; number < 64; number++)
    if ((set & (G_GUINT64_CONSTANT (1) << number)) != 0)
      {
        g_autofree char *name = perry_linux_capability_get_name (number);

        g_variant_builder_add (builder, "s", name);
      }
  return g_variant_builder_end (builder);
}

gboolean
perry_field_seccomp_is_inline (const char *value)
{
  return value[strspn (value, " \t\r\n")] == '{';
}

gboolean
perry_field_seccomp_is_path (const char *value)
{
  return !perry_field_seccomp_is_inline (value) &&
         (strchr (value, '/') != NULL || g_str_has_suffix (value, ".json"));
}

gboolean
perry_field_check_profile_text (const char *text, gsize length, const char *path, const char *what,
                                PerrySpecProblems *problems)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = perry_json_parse (text, (gssize) length, NULL, &error);
  const char *action;

  if (root == NULL)
    perry_spec_problems_add (problems, path, "%s is not valid: %s", what, error->message);
  else if (perry_json_as_object (root) == NULL)
    perry_spec_problems_add (problems, path, "%s is not a JSON object", what);
  else if (!perry_json_read_string (perry_json_as_object (root), "defaultAction", &action))
    perry_spec_problems_add (problems, path, "%s has no “defaultAction”", what);
  else if (!g_str_has_prefix (action, "SCMP_ACT_"))
    {
      g_autofree char *quoted = perry_spec_quote (action);

      perry_spec_problems_add (problems, path, "%s: “defaultAction” is %s, and actions begin with SCMP_ACT_", what,
                               quoted);
    }
  else
    return TRUE;
  return FALSE;
}

GVariant *
perry_field_check_seccomp (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  static const char *const words[] = { "default", "unconfined", "perry", NULL };
  const char *text = g_variant_get_string (value, NULL);
  const char *nearest;

  if (g_strv_contains (words, text) || perry_field_seccomp_is_path (text))
    return value;
  if (perry_field_seccomp_is_inline (text))
    return perry_field_check_profile_text (text, strlen (text), path, "the seccomp profile", problems)
             ? value : NULL;

  nearest = perry_json_nearest_key (text, words);
  if (nearest != NULL)
    add_about (problems, path, text, "is unknown; did you mean %s?", nearest);
  else
    add_about (problems, path, text, "is not default, unconfined, perry, the path of a profile (with a “/” or ending "
               "in .json), or an inline profile");
  return NULL;
}

GVariant *
perry_field_check_apparmor (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  const char *text = g_variant_get_string (value, NULL);

  if (*text != '\0' && strlen (text) <= MAX_ACCOUNT && *text != '-' && consists_of (text, "._-/+:@"))
    return value;
  add_about (problems, path, text, "is not the name of an AppArmor profile, nor unconfined");
  return NULL;
}

#define DISABLE (1u << 31) /* among the bits of the keys that were seen */

static gboolean
check_selinux_option (const char *text, const char *path, PerrySpecProblems *problems, guint *seen)
{
  static const char *const keys[] = { "user", "role", "type", "level" };
  const char *colon = strchr (text, ':');

  if (g_str_equal (text, "disable") && (*seen & DISABLE) == 0)
    {
      *seen |= DISABLE;
      return TRUE;
    }
  for (guint i = 0; colon != NULL && i < G_N_ELEMENTS (keys); i++)
    {
      if (strlen (keys[i]) != (gsize) (colon - text) || !g_str_has_prefix (text, keys[i]))
        continue;
      if (colon[1] == '\0' || !consists_of (colon + 1, "._-:,"))
        {
          add_about (problems, path, text, "needs a value after %s:", keys[i]);
          return FALSE;
        }
      if ((*seen & (1u << i)) != 0)
        {
          add_about (problems, path, text, "gives %s a second time", keys[i]);
          return FALSE;
        }
      *seen |= 1u << i;
      return TRUE;
    }
  if (g_str_equal (text, "disable"))
    add_about (problems, path, text, "is there a second time");
  else
    add_about (problems, path, text, "is not a label option; known are disable, user:, role:, type: and level:");
  return FALSE;
}

GVariant *
perry_field_check_selinux (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  g_autofree const char **options = g_variant_get_strv (value, NULL);
  gboolean valid = TRUE;
  guint seen = 0;

  for (gsize i = 0; options[i] != NULL; i++)
    {
      g_autofree char *element = perry_spec_path_add_index (path, i);

      if (!check_selinux_option (options[i], element, problems, &seen))
        valid = FALSE;
    }
  if ((seen & DISABLE) != 0 && seen != DISABLE)
    {
      perry_spec_problems_add (problems, path, "“disable” cannot stand with other label options");
      valid = FALSE;
    }
  return valid ? value : NULL;
}

static gboolean
split_no_new_privileges (const char *value, const char *path, PerrySpecProblems *problems,
                         PerrySecurityOption *ret_option)
{
  if (value != NULL && !g_str_equal (value, "true") && !g_str_equal (value, "false"))
    {
      add_about (problems, path, value, "is not true or false");
      return FALSE;
    }
  ret_option->field = PERRY_FIELD_NO_NEW_PRIVILEGES;
  ret_option->value = g_strdup (value != NULL ? value : "true");
  return TRUE;
}

gboolean
perry_field_split_security_option (const char *text, const char *path, PerrySpecProblems *problems,
                                   PerrySecurityOption *ret_option)
{
  static const char *const keys[] = { "no-new-privileges", "seccomp", "apparmor", "label", NULL };
  static const PerryField fields[] = { PERRY_FIELD_NO_NEW_PRIVILEGES, PERRY_FIELD_SECCOMP, PERRY_FIELD_APPARMOR,
                                       PERRY_FIELD_SELINUX };
  gsize length = strcspn (text, "=:");
  const char *value = text[length] != '\0' ? text + length + 1 : NULL;
  g_autofree char *key = g_strndup (text, length);
  const char *nearest;

  for (guint i = 0; keys[i] != NULL; i++)
    {
      if (!g_str_equal (key, keys[i]))
        continue;
      if (fields[i] == PERRY_FIELD_NO_NEW_PRIVILEGES)
        return split_no_new_privileges (value, path, problems, ret_option);
      if (value == NULL || *value == '\0')
        {
          perry_spec_problems_add (problems, path, "needs a value: %s=…", keys[i]);
          return FALSE;
        }
      ret_option->field = fields[i];
      ret_option->value = g_strdup (value);
      return TRUE;
    }

  nearest = perry_spec_problems_find_nearest (problems, key, keys);
  add_about (problems, path, key, "is an unknown security option; %s%s%sknown are no-new-privileges, seccomp=, "
             "apparmor= and label=", nearest != NULL ? "did you mean " : "", nearest != NULL ? nearest : "",
             nearest != NULL ? "? " : "");
  return FALSE;
}

GVariant *
perry_field_check_security_opt (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  g_autofree const char **options = g_variant_get_strv (value, NULL);
  GVariant *valid = value;

  for (gsize i = 0; options[i] != NULL; i++)
    {
      g_autofree char *element = perry_spec_path_add_index (path, i);
      PerrySecurityOption option = { .value = NULL };

      if (!perry_field_split_security_option (options[i], element, problems, &option))
        valid = NULL;
      g_free (option.value);
    }
  return valid;
}

GVariant *
perry_field_check_network (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  const char *text = g_variant_get_string (value, NULL);

  if (g_str_has_prefix (text, "container:") || g_str_has_prefix (text, "service:") || g_str_has_prefix (text, "ns:"))
    perry_spec_problems_add_unavailable (problems, path, "sharing another container's network");
  else if (g_str_equal (text, "default"))
    perry_spec_problems_add (problems, path, "“default” is not a network's name; leave the field out for the engine's "
                             "default, or write bridge");
  else if (!perry_field_is_engine_name (text))
    add_about (problems, path, text, "is not none, host, bridge or a network's name");
  else
    return value;
  return NULL;
}

GVariant *
perry_field_check_tmpfs_list (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  g_autofree const char **texts = g_variant_get_strv (value, NULL);
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (G_VARIANT_TYPE_STRING_ARRAY);
  gboolean valid = TRUE;

  for (gsize i = 0; texts[i] != NULL; i++)
    {
      g_autofree char *element = perry_spec_path_add_index (path, i);
      g_autofree char *text = perry_field_check_tmpfs (texts[i], element, problems);

      if (text != NULL)
        g_variant_builder_add (builder, "s", text);
      else
        valid = FALSE;
    }
  return valid ? g_variant_builder_end (builder) : NULL;
}

GVariant *
perry_field_check_volumes (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (G_VARIANT_TYPE (PERRY_MOUNTS_VARIANT_TYPE));
  gboolean valid = TRUE;

  for (gsize i = 0; i < g_variant_n_children (value); i++)
    {
      g_autoptr (GVariant) mount = g_variant_get_child_value (value, i);
      g_autofree char *element = perry_spec_path_add_index (path, i);
      GVariant *checked = perry_field_check_mount (mount, element, problems);

      if (checked != NULL)
        g_variant_builder_add_value (builder, checked);
      else
        valid = FALSE;
    }
  return valid ? g_variant_builder_end (builder) : NULL;
}

GVariant *
perry_field_check_memory (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  gint64 bytes = g_variant_get_int64 (value);

  if (bytes >= MIN_MEMORY)
    return value;
  perry_spec_problems_add (problems, path, "%" G_GINT64_FORMAT " bytes are less than 6m, the least that engines accept",
                           bytes);
  return NULL;
}

GVariant *
perry_field_check_cpus (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  double cpus = g_variant_get_double (value);

  /* Engines count in a quota of 1 ms per 100 ms period at least. */
  if (isfinite (cpus) && cpus >= 0.01 && cpus <= MAX_CPUS)
    return value;
  perry_spec_problems_add (problems, path, "must be a number of CPUs between 0.01 and %.0f", MAX_CPUS);
  return NULL;
}

GVariant *
perry_field_check_pids_limit (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  gint64 limit = g_variant_get_int64 (value);

  if (limit == -1 || (limit >= 1 && limit <= G_MAXINT32))
    return value;
  perry_spec_problems_add (problems, path, "must be a number of processes from 1, or -1 for no limit%s",
                           limit == 0 ? " (0 means different things to different engines)" : "");
  return NULL;
}

static GVariant *
check_word (GVariant *value, const char *const *words, const char *path, PerrySpecProblems *problems)
{
  const char *text = g_variant_get_string (value, NULL);
  g_autofree char *known = NULL;

  if (g_strv_contains (words, text))
    return value;
  known = g_strjoinv (", ", (char **) words);
  add_about (problems, path, text, "is not one of %s", known);
  return NULL;
}

GVariant *
perry_field_check_tier (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  return check_word (value, perry_field_tier_words, path, problems);
}

GVariant *
perry_field_check_enforcement (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  return check_word (value, perry_field_enforcement_words, path, problems);
}

/* `require` and `prefer`: aliases become the field's own name, and each field stands there once. */
GVariant *
perry_field_check_field_names (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  g_autofree const char **names = g_variant_get_strv (value, NULL);
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (G_VARIANT_TYPE_STRING_ARRAY);
  gboolean seen[PERRY_FIELD_LAST] = { FALSE };
  gboolean valid = TRUE;

  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autofree char *element = perry_spec_path_add_index (path, i);
      const char *nearest;
      PerryField field;

      if (!perry_field_from_name (names[i], &field))
        {
          nearest = perry_spec_problems_is_full (problems) ? NULL : perry_field_nearest (names[i]);
          add_about (problems, element, names[i], "is not a field's name%s%s%s",
                     nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "",
                     nearest != NULL ? "?" : "");
          valid = FALSE;
        }
      else if ((perry_field_get_info (field)->flags & (PERRY_FIELD_CONTROL | PERRY_FIELD_SHORTHAND)) != 0)
        {
          add_about (problems, element, names[i], "is not a field that an engine honours");
          valid = FALSE;
        }
      else
        seen[field] = TRUE;
    }
  if (!valid)
    return NULL;
  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    if (seen[field])
      g_variant_builder_add (builder, "s", perry_field_get_name (field));
  return g_variant_builder_end (builder);
}
