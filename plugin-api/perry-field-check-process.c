/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-check.h"

#include <signal.h>
#include <string.h>

#include "plugin-api/perry-spec-problems.h"

#define MAX_HOSTNAME 63
#define MAX_STOP_TIMEOUT_S 86400
#define MAX_SYSCTL 256
/* POSIX real-time signals as the kernel numbers them for programs: libc keeps the first two for itself. */
#define FIRST_REAL_TIME 34
#define LAST_SIGNAL 64

static gboolean
is_label (const char *start, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (start[i]) && start[i] != '-')
      return FALSE;
  return length > 0 && start[0] != '-' && start[length - 1] != '-';
}

GVariant *
perry_field_check_hostname (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  const char *text = g_variant_get_string (value, NULL);
  gboolean valid = strlen (text) <= MAX_HOSTNAME;

  for (const char *label = text; valid; label += strcspn (label, ".") + 1)
    {
      valid = is_label (label, strcspn (label, "."));
      if (label[strcspn (label, ".")] == '\0')
        break;
    }
  if (valid)
    return value;
  perry_spec_problems_add_about (problems, path, text, "is not a host name: letters, digits and “-” in parts between "
                                 "dots, %d characters at most", MAX_HOSTNAME);
  return NULL;
}

/* The number of `SIGTERM`, `term`, `15` or `SIGRTMIN+3`; 0 where @text is none. */
static guint
parse_signal (const char *text)
{
  guint64 number = 0;

  if (g_ascii_string_to_unsigned (text, 10, 1, LAST_SIGNAL, &number, NULL))
    return (guint) number;
  if (g_ascii_strncasecmp (text, "SIG", 3) == 0)
    text += 3;
  if (g_ascii_strcasecmp (text, "RTMIN") == 0)
    return FIRST_REAL_TIME;
  if (g_ascii_strncasecmp (text, "RTMIN+", 6) == 0 &&
      g_ascii_string_to_unsigned (text + 6, 10, 1, LAST_SIGNAL - FIRST_REAL_TIME, &number, NULL))
    return FIRST_REAL_TIME + (guint) number;
  for (int i = 1; i < FIRST_REAL_TIME; i++)
    if (sigabbrev_np (i) != NULL && g_ascii_strcasecmp (text, sigabbrev_np (i)) == 0)
      return (guint) i;
  return 0;
}

GVariant *
perry_field_check_stop_signal (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  const char *text = g_variant_get_string (value, NULL);
  guint number = parse_signal (text);

  if (number == FIRST_REAL_TIME)
    return g_variant_new_string ("SIGRTMIN");
  if (number > FIRST_REAL_TIME)
    return g_variant_new_take_string (g_strdup_printf ("SIGRTMIN+%u", number - FIRST_REAL_TIME));
  if (number > 0 && sigabbrev_np ((int) number) != NULL)
    return g_variant_new_take_string (g_strconcat ("SIG", sigabbrev_np ((int) number), NULL));
  perry_spec_problems_add_about (problems, path, text, "is not a signal; write a name such as SIGTERM or SIGRTMIN+3, or "
                                 "a number");
  return NULL;
}

GVariant *
perry_field_check_stop_timeout (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  gint64 seconds = g_variant_get_int64 (value);

  if (seconds >= 0 && seconds <= MAX_STOP_TIMEOUT_S)
    return value;
  perry_spec_problems_add (problems, path, "must be between 0 and %d seconds", MAX_STOP_TIMEOUT_S);
  return NULL;
}

GVariant *
perry_field_check_group_add (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  g_autofree const char **groups = g_variant_get_strv (value, NULL);
  GVariant *valid = value;

  for (gsize i = 0; groups[i] != NULL; i++)
    {
      g_autofree char *element = perry_spec_path_add_index (path, i);

      /* To Podman this word means the groups of whoever runs the service. */
      if (perry_field_is_account (groups[i]) && !g_str_equal (groups[i], "keep-groups"))
        continue;
      perry_spec_problems_add_about (problems, element, groups[i], "is not a group; write a number or a name");
      valid = NULL;
    }
  return valid;
}

GVariant *
perry_field_check_shm_size (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  if (g_variant_get_int64 (value) > 0)
    return value;
  perry_spec_problems_add (problems, path, "must be more than 0 bytes");
  return NULL;
}

