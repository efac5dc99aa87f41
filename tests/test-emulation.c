/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>

#include "core/emulation/perry-health-file.h"
#include "core/emulation/perry-health-loop.h"
#include "core/emulation/perry-restart-rule.h"

#define SECOND G_TIME_SPAN_SECOND

static PerryHealthcheck *
new_check (gint64 interval_s, gint64 retries, gint64 start_period_s, gint64 start_interval_s)
{
  PerryHealthcheck *check = perry_healthcheck_new ();

  check->interval_us = interval_s * SECOND;
  check->retries = retries;
  check->start_period_us = start_period_s * SECOND;
  check->start_interval_us = start_interval_s < 0 ? -1 : start_interval_s * SECOND;
  return check;
}

static void
test_defaults (void)
{
  g_autoptr (PerryHealthcheck) asked = perry_healthcheck_new ();
  g_autoptr (PerryHealthcheck) reported = perry_healthcheck_new ();
  PerryHealthState state;

  perry_health_state_init (&state, NULL, NULL, 7);
  g_assert_cmpint (state.health, ==, PERRY_HEALTH_STARTING);
  g_assert_cmpint (state.interval_us, ==, 30 * SECOND);
  g_assert_cmpint (state.timeout_us, ==, 30 * SECOND);
  g_assert_cmpint (state.retries, ==, 3);
  g_assert_cmpint (state.start_period_us, ==, 0);
  g_assert_cmpint (state.start_interval_us, ==, 30 * SECOND);
  g_assert_cmpint (perry_health_state_get_next (&state, 7), ==, 7 + 30 * SECOND);

  /* The spec comes first, then what the image says by the engine's report. */
  asked->interval_us = SECOND;
  reported->interval_us = 9 * SECOND;
  reported->timeout_us = 8 * SECOND;
  perry_health_state_init (&state, asked, reported, 0);
  g_assert_cmpint (state.interval_us, ==, SECOND);
  g_assert_cmpint (state.timeout_us, ==, 8 * SECOND);
  g_assert_cmpint (state.start_interval_us, ==, SECOND);
}

static void
test_failures (void)
{
  g_autoptr (PerryHealthcheck) check = new_check (1, 2, 0, -1);
  PerryHealthState state;

  perry_health_state_init (&state, check, NULL, 0);
  perry_health_state_add (&state, SECOND, FALSE);
  g_assert_cmpint (state.health, ==, PERRY_HEALTH_STARTING);
  g_assert_cmpint (state.failing_streak, ==, 1);
  perry_health_state_add (&state, 2 * SECOND, TRUE);
  g_assert_cmpint (state.health, ==, PERRY_HEALTH_HEALTHY);
  g_assert_cmpint (state.failing_streak, ==, 0);
  perry_health_state_add (&state, 3 * SECOND, FALSE);
  g_assert_cmpint (state.health, ==, PERRY_HEALTH_HEALTHY);
  perry_health_state_add (&state, 4 * SECOND, FALSE);
  g_assert_cmpint (state.health, ==, PERRY_HEALTH_UNHEALTHY);
  g_assert_cmpint (state.failing_streak, ==, 2);
  perry_health_state_add (&state, 5 * SECOND, FALSE);
  g_assert_cmpint (state.failing_streak, ==, 3);
  perry_health_state_add (&state, 6 * SECOND, TRUE);
  g_assert_cmpint (state.health, ==, PERRY_HEALTH_HEALTHY);
}

static void
test_start_period (void)
{
  g_autoptr (PerryHealthcheck) check = new_check (10, 1, 60, 2);
  PerryHealthState state;

  perry_health_state_init (&state, check, NULL, 100 * SECOND);
  g_assert_cmpint (perry_health_state_get_next (&state, 100 * SECOND), ==, 102 * SECOND);
  perry_health_state_add (&state, 159 * SECOND, FALSE);
  g_assert_cmpint (state.health, ==, PERRY_HEALTH_STARTING);
  g_assert_cmpint (state.failing_streak, ==, 0);
  /* It counts from the first success on, and then the usual interval holds. */
  perry_health_state_add (&state, 120 * SECOND, TRUE);
  g_assert_cmpint (perry_health_state_get_next (&state, 121 * SECOND), ==, 131 * SECOND);
  perry_health_state_add (&state, 131 * SECOND, FALSE);
  g_assert_cmpint (state.health, ==, PERRY_HEALTH_UNHEALTHY);

  perry_health_state_init (&state, check, NULL, 100 * SECOND);
  perry_health_state_add (&state, 160 * SECOND, FALSE);
  g_assert_cmpint (state.health, ==, PERRY_HEALTH_UNHEALTHY);
  g_assert_cmpint (perry_health_state_get_next (&state, 160 * SECOND), ==, 170 * SECOND);
}

