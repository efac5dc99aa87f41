/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <string.h>

#include "plugin-api/perry-error.h"
#include "tests/integration/field-matrix.h"

/* What is seen of a field from outside the container: the engine's word, or what becomes of the container. */

#define GONE_AFTER_MS 10000
#define SAID_AFTER_MS 30000
#define KILLED 137
#define PATIENCE_MS 9000 /* less than the ten seconds that engines give by themselves */

char *
field_look_image (FieldTrial *trial, const char *at)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryImageInfo) image = perry_engine_inspect_image (trial->engine, at, NULL, &error);

  g_assert_no_error (error);
  if (trial->report == NULL)
    return NULL;
  return g_strdup (g_strcmp0 (trial->result->image_id, image->id) == 0 ? "the probe, from the image with that id"
                                                                       : "another image");
}

PerryField
field_trial_get_field (const FieldTrial *trial)
{
  PerryField field = trial->sample->field;

  if (trial->sample->about != NULL)
    g_assert_true (perry_field_from_name (trial->sample->about, &field));
  return field;
}

const char *
field_trial_get_expected (const FieldTrial *trial)
{
  const FieldSample *sample = trial->sample;
  gboolean is_podman = g_str_equal (trial->live->backend, "podman");

  if (!is_podman || sample->podman_expected == NULL)
    return sample->expected;
  return *sample->podman_expected != '\0' ? sample->podman_expected : NULL;
}

char *
field_trial_hide (const FieldTrial *trial, char *text)
{
  g_autofree char *platform = g_strconcat ("linux/", trial->architecture, NULL);
  g_autofree char *taken = text;
  GString *hidden = g_string_new (taken);

  g_string_replace (hidden, trial->name, "@NAME@", 0);
  g_string_replace (hidden, trial->directory, "@DIR@", 0);
  g_string_replace (hidden, trial->port, "@PORT@", 0);
  g_string_replace (hidden, platform, "linux/@ARCH@", 0);
  return g_string_free (hidden, FALSE);
}

static PerryFieldProof *
find_proof (const FieldTrial *trial)
{
  for (guint i = 0; trial->result != NULL && i < trial->result->proofs->len; i++)
    {
      PerryFieldProof *proof = g_ptr_array_index (trial->result->proofs, i);

      if (proof->field == field_trial_get_field (trial))
        return proof;
    }
  return NULL;
}

char *
field_look_reported (FieldTrial *trial, const char *at)
{
  PerryFieldProof *proof = find_proof (trial);

  return proof != NULL ? g_strdup (proof->reported) : NULL;
}

static PerryContainerInfo *
inspect (FieldTrial *trial)
{
  g_autoptr (GError) error = NULL;
  PerryContainerInfo *info = perry_engine_inspect (trial->engine, trial->result->container_id, NULL, &error);

  g_assert_no_error (error);
  return info;
}

char *
field_look_label (FieldTrial *trial, const char *at)
{
  g_autoptr (PerryContainerInfo) info = inspect (trial);

  return g_strdup (g_hash_table_lookup (info->labels, at));
}

char *
field_look_name (FieldTrial *trial, const char *at)
{
  g_autoptr (PerryContainerInfo) info = inspect (trial);

  return g_strdup (info->name);
}

static gboolean
is_gone (FieldTrial *trial)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerInfo) info = perry_engine_inspect (trial->engine, trial->result->container_id, NULL, &error);

  return info == NULL && g_error_matches (error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND);
}

/* A detached container is killed first; the engine that removes it may take a moment. */
char *
field_look_whether_gone (FieldTrial *trial, const char *at)
{
  gint64 end = g_get_monotonic_time () + GONE_AFTER_MS * 1000;
  g_autoptr (GError) error = NULL;

  if (trial->sample->stage == FIELD_STAGE_DETACHED)
    {
      perry_engine_kill (trial->engine, trial->result->container_id, "KILL", NULL, &error);
      g_assert_no_error (error);
    }
  if (g_str_equal (at, "stays"))
    return g_strdup (is_gone (trial) ? "removed" : "there when it has ended");
  while (!is_gone (trial) && g_get_monotonic_time () < end)
    g_usleep (10000);
  return g_strdup (is_gone (trial) ? "removed" : "there when it has ended");
}

char *
field_look_enforcement (FieldTrial *trial, const char *at)
{
  return g_strdup (perry_enforcement_get_name (trial->result->enforcement));
}

char *
field_look_dropped (FieldTrial *trial, const char *at)
{
  for (guint i = 0; i < trial->result->adjustments->len; i++)
    {
      const PerryAdjustment *adjustment = g_ptr_array_index (trial->result->adjustments, i);

      if (g_str_equal (perry_field_get_name (adjustment->field), at))
        return g_strdup_printf ("runs, %s %s", at, perry_adjustment_kind_get_name (adjustment->kind));
    }
  return g_strdup ("runs");
}

/* Until the probe has its handlers, process 1 of a container hears no signal. The one of SIGINT is its last. */
static void
wait_for_handlers (FieldTrial *trial)
{
  g_autoptr (PerryContainerInfo) info = inspect (trial);
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/status", info->pid);
  gint64 end = g_get_monotonic_time () + SAID_AFTER_MS * 1000;
  guint64 caught = 0;

  while ((caught >> (SIGINT - 1) & 1) == 0 && g_get_monotonic_time () < end)
    {
      g_autofree char *text = NULL;
      const char *line = NULL;

      if (g_file_get_contents (path, &text, NULL, NULL))
        line = strstr (text, "SigCgt:");
      if (line != NULL)
        caught = g_ascii_strtoull (line + strlen ("SigCgt:"), NULL, 16);
      g_usleep (10000);
    }
}

