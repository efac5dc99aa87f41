/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-mounts.h"

#include <limits.h>
#include <string.h>

#include "plugin-api/perry-container-spec-private.h"
#include "plugin-api/perry-field-value.h"
#include "plugin-api/perry-json.h"

#define BIT(type) (1u << (type))
#define ALL_TYPES (BIT (PERRY_MOUNT_BIND) | BIT (PERRY_MOUNT_VOLUME) | BIT (PERRY_MOUNT_TMPFS))
#define MAX_VOLUME_NAME 255
#define MAX_OPTIONS 32

typedef enum {
  VALUE_NONE,
  VALUE_SIZE,
  VALUE_MODE,
  VALUE_ID,
  VALUE_COUNT,
} ValueKind;

/* Of a group only one option can be meant. */
typedef enum {
  GROUP_NONE,
  GROUP_ACCESS,
  GROUP_SUID,
  GROUP_DEV,
  GROUP_EXEC,
  GROUP_LABEL,
  GROUP_PROPAGATION,
  GROUP_RECURSION,
} Group;

typedef struct {
  const char *name;
  guint types; /* BIT() of the mount types that have it */
  ValueKind kind;
  Group group;
} Option;

static const Option known_options[] = {
  { "ro", ALL_TYPES, VALUE_NONE, GROUP_ACCESS },
  { "rw", ALL_TYPES, VALUE_NONE, GROUP_ACCESS },
  { "nosuid", ALL_TYPES, VALUE_NONE, GROUP_SUID },
  { "suid", ALL_TYPES, VALUE_NONE, GROUP_SUID },
  { "nodev", ALL_TYPES, VALUE_NONE, GROUP_DEV },
  { "dev", ALL_TYPES, VALUE_NONE, GROUP_DEV },
  { "noexec", ALL_TYPES, VALUE_NONE, GROUP_EXEC },
  { "exec", ALL_TYPES, VALUE_NONE, GROUP_EXEC },
  { "z", BIT (PERRY_MOUNT_BIND) | BIT (PERRY_MOUNT_VOLUME), VALUE_NONE, GROUP_LABEL },
  { "Z", BIT (PERRY_MOUNT_BIND) | BIT (PERRY_MOUNT_VOLUME), VALUE_NONE, GROUP_LABEL },
  { "rprivate", BIT (PERRY_MOUNT_BIND), VALUE_NONE, GROUP_PROPAGATION },
  { "private", BIT (PERRY_MOUNT_BIND), VALUE_NONE, GROUP_PROPAGATION },
  { "rslave", BIT (PERRY_MOUNT_BIND), VALUE_NONE, GROUP_PROPAGATION },
  { "slave", BIT (PERRY_MOUNT_BIND), VALUE_NONE, GROUP_PROPAGATION },
  { "rshared", BIT (PERRY_MOUNT_BIND), VALUE_NONE, GROUP_PROPAGATION },
  { "shared", BIT (PERRY_MOUNT_BIND), VALUE_NONE, GROUP_PROPAGATION },
  { "rbind", BIT (PERRY_MOUNT_BIND), VALUE_NONE, GROUP_RECURSION },
  { "bind", BIT (PERRY_MOUNT_BIND), VALUE_NONE, GROUP_RECURSION },
  { "nocopy", BIT (PERRY_MOUNT_VOLUME), VALUE_NONE, GROUP_NONE },
  { "size", BIT (PERRY_MOUNT_TMPFS), VALUE_SIZE, GROUP_NONE },
  { "mode", BIT (PERRY_MOUNT_TMPFS), VALUE_MODE, GROUP_NONE },
  { "uid", BIT (PERRY_MOUNT_TMPFS), VALUE_ID, GROUP_NONE },
  { "gid", BIT (PERRY_MOUNT_TMPFS), VALUE_ID, GROUP_NONE },
  { "nr_inodes", BIT (PERRY_MOUNT_TMPFS), VALUE_COUNT, GROUP_NONE },
};

static const char *const type_words[] = {
  [PERRY_MOUNT_BIND] = "bind",
  [PERRY_MOUNT_VOLUME] = "volume",
  [PERRY_MOUNT_TMPFS] = "tmpfs",
};

