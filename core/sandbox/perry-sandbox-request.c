/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sandbox/perry-sandbox-request.h"

#include <string.h>

#include "plugin-api/perry-json.h"

static gboolean
fail (GError **error, const char *message)
{
  g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC, message);
  return FALSE;
}

/* Takes the members that are the batch's own out of the object; what is left is a spec. */
static gboolean
take_id (PerrySandboxRequest *request, JsonObject *object, GError **error)
{
  const char *id = perry_json_as_string (json_object_get_member (object, "id"));

  if (id == NULL || *id == '\0' || strlen (id) > PERRY_SANDBOX_MAX_ID)
    return fail (error, "$.id: has to be a text of 1 to 256 bytes, which its result is known by");
  request->id = g_strdup (id);
  json_object_remove_member (object, "id");
  return TRUE;
}

static gboolean
take_input (PerrySandboxRequest *request, JsonObject *object, GError **error)
{
  JsonNode *node = json_object_get_member (object, "stdin");

  if (node == NULL)
    return TRUE;
  if (perry_json_as_string (node) == NULL)
    return fail (error, "$.stdin: has to be a text");
  request->input = g_strdup (perry_json_as_string (node));
  json_object_remove_member (object, "stdin");
  return TRUE;
}

static gboolean
take_timeout (PerrySandboxRequest *request, JsonObject *object, GError **error)
{
  JsonNode *node = json_object_get_member (object, "timeout_ms");
  gint64 milliseconds = 0;

  if (node == NULL)
    return TRUE;
  if (!perry_json_as_int64 (node, &milliseconds) || milliseconds < 1 || milliseconds > G_MAXINT)
    return fail (error, "$.timeout_ms: has to be a whole number of milliseconds above 0");
  request->timeout_ms = (guint) milliseconds;
  json_object_remove_member (object, "timeout_ms");
  return TRUE;
}

static void
set_defaults (PerryContainerSpec *spec, const PerryContainerSpec *defaults)
{
  for (int field = 0; defaults != NULL && field < PERRY_FIELD_LAST; field++)
    if (!perry_container_spec_is_set (spec, field) && perry_container_spec_is_set (defaults, field))
      perry_container_spec_take_value (spec, field, perry_container_spec_get_value (defaults, field));
}

gboolean
perry_sandbox_request_read (PerrySandboxRequest *request, const char *line, gsize length,
                            const PerryContainerSpec *defaults, GError **error)
{
  g_autoptr (JsonNode) root = perry_json_parse (line, (gssize) length, NULL, error);
  JsonObject *object = perry_json_as_object (root);
  g_autofree char *rest = NULL;

  if (root == NULL)
    return FALSE;
  if (object == NULL)
    return fail (error, "a request is a JSON object");
  if (!take_id (request, object, error) || !take_input (request, object, error) || !take_timeout (request, object, error))
    return FALSE;
  rest = perry_json_to_text (root, FALSE);
  request->spec = perry_container_spec_new_from_json (rest, -1, error);
  if (request->spec == NULL)
    return FALSE;
  set_defaults (request->spec, defaults);
  return perry_container_spec_complete (request->spec, NULL, error);
}

void
perry_sandbox_request_clear (PerrySandboxRequest *request)
{
  g_clear_pointer (&request->id, g_free);
  g_clear_pointer (&request->spec, perry_container_spec_free);
  g_clear_pointer (&request->input, g_free);
}
