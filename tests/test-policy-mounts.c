/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/perry-normalise.h"

#include <string.h>

#define BIT(name) PERRY_CAPABILITY_BIT (PERRY_CAPABILITY_##name)
#define PROMISED_TMP "/tmp:rw,nosuid,nodev,exec,mode=1777,size=64m"

static PerryCapabilityMatrix *
all_native (void)
{
  PerryCapabilityMatrix *matrix = perry_capability_matrix_new ();

  for (int i = 0; i < PERRY_CAPABILITY_LAST; i++)
    perry_capability_matrix_set (matrix, i, PERRY_SUPPORT_NATIVE, PERRY_SUPPORT_ORIGIN_TABLE, NULL);
  return matrix;
}

static PerryContainerSpec *
spec_from_json (const char *json)
{
  g_autoptr (GError) error = NULL;
  PerryContainerSpec *spec = perry_container_spec_new_from_json (json, -1, &error);

  g_assert_no_error (error);
  return spec;
}

static const PerryAdjustment *
find_adjustment (GPtrArray *adjustments, PerryAdjustmentKind kind, PerryField field)
{
  for (guint i = 0; i < adjustments->len; i++)
    {
      const PerryAdjustment *adjustment = g_ptr_array_index (adjustments, i);

      if (adjustment->kind == kind && adjustment->field == field)
        return adjustment;
    }
  return NULL;
}

static PerryContainerSpec *
normalise (const char *json, PerryCapabilitySet missing, PerryEnforcement mode, GPtrArray **adjustments, GError **error)
{
  g_autoptr (PerryContainerSpec) spec = spec_from_json (json);
  g_autoptr (PerryCapabilityMatrix) matrix = all_native ();
  PerryNormaliseRequest request = { .spec = spec, .backend = "engine", .matrix = matrix, .enforcement = mode };

  for (int i = 0; i < PERRY_CAPABILITY_LAST; i++)
    if ((missing & PERRY_CAPABILITY_BIT (i)) != 0)
      perry_capability_matrix_set (matrix, i, PERRY_SUPPORT_UNSUPPORTED, PERRY_SUPPORT_ORIGIN_PROBE, NULL);
  return perry_normalise_spec (&request, adjustments, error);
}

static char *
list_targets (const PerryContainerSpec *spec)
{
  g_autoptr (GPtrArray) mounts = perry_container_spec_dup_mounts (spec);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < mounts->len; i++)
    {
      const PerryMount *mount = g_ptr_array_index (mounts, i);
      g_autofree char *options = g_strjoinv (",", mount->options);

      g_string_append_printf (text, "%s%s%s%s%s", i > 0 ? " " : "", mount->target, mount->read_only ? ":ro" : "",
                              *options != '\0' ? ":" : "", options);
    }
  return g_string_free (text, FALSE);
}

static void
test_mounts_one_by_one (void)
{
  static const char json[] = "{\"image\":\"a\",\"tmpfs\":[\"/run\"],\"volumes\":[\"/etc:/a\",\"/etc:/b:ro\","
                             "\"store:/c\",\"store:/d:ro\",\"/etc:/e:z\",\"/etc:/f:ro,Z\"]}";
  static const struct {
    PerryCapabilitySet missing;
    guint n_dropped;
    const char *left;
  } cases[] = {
    { 0, 0, "/a /b:ro /c /d:ro /e:z /f:ro:Z /run" },
    { BIT (BIND_MOUNTS), 4, "/c /d:ro /run" },
    { BIT (NAMED_VOLUMES), 2, "/a /b:ro /e:z /f:ro:Z /run" },
    { BIT (READ_ONLY_MOUNTS), 3, "/a /c /e:z /run" },
    { BIT (SELINUX_MOUNT_LABELS), 2, "/a /b:ro /c /d:ro /e /f:ro /run" },
    { BIT (SELINUX_MOUNT_LABELS) | BIT (READ_ONLY_MOUNTS), 4, "/a /c /e /run" },
    { BIT (TMPFS_MOUNTS), 1, "/a /b:ro /c /d:ro /e:z /f:ro:Z" },
    { BIT (BIND_MOUNTS) | BIT (NAMED_VOLUMES), 6, "/run" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) adjustments = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *left = NULL;
      g_autoptr (PerryContainerSpec) result =
          normalise (json, cases[i].missing, PERRY_ENFORCEMENT_WARN, &adjustments, &error);

      g_assert_no_error (error);
      left = list_targets (result);
      g_assert_cmpstr (left, ==, cases[i].left);
      g_assert_cmpuint (adjustments->len, ==, cases[i].n_dropped);
    }
}