const char *
perry_mount_type_get_word (PerryMountType type)
{
  g_return_val_if_fail ((guint) type < G_N_ELEMENTS (type_words), NULL);
  return type_words[type];
}

gboolean
perry_mount_type_from_word (const char *word, PerryMountType *ret_type)
{
  for (guint i = 0; i < G_N_ELEMENTS (type_words); i++)
    if (g_str_equal (word, type_words[i]))
      {
        *ret_type = i;
        return TRUE;
      }
  return FALSE;
}

char *
perry_field_normalise_path (const char *text, const char *path, PerrySpecProblems *problems)
{
  g_autofree char *quoted = perry_spec_quote (text);
  g_auto (GStrv) parts = NULL;
  g_autoptr (GString) normal = NULL;

  if (*text != '/')
    {
      perry_spec_problems_add (problems, path, "%s is not an absolute path; it has to begin with /", quoted);
      return NULL;
    }
  if (strlen (text) >= PATH_MAX)
    {
      perry_spec_problems_add (problems, path, "the path is longer than %d bytes", PATH_MAX - 1);
      return NULL;
    }

  normal = g_string_new (NULL);
  parts = g_strsplit (text, "/", -1);
  for (char **part = parts; *part != NULL; part++)
    {
      if (**part == '\0' || g_str_equal (*part, "."))
        continue;
      if (g_str_equal (*part, ".."))
        {
          perry_spec_problems_add (problems, path, "%s contains “..”; write the path it leads to", quoted);
          return NULL;
        }
      g_string_append_printf (normal, "/%s", *part);
    }
  return g_strdup (normal->len > 0 ? normal->str : "/");
}

static char *
normalise_target (const char *text, const char *path, PerrySpecProblems *problems)
{
  g_autofree char *target = perry_field_normalise_path (text, path, problems);

  if (target != NULL && g_str_equal (target, "/"))
    {
      perry_spec_problems_add (problems, path, "nothing can be mounted over / itself; name a directory below it");
      return NULL;
    }
  return g_steal_pointer (&target);
}

static const Option *
find_option (const char *name, gsize length, PerryMountType type)
{
  for (guint i = 0; i < G_N_ELEMENTS (known_options); i++)
    if (strlen (known_options[i].name) == length && strncmp (known_options[i].name, name, length) == 0 &&
        (known_options[i].types & BIT (type)) != 0)
      return &known_options[i];
  return NULL;
}

static void
add_unknown_option (const char *text, PerryMountType type, const char *path, PerrySpecProblems *problems)
{
  g_autofree char *quoted = perry_spec_quote (text);
  g_autoptr (GString) known = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (known_options); i++)
    if ((known_options[i].types & BIT (type)) != 0)
      g_string_append_printf (known, "%s%s%s", known->len > 0 ? ", " : "", known_options[i].name,
                              known_options[i].kind != VALUE_NONE ? "=" : "");
  perry_spec_problems_add (problems, path, "unknown option %s of a %s mount; known are %s", quoted,
                           perry_mount_type_get_word (type), known->str);
}

static gboolean
is_octal_mode (const char *text)
{
  gsize length = strlen (text);

  return length > 0 && strspn (text, "01234567") == length && length <= 5 && g_ascii_strtoull (text, NULL, 8) <= 07777;
}

/* Brings an option's value into the form that the kernel takes; NULL where it is not valid. */
static char *
canonicalise_option_value (ValueKind kind, const char *value)
{
  gint64 amount;
  guint64 id;

  switch (kind)
    {
    case VALUE_SIZE:
    case VALUE_COUNT:
      return perry_field_parse_size (value, &amount) && amount > 0 ? perry_field_format_size (amount) : NULL;
    case VALUE_MODE:
      return is_octal_mode (value) ? g_strdup_printf ("%o", (guint) g_ascii_strtoull (value, NULL, 8)) : NULL;
    case VALUE_ID:
      if (!g_ascii_string_to_unsigned (value, 10, 0, G_MAXUINT32 - 1, &id, NULL))
        return NULL;
      return g_strdup_printf ("%" G_GUINT64_FORMAT, id);
    case VALUE_NONE:
    default:
      return NULL;
    }
}

