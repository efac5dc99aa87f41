/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-linux-capability.h"

#include <string.h>
#include <sys/capability.h>

#include "plugin-api/perry-json.h"

#define MAX_CAPABILITIES 64
#define PREFIX "CAP_"
#define ALL "ALL"

typedef struct {
  const char *names[MAX_CAPABILITIES + 1]; /* NULL-terminated, upper case, without CAP_ */
  guint length;
} Names;

static Names *
load_names (void)
{
  Names *names = g_new0 (Names, 1);

  for (guint number = 0; number < MAX_CAPABILITIES; number++)
    {
      char *text = cap_to_name ((cap_value_t) number);
      gboolean known = text != NULL && g_ascii_strncasecmp (text, PREFIX, strlen (PREFIX)) == 0;

      /* libcap prints a number that it does not know as digits. */
      if (known)
        names->names[names->length++] = g_ascii_strup (text + strlen (PREFIX), -1);
      if (text != NULL)
        cap_free (text);
      if (!known)
        break;
    }
  return names;
}

static const Names *
get_names (void)
{
  static Names *names;

  /* not g_once(), which reads its variable as if no other thread could write it */
  if (g_once_init_enter (&names))
    g_once_init_leave (&names, load_names ());
  return names;
}

static const char *
skip_prefix (const char *text)
{
  return g_ascii_strncasecmp (text, PREFIX, strlen (PREFIX)) == 0 ? text + strlen (PREFIX) : text;
}

gboolean
perry_linux_capability_parse (const char *text, guint *ret_number)
{
  const Names *names = get_names ();

  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (ret_number != NULL, FALSE);

  for (guint number = 0; number < names->length; number++)
    if (g_ascii_strcasecmp (skip_prefix (text), names->names[number]) == 0)
      {
        *ret_number = number;
        return TRUE;
      }
  return FALSE;
}

char *
perry_linux_capability_get_name (guint number)
{
  const Names *names = get_names ();

  return number < names->length ? g_strdup (names->names[number]) : NULL;
}

char *
perry_linux_capability_nearest (const char *text)
{
  g_autofree char *upper = NULL;

  g_return_val_if_fail (text != NULL, NULL);

  upper = g_ascii_strup (skip_prefix (text), -1);
  return g_strdup (perry_json_nearest_key (upper, get_names ()->names));
}

PerryLinuxCapabilities
perry_linux_capabilities_all (void)
{
  guint length = get_names ()->length;

  return length < MAX_CAPABILITIES ? (G_GUINT64_CONSTANT (1) << length) - 1 : G_MAXUINT64;
}

PerryLinuxCapabilities
perry_linux_capabilities_from_names (const char *const *names)
{
  PerryLinuxCapabilities set = 0;

  for (; names != NULL && *names != NULL; names++)
    {
      guint number;

      if (g_ascii_strcasecmp (skip_prefix (*names), ALL) == 0)
        set |= perry_linux_capabilities_all ();
      else if (perry_linux_capability_parse (*names, &number))
        set |= G_GUINT64_CONSTANT (1) << number;
    }
  return set;
}

char *
perry_linux_capabilities_to_text (PerryLinuxCapabilities set)
{
  const Names *names = get_names ();
  GString *text = NULL;

  if (set == 0)
    return g_strdup ("none");
  if (set == perry_linux_capabilities_all ())
    return g_strdup ("all");

  text = g_string_new (NULL);
  for (guint number = 0; number < MAX_CAPABILITIES; number++)
    {
      if ((set & (G_GUINT64_CONSTANT (1) << number)) == 0)
        continue;
      if (text->len > 0)
        g_string_append_c (text, ' ');
      if (number < names->length)
        g_string_append (text, names->names[number]);
      else
        g_string_append_printf (text, "%u", number);
    }
  return g_string_free (text, FALSE);
}
