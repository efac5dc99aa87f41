/* SPDX-License-Identifier: Apache-2.0 */
/* The name of an image, and patterns of rules, one a line each. What matches is compared with a matcher that tries
 * everything, and which rule counts must not depend on their order. */
#include <string.h>

#include "config/perry-config-private.h"
#include "core/verification/perry-verify-rules.h"
#include "tests/fuzz/fuzz-input.h"

#define MAX_RULES 16

/* Straight from the words of perry.conf. @known has a byte for each pair of places: 0 for not tried yet. */
static gboolean
matches_naively (const char *pattern, const char *text, gsize p, gsize t, gsize width, guint8 *known)
{
  guint8 *place = known + p * width + t;
  gboolean deep = strncmp (pattern + p, "**", 2) == 0;
  gboolean result;

  if (*place != 0)
    return *place == 1;
  if (pattern[p] == '\0')
    result = text[t] == '\0';
  else if (pattern[p] == '*')
    result = matches_naively (pattern, text, p + (deep ? 2 : 1), t, width, known) ||
             (text[t] != '\0' && (deep || text[t] != '/') && matches_naively (pattern, text, p, t + 1, width, known));
  else
    result = pattern[p] == text[t] && matches_naively (pattern, text, p + 1, t + 1, width, known);
  *place = result ? 1 : 2;
  return result;
}

/* What a pattern is compared with: as much of the name as it has itself. */
static char *
name_for (const char *pattern, const PerryImageReference *reference)
{
  g_autofree char *before = g_strndup (pattern, strcspn (pattern, "@"));
  const char *colon = strrchr (before, ':'), *slash = strrchr (before, '/');
  const char *tag = perry_image_reference_get_tag (reference), *digest = perry_image_reference_get_digest (reference);
  const char *registry = perry_image_reference_get_registry (reference);
  const char *repository = perry_image_reference_get_repository (reference);
  gboolean by_tag = colon != NULL && (slash == NULL || colon > slash), by_digest = strchr (pattern, '@') != NULL;

  return g_strconcat (registry, "/", repository, by_tag ? ":" : "", by_tag && tag != NULL ? tag : "", by_digest ? "@" : "",
                      by_digest && digest != NULL ? digest : "", NULL);
}

static void
check_pattern (const char *pattern, const PerryImageReference *reference)
{
  g_autofree char *name = name_for (pattern, reference);
  gsize width = strlen (name) + 1;
  g_autofree guint8 *known = g_malloc0 ((strlen (pattern) + 1) * width);
  g_autoptr (PerryImageReference) itself = strchr (pattern, '*') == NULL ? perry_image_reference_parse (pattern, NULL) : NULL;

  fuzz_require (perry_verify_pattern_matches (pattern, reference) == matches_naively (pattern, name, 0, 0, width, known),
                "a pattern matches what it says");
  fuzz_require (itself == NULL || perry_verify_pattern_matches (pattern, itself), "a name matches itself");
}

static gsize
count_literals (const char *pattern)
{
  gsize n = 0;

  for (; *pattern != '\0'; pattern++)
    n += *pattern != '*';
  return n;
}

static void
check_rules (GPtrArray *rules, const PerryImageReference *reference)
{
  g_autoptr (GPtrArray) reversed = g_ptr_array_new ();
  const PerryVerifyRule *found = perry_verify_find_rule (rules, reference);

  for (guint i = rules->len; i > 0; i--)
    g_ptr_array_add (reversed, g_ptr_array_index (rules, i - 1));
  fuzz_require (perry_verify_find_rule (reversed, reference) == found, "the order of rules does not matter");
  for (guint i = 0; i < rules->len; i++)
    {
      const PerryVerifyRule *rule = g_ptr_array_index (rules, i);

      if (perry_verify_pattern_matches (rule->pattern, reference))
        fuzz_require (found != NULL && count_literals (found->pattern) >= count_literals (rule->pattern),
                      "the rule that counts says most");
    }
}

static void
free_rule (gpointer data)
{
  PerryVerifyRule *rule = data;

  g_free (rule->name);
  g_free (rule->pattern);
  g_free (rule);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_dup_text (data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", MAX_RULES + 1);
  g_autoptr (PerryImageReference) reference = lines[0] != NULL ? perry_image_reference_parse (lines[0], NULL) : NULL;
  g_autoptr (GPtrArray) rules = g_ptr_array_new_with_free_func (free_rule);

  /* configuration is UTF-8, which its reader has checked */
  if (reference == NULL || !g_utf8_validate (text, -1, NULL))
    return 0;
  for (char **line = lines + 1; *line != NULL && rules->len < MAX_RULES; line++)
    {
      g_autoptr (GError) error = NULL;
      PerryVerifyRule *rule;

      if (!perry_config_check_pattern (*line, &error))
        {
          fuzz_check_error (error, TRUE);
          continue;
        }
      if (perry_image_reference_get_kind (reference) == PERRY_IMAGE_REFERENCE_NAME)
        check_pattern (*line, reference);
      else
        fuzz_require (!perry_verify_pattern_matches (*line, reference), "an id is no name");
      rule = g_new0 (PerryVerifyRule, 1);
      rule->name = g_strdup_printf ("rule-%02u", rules->len);
      rule->pattern = g_strdup (*line);
      g_ptr_array_add (rules, rule);
    }
  check_rules (rules, reference);
  return 0;
}
