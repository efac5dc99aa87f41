/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-healthcheck.h"

#include <string.h>

#include "plugin-api/perry-field-value.h"
#include "plugin-api/perry-json.h"

PerryHealthcheck *
perry_healthcheck_new (void)
{
  PerryHealthcheck *check = g_new0 (PerryHealthcheck, 1);

  check->interval_us = check->timeout_us = check->retries = check->start_period_us = check->start_interval_us = -1;
  return check;
}

void
perry_healthcheck_free (PerryHealthcheck *healthcheck)
{
  if (healthcheck == NULL)
    return;
  g_strfreev (healthcheck->test);
  g_free (healthcheck);
}

static void
set_time (JsonObject *object, const char *member, gint64 us)
{
  g_autofree char *text = perry_field_format_duration (us);

  if (us >= 0)
    json_object_set_string_member (object, member, text);
}

char *
perry_healthcheck_to_json (const PerryHealthcheck *healthcheck)
{
  JsonObject *object = json_object_new ();
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (root, object);
  if (healthcheck->disable)
    {
      json_object_set_boolean_member (object, "disable", TRUE);
      return perry_json_to_text (root, FALSE);
    }
  if (healthcheck->test != NULL)
    {
      JsonArray *words = json_array_new ();

      for (char **word = healthcheck->test; *word != NULL; word++)
        json_array_add_string_element (words, *word);
      json_object_set_array_member (object, "test", words);
    }
  set_time (object, "interval", healthcheck->interval_us);
  set_time (object, "timeout", healthcheck->timeout_us);
  if (healthcheck->retries >= 0)
    json_object_set_int_member (object, "retries", healthcheck->retries);
  set_time (object, "start_period", healthcheck->start_period_us);
  set_time (object, "start_interval", healthcheck->start_interval_us);
  return perry_json_to_text (root, FALSE);
}

static gint64
get_time (JsonObject *object, const char *member)
{
  const char *text = NULL;
  gint64 us;

  return perry_json_read_string (object, member, &text) && perry_field_parse_duration (text, &us) ? us : -1;
}

/* The value was checked when it was set, or it was written by perry_healthcheck_to_json(). */
PerryHealthcheck *
perry_container_spec_dup_healthcheck (const PerryContainerSpec *spec)
{
  const char *text = perry_container_spec_get_string (spec, PERRY_FIELD_HEALTHCHECK);
  g_autoptr (JsonNode) root = text != NULL ? perry_json_parse (text, -1, NULL, NULL) : NULL;
  JsonObject *object = perry_json_as_object (root);
  PerryHealthcheck *check;

  if (object == NULL)
    return NULL;
  check = perry_healthcheck_new ();
  perry_json_read_strv (object, "test", &check->test);
  perry_json_read_boolean (object, "disable", &check->disable);
  perry_json_read_int64 (object, "retries", &check->retries);
  check->interval_us = get_time (object, "interval");
  check->timeout_us = get_time (object, "timeout");
  check->start_period_us = get_time (object, "start_period");
  check->start_interval_us = get_time (object, "start_interval");
  return check;
}

static const char *const policy_names[] = {
  [PERRY_RESTART_NO] = "no",
  [PERRY_RESTART_ON_FAILURE] = "on-failure",
  [PERRY_RESTART_ALWAYS] = "always",
  [PERRY_RESTART_UNLESS_STOPPED] = "unless-stopped",
};

const char *
perry_restart_policy_get_name (PerryRestartPolicy policy)
{
  g_return_val_if_fail ((guint) policy < G_N_ELEMENTS (policy_names), policy_names[PERRY_RESTART_NO]);
  return policy_names[policy];
}

PerryRestartPolicy
perry_container_spec_get_restart (const PerryContainerSpec *spec, gint64 *ret_tries)
{
  const char *text = perry_container_spec_get_string (spec, PERRY_FIELD_RESTART);
  const char *colon = text != NULL ? strchr (text, ':') : NULL;
  gsize length = colon != NULL ? (gsize) (colon - text) : text != NULL ? strlen (text) : 0;

  if (ret_tries != NULL)
    *ret_tries = colon != NULL ? g_ascii_strtoll (colon + 1, NULL, 10) : 0;
  for (gsize i = 0; text != NULL && i < G_N_ELEMENTS (policy_names); i++)
    if (strlen (policy_names[i]) == length && strncmp (policy_names[i], text, length) == 0)
      return (PerryRestartPolicy) i;
  return PERRY_RESTART_NO;
}
