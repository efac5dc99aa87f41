/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-pull-options.h"

G_DEFINE_BOXED_TYPE (PerryPullOptions, perry_pull_options, perry_pull_options_copy, perry_pull_options_free)

gboolean
perry_pull_policy_from_name (const char *name, PerryPullPolicy *ret_policy)
{
  static const char *const names[] = {
    [PERRY_PULL_MISSING] = "missing",
    [PERRY_PULL_ALWAYS] = "always",
    [PERRY_PULL_NEVER] = "never",
  };

  g_return_val_if_fail (name != NULL && ret_policy != NULL, FALSE);

  for (guint policy = 0; policy < G_N_ELEMENTS (names); policy++)
    if (g_str_equal (names[policy], name))
      {
        *ret_policy = policy;
        return TRUE;
      }
  return FALSE;
}

PerryPullOptions *
perry_pull_options_new (void)
{
  return g_new0 (PerryPullOptions, 1);
}

PerryPullOptions *
perry_pull_options_copy (const PerryPullOptions *options)
{
  PerryPullOptions *copy = g_memdup2 (options, sizeof *options);

  copy->platform = g_strdup (options->platform);
  copy->environment = g_strdupv (options->environment);
  copy->requirement = options->requirement != NULL ? perry_requirement_copy (options->requirement) : NULL;
  return copy;
}

void
perry_pull_options_free (PerryPullOptions *options)
{
  if (options == NULL)
    return;
  g_free (options->platform);
  g_strfreev (options->environment);
  g_clear_pointer (&options->requirement, perry_requirement_free);
  g_free (options);
}