/* Returns the canonical option, or NULL when a problem was added. */
static char *
check_option (const char *text, PerryMountType type, const char *path, PerrySpecProblems *problems)
{
  static const char *const wanted[] = {
    [VALUE_SIZE] = "an amount such as 64m", [VALUE_MODE] = "octal digits such as 1777",
    [VALUE_ID] = "a number", [VALUE_COUNT] = "a number",
  };
  const char *equals = strchr (text, '=');
  const Option *option = find_option (text, equals != NULL ? (gsize) (equals - text) : strlen (text), type);
  g_autofree char *value = NULL;
  g_autofree char *quoted = NULL;

  if (option == NULL || (option->kind == VALUE_NONE && equals != NULL))
    {
      add_unknown_option (text, type, path, problems);
      return NULL;
    }
  if (option->kind == VALUE_NONE)
    return g_strdup (option->name);

  value = equals != NULL ? canonicalise_option_value (option->kind, equals + 1) : NULL;
  if (value != NULL)
    return g_strdup_printf ("%s=%s", option->name, value);
  quoted = perry_spec_quote (text);
  perry_spec_problems_add (problems, path, "%s: write %s= and %s", quoted, option->name, wanted[option->kind]);
  return NULL;
}

/* Whether @options has @name, with or without a value. */
static gboolean
has_option (GPtrArray *options, const char *name, gsize length)
{
  for (guint i = 0; i < options->len; i++)
    {
      const char *other = g_ptr_array_index (options, i);

      if (strncmp (other, name, length) == 0 && (other[length] == '\0' || other[length] == '='))
        return TRUE;
    }
  return FALSE;
}

/* Another of @options that is of the same group, NULL where there is none. */
static const char *
find_contrary (GPtrArray *options, const Option *option, PerryMountType type)
{
  for (guint i = 0; option->group != GROUP_NONE && i < options->len; i++)
    {
      const char *text = g_ptr_array_index (options, i);
      const Option *other = find_option (text, strcspn (text, "="), type);

      if (other != NULL && other != option && other->group == option->group)
        return other->name;
    }
  return NULL;
}

/* Returns the canonical options, or NULL when a problem was added. */
static GPtrArray *
check_options (const char *const *texts, PerryMountType type, const char *path, PerrySpecProblems *problems)
{
  g_autoptr (GPtrArray) options = g_ptr_array_new_with_free_func (g_free);
  gboolean valid = TRUE;

  if (g_strv_length ((char **) texts) > MAX_OPTIONS)
    {
      perry_spec_problems_add (problems, path, "has more than %d options", MAX_OPTIONS);
      return NULL;
    }
  for (; *texts != NULL; texts++)
    {
      g_autofree char *text = check_option (*texts, type, path, problems);
      gsize length = text != NULL ? strcspn (text, "=") : 0;
      const Option *option = text != NULL ? find_option (text, length, type) : NULL;
      const char *contrary = option != NULL ? find_contrary (options, option, type) : NULL;

      if (option == NULL)
        {
          valid = FALSE;
          continue;
        }
      if (has_option (options, option->name, length))
        {
          perry_spec_problems_add (problems, path, "the option %s is given twice", option->name);
          valid = FALSE;
        }
      if (contrary != NULL)
        {
          perry_spec_problems_add (problems, path, "the options %s and %s contradict each other", contrary,
                                   option->name);
          valid = FALSE;
        }
      g_ptr_array_add (options, g_steal_pointer (&text));
    }
  return valid ? g_steal_pointer (&options) : NULL;
}

/* Takes `ro` and `rw` out of @options, which the mount's own member stands for. Returns whether `ro` was there. */
static gboolean
take_access (GPtrArray *options)
{
  gboolean read_only = FALSE;

  for (guint i = options->len; i > 0; i--)
    {
      const char *option = g_ptr_array_index (options, i - 1);
      gboolean is_ro = g_str_equal (option, "ro");

      read_only |= is_ro;
      if (is_ro || g_str_equal (option, "rw"))
        g_ptr_array_remove_index (options, i - 1);
    }
  return read_only;
}

