/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-lifecycle.h"

#include "plugin-api/perry-healthcheck.h"
#include "plugin-api/perry-json.h"

#define NANOSECONDS 1000 /* of a microsecond */

static void
set_time (JsonObject *object, const char *member, gint64 us, gint64 unset_us)
{
  if (us < 0)
    us = unset_us;
  if (us > 0)
    json_object_set_int_member (object, member, us * NANOSECONDS);
}

static JsonArray *
new_test (const PerryHealthcheck *check)
{
  JsonArray *test = json_array_new ();

  if (check->disable)
    json_array_add_string_element (test, "NONE");
  for (char **word = check->test; word != NULL && *word != NULL; word++)
    json_array_add_string_element (test, *word);
  return test;
}

JsonObject *
perry_engine_new_healthcheck (const PerryContainerSpec *spec)
{
  g_autoptr (PerryHealthcheck) check = perry_container_spec_dup_healthcheck (spec);
  gboolean whole = check != NULL && check->test != NULL;
  JsonObject *object;

  if (check == NULL)
    return NULL;
  object = json_object_new ();
  if (whole || check->disable)
    json_object_set_array_member (object, "Test", new_test (check));
  set_time (object, "Interval", check->interval_us, whole ? PERRY_HEALTH_DEFAULT_INTERVAL_US : 0);
  set_time (object, "Timeout", check->timeout_us, whole ? PERRY_HEALTH_DEFAULT_TIMEOUT_US : 0);
  set_time (object, "StartPeriod", check->start_period_us, 0);
  if (check->retries > 0 || whole)
    json_object_set_int_member (object, "Retries", check->retries > 0 ? check->retries : PERRY_HEALTH_DEFAULT_RETRIES);
  return object;
}

gint64
perry_engine_get_start_interval (const PerryContainerSpec *spec)
{
  g_autoptr (PerryHealthcheck) check = perry_container_spec_dup_healthcheck (spec);

  if (check == NULL || check->disable)
    return 0;
  if (check->start_interval_us > 0)
    return check->start_interval_us * NANOSECONDS;
  if (check->start_period_us < 0)
    return 0;
  if (check->interval_us > 0)
    return check->interval_us * NANOSECONDS;
  return check->test != NULL ? PERRY_HEALTH_DEFAULT_INTERVAL_US * NANOSECONDS : 0;
}

static gint64
read_time (JsonObject *object, const char *member)
{
  gint64 ns;

  return perry_json_read_int64 (object, member, &ns) && ns > 0 ? ns / NANOSECONDS : -1;
}

static void
report_healthcheck (PerryContainerSpec *reported, JsonObject *config)
{
  g_autoptr (PerryHealthcheck) check = perry_healthcheck_new ();
  JsonObject *object = NULL;

  if (!perry_json_read_object (config, "Healthcheck", &object) || json_object_get_size (object) == 0)
    return;
  perry_json_read_strv (object, "Test", &check->test);
  if (check->test != NULL && g_strcmp0 (check->test[0], "NONE") == 0)
    {
      check->disable = TRUE;
      g_clear_pointer (&check->test, g_strfreev);
    }
  check->interval_us = read_time (object, "Interval");
  check->timeout_us = read_time (object, "Timeout");
  /* None is 0 to an engine, whether it was asked for or left out. */
  check->start_period_us = MAX (read_time (object, "StartPeriod"), 0);
  check->start_interval_us = read_time (object, "StartInterval");
  if (!perry_json_read_int64 (object, "Retries", &check->retries) || check->retries <= 0)
    check->retries = -1;
  perry_container_spec_take_value (reported, PERRY_FIELD_HEALTHCHECK,
                                   g_variant_new_take_string (perry_healthcheck_to_json (check)));
}

static void
report_restart (PerryContainerSpec *reported, JsonObject *host_config)
{
  JsonObject *policy = NULL;
  const char *name = NULL;
  gint64 tries = 0;
  g_autofree char *text = NULL;

  if (!perry_json_read_object (host_config, "RestartPolicy", &policy) ||
      !perry_json_read_string (policy, "Name", &name))
    return;
  perry_json_read_int64 (policy, "MaximumRetryCount", &tries);
  if (g_str_equal (name, "on-failure") && tries > 0)
    text = g_strdup_printf ("%s:%" G_GINT64_FORMAT, name, tries);
  perry_container_spec_set_from_text (reported, PERRY_FIELD_RESTART, text != NULL ? text : *name != '\0' ? name : "no",
                                      "reported", NULL);
}

void
perry_engine_report_lifecycle (PerryContainerSpec *reported, JsonObject *config, JsonObject *host_config)
{
  if (config != NULL)
    report_healthcheck (reported, config);
  if (host_config != NULL)
    report_restart (reported, host_config);
}

PerryHealth
perry_engine_health_parse (const char *word)
{
  static const struct
  {
    const char *word;
    PerryHealth health;
  } words[] = { { "starting", PERRY_HEALTH_STARTING },
                { "healthy", PERRY_HEALTH_HEALTHY },
                { "unhealthy", PERRY_HEALTH_UNHEALTHY } };

  for (gsize i = 0; word != NULL && i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (words[i].word, word))
      return words[i].health;
  return PERRY_HEALTH_NONE;
}

void
perry_engine_lifecycle_read (PerryContainerInfo *info, JsonObject *container)
{
  JsonObject *state = NULL, *health = NULL;
  const char *word = NULL;

  perry_json_read_int64 (container, "RestartCount", &info->restart_count);
  if (!perry_json_read_object (container, "State", &state))
    return;
  /* Podman before 4.3 had the compatible name in its own API, too. */
  if (!perry_json_read_object (state, "Health", &health) && !perry_json_read_object (state, "Healthcheck", &health))
    return;
  if (!perry_json_read_string (health, "Status", &word))
    return;
  info->health = perry_engine_health_parse (word);
  if (info->health != PERRY_HEALTH_NONE)
    perry_json_read_int64 (health, "FailingStreak", &info->failing_streak);
}