/* What is left after mounts were left out can still be partial. */
static void
test_rest_is_partial (void)
{
  g_autoptr (PerryContainerSpec) spec =
      spec_from_json ("{\"image\":\"a\",\"volumes\":[\"/etc:/a\",\"store:/b\"]}");
  g_autoptr (PerryCapabilityMatrix) matrix = all_native ();
  PerryNormaliseRequest request = { .spec = spec, .backend = "engine", .matrix = matrix,
                                    .enforcement = PERRY_ENFORCEMENT_WARN };

  perry_capability_matrix_set (matrix, PERRY_CAPABILITY_BIND_MOUNTS, PERRY_SUPPORT_UNSUPPORTED,
                               PERRY_SUPPORT_ORIGIN_PROBE, "bind");
  for (PerrySupport level = PERRY_SUPPORT_UNSUPPORTED; level <= PERRY_SUPPORT_NATIVE; level++)
    {
      g_autoptr (PerryFieldSupport) answers = perry_field_support_new ();
      g_autoptr (GPtrArray) adjustments = NULL;
      g_autoptr (PerryContainerSpec) result = NULL;
      g_autofree char *targets = NULL;

      request.support = answers;
      perry_field_support_limit (answers, PERRY_FIELD_VOLUMES, level, "answer");
      result = perry_normalise_spec (&request, &adjustments, NULL);
      targets = list_targets (result);
      g_assert_cmpstr (targets, ==, level == PERRY_SUPPORT_UNSUPPORTED ? "" : "/b");
      g_assert_true (find_adjustment (adjustments, PERRY_ADJUSTMENT_DROPPED, PERRY_FIELD_VOLUMES)->printed);
      g_assert_cmpuint (adjustments->len, ==,
                        level == PERRY_SUPPORT_PARTIAL || level == PERRY_SUPPORT_EMULATED ? 2 : 1);
      if (level == PERRY_SUPPORT_PARTIAL)
        g_assert_true (find_adjustment (adjustments, PERRY_ADJUSTMENT_PARTIAL, PERRY_FIELD_VOLUMES)->printed);
      if (level == PERRY_SUPPORT_EMULATED)
        g_assert_false (find_adjustment (adjustments, PERRY_ADJUSTMENT_EMULATED, PERRY_FIELD_VOLUMES)->printed);
    }
}

static void
test_drop_says_what_runs (void)
{
  static const struct {
    const char *json;
    PerryCapabilitySet missing;
    const char *value;
    const char *says;
  } cases[] = {
    { "{\"image\":\"a\",\"network\":\"none\"}", BIT (NETWORK_NONE), "none", "the engine's default network" },
    { "{\"image\":\"a\",\"no_network\":true}", BIT (NETWORK_NONE), "true", "the engine's default network" },
    { "{\"image\":\"a\",\"volumes\":[\"/etc:/b:ro\"]}", BIT (READ_ONLY_MOUNTS), "/etc:/b:ro",
      "nothing is mounted at /b, because it would be writable" },
    { "{\"image\":\"a\",\"volumes\":[\"/etc:/b:Z\"]}", BIT (SELINUX_MOUNT_LABELS), "/etc:/b:Z",
      "/b is mounted without relabelling" },
    { "{\"image\":\"a\",\"tmpfs\":[\"/b\"]}", BIT (TMPFS_MOUNTS), "/b", "nothing is mounted at /b" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) adjustments = NULL;
      g_autoptr (PerryContainerSpec) result =
          normalise (cases[i].json, cases[i].missing, PERRY_ENFORCEMENT_WARN, &adjustments, NULL);
      const PerryAdjustment *adjustment = g_ptr_array_index (adjustments, 0);

      g_assert_nonnull (result);
      g_test_message ("%s: %s", perry_field_get_name (adjustment->field), adjustment->reason);
      g_assert_nonnull (strstr (adjustment->value, cases[i].value));
      g_assert_nonnull (strstr (adjustment->reason, cases[i].says));
    }
}