/* Takes out `rbind`, which is what every engine does unless it is told `bind`. */
static void
drop_recursion (GPtrArray *options)
{
  for (guint i = options->len; i > 0; i--)
    if (g_str_equal (g_ptr_array_index (options, i - 1), "rbind"))
      g_ptr_array_remove_index (options, i - 1);
}

static gboolean
is_volume_name (const char *name)
{
  if (!g_ascii_isalnum (*name) || strlen (name) > MAX_VOLUME_NAME)
    return FALSE;
  for (const char *p = name; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("_.-", *p) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
check_source (PerryMountType type, const char *source, const char *path, PerrySpecProblems *problems)
{
  g_autofree char *quoted = perry_spec_quote (source);
  guint before = perry_spec_problems_get_length (problems);

  if (type == PERRY_MOUNT_TMPFS && *source != '\0')
    perry_spec_problems_add (problems, path, "a tmpfs has no source");
  else if (type == PERRY_MOUNT_VOLUME && *source != '\0' && !is_volume_name (source))
    perry_spec_problems_add (problems, path,
                             "%s is not a volume's name (letters, digits, “_.-”); a relative path begins with ./",
                             quoted);
  else if (type == PERRY_MOUNT_BIND && *source == '\0')
    perry_spec_problems_add (problems, path, "a bind mount needs a source");
  else if (type == PERRY_MOUNT_BIND && *source == '~')
    perry_spec_problems_add (problems, path, "%s: “~” is not expanded; write the home directory's path", quoted);
  else if (strlen (source) >= PATH_MAX)
    perry_spec_problems_add (problems, path, "the source is longer than %d bytes", PATH_MAX - 1);
  return perry_spec_problems_get_length (problems) == before;
}

GVariant *
perry_field_check_mount (GVariant *mount, const char *path, PerrySpecProblems *problems)
{
  const char *word;
  const char *source;
  const char *text;
  gboolean read_only;
  g_autofree const char **texts = NULL;
  g_autofree char *target = NULL;
  g_autoptr (GPtrArray) options = NULL;
  PerryMountType type;
  gboolean source_valid;

  g_variant_get (mount, "(&s&s&sb^a&s)", &word, &source, &text, &read_only, &texts);
  if (!perry_mount_type_from_word (word, &type))
    {
      g_autofree char *quoted = perry_spec_quote (word);

      perry_spec_problems_add (problems, path, "unknown type %s; known are bind, volume and tmpfs", quoted);
      return NULL;
    }

  source_valid = check_source (type, source, path, problems);
  target = normalise_target (text, path, problems);
  options = check_options (texts, type, path, problems);
  if (!source_valid || target == NULL || options == NULL)
    return NULL;
  if (take_access (options))
    read_only = TRUE;
  drop_recursion (options);
  if (read_only && type == PERRY_MOUNT_VOLUME && *source == '\0')
    {
      perry_spec_problems_add (problems, path, "a volume without a name is new and would stay empty: it cannot be "
                                               "read-only");
      return NULL;
    }
  return g_variant_new ("(sssb@as)", word, source, target, read_only,
                        g_variant_new_strv ((const char *const *) options->pdata, (gssize) options->len));
}

static GStrv
split_options (const char *text)
{
  return *text != '\0' ? g_strsplit (text, ",", MAX_OPTIONS + 1) : g_new0 (char *, 1);
}

GVariant *
perry_field_parse_mount (const char *text, const char *path, PerrySpecProblems *problems)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 4);
  g_auto (GStrv) options = NULL;
  guint n_parts = g_strv_length (parts);
  gboolean is_path;

  if (n_parts == 1 && *text == '/')
    return g_variant_new ("(sssb@as)", "volume", "", text, FALSE, g_variant_new_strv (NULL, 0));
  if (n_parts < 2 || n_parts > 3)
    {
      g_autofree char *quoted = perry_spec_quote (text);

      perry_spec_problems_add (problems, path, "%s is neither source:target[:options] nor an absolute path%s", quoted,
                               n_parts > 3 ? "; use the long form for paths with a colon" : "");
      return NULL;
    }

  is_path = *parts[0] == '/' || *parts[0] == '.' || *parts[0] == '~' || *parts[0] == '\0';
  options = split_options (parts[2] != NULL ? parts[2] : "");
  return g_variant_new ("(sssb^as)", is_path ? "bind" : "volume", parts[0], parts[1], FALSE, options);
}