GVariant *
perry_field_check_memory_swap (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  gint64 bytes = g_variant_get_int64 (value);

  /* That it is not less than `memory` is checked between the fields. */
  if (bytes == -1 || bytes > 0)
    return value;
  perry_spec_problems_add (problems, path, "must be an amount of memory and swap together, or -1 for no limit of swap");
  return NULL;
}

static gboolean
parse_limit (const char *text, gint64 *ret_limit)
{
  *ret_limit = -1;
  return g_str_equal (text, "unlimited") || g_ascii_string_to_signed (text, 10, -1, G_MAXINT64, ret_limit, NULL);
}

static char *
check_ulimit (const char *name, const char *text, const char *path, PerrySpecProblems *problems)
{
  static const char *const names[] = { "as",   "core",       "cpu",  "data",  "fsize",  "locks",  "memlock",   "msgqueue",
                                       "nice", "nofile",     "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
                                       NULL };
  g_auto (GStrv) parts = g_strsplit (text, ":", 3);
  guint n_parts = g_strv_length (parts);
  const char *nearest;
  gint64 soft, hard;

  if (!g_strv_contains (names, name))
    {
      nearest = perry_spec_problems_find_nearest (problems, name, names);
      perry_spec_problems_add_about (problems, path, name, "is not a limit%s%s%s", nearest != NULL ? "; did you mean " : "",
                                     nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
      return NULL;
    }
  if (n_parts < 1 || n_parts > 2 || !parse_limit (parts[0], &soft) || !parse_limit (parts[n_parts - 1], &hard))
    {
      perry_spec_problems_add_about (problems, path, text, "is not a limit; write SOFT or SOFT:HARD, whole numbers, -1 for "
                                     "unlimited");
      return NULL;
    }
  if (hard != -1 && (soft == -1 || soft > hard))
    {
      perry_spec_problems_add_about (problems, path, text, "has a soft limit above the hard one");
      return NULL;
    }
  return soft == hard ? g_strdup_printf ("%" G_GINT64_FORMAT, soft)
                      : g_strdup_printf ("%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, soft, hard);
}

GVariant *
perry_field_check_ulimits (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (G_VARIANT_TYPE ("a{ss}"));
  GVariantIter iter;
  const char *name, *text;
  gboolean valid = TRUE;

  g_variant_iter_init (&iter, value);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &text))
    {
      g_autofree char *member = perry_spec_path_add_member (path, name);
      g_autofree char *checked = check_ulimit (name, text, member, problems);

      if (checked != NULL)
        g_variant_builder_add (builder, "{ss}", name, checked);
      else
        valid = FALSE;
    }
  return valid ? g_variant_builder_end (builder) : NULL;
}

gboolean
perry_field_sysctl_belongs_to (const char *name, PerryNamespaceKind kind)
{
  static const char *const ipc[] = { "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall",
                                     "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced", NULL };

  switch (kind)
    {
    case PERRY_NAMESPACE_NET:
      return g_str_has_prefix (name, "net.") && name[4] != '\0';
    case PERRY_NAMESPACE_IPC:
      return g_strv_contains (ipc, name) || (g_str_has_prefix (name, "fs.mqueue.") && name[10] != '\0');
    default:
      return FALSE;
    }
}

static gboolean
is_sysctl_name (const char *name)
{
  for (const char *p = name; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("._-", *p) == NULL)
      return FALSE;
  return strlen (name) <= MAX_SYSCTL && strstr (name, "..") == NULL;
}

GVariant *
perry_field_check_sysctls (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  GVariantIter iter;
  const char *name, *text;
  GVariant *valid = value;

  g_variant_iter_init (&iter, value);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &text))
    {
      g_autofree char *member = perry_spec_path_add_member (path, name);

      if (!is_sysctl_name (name) || (!perry_field_sysctl_belongs_to (name, PERRY_NAMESPACE_NET) &&
                                     !perry_field_sysctl_belongs_to (name, PERRY_NAMESPACE_IPC)))
        perry_spec_problems_add_about (problems, member, name, "is not a kernel parameter of a container: net.*, "
                                       "fs.mqueue.*, kernel.msg*, kernel.sem and kernel.shm* are");
      else if (*text == '\0' || strlen (text) > MAX_SYSCTL || strpbrk (text, "\r\n") != NULL)
        perry_spec_problems_add (problems, member, "needs a value of one line, %d characters at most", MAX_SYSCTL);
      else
        continue;
      valid = NULL;
    }
  return valid;
}
