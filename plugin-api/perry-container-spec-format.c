/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-container-spec.h"

#include <string.h>

#include "plugin-api/perry-container-spec-private.h"
#include "plugin-api/perry-field-check.h"
#include "plugin-api/perry-field-devices.h"
#include "plugin-api/perry-field-mounts.h"
#include "plugin-api/perry-field-value.h"

#define MAX_CHARS 160

/* Quotes an argument only where its ends would not be seen. */
static void
append_argument (GString *text, const char *argument)
{
  gboolean plain = *argument != '\0' && strpbrk (argument, " \t\"'\\") == NULL;

  if (text->len > 0)
    g_string_append_c (text, ' ');
  g_string_append_printf (text, plain ? "%s" : "\"%s\"", argument);
}

static void
append_strv (GString *text, const PerryContainerSpec *spec, PerryField field)
{
  g_autofree const char **strings = perry_container_spec_get_strv (spec, field);
  gboolean is_command = field == PERRY_FIELD_CMD || field == PERRY_FIELD_ENTRYPOINT;

  if (strings[0] == NULL)
    g_string_append (text, "none");
  for (gsize i = 0; strings[i] != NULL; i++)
    if (is_command)
      append_argument (text, strings[i]);
    else
      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", strings[i]);
}

/* The names alone for `env`: its values may be secrets. */
static void
append_map (GString *text, GVariant *map, gboolean with_values)
{
  GVariantIter iter;
  const char *key;
  const char *value;

  if (g_variant_n_children (map) == 0)
    g_string_append (text, "none");
  g_variant_iter_init (&iter, map);
  while (g_variant_iter_next (&iter, "{&s&s}", &key, &value))
    g_string_append_printf (text, "%s%s%s%s", text->len > 0 ? ", " : "", key, with_values ? "=" : "",
                            with_values ? value : "");
}

static void
append_mounts (GString *text, GVariant *mounts)
{
  if (g_variant_n_children (mounts) == 0)
    g_string_append (text, "none");
  for (gsize i = 0; i < g_variant_n_children (mounts); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (mounts, i);
      g_autoptr (PerryMount) mount = perry_mount_new_from_variant (child);
      g_autofree char *options = g_strjoinv (",", mount->options);

      g_string_append_printf (text, "%s%s%s%s%s%s%s", i > 0 ? ", " : "",
                              mount->source != NULL ? mount->source : perry_mount_type_get_word (mount->type), ":",
                              mount->target, mount->read_only ? ":ro" : "",
                              *options == '\0' ? "" : mount->read_only ? "," : ":", options);
    }
}

/* Which `perry` it was, a report has to say: another version of the library may have another one. */
static void
append_profile (GString *text, const PerryContainerSpec *spec, const char *value)
{
  g_autofree char *digest = NULL;

  if (perry_field_seccomp_is_inline (value))
    {
      g_string_append_printf (text, "inline profile (%" G_GSIZE_FORMAT " bytes)", strlen (value));
      return;
    }
  g_string_append (text, value);
  if (!g_str_equal (value, "perry") || spec->seccomp_profile == NULL)
    return;
  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, spec->seccomp_profile, -1);
  g_string_append_printf (text, " (sha256:%s)", digest);
}

char *
perry_container_spec_format_value (const PerryContainerSpec *spec, PerryField field)
{
  GVariant *value = perry_container_spec_get_value (spec, field);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *printed = NULL;
  GString *escaped;
  PerryFieldType type;

  if (value == NULL)
    return NULL;

  type = perry_field_get_info (field)->type;
  switch (type)
    {
    case PERRY_FIELD_TYPE_STRV:
    case PERRY_FIELD_TYPE_PORTS:
      append_strv (text, spec, field);
      break;
    case PERRY_FIELD_TYPE_MAP:
      append_map (text, value, field != PERRY_FIELD_ENV);
      break;
    case PERRY_FIELD_TYPE_BOOLEAN:
      g_string_append (text, g_variant_get_boolean (value) ? "true" : "false");
      break;
    case PERRY_FIELD_TYPE_INTEGER:
      g_string_append_printf (text, "%" G_GINT64_FORMAT, g_variant_get_int64 (value));
      break;
    case PERRY_FIELD_TYPE_SECONDS:
      g_string_append_printf (text, "%" G_GINT64_FORMAT "s", g_variant_get_int64 (value));
      break;
    case PERRY_FIELD_TYPE_SIZE:
      printed = perry_field_format_size (g_variant_get_int64 (value));
      g_string_append (text, printed);
      break;
    case PERRY_FIELD_TYPE_NUMBER:
      printed = perry_field_format_number (g_variant_get_double (value));
      g_string_append (text, printed);
      break;
    case PERRY_FIELD_TYPE_MOUNTS:
      append_mounts (text, value);
      break;
    case PERRY_FIELD_TYPE_DEVICES:
      perry_field_append_devices (text, value);
      break;
    case PERRY_FIELD_TYPE_PROFILE:
      append_profile (text, spec, g_variant_get_string (value, NULL));
      break;
    default:
      g_string_append (text, g_variant_get_string (value, NULL));
      break;
    }
  escaped = g_string_new (NULL);
  perry_spec_append_escaped (escaped, text->str, MAX_CHARS);
  return g_string_free (escaped, FALSE);
}
