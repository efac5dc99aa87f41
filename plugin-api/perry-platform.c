/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-platform.h"

#include <string.h>

#include "plugin-api/perry-field-check.h"
#include "plugin-api/perry-field-compare-reported.h"
#include "plugin-api/perry-spec-problems.h"

#define MAX_PARTS 3

/* The words of image configurations, which are those of the Go compiler. */
static const char *const systems[] = { "aix",   "android", "darwin",  "dragonfly", "freebsd", "illumos", "js",
                                       "linux", "netbsd",  "openbsd", "plan9",     "solaris", "wasip1",  "windows",
                                       NULL };
static const char *const architectures[] = { "386",      "amd64",    "arm",   "arm64",   "loong64", "mips",
                                             "mips64",   "mips64le", "mipsle", "ppc64", "ppc64le", "riscv64",
                                             "s390x",    "wasm",     NULL };

/* What kernels, Debian and people call them. */
static const struct {
  const char *word;
  const char *architecture;
  const char *variant;
} aliases[] = {
  { "x86_64", "amd64", NULL },  { "x86-64", "amd64", NULL },      { "aarch64", "arm64", NULL },
  { "i386", "386", NULL },      { "i486", "386", NULL },          { "i586", "386", NULL },
  { "i686", "386", NULL },      { "armhf", "arm", "v7" },         { "armel", "arm", "v6" },
  { "armv7l", "arm", "v7" },    { "armv6l", "arm", "v6" },        { "ppc64el", "ppc64le", NULL },
  { "loongarch64", "loong64", NULL },
};

/* Which variants there are; the one that says nothing beyond its architecture is left out, as containerd does. */
static const struct {
  const char *architecture;
  const char *variant;
  gboolean implied;
} variants[] = {
  { "amd64", "v1", TRUE },  { "amd64", "v2", FALSE }, { "amd64", "v3", FALSE }, { "amd64", "v4", FALSE },
  { "arm", "v5", FALSE },   { "arm", "v6", FALSE },   { "arm", "v7", FALSE },   { "arm", "v8", FALSE },
  { "arm64", "v8", TRUE },  { "arm64", "v9", FALSE },
};

/* Replaces another name of an architecture; a variant that the name implies is only taken where none is given. */
static void
replace_alias (char **architecture, char **variant)
{
  for (gsize i = 0; i < G_N_ELEMENTS (aliases); i++)
    if (g_str_equal (*architecture, aliases[i].word))
      {
        g_free (*architecture);
        *architecture = g_strdup (aliases[i].architecture);
        if (*variant == NULL)
          *variant = g_strdup (aliases[i].variant);
        return;
      }
}

static void
normalise_variant (const char *architecture, char **variant)
{
  if (*variant != NULL && g_ascii_isdigit (**variant))
    {
      char *prefixed = g_strconcat ("v", *variant, NULL);

      g_free (*variant);
      *variant = prefixed;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (variants) && *variant != NULL; i++)
    if (variants[i].implied && g_str_equal (architecture, variants[i].architecture) &&
        g_str_equal (*variant, variants[i].variant))
      g_clear_pointer (variant, g_free);
}

static char *
lower (const char *word)
{
  return word != NULL && *word != '\0' ? g_ascii_strdown (word, -1) : NULL;
}

char *
perry_platform_format (const char *os, const char *architecture, const char *variant)
{
  g_autofree char *system = lower (os);
  g_autofree char *processor = lower (architecture);
  g_autofree char *kind = lower (variant);

  if (system == NULL)
    return NULL;
  if (processor == NULL)
    return g_steal_pointer (&system);
  replace_alias (&processor, &kind);
  normalise_variant (processor, &kind);
  return g_strdup_printf ("%s/%s%s%s", system, processor, kind != NULL ? "/" : "", kind != NULL ? kind : "");
}

gboolean
perry_platform_matches (const char *asked, const char *found)
{
  g_auto (GStrv) wanted = NULL;
  g_auto (GStrv) present = NULL;

  g_return_val_if_fail (asked != NULL && found != NULL, FALSE);

  wanted = g_strsplit (asked, "/", MAX_PARTS);
  present = g_strsplit (found, "/", MAX_PARTS);
  for (gsize i = 0; wanted[i] != NULL && present[i] != NULL; i++)
    if (!g_str_equal (wanted[i], present[i]))
      return FALSE;
  return TRUE;
}

/* The architecture of `os/architecture…`, NULL where it has none: a registry may send an empty one. */
static const char *
skip_system (const char *platform)
{
  const char *slash = strchr (platform, '/');

  return slash != NULL && slash[1] != '\0' ? slash + 1 : NULL;
}