char *
field_look_stop (FieldTrial *trial, const char *at)
{
  const char *id = trial->result->container_id;
  g_autoptr (GError) error = NULL;
  gint64 exit_code = -1;
  gint64 begin;

  wait_for_handlers (trial);
  begin = g_get_monotonic_time ();
  perry_engine_stop (trial->engine, id, -1, NULL, &error);
  g_assert_no_error (error);
  perry_engine_wait (trial->engine, id, &exit_code, NULL, &error);
  g_assert_no_error (error);
  if (exit_code == KILLED)
    return g_strdup (g_get_monotonic_time () - begin < PATIENCE_MS * 1000 ? "killed in less than 9 seconds"
                                                                          : "killed after 9 seconds or more");
  return g_strdup_printf ("exit code %" G_GINT64_FORMAT, exit_code);
}

/* Polls what the engine says until it is said, or for too long. */
static PerryContainerInfo *
wait_for (FieldTrial *trial, gboolean (*is_there) (const PerryContainerInfo *info))
{
  gint64 end = g_get_monotonic_time () + SAID_AFTER_MS * 1000;
  PerryContainerInfo *info = inspect (trial);

  while (!is_there (info) && g_get_monotonic_time () < end)
    {
      g_usleep (50000);
      perry_container_info_free (info);
      info = inspect (trial);
    }
  return info;
}

static gboolean
has_health (const PerryContainerInfo *info)
{
  return info->health == PERRY_HEALTH_HEALTHY || info->health == PERRY_HEALTH_UNHEALTHY;
}

char *
field_look_health (FieldTrial *trial, const char *at)
{
  g_autoptr (PerryContainerInfo) info = g_str_equal (at, "none") ? inspect (trial) : wait_for (trial, has_health);

  return g_strdup (perry_health_get_name (info->health));
}

static gboolean
has_ended_for_good (const PerryContainerInfo *info)
{
  return info->status == PERRY_CONTAINER_EXITED && info->restart_count >= 2;
}

static gboolean
was_started_again (const PerryContainerInfo *info)
{
  return info->restart_count >= 2;
}

char *
field_look_restarts (FieldTrial *trial, const char *at)
{
  if (g_str_equal (at, "always"))
    {
      g_autoptr (PerryContainerInfo) again = wait_for (trial, was_started_again);

      return g_strdup (was_started_again (again) ? "started again and again" : "not started again");
    }
  g_autoptr (PerryContainerInfo) info = wait_for (trial, has_ended_for_good);
  return g_strdup_printf ("%s, started again %" G_GINT64_FORMAT " times",
                          perry_container_status_get_name (info->status), info->restart_count);
}

static const PerryAdjustment *
find_adjustment (const FieldTrial *trial)
{
  const PerryAdjustment *found = NULL;

  for (guint i = 0; i < trial->result->adjustments->len; i++)
    {
      const PerryAdjustment *adjustment = g_ptr_array_index (trial->result->adjustments, i);

      if (adjustment->field == field_trial_get_field (trial))
        found = adjustment;
    }
  return found;
}

/* The error's line about the field; the rest of it is about the container and the other fields. A message of one line
 * names the field somewhere. NULL where nothing does. */
static char *
find_line (const FieldTrial *trial)
{
  const char *name = perry_field_get_name (field_trial_get_field (trial));
  g_auto (GStrv) lines = g_strsplit (trial->error->message, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      g_strstrip (*line);
      if (g_str_has_prefix (*line, name) || (g_str_has_prefix (*line, "$.") && g_str_has_prefix (*line + 2, name)))
        return g_strdup (*line);
    }
  return strstr (lines[0], name) != NULL ? g_strdup (lines[0]) : NULL;
}

static gboolean
is_a_kill (const GError *error)
{
  return g_error_matches (error, PERRY_ERROR, PERRY_ERROR_PROOF_MISSING) ||
         g_error_matches (error, PERRY_ERROR, PERRY_ERROR_PROOF_DIFFERS);
}

char *
field_trial_describe (const FieldTrial *trial, char **ret_reason)
{
  const PerryAdjustment *adjustment;
  char *line;

  *ret_reason = NULL;
  if (trial->error != NULL)
    {
      line = find_line (trial);
      *ret_reason = line != NULL ? field_trial_hide (trial, line) : NULL;
      return g_strdup (is_a_kill (trial->error) ? "killed" : "refused");
    }
  adjustment = find_adjustment (trial);
  if (adjustment == NULL)
    return g_strdup ("ok");
  *ret_reason = g_strdup_printf ("%s: %s", perry_field_get_name (adjustment->field), adjustment->reason);
  *ret_reason = field_trial_hide (trial, *ret_reason);
  return g_strdup_printf ("%s, %s", perry_adjustment_kind_get_name (adjustment->kind),
                          adjustment->printed ? "told" : "logged");
}

char *
field_trial_describe_proof (const FieldTrial *trial, char **ret_reason)
{
  PerryFieldProof *proof = find_proof (trial);

  *ret_reason = NULL;
  if (proof == NULL)
    return NULL;
  if (proof->verdict != PERRY_VERDICT_PROVEN)
    *ret_reason = field_trial_hide (trial, g_strdup_printf ("%s: %s", perry_field_get_name (proof->field),
                                                            proof->reason));
  return g_strdup (perry_verdict_get_name (proof->verdict));
}