static void
test_restart_rule (void)
{
  g_assert_false (perry_restart_rule_applies (PERRY_RESTART_NO, 0, 1, 0));
  g_assert_true (perry_restart_rule_applies (PERRY_RESTART_ALWAYS, 0, 0, 99));
  g_assert_true (perry_restart_rule_applies (PERRY_RESTART_UNLESS_STOPPED, 0, 0, 99));
  g_assert_false (perry_restart_rule_applies (PERRY_RESTART_ON_FAILURE, 0, 0, 0));
  g_assert_true (perry_restart_rule_applies (PERRY_RESTART_ON_FAILURE, 0, 7, 99));
  g_assert_true (perry_restart_rule_applies (PERRY_RESTART_ON_FAILURE, 2, 7, 1));
  g_assert_false (perry_restart_rule_applies (PERRY_RESTART_ON_FAILURE, 2, 7, 2));
}

/* A container whose life, and whose probes, are written down: one letter a second of its time.
 * `c` created, `r` running, `z` its process has ended and the engine has not noticed, `p` paused, `x` exited, `l` the engine
 * is not reached, `-` gone; `R` is another life. */
typedef struct {
  const char *life;
  const char *probes; /* `+` succeeds, `-` fails, `t` takes too long, `e` cannot be made */
  const char *policy;
  gboolean expected;
  gint64 cancel_at; /* seconds, 0 for never */
  gint64 time;
  guint n_probes;
  GString *log;
} World;

static char
letter_now (const World *world)
{
  gsize second = (gsize) (world->time / SECOND);

  return world->life[MIN (second, strlen (world->life) - 1)];
}

static gint64
world_now (gpointer data)
{
  return ((World *) data)->time;
}

static PerryHealthWake
world_wait (gpointer data, const PerryContainerInfo *info, gint64 until)
{
  World *world = data;
  char before = letter_now (world);

  if (before == 'z' && info != NULL)
    return PERRY_HEALTH_WAKE_ENDED;
  while (world->time < until)
    {
      world->time = MIN (until, (world->time / SECOND + 1) * SECOND);
      if (world->cancel_at > 0 && world->time >= world->cancel_at * SECOND)
        return PERRY_HEALTH_WAKE_CANCELLED;
      if (strchr ("rR", before) != NULL && letter_now (world) != before && strchr ("xz-rR", letter_now (world)) != NULL)
        return PERRY_HEALTH_WAKE_ENDED;
    }
  return PERRY_HEALTH_WAKE_DUE;
}

static PerryContainerInfo *
world_inspect (gpointer data, GError **error)
{
  World *world = data;
  char letter = letter_now (world);
  PerryContainerInfo *info;

  if (letter == 'l' || letter == '-')
    {
      g_set_error (error, PERRY_ERROR, letter == '-' ? PERRY_ERROR_CONTAINER_NOT_FOUND : PERRY_ERROR_BACKEND_LOST, "no");
      return NULL;
    }
  info = perry_container_info_new ();
  info->status = letter == 'c'   ? PERRY_CONTAINER_CREATED
                 : letter == 'p' ? PERRY_CONTAINER_PAUSED
                 : letter == 'x' ? PERRY_CONTAINER_EXITED
                                 : PERRY_CONTAINER_RUNNING;
  info->exit_code = letter == 'x' ? 1 : -1;
  info->started_at = letter == 'c' ? 0 : letter == 'R' ? 2 : 1;
  info->reported = perry_container_spec_new ();
  if (world->policy != NULL)
    perry_container_spec_set_from_text (info->reported, PERRY_FIELD_RESTART, world->policy, "it", NULL);
  return info;
}

static gboolean
world_probe (gpointer data, gint64 timeout_us, gboolean *ret_success, GError **error)
{
  World *world = data;
  char letter = world->probes[MIN (world->n_probes, strlen (world->probes) - 1)];

  world->n_probes++;
  g_string_append_printf (world->log, "%d", (int) (world->time / SECOND));
  if (letter == 't')
    world->time += timeout_us;
  if (letter == 'e' || strchr ("rR", letter_now (world)) == NULL)
    {
      g_string_append (world->log, "e ");
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_CONFLICT, "not now");
      return FALSE;
    }
  *ret_success = letter == '+';
  return TRUE;
}

static gboolean
world_is_expected (gpointer data)
{
  return ((World *) data)->expected;
}

static void
world_changed (gpointer data, const PerryHealthState *state)
{
  World *world = data;

  g_string_append_printf (world->log, "%c%d ", *perry_health_get_name (state->health), (int) state->failing_streak);
}

