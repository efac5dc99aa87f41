/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-network-create.h"

#define CLEAN_UP_TIMEOUT_MS 20000

static void
set_refused (PerryBackend *backend, const char *lines, GError **error)
{
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT,
               "strict enforcement refuses the network, which %s cannot make as asked:\n  %s", backend->name, lines);
}

static gboolean
can_isolate (PerryBackend *backend, GError **error)
{
  const PerryCapabilityMatrix *matrix = backend->info->matrix;
  const char *reason = perry_capability_matrix_get_reason (matrix, PERRY_CAPABILITY_INTERNAL_NETWORK);
  g_autofree char *line = NULL;

  if (perry_capability_matrix_get_support (matrix, PERRY_CAPABILITY_INTERNAL_NETWORK) >= PERRY_SUPPORT_EMULATED)
    return TRUE;
  line = g_strdup_printf ("internal: %s", reason != NULL ? reason : "it has no internal networks");
  set_refused (backend, line, error);
  return FALSE;
}

/* What was created is not what was asked for. What cannot be removed is told: it stays. */
static void
refuse (PerryBackend *backend, const char *name, const char *id, char **warnings, GError **error)
{
  g_autoptr (PerryDeadline) deadline = perry_deadline_new (CLEAN_UP_TIMEOUT_MS);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GString) lines = g_string_new (warnings[0]);

  for (char **warning = warnings + 1; *warning != NULL; warning++)
    g_string_append_printf (lines, "\n  %s", *warning);
  if (!backend->ops->network_remove (backend->handle, id, perry_deadline_get_cancellable (deadline), &local_error) &&
      !g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_NETWORK_NOT_FOUND))
    g_string_append_printf (lines, "\nand it could not be removed again: %s; `perryctl network rm %s` removes it",
                            local_error->message, name);
  set_refused (backend, lines->str, error);
}

char *
perry_network_create (PerryBackend *backend, const PerryNetworkRequest *request, gboolean strict, char ***ret_warnings,
                      GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) warnings = NULL;
  g_autofree char *id = NULL;

  if (strict && request->internal && !can_isolate (backend, error))
    return NULL;
  id = backend->ops->network_create (backend->handle, request, &warnings, cancellable, error);
  if (id == NULL)
    return NULL;
  if (strict && warnings != NULL && *warnings != NULL)
    {
      refuse (backend, request->name, id, warnings, error);
      return NULL;
    }
  if (ret_warnings != NULL)
    *ret_warnings = g_steal_pointer (&warnings);
  return g_steal_pointer (&id);
}