static void
test_read_only_tmp (void)
{
  static const struct {
    const char *json;
    PerryCapabilitySet missing;
    gboolean added;
    const char *targets;
  } cases[] = {
    { "{\"image\":\"a\",\"read_only\":true}", 0, TRUE, "/tmp:nosuid,nodev,exec,mode=1777,size=64m" },
    { "{\"image\":\"a\",\"read_only\":false}", 0, FALSE, "" },
    { "{\"image\":\"a\"}", 0, FALSE, "" },
    { "{\"image\":\"a\",\"read_only\":true,\"tmpfs\":[]}", 0, FALSE, "" },
    { "{\"image\":\"a\",\"read_only\":true,\"tmpfs\":[\"/run\"]}", 0, TRUE,
      "/run /tmp:nosuid,nodev,exec,mode=1777,size=64m" },
    { "{\"image\":\"a\",\"read_only\":true,\"tmpfs\":[\"/tmp:size=1m\"]}", 0, FALSE, "/tmp:size=1m" },
    { "{\"image\":\"a\",\"read_only\":true,\"volumes\":[\"store:/tmp\"]}", 0, FALSE, "/tmp" },
    { "{\"image\":\"a\",\"read_only\":true,\"volumes\":[\"store:/tmp/deeper\"]}", 0, TRUE,
      "/tmp:nosuid,nodev,exec,mode=1777,size=64m /tmp/deeper" },
    { "{\"image\":\"a\",\"read_only\":true,\"volumes\":[\"store:/tmp\"]}", BIT (NAMED_VOLUMES), TRUE,
      "/tmp:nosuid,nodev,exec,mode=1777,size=64m" },
    { "{\"image\":\"a\",\"read_only\":true,\"volumes\":[\"store:/tmp:ro\"]}", BIT (READ_ONLY_MOUNTS), FALSE, "" },
    { "{\"image\":\"a\",\"read_only\":true}", BIT (READ_ONLY_ROOTFS), FALSE, "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) adjustments = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *targets = NULL;
      const PerryAdjustment *added;
      g_autoptr (PerryContainerSpec) result =
          normalise (cases[i].json, cases[i].missing, PERRY_ENFORCEMENT_WARN, &adjustments, &error);

      g_assert_no_error (error);
      targets = list_targets (result);
      g_assert_cmpstr (targets, ==, cases[i].targets);
      added = find_adjustment (adjustments, PERRY_ADJUSTMENT_ADDED, PERRY_FIELD_TMPFS);
      g_assert_cmpint (added != NULL, ==, cases[i].added);
      if (added != NULL)
        {
          g_assert_cmpstr (added->value, ==, PROMISED_TMP);
          g_assert_false (added->printed);
        }
    }
}

static void
test_read_only_tmp_without_tmpfs (void)
{
  static const char json[] = "{\"image\":\"a\",\"read_only\":true}";

  for (PerryEnforcement mode = PERRY_ENFORCEMENT_LENIENT; mode <= PERRY_ENFORCEMENT_STRICT; mode++)
    {
      g_autoptr (GPtrArray) adjustments = NULL;
      g_autoptr (GError) error = NULL;
      const PerryAdjustment *adjustment;
      g_autoptr (PerryContainerSpec) result = normalise (json, BIT (TMPFS_MOUNTS), mode, &adjustments, &error);

      if (mode == PERRY_ENFORCEMENT_STRICT)
        {
          g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
          g_assert_nonnull (strstr (error->message, "\n  tmpfs: read_only comes with a writable /tmp, but "));
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpuint (adjustments->len, ==, 1);
      adjustment = find_adjustment (adjustments, PERRY_ADJUSTMENT_DROPPED, PERRY_FIELD_TMPFS);
      g_assert_nonnull (adjustment);
      g_assert_cmpint (adjustment->printed, ==, mode == PERRY_ENFORCEMENT_WARN);
      g_assert_false (perry_container_spec_is_set (result, PERRY_FIELD_TMPFS));
      g_assert_true (perry_container_spec_get_boolean (result, PERRY_FIELD_READ_ONLY));
    }
  {
    g_autoptr (GPtrArray) adjustments = NULL;
    g_autoptr (GError) error = NULL;

    /* one line per field, also where both the spec and read_only ask for a tmpfs */
    g_assert_null (normalise ("{\"image\":\"a\",\"read_only\":true,\"tmpfs\":[\"/run\"]}", BIT (TMPFS_MOUNTS),
                              PERRY_ENFORCEMENT_STRICT, &adjustments, &error));
    g_assert_true (g_str_has_prefix (error->message, "engine cannot honour 1 field that strict mode demands:"));
  }
}

/* The promised tmpfs is as good as the engine's tmpfs mounts are, and read_only is who asks for it. */
static void
test_read_only_tmp_by_level (void)
{
  static const struct {
    const char *json;
    PerrySupport level;
    guint n_adjustments;
    gboolean added;
  } cases[] = {
    { "{\"image\":\"a\",\"read_only\":true}", PERRY_SUPPORT_NATIVE, 1, TRUE },
    { "{\"image\":\"a\",\"read_only\":true}", PERRY_SUPPORT_EMULATED, 2, TRUE },
    { "{\"image\":\"a\",\"read_only\":true}", PERRY_SUPPORT_PARTIAL, 2, TRUE },
    { "{\"image\":\"a\",\"read_only\":true,\"tmpfs\":[\"/run\"]}", PERRY_SUPPORT_PARTIAL, 2, TRUE },
    { "{\"image\":\"a\",\"read_only\":true,\"prefer\":[\"tmpfs\"]}", PERRY_SUPPORT_PARTIAL, 2, TRUE },
    { "{\"image\":\"a\",\"read_only\":true,\"require\":[\"tmpfs\"]}", PERRY_SUPPORT_PARTIAL, 2, TRUE },
    { "{\"image\":\"a\",\"read_only\":true,\"require\":[\"read_only\"]}", PERRY_SUPPORT_EMULATED, 2, TRUE },
    { "{\"image\":\"a\",\"read_only\":true,\"require\":[\"read_only\"]}", PERRY_SUPPORT_PARTIAL, 0, FALSE },
    { "{\"image\":\"a\",\"read_only\":true,\"require\":[\"read_only\"]}", PERRY_SUPPORT_UNSUPPORTED, 0, FALSE },
    { "{\"image\":\"a\",\"read_only\":true,\"enforcement\":\"strict\",\"prefer\":[\"read_only\"]}",
      PERRY_SUPPORT_PARTIAL, 2, TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryContainerSpec) spec = spec_from_json (cases[i].json);
      g_autoptr (PerryCapabilityMatrix) matrix = all_native ();
      g_autoptr (GPtrArray) adjustments = NULL;
      g_autoptr (GError) error = NULL;
      PerryNormaliseRequest request = { .spec = spec, .backend = "engine", .matrix = matrix,
                                        .enforcement = PERRY_ENFORCEMENT_WARN };
      g_autoptr (PerryContainerSpec) result = NULL;

      perry_capability_matrix_set (matrix, PERRY_CAPABILITY_TMPFS_MOUNTS, cases[i].level, PERRY_SUPPORT_ORIGIN_PROBE,
                                   "why");
      result = perry_normalise_spec (&request, &adjustments, &error);
      if (!cases[i].added)
        {
          g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
          g_assert_null (result);
          continue;
        }
      g_assert_no_error (error);
      g_assert_nonnull (find_adjustment (adjustments, PERRY_ADJUSTMENT_ADDED, PERRY_FIELD_TMPFS));
      g_assert_cmpuint (adjustments->len, ==, cases[i].n_adjustments);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/policy/mounts/mounts-one-by-one", test_mounts_one_by_one);
  g_test_add_func ("/policy/mounts/rest-is-partial", test_rest_is_partial);
  g_test_add_func ("/policy/mounts/drop-says-what-runs", test_drop_says_what_runs);
  g_test_add_func ("/policy/mounts/read-only-brings-tmp", test_read_only_tmp);
  g_test_add_func ("/policy/mounts/read-only-without-tmpfs", test_read_only_tmp_without_tmpfs);
  g_test_add_func ("/policy/mounts/read-only-tmp-by-level", test_read_only_tmp_by_level);
  return g_test_run ();
}