char *
perry_field_check_tmpfs (const char *text, const char *path, PerrySpecProblems *problems)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 2);
  g_auto (GStrv) texts = split_options (parts[0] != NULL && parts[1] != NULL ? parts[1] : "");
  g_autofree char *target = normalise_target (parts[0] != NULL ? parts[0] : "", path, problems);
  g_autoptr (GPtrArray) options = check_options ((const char *const *) texts, PERRY_MOUNT_TMPFS, path, problems);
  g_autofree char *joined = NULL;

  if (target == NULL || options == NULL)
    return NULL;
  if (options->len == 0)
    return g_steal_pointer (&target);
  g_ptr_array_add (options, NULL);
  joined = g_strjoinv (",", (char **) options->pdata);
  return g_strdup_printf ("%s:%s", target, joined);
}

static PerryMount *
mount_new (PerryMountType type, const char *source, const char *target, gboolean read_only, const char *const *options,
           PerryField field)
{
  PerryMount *mount = g_new0 (PerryMount, 1);
  g_autoptr (GPtrArray) rest = g_ptr_array_new_with_free_func (g_free);

  for (; *options != NULL; options++)
    g_ptr_array_add (rest, g_strdup (*options));
  mount->type = type;
  mount->source = *source != '\0' ? g_strdup (source) : NULL;
  mount->target = g_strdup (target);
  mount->read_only = take_access (rest) || read_only;
  g_ptr_array_add (rest, NULL);
  mount->options = (char **) g_ptr_array_steal (rest, NULL);
  mount->field = field;
  return mount;
}

PerryMount *
perry_mount_new_from_tmpfs (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 2);
  g_auto (GStrv) options = split_options (parts[0] != NULL && parts[1] != NULL ? parts[1] : "");

  return mount_new (PERRY_MOUNT_TMPFS, "", parts[0] != NULL ? parts[0] : "", FALSE, (const char *const *) options,
                    PERRY_FIELD_TMPFS);
}

PerryMount *
perry_mount_new_from_variant (GVariant *mount)
{
  const char *word;
  const char *source;
  const char *target;
  gboolean read_only;
  g_autofree const char **options = NULL;
  PerryMountType type = PERRY_MOUNT_BIND;

  g_variant_get (mount, "(&s&s&sb^a&s)", &word, &source, &target, &read_only, &options);
  perry_mount_type_from_word (word, &type);
  return mount_new (type, source, target, read_only, options, PERRY_FIELD_VOLUMES);
}

GVariant *
perry_mount_to_variant (const PerryMount *mount)
{
  return g_variant_new ("(sssb^as)", perry_mount_type_get_word (mount->type),
                        mount->source != NULL ? mount->source : "", mount->target, mount->read_only, mount->options);
}

PerryMount *
perry_mount_copy (const PerryMount *mount)
{
  PerryMount *copy;

  g_return_val_if_fail (mount != NULL, NULL);

  copy = g_new0 (PerryMount, 1);
  copy->type = mount->type;
  copy->source = g_strdup (mount->source);
  copy->target = g_strdup (mount->target);
  copy->read_only = mount->read_only;
  copy->options = g_strdupv (mount->options);
  copy->field = mount->field;
  return copy;
}

void
perry_mount_free (PerryMount *mount)
{
  if (mount == NULL)
    return;
  g_free (mount->source);
  g_free (mount->target);
  g_strfreev (mount->options);
  g_free (mount);
}

G_DEFINE_BOXED_TYPE (PerryMount, perry_mount, perry_mount_copy, perry_mount_free)