gboolean
perry_platform_runs_on (const char *image, const char *host)
{
  static const struct { const char *narrow; const char *wide; } families[] = { { "386", "amd64" }, { "arm", "arm64" } };
  g_auto (GStrv) programs = NULL;
  g_auto (GStrv) processor = NULL;

  g_return_val_if_fail (image != NULL && host != NULL, FALSE);

  if (skip_system (image) == NULL || skip_system (host) == NULL)
    return TRUE;
  programs = g_strsplit (skip_system (image), "/", 2);
  processor = g_strsplit (skip_system (host), "/", 2);
  for (gsize i = 0; i < G_N_ELEMENTS (families); i++)
    if (g_str_equal (programs[0], families[i].narrow) && g_str_equal (processor[0], families[i].wide))
      return TRUE;
  return g_str_equal (programs[0], processor[0]);
}

static gboolean
check_word (const char *word, const char *const *known, const char *what, const char *path,
            PerrySpecProblems *problems)
{
  g_autofree char *quoted = NULL;
  const char *nearest;

  if (g_strv_contains (known, word))
    return TRUE;
  quoted = perry_spec_quote (word);
  nearest = perry_spec_problems_find_nearest (problems, word, known);
  perry_spec_problems_add (problems, path, "unknown %s %s%s%s%s", what, quoted, nearest != NULL ? "; did you mean " : "",
                           nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
  return FALSE;
}

static gboolean
check_variant (const char *architecture, const char *variant, const char *path, PerrySpecProblems *problems)
{
  g_autoptr (GString) known = g_string_new (NULL);
  g_autofree char *quoted = perry_spec_quote (variant);

  for (gsize i = 0; i < G_N_ELEMENTS (variants); i++)
    {
      if (!g_str_equal (architecture, variants[i].architecture))
        continue;
      if (g_str_equal (variant, variants[i].variant))
        return TRUE;
      g_string_append_printf (known, "%s%s", known->len > 0 ? ", " : "", variants[i].variant);
    }
  if (known->len > 0)
    perry_spec_problems_add (problems, path, "unknown variant %s of %s; known are %s", quoted, architecture, known->str);
  else
    perry_spec_problems_add (problems, path, "%s has no variants, and %s is one", architecture, quoted);
  return FALSE;
}

/* What the parts are called before the implied variant is left out, so that a wrong one is still seen. */
static gboolean
check_parts (char **parts, const char *path, PerrySpecProblems *problems)
{
  g_autofree char *system = g_str_equal (parts[0], "macos") ? g_strdup ("darwin") : g_strdup (parts[0]);
  g_autofree char *architecture = g_strdup (parts[1]);
  g_autofree char *variant = NULL;
  gboolean valid = check_word (system, systems, "operating system", path, problems);

  if (architecture == NULL)
    return valid;
  if (parts[2] != NULL)
    variant = g_strconcat (g_ascii_isdigit (*parts[2]) ? "v" : "", parts[2], NULL);
  replace_alias (&architecture, &variant);
  if (!check_word (architecture, architectures, "architecture", path, problems))
    return FALSE;
  return (variant == NULL || check_variant (architecture, variant, path, problems)) && valid;
}

GVariant *
perry_field_check_platform (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  const char *text = g_variant_get_string (value, NULL);
  g_autofree char *lowered = g_ascii_strdown (text, -1);
  g_auto (GStrv) parts = g_strsplit (lowered, "/", MAX_PARTS + 1);
  guint n_parts = g_strv_length (parts);

  if (n_parts < 1 || n_parts > MAX_PARTS || g_strv_contains ((const char *const *) parts, ""))
    {
      perry_spec_problems_add_about (problems, path, text, "is not a platform; write OS/ARCHITECTURE or "
                                     "OS/ARCHITECTURE/VARIANT, such as linux/amd64 or linux/arm/v7");
      return NULL;
    }
  if (!check_parts (parts, path, problems))
    return NULL;
  return g_variant_new_take_string (perry_platform_format (g_str_equal (parts[0], "macos") ? "darwin" : parts[0],
                                                           parts[1], n_parts == MAX_PARTS ? parts[2] : NULL));
}

PerryVerdict
perry_field_compare_reported_platform (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                       const PerryCompareContext *context, GString *value, GString *reason)
{
  const char *wanted = perry_container_spec_get_string (asked, PERRY_FIELD_PLATFORM);
  const char *found = perry_container_spec_get_string (reported, PERRY_FIELD_PLATFORM);

  if (found == NULL)
    {
      g_string_append (reason, "the engine does not say which platform the image is for");
      return PERRY_VERDICT_UNPROVEN;
    }
  perry_spec_append_escaped (value, found, 40);
  if (!perry_platform_matches (wanted, found))
    {
      g_string_append (reason, "the image is for another platform");
      return PERRY_VERDICT_DIFFERS;
    }
  if (strlen (found) >= strlen (wanted))
    return PERRY_VERDICT_PROVEN;
  g_string_append (reason, "the image names no variant");
  return PERRY_VERDICT_UNPROVEN;
}