static void
test_loop (void)
{
  static const PerryHealthLoopOps ops = { world_now, world_wait, world_inspect, world_probe, world_is_expected,
                                          world_changed };
  static const struct { World world; const char *log; } cases[] = {
    /* interval 2 s, timeout 1 s, 2 failures */
    { { "rrrrrrrrrx", "+", NULL }, "s0 2h0 4h0 6h0 8h0 " },
    { { "rrrrrrrrrx", "-", NULL }, "s0 2s1 4u2 6u3 8u4 " },
    /* A probe that hangs fails, and the next one is due an interval after its end. */
    { { "rrrrrrrrrrrx", "tt+", NULL }, "s0 2s1 5u2 8h0 10h0 " },
    /* Not started for 3 s; the first probe comes an interval after the start. */
    { { "cccrrrrx", "+", NULL, .expected = TRUE }, "s0 5h0 " },
    /* Nobody will start it. */
    { { "cccrrrrx", "+", NULL, .expected = FALSE }, "" },
    { { "x", "+", NULL, .expected = FALSE }, "" },
    /* Frozen: a probe is not possible, and that is no failure. */
    { { "rrppprrrx", "-", NULL }, "s0 2e 4e 6s1 " },
    /* Started again by its policy: everything begins anew. */
    { { "rrrrxRRRRR-", "-", "always" }, "s0 2s1 s0 7s1 9u2 " },
    { { "rrrrxxxxxxxxx-", "-", NULL }, "s0 2s1 " },
    /* Started again so soon that it was not seen as ended. */
    { { "rrrRRRx", "+", "always", .cancel_at = 8 }, "s0 2h0 s0 5h0 " },
    /* The engine says for a while, or for ever, that one runs whose process has ended. */
    { { "rrrzzzRRRRx", "+", "always", .cancel_at = 10 }, "s0 2h0 s0 8h0 " },
    { { "rrrz", "+", NULL }, "s0 2h0 " },
    /* The engine cannot be reached for a while. */
    { { "rrrllrrrx", "+e+", NULL }, "s0 2h0 4e s0 7h0 " },
    /* A container that is gone, and a caller that is. */
    { { "rrr-", "+", "always" }, "s0 2h0 " },
    { { "rrrrrrr", "+", NULL, .cancel_at = 5 }, "s0 2h0 4h0 " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryHealthcheck) check = new_check (2, 2, 0, -1);
      World world = cases[i].world;

      check->timeout_us = SECOND;
      world.log = g_string_new (NULL);
      g_test_message ("case %u", (guint) i);
      perry_health_loop_run (&ops, &world, check);
      g_assert_cmpstr (world.log->str, ==, cases[i].log);
      g_string_free (world.log, TRUE);
    }
}

static void
test_record_has_its_limit (void)
{
  g_autofree char *directory = g_dir_make_tmp ("perry-health-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "health-abc.json", NULL);
  g_autofree char *record = g_strdup_printf ("{\"driver\":\"me\",\"health\":\"healthy\",\"failing_streak\":0}%5000s", "");
  g_auto (PerryHealthRecord) read = { NULL };

  g_assert_true (g_file_set_contents (path, record, -1, NULL));
  g_assert_false (perry_health_file_read (directory, "abc", &read));
  g_assert_true (g_file_set_contents (path, g_strchomp (record), -1, NULL));
  g_assert_true (perry_health_file_read (directory, "abc", &read));
  g_unlink (path);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

static gboolean
is_gone (const char *driver)
{
  return g_str_equal (driver, "gone");
}

static void
test_file (void)
{
  g_autofree char *directory = g_dir_make_tmp ("perry-health-XXXXXX", NULL);
  PerryHealthRecord written = { (char *) "me", PERRY_HEALTH_UNHEALTHY, 3 };
  PerryHealthRecord other = { (char *) "gone", PERRY_HEALTH_HEALTHY, 0 };
  g_auto (PerryHealthRecord) read = { NULL };
  g_autofree char *broken = g_build_filename (directory, "health-bad0.json", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (perry_health_file_read (directory, "abc", &read));
  g_assert_true (perry_health_file_write (directory, "abc", &written, &error));
  g_assert_true (perry_health_file_write (directory, "def", &other, &error));
  g_assert_no_error (error);
  g_assert_true (perry_health_file_read (directory, "abc", &read));
  g_assert_cmpstr (read.driver, ==, "me");
  g_assert_cmpint (read.health, ==, PERRY_HEALTH_UNHEALTHY);
  g_assert_cmpint (read.failing_streak, ==, 3);
  /* An id becomes part of a path. */
  g_assert_false (perry_health_file_write (directory, "../x", &written, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
  g_assert_false (perry_health_file_read (directory, "", &read));
  g_assert_true (g_file_set_contents (broken, "{\"driver\":\"x\",\"health\":7}", -1, NULL));
  g_assert_false (perry_health_file_read (directory, "bad0", &read));

  perry_health_record_clear (&read);
  perry_health_file_sweep (directory, is_gone);
  g_assert_false (perry_health_file_read (directory, "def", &read));
  g_assert_true (perry_health_file_read (directory, "abc", &read));
  /* Another process may have taken over. */
  perry_health_file_remove (directory, "abc", "somebody else");
  perry_health_record_clear (&read);
  g_assert_true (perry_health_file_read (directory, "abc", &read));
  perry_health_file_remove (directory, "abc", "me");
  perry_health_record_clear (&read);
  g_assert_false (perry_health_file_read (directory, "abc", &read));
  g_unlink (broken);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/emulation/health/defaults", test_defaults);
  g_test_add_func ("/emulation/health/failures", test_failures);
  g_test_add_func ("/emulation/health/start-period", test_start_period);
  g_test_add_func ("/emulation/health/loop", test_loop);
  g_test_add_func ("/emulation/health/file", test_file);
  g_test_add_func ("/emulation/record-has-its-limit", test_record_has_its_limit);
  g_test_add_func ("/emulation/restart-rule", test_restart_rule);
  return g_test_run ();
}
