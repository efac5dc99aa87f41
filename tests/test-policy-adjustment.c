/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/perry-adjustment.h"
#include "core/policy/perry-proof-result.h"

#include <string.h>

static guint n_records;
static GLogLevelFlags last_level;
static GHashTable *last_record;

static GLogWriterOutput
capture (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  n_records++;
  last_level = level;
  g_hash_table_remove_all (last_record);
  for (gsize i = 0; i < n_fields; i++)
    g_hash_table_insert (last_record, g_strdup (fields[i].key),
                         fields[i].length < 0 ? g_strdup (fields[i].value)
                                              : g_strndup (fields[i].value, (gsize) fields[i].length));
  return G_LOG_WRITER_HANDLED;
}

static void
assert_logged (const char *key, const char *value)
{
  g_assert_cmpstr (g_hash_table_lookup (last_record, key), ==, value);
}

static void
test_record (void)
{
  static const char *const actions[] = { "dropped", "partial", "emulated", "added", "unproven" };

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  last_record = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_log_set_writer_func (capture, NULL, NULL);

  for (guint kind = 0; kind < G_N_ELEMENTS (actions); kind++)
    for (int field = 0; field < PERRY_FIELD_LAST; field++)
      {
        g_autoptr (PerryAdjustment) adjustment = perry_adjustment_new (kind, field, "64m", "no controller", field % 3 == 0);

        n_records = 0;
        perry_adjustment_log (adjustment, "docker", field % 2 == 0 ? "web" : NULL);
        g_assert_cmpuint (n_records, ==, 1);
        g_assert_cmpint (last_level, ==, G_LOG_LEVEL_MESSAGE);
        assert_logged ("BACKEND", "docker");
        assert_logged ("SERVICE", field % 2 == 0 ? "web" : "");
        assert_logged ("FIELD", perry_field_get_name (field));
        assert_logged ("ACTION", actions[kind]);
        assert_logged ("REASON", "no controller");
        assert_logged ("PRINTED", field % 3 == 0 ? "1" : "0");
        assert_logged ("PRIORITY", "5");
      }
  g_hash_table_unref (last_record);
}

/* With GLib's own writer and fatal warnings a record must not end the program. */
static void
test_record_is_not_fatal (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (PerryAdjustment) adjustment =
          perry_adjustment_new (PERRY_ADJUSTMENT_DROPPED, PERRY_FIELD_MEMORY, "64m", "no controller", TRUE);

      g_log_set_always_fatal (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK);
      perry_adjustment_log (adjustment, "docker", NULL);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*docker: memory dropped: no controller*");
}

static void
test_copies (void)
{
  g_autoptr (PerryAdjustment) adjustment =
      perry_adjustment_new (PERRY_ADJUSTMENT_ADDED, PERRY_FIELD_TMPFS, NULL, "why", FALSE);
  g_autoptr (PerryAdjustment) copy = g_boxed_copy (PERRY_TYPE_ADJUSTMENT, adjustment);
  g_autoptr (PerryFieldProof) proof = g_new0 (PerryFieldProof, 1);
  g_autoptr (PerryFieldProof) second = NULL;

  g_assert_cmpint (copy->kind, ==, PERRY_ADJUSTMENT_ADDED);
  g_assert_cmpint (copy->field, ==, PERRY_FIELD_TMPFS);
  g_assert_null (copy->value);
  g_assert_cmpstr (copy->reason, ==, "why");
  g_assert_true (copy->reason != adjustment->reason);

  proof->field = PERRY_FIELD_MEMORY;
  proof->asked = g_strdup ("64m");
  proof->observed = g_strdup ("67108864");
  proof->verdict = PERRY_VERDICT_PROVEN;
  second = g_boxed_copy (PERRY_TYPE_FIELD_PROOF, proof);
  g_assert_cmpint (second->verdict, ==, PERRY_VERDICT_PROVEN);
  g_assert_cmpstr (second->asked, ==, "64m");
  g_assert_null (second->reported);
  g_assert_cmpstr (second->observed, ==, "67108864");
  perry_field_proof_free (NULL);
  perry_adjustment_free (NULL);
}

static void
test_names (void)
{
  PerryProofMode mode = PERRY_PROOF_OFF;

  for (PerryProofMode i = PERRY_PROOF_DEFAULT; i <= PERRY_PROOF_OFF; i++)
    {
      g_assert_true (perry_proof_mode_from_name (perry_proof_mode_get_name (i), &mode));
      g_assert_cmpint (mode, ==, i);
    }
  g_assert_false (perry_proof_mode_from_name ("Required", &mode));
  g_assert_false (perry_proof_mode_from_name ("", &mode));
  g_assert_cmpstr (perry_verdict_get_name (PERRY_VERDICT_PROVEN), ==, "proven");
  g_assert_cmpstr (perry_verdict_get_name (PERRY_VERDICT_DIFFERS), ==, "differs");
  g_assert_cmpstr (perry_verdict_get_name (PERRY_VERDICT_UNPROVEN), ==, "unproven");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/policy/adjustment/one-record-with-all-keys", test_record);
  g_test_add_func ("/policy/adjustment/record-is-not-fatal", test_record_is_not_fatal);
  g_test_add_func ("/policy/adjustment/copies", test_copies);
  g_test_add_func ("/policy/adjustment/names", test_names);
  return g_test_run ();
}
