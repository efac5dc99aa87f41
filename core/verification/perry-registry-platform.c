/* SPDX-License-Identifier: Apache-2.0 */
#include "core/verification/perry-registry-manifest.h"

#include <string.h>
#include <sys/utsname.h>

#include "core/verification/perry-registry-digest.h"
#include "plugin-api/perry-error.h"
#include "plugin-api/perry-platform.h"

#define MAX_LISTED 16

/* What a variant counts, which is a digit behind a `v`; 0 for none. */
static guint
get_level (const char *variant)
{
  return variant != NULL && variant[0] == 'v' && g_ascii_isdigit (variant[1]) ? (guint) (variant[1] - '0') : 0;
}

/* What is the same but for the variant. An ARM without one is taken for the newest there is, since it is in everybody's
 * way of speaking; of others the one that asks least of the processor is. */
static guint
rate_variants (const char *architecture, const char *wanted, const char *found, gboolean is_host)
{
  guint level = get_level (found);

  if (g_strcmp0 (wanted, found) == 0)
    return 100;
  if (found == NULL)
    return 90;
  if (wanted == NULL && g_str_equal (architecture, "arm"))
    return 50 + level;
  if (wanted == NULL)
    return is_host ? 0 : 50 - level;
  return is_host && level < get_level (wanted) ? 40 + level : 0;
}

/* How well an entry fits; 0 not at all. */
static guint
rate (const char *wanted, const char *found, gboolean is_host)
{
  g_auto (GStrv) asked = g_strsplit (wanted, "/", 3);
  g_auto (GStrv) present = g_strsplit (found, "/", 3);
  guint n_asked = g_strv_length (asked), n_present = g_strv_length (present);

  if (n_asked == 0 || n_present < 2 || *present[1] == '\0' || !g_str_equal (asked[0], present[0]))
    return 0;
  if (n_asked == 1)
    return 50;
  if (g_str_equal (asked[1], present[1]))
    return rate_variants (asked[1], n_asked > 2 ? asked[2] : NULL, n_present > 2 ? present[2] : NULL, is_host);
  return is_host && perry_platform_runs_on (found, wanted) ? 10 + get_level (n_present > 2 ? present[2] : NULL) : 0;
}

static char *
list_platforms (const PerryRegistryManifest *index)
{
  g_autoptr (GString) list = g_string_new (NULL);
  guint n_listed = 0;

  for (guint i = 0; i < index->entries->len && n_listed < MAX_LISTED; i++)
    {
      const PerryRegistryEntry *entry = g_ptr_array_index (index->entries, i);
      g_autofree char *shown = NULL;

      if (entry->platform == NULL || g_str_has_prefix (entry->platform, "unknown/"))
        continue;
      shown = perry_registry_text_for_message (entry->platform);
      g_string_append_printf (list, "%s%s", n_listed++ > 0 ? ", " : "", shown);
    }
  return g_strdup (n_listed > 0 ? list->str : "none at all");
}

const PerryRegistryEntry *
perry_registry_manifest_choose (const PerryRegistryManifest *index, const char *platform, const char *host,
                                GError **error)
{
  const char *wanted = platform != NULL ? platform : host;
  const PerryRegistryEntry *best = NULL;
  g_autofree char *there_is = NULL;
  guint best_rate = 0;

  for (guint i = 0; i < index->entries->len; i++)
    {
      const PerryRegistryEntry *entry = g_ptr_array_index (index->entries, i);
      guint found = entry->platform != NULL ? rate (wanted, entry->platform, platform == NULL) : 0;

      if (found <= best_rate)
        continue;
      best_rate = found;
      best = entry;
    }
  if (best != NULL)
    return best;
  there_is = list_platforms (index);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND, "the image is not there for the platform %s; there is %s",
               wanted, there_is);
  return NULL;
}

char *
perry_registry_dup_host_platform (void)
{
  struct utsname name;
  char *platform = NULL;

  if (uname (&name) == 0)
    platform = perry_platform_format ("linux", name.machine, NULL);
  return platform != NULL ? platform : g_strdup ("linux");
}
