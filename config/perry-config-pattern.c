/* SPDX-License-Identifier: Apache-2.0 */
#include "config/perry-config-private.h"

#include <string.h>

#include "plugin-api/perry-image-reference.h"

#define MAX_PATTERN_BYTES 512
#define MAX_STARS 16
#define ANY_REGISTRY "a.a"

/* What stands for a star, so that a pattern becomes one of the references that it matches. */
static const char *
fill_star (const char *pattern, const char *star, gboolean is_double)
{
  const char *slash = strchr (pattern, '/');

  if (slash != NULL && star > slash)
    return is_double ? "a/a" : "a";
  if (star > pattern && star[-1] == ':') /* a port, or the tag of a pattern without a slash */
    return "1";
  if (star > pattern && g_ascii_isdigit (star[-1]) && memchr (pattern, ':', (gsize) (star - pattern)) != NULL)
    return "1";
  return is_double && slash == NULL ? ANY_REGISTRY "/a/a" : ANY_REGISTRY;
}

static char *
fill_in (const char *pattern)
{
  GString *text = g_string_new (NULL);

  for (const char *at = pattern; *at != '\0'; at++)
    {
      gboolean is_double = *at == '*' && at[1] == '*';

      if (*at != '*')
        g_string_append_c (text, *at);
      else
        g_string_append (text, fill_star (pattern, at, is_double));
      at += is_double;
    }
  return g_string_free (text, FALSE);
}

static guint
count_stars (const char *pattern)
{
  guint n = 0;

  for (const char *at = strchr (pattern, '*'); at != NULL; at = strchr (at + 1, '*'))
    n++;
  return n;
}

/* Names are compared in full, so that a pattern with a short one would match nothing. */
static gboolean
check_in_full (const char *pattern, const char *filled, const PerryImageReference *reference, GError **error)
{
  g_autofree char *full = perry_image_reference_to_string (reference);
  g_autofree char *with_tag = g_strconcat (filled, ":latest", NULL);

  if (g_str_equal (full, filled) || g_str_equal (full, with_tag))
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG,
               "“%s” matches no image: they are compared in full, with their registry, such as "
               "docker.io/library/alpine; “**” stands for any number of parts, “*” for one", pattern);
  return FALSE;
}

gboolean
perry_config_check_pattern (const char *pattern, GError **error)
{
  g_autoptr (PerryImageReference) reference = NULL;
  g_autoptr (GError) parse_error = NULL;
  g_autofree char *filled = NULL;

  if (*pattern == '\0' || strlen (pattern) > MAX_PATTERN_BYTES || strstr (pattern, "***") != NULL ||
      count_stars (pattern) > MAX_STARS)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG,
                   "a pattern of images has 1 to %d bytes and at most %d stars, and no three in a row",
                   MAX_PATTERN_BYTES, MAX_STARS);
      return FALSE;
    }
  filled = fill_in (pattern);
  reference = perry_image_reference_parse (filled, &parse_error);
  if (reference == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "“%s” is no pattern of images: %s", pattern,
                   parse_error->message);
      return FALSE;
    }
  if (perry_image_reference_get_kind (reference) == PERRY_IMAGE_REFERENCE_NAME)
    return check_in_full (pattern, filled, reference, error);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG,
               "“%s” is an image's id; what a rule is about stands in a registry", pattern);
  return FALSE;
}
