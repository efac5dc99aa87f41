/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/perry-field-lines.h"
#include "core/policy/perry-normalise.h"

#include <string.h>

#define BIT(name) PERRY_CAPABILITY_BIT (PERRY_CAPABILITY_##name)

/* A value for every field that an engine may be unable to honour, and what it takes. `left` is what dropping leaves of
 * it where that is not nothing, by the one missing capability. */
typedef struct {
  PerryField field;
  const char *text;
  PerryCapabilitySet required;
  PerryCapability partly_missing;
  const char *left;
} Sample;

static const Sample samples[] = {
  { PERRY_FIELD_USER, "65534", BIT (RUN_AS_USER) },
  { PERRY_FIELD_WORKDIR, "/srv", BIT (WORKDIR) },
  { PERRY_FIELD_READ_ONLY, "true", BIT (READ_ONLY_ROOTFS) },
  { PERRY_FIELD_PRIVILEGED, "true", BIT (PRIVILEGED) },
  { PERRY_FIELD_CAP_ADD, "NET_ADMIN", BIT (LINUX_CAPABILITIES) },
  { PERRY_FIELD_CAP_DROP, "ALL", BIT (LINUX_CAPABILITIES) },
  { PERRY_FIELD_SECCOMP, "default", BIT (SECCOMP_PROFILE) },
  { PERRY_FIELD_SECCOMP, "unconfined", BIT (SECCOMP_PROFILE) },
  { PERRY_FIELD_NO_NEW_PRIVILEGES, "true", BIT (NO_NEW_PRIVILEGES) },
  { PERRY_FIELD_APPARMOR, "docker-default", BIT (APPARMOR) },
  { PERRY_FIELD_SELINUX, "type:container_t", BIT (SELINUX_LABEL) },
  { PERRY_FIELD_NETWORK, "none", BIT (NETWORK_NONE) },
  { PERRY_FIELD_NETWORK, "host", BIT (NETWORK_HOST) },
  { PERRY_FIELD_NETWORK, "back-end", BIT (USER_DEFINED_BRIDGE) },
  { PERRY_FIELD_NO_NETWORK, "true", BIT (NETWORK_NONE) },
  { PERRY_FIELD_NETWORK_ALIASES, "db", BIT (NETWORK_ALIAS) },
  { PERRY_FIELD_PORTS, "127.0.0.1:8080:80", BIT (PUBLISHED_PORTS) },
  { PERRY_FIELD_TMPFS, "/run:size=1m", BIT (TMPFS_MOUNTS) },
  { PERRY_FIELD_VOLUMES, "/etc:/data", BIT (BIND_MOUNTS) },
  { PERRY_FIELD_VOLUMES, "store:/data", BIT (NAMED_VOLUMES) },
  { PERRY_FIELD_VOLUMES, "/etc:/data:ro", BIT (BIND_MOUNTS) | BIT (READ_ONLY_MOUNTS) },
  { PERRY_FIELD_VOLUMES, "/etc:/data:z", BIT (BIND_MOUNTS) | BIT (SELINUX_MOUNT_LABELS),
    PERRY_CAPABILITY_SELINUX_MOUNT_LABELS, "/etc:/data" },
  { PERRY_FIELD_VOLUMES, "store:/data:ro,Z",
    BIT (NAMED_VOLUMES) | BIT (READ_ONLY_MOUNTS) | BIT (SELINUX_MOUNT_LABELS),
    PERRY_CAPABILITY_SELINUX_MOUNT_LABELS, "store:/data:ro" },
  { PERRY_FIELD_DEVICES, "/dev/null:/dev/thing:rw", BIT (DEVICES) },
  { PERRY_FIELD_MEMORY, "64m", BIT (MEMORY_LIMIT) },
  { PERRY_FIELD_CPUS, "0.5", BIT (CPU_LIMIT) },
  { PERRY_FIELD_PIDS_LIMIT, "64", BIT (PIDS_LIMIT) },
  { PERRY_FIELD_INIT, "true", BIT (INIT) },
  { PERRY_FIELD_STOP_SIGNAL, "SIGUSR1", BIT (STOP_SIGNAL) },
  { PERRY_FIELD_STOP_TIMEOUT, "30", BIT (STOP_SIGNAL) },
  { PERRY_FIELD_GROUP_ADD, "audio", BIT (RUN_AS_USER) },
  { PERRY_FIELD_ULIMITS, "nofile=100", BIT (ULIMITS) },
  { PERRY_FIELD_SYSCTLS, "net.core.somaxconn=9", BIT (SYSCTLS) },
  { PERRY_FIELD_MEMORY_SWAP, "-1", BIT (MEMORY_LIMIT) },
  { PERRY_FIELD_PID, "host", BIT (PID_NAMESPACE_SHARE) },
  { PERRY_FIELD_IPC, "container:web", BIT (IPC_NAMESPACE_SHARE) },
  { PERRY_FIELD_UTS, "host", BIT (UTS_NAMESPACE_SHARE) },
  { PERRY_FIELD_USERNS, "host", BIT (USER_NAMESPACE) },
  { PERRY_FIELD_HEALTHCHECK, "{\"test\":\"true\"}", BIT (HEALTHCHECK) },
  { PERRY_FIELD_RESTART, "always", BIT (RESTART_POLICY) },
  { PERRY_FIELD_RM, "true", BIT (RM_ON_EXIT) },
};

typedef enum { NAMED_NOWHERE, IN_REQUIRE, IN_PREFER, IN_BOTH, N_NAMINGS } Naming;

typedef enum { KEEP, NOTE, NOTE_PRINTED, DROP, DROP_PRINTED, REFUSE } Expected;

/* Written down from the design, not computed: level, mode, where the field is named. */
static const Expected expectations[5][3][N_NAMINGS] = {
  [PERRY_SUPPORT_UNSUPPORTED] = {
    [PERRY_ENFORCEMENT_LENIENT] = { DROP, REFUSE, DROP, REFUSE },
    [PERRY_ENFORCEMENT_WARN] = { DROP_PRINTED, REFUSE, DROP_PRINTED, REFUSE },
    [PERRY_ENFORCEMENT_STRICT] = { REFUSE, REFUSE, DROP, REFUSE },
  },
  [PERRY_SUPPORT_PARTIAL] = {
    [PERRY_ENFORCEMENT_LENIENT] = { NOTE, REFUSE, NOTE, REFUSE },
    [PERRY_ENFORCEMENT_WARN] = { NOTE_PRINTED, REFUSE, NOTE_PRINTED, REFUSE },
    [PERRY_ENFORCEMENT_STRICT] = { REFUSE, REFUSE, NOTE, REFUSE },
  },
  [PERRY_SUPPORT_EMULATED] = {
    [PERRY_ENFORCEMENT_LENIENT] = { NOTE, NOTE, NOTE, NOTE },
    [PERRY_ENFORCEMENT_WARN] = { NOTE, NOTE, NOTE, NOTE },
    [PERRY_ENFORCEMENT_STRICT] = { NOTE, NOTE, NOTE, NOTE },
  },
  [PERRY_SUPPORT_NATIVE] = {
    [PERRY_ENFORCEMENT_LENIENT] = { KEEP, KEEP, KEEP, KEEP },
    [PERRY_ENFORCEMENT_WARN] = { KEEP, KEEP, KEEP, KEEP },
    [PERRY_ENFORCEMENT_STRICT] = { KEEP, KEEP, KEEP, KEEP },
  },
  [PERRY_SUPPORT_NOT_APPLICABLE] = {
    [PERRY_ENFORCEMENT_LENIENT] = { DROP, REFUSE, DROP, REFUSE },
    [PERRY_ENFORCEMENT_WARN] = { DROP_PRINTED, REFUSE, DROP_PRINTED, REFUSE },
    [PERRY_ENFORCEMENT_STRICT] = { REFUSE, REFUSE, DROP, REFUSE },
  },
};

static PerryCapabilityMatrix *
all_native (void)
{
  PerryCapabilityMatrix *matrix = perry_capability_matrix_new ();

  for (int i = 0; i < PERRY_CAPABILITY_LAST; i++)
    perry_capability_matrix_set (matrix, i, PERRY_SUPPORT_NATIVE, PERRY_SUPPORT_ORIGIN_TABLE, NULL);
  return matrix;
}

static void
set_text (PerryContainerSpec *spec, PerryField field, const char *text)
{
  g_autoptr (GError) error = NULL;

  perry_container_spec_set_from_text (spec, field, text, "test", &error);
  g_assert_no_error (error);
}

static PerryContainerSpec *
spec_with (PerryField field, const char *text)
{
  PerryContainerSpec *spec = perry_container_spec_new ();

  set_text (spec, PERRY_FIELD_IMAGE, "alpine:3.19");
  set_text (spec, field, text);
  return spec;
}

static PerryContainerSpec *
spec_from_json (const char *json)
{
  g_autoptr (GError) error = NULL;
  PerryContainerSpec *spec = perry_container_spec_new_from_json (json, -1, &error);

  g_assert_no_error (error);
  return spec;
}

static void
name_field (PerryContainerSpec *spec, PerryField field, Naming naming)
{
  if (naming == IN_REQUIRE || naming == IN_BOTH)
    set_text (spec, PERRY_FIELD_REQUIRE, perry_field_get_name (field));
  if (naming == IN_PREFER || naming == IN_BOTH)
    set_text (spec, PERRY_FIELD_PREFER, perry_field_get_name (field));
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

static void
assert_same_value (const PerryContainerSpec *a, const PerryContainerSpec *b, PerryField field)
{
  GVariant *first = perry_container_spec_get_value (a, field);
  GVariant *second = perry_container_spec_get_value (b, field);

  g_assert_nonnull (first);
  g_assert_nonnull (second);
  g_assert_cmpvariant (first, second);
}

/* read_only adds a tmpfs, so its samples have one adjustment more as long as the root stays read-only. */
static guint
count_own (GPtrArray *adjustments)
{
  return adjustments->len - (find_adjustment (adjustments, PERRY_ADJUSTMENT_ADDED, PERRY_FIELD_TMPFS) != NULL ? 1 : 0);
}

static void
check_kept (const Sample *sample, const PerryContainerSpec *asked, const PerryContainerSpec *result,
            GPtrArray *adjustments, PerrySupport level, Expected expected)
{
  const PerryAdjustment *adjustment;

  assert_same_value (asked, result, sample->field);
  g_assert_cmpuint (count_own (adjustments), ==, expected == KEEP ? 0 : 1);
  if (expected == KEEP)
    return;
  adjustment = find_adjustment (
      adjustments, level == PERRY_SUPPORT_PARTIAL ? PERRY_ADJUSTMENT_PARTIAL : PERRY_ADJUSTMENT_EMULATED, sample->field);
  g_assert_nonnull (adjustment);
  g_assert_cmpint (adjustment->printed, ==, expected == NOTE_PRINTED);
  g_assert_nonnull (strstr (adjustment->reason, "a telling reason"));
}

static void
check_dropped (const Sample *sample, PerryCapability missing, const PerryContainerSpec *result,
               GPtrArray *adjustments, Expected expected)
{
  const PerryAdjustment *adjustment = find_adjustment (adjustments, PERRY_ADJUSTMENT_DROPPED, sample->field);

  if (sample->left != NULL && missing == sample->partly_missing)
    {
      g_autoptr (PerryContainerSpec) left = spec_with (sample->field, sample->left);

      assert_same_value (left, result, sample->field);
    }
  else
    g_assert_false (perry_container_spec_is_set (result, sample->field));
  g_assert_cmpuint (count_own (adjustments), ==, 1);
  g_assert_nonnull (adjustment);
  g_assert_nonnull (adjustment->value);
  g_assert_cmpint (adjustment->printed, ==, expected == DROP_PRINTED);
  g_assert_nonnull (strstr (adjustment->reason, "a telling reason; "));
}

static void
check_refused (const Sample *sample, const PerryContainerSpec *result, GPtrArray *adjustments, const GError *error)
{
  g_autofree char *line = g_strdup_printf ("\n  %s: a telling reason (no backend on this host honours it)",
                                           perry_field_get_name (sample->field));

  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
  g_assert_null (result);
  g_assert_null (adjustments);
  g_assert_true (g_str_has_prefix (error->message, "engine cannot honour 1 field that "));
  g_assert_true (g_str_has_suffix (error->message, line));
}

/* One cell, or the plugin's answer where @missing is LAST, has @level, everything else is native. */
static void
check_one (const Sample *sample, PerryCapability missing, PerrySupport level, PerryEnforcement mode, Naming naming)
{
  static const PerryNamedMatrix nobody_else[] = { { NULL, NULL } };
  g_autoptr (PerryContainerSpec) spec = spec_with (sample->field, sample->text);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (PerryCapabilityMatrix) matrix = all_native ();
  g_autoptr (PerryFieldSupport) support = perry_field_support_new ();
  g_autoptr (PerryContainerSpec) result = NULL;
  g_autoptr (GPtrArray) adjustments = NULL;
  g_autoptr (GError) error = NULL;
  Expected expected = expectations[level][mode][naming];
  PerryNormaliseRequest request = { .spec = spec, .backend = "engine", .matrix = matrix, .support = support,
                                    .enforcement = mode, .others = nobody_else };

  name_field (spec, sample->field, naming);
  before = perry_container_spec_to_json (spec);
  if (missing == PERRY_CAPABILITY_LAST)
    perry_field_support_limit (support, sample->field, level, "a telling reason");
  else
    perry_capability_matrix_set (matrix, missing, level, PERRY_SUPPORT_ORIGIN_PROBE, "a telling reason");

  result = perry_normalise_spec (&request, &adjustments, &error);
  after = perry_container_spec_to_json (spec);
  g_assert_cmpstr (before, ==, after);
  if (expected == REFUSE)
    {
      check_refused (sample, result, adjustments, error);
      return;
    }
  g_assert_no_error (error);
  if (expected == DROP || expected == DROP_PRINTED)
    check_dropped (sample, missing, result, adjustments, expected);
  else
    check_kept (sample, spec, result, adjustments, level, expected);
}

static guint
check_levels_and_modes (const Sample *sample, PerryCapability missing)
{
  guint n = 0;

  for (PerrySupport level = PERRY_SUPPORT_UNSUPPORTED; level <= PERRY_SUPPORT_NOT_APPLICABLE; level++)
    for (PerryEnforcement mode = PERRY_ENFORCEMENT_LENIENT; mode <= PERRY_ENFORCEMENT_STRICT; mode++)
      for (Naming naming = NAMED_NOWHERE; naming < N_NAMINGS; naming++, n++)
        check_one (sample, missing, level, mode, naming);
  return n;
}

static void
test_every_field (void)
{
  guint n_cells = 0, n_answers = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      for (int capability = 0; capability < PERRY_CAPABILITY_LAST; capability++)
        if ((samples[i].required & PERRY_CAPABILITY_BIT (capability)) != 0)
          n_cells += check_levels_and_modes (&samples[i], capability);
      n_answers += check_levels_and_modes (&samples[i], PERRY_CAPABILITY_LAST);
    }
  g_test_message ("%zu values: %u cases by the matrix, %u by the plugin's answer", G_N_ELEMENTS (samples), n_cells,
                  n_answers);
}

static void
test_samples_are_complete (void)
{
  guint n_fields = 0;

  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    {
      const PerryFieldInfo *info = perry_field_get_info (field);
      gboolean found = FALSE;

      for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
        found |= samples[i].field == (PerryField) field;
      if ((info->required != NULL && (info->flags & (PERRY_FIELD_CONTROL | PERRY_FIELD_SHORTHAND)) == 0) != found)
        g_error ("%s: its capabilities and the samples of this test do not fit together", info->name);
      n_fields += found;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (PerryContainerSpec) spec = spec_with (samples[i].field, samples[i].text);

      g_assert_cmphex (perry_field_get_info (samples[i].field)->required (spec), ==, samples[i].required);
    }
  g_test_message ("%u fields of %d depend on a capability", n_fields, PERRY_FIELD_LAST);
}

/* Fields that no capability covers are kept, whatever the matrix says; a plugin's answer counts for them too. */
static void
test_other_fields (void)
{
  g_autoptr (PerryContainerSpec) spec =
      spec_from_json ("{\"image\":\"a\",\"cmd\":[\"x\"],\"env\":{\"A\":\"b\"},\"labels\":{\"c\":\"d\"}}");
  g_autoptr (PerryCapabilityMatrix) nothing = perry_capability_matrix_new ();
  g_autoptr (PerryFieldSupport) support = perry_field_support_new ();
  PerryNormaliseRequest request = { .spec = spec, .backend = "engine", .matrix = nothing,
                                    .enforcement = PERRY_ENFORCEMENT_STRICT };

  {
    g_autoptr (GPtrArray) adjustments = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (PerryContainerSpec) result = perry_normalise_spec (&request, &adjustments, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (adjustments->len, ==, 0);
    assert_same_value (spec, result, PERRY_FIELD_LABELS);
  }
  request.enforcement = PERRY_ENFORCEMENT_LENIENT;
  request.support = support;
  perry_field_support_limit (support, PERRY_FIELD_LABELS, PERRY_SUPPORT_UNSUPPORTED, "no labels here");
  {
    g_autoptr (GPtrArray) adjustments = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (PerryContainerSpec) result = perry_normalise_spec (&request, &adjustments, &error);

    g_assert_no_error (error);
    g_assert_false (perry_container_spec_is_set (result, PERRY_FIELD_LABELS));
    g_assert_nonnull (find_adjustment (adjustments, PERRY_ADJUSTMENT_DROPPED, PERRY_FIELD_LABELS));
  }
  perry_field_support_limit (support, PERRY_FIELD_IMAGE, PERRY_SUPPORT_UNSUPPORTED, "no such images here");
  {
    g_autoptr (GPtrArray) adjustments = NULL;
    g_autoptr (GError) error = NULL;

    g_assert_null (perry_normalise_spec (&request, &adjustments, &error));
    g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
    g_assert_null (adjustments);
  }
}

static void
test_unset_field_in_require (void)
{
  g_autoptr (PerryContainerSpec) spec = spec_from_json ("{\"image\":\"a\",\"require\":[\"seccomp\",\"memory\"]}");
  g_autoptr (PerryCapabilityMatrix) nothing = perry_capability_matrix_new ();
  g_autoptr (GPtrArray) adjustments = NULL;
  g_autoptr (GError) error = NULL;
  PerryNormaliseRequest request = { .spec = spec, .backend = "engine", .matrix = nothing };
  g_autoptr (PerryContainerSpec) result = perry_normalise_spec (&request, &adjustments, &error);

  g_assert_no_error (error);
  g_assert_nonnull (result);
  g_assert_cmpuint (adjustments->len, ==, 0);
}

static void
test_mode (void)
{
  for (PerryEnforcement own = 0; own <= PERRY_ENFORCEMENT_STRICT; own++)
    for (PerryEnforcement given = 0; given <= PERRY_ENFORCEMENT_STRICT; given++)
      for (PerryEnforcement minimum = 0; minimum <= PERRY_ENFORCEMENT_STRICT; minimum++)
        {
          g_autoptr (PerryContainerSpec) with = spec_with (PERRY_FIELD_ENFORCEMENT, perry_enforcement_get_name (own));
          g_autoptr (PerryContainerSpec) without = perry_container_spec_new ();
          PerryNormaliseRequest request = { .spec = with, .enforcement = given, .minimum = minimum };

          g_assert_cmpint (perry_normalise_get_mode (&request), ==, own < minimum ? minimum : own);
          request.spec = without;
          g_assert_cmpint (perry_normalise_get_mode (&request), ==, given < minimum ? minimum : given);
        }
}

static void
test_prefer_under_minimum (void)
{
  g_autoptr (PerryContainerSpec) spec = spec_from_json (
      "{\"image\":\"a\",\"memory\":\"64m\",\"enforcement\":\"strict\",\"prefer\":[\"memory\"]}");
  g_autoptr (PerryCapabilityMatrix) matrix = all_native ();
  PerryNormaliseRequest request = { .spec = spec, .backend = "engine", .matrix = matrix };

  {
    g_autoptr (GPtrArray) adjustments = NULL;
    g_autoptr (PerryContainerSpec) kept = NULL;

    request.minimum = PERRY_ENFORCEMENT_STRICT;
    kept = perry_normalise_spec (&request, &adjustments, NULL);
    g_assert_false (perry_container_spec_is_set (kept, PERRY_FIELD_PREFER));
  }
  perry_capability_matrix_set (matrix, PERRY_CAPABILITY_MEMORY_LIMIT, PERRY_SUPPORT_UNSUPPORTED,
                               PERRY_SUPPORT_ORIGIN_PROBE, "no memory controller");
  for (PerryEnforcement minimum = 0; minimum <= PERRY_ENFORCEMENT_STRICT; minimum++)
    {
      g_autoptr (GPtrArray) adjustments = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryContainerSpec) result = NULL;

      request.minimum = minimum;
      result = perry_normalise_spec (&request, &adjustments, &error);
      if (minimum == PERRY_ENFORCEMENT_STRICT)
        {
          g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
          continue;
        }
      g_assert_no_error (error);
      g_assert_true (perry_container_spec_is_set (result, PERRY_FIELD_PREFER));
      g_assert_cmpint (find_adjustment (adjustments, PERRY_ADJUSTMENT_DROPPED, PERRY_FIELD_MEMORY)->printed, ==,
                       minimum == PERRY_ENFORCEMENT_WARN);
    }
}

static void
test_strict_lists_all (void)
{
  g_autoptr (PerryContainerSpec) spec = spec_from_json (
      "{\"image\":\"a\",\"seccomp\":\"default\",\"memory\":\"64m\",\"read_only\":true,\"apparmor\":\"docker-default\"}");
  g_autoptr (PerryCapabilityMatrix) matrix = all_native ();
  g_autoptr (PerryCapabilityMatrix) full = all_native ();
  g_autoptr (PerryCapabilityMatrix) weak = all_native ();
  g_autoptr (PerryCapabilityMatrix) none = perry_capability_matrix_new ();
  g_autoptr (PerryFieldSupport) unable = perry_field_support_new ();
  const PerryNamedMatrix others[] = { { "podman", full, NULL },   { "docker", full, NULL }, { "lima", weak, NULL },
                                      { "nerdctl", full, unable }, { "apple", none, NULL },  { 0 } };
  g_autoptr (GPtrArray) adjustments = NULL;
  g_autoptr (GError) error = NULL;
  PerryNormaliseRequest request = { .spec = spec, .backend = "docker", .matrix = matrix,
                                    .enforcement = PERRY_ENFORCEMENT_STRICT, .others = others };

  perry_capability_matrix_set (matrix, PERRY_CAPABILITY_SECCOMP_PROFILE, PERRY_SUPPORT_UNSUPPORTED,
                               PERRY_SUPPORT_ORIGIN_PROBE, "the kernel has no seccomp");
  perry_capability_matrix_set (matrix, PERRY_CAPABILITY_MEMORY_LIMIT, PERRY_SUPPORT_PARTIAL,
                               PERRY_SUPPORT_ORIGIN_PROBE, "swap is not limited");
  perry_capability_matrix_set (matrix, PERRY_CAPABILITY_APPARMOR, PERRY_SUPPORT_NOT_APPLICABLE,
                               PERRY_SUPPORT_ORIGIN_PROBE, NULL);
  perry_capability_matrix_set (weak, PERRY_CAPABILITY_MEMORY_LIMIT, PERRY_SUPPORT_EMULATED, PERRY_SUPPORT_ORIGIN_PROBE,
                               NULL);
  perry_capability_matrix_set (weak, PERRY_CAPABILITY_SECCOMP_PROFILE, PERRY_SUPPORT_PARTIAL,
                               PERRY_SUPPORT_ORIGIN_PROBE, NULL);
  perry_capability_matrix_set (weak, PERRY_CAPABILITY_APPARMOR, PERRY_SUPPORT_NOT_APPLICABLE,
                               PERRY_SUPPORT_ORIGIN_PROBE, NULL);
  perry_capability_matrix_set (full, PERRY_CAPABILITY_APPARMOR, PERRY_SUPPORT_UNSUPPORTED, PERRY_SUPPORT_ORIGIN_PROBE,
                               NULL);

  /* What its matrix offers it cannot do for this spec. */
  perry_field_support_limit (unable, PERRY_FIELD_SECCOMP, PERRY_SUPPORT_UNSUPPORTED, "not this profile");
  perry_field_support_limit (unable, PERRY_FIELD_MEMORY, PERRY_SUPPORT_PARTIAL, "not so little");

  g_assert_null (perry_normalise_spec (&request, &adjustments, &error));
  g_assert_null (adjustments);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
  g_assert_cmpstr (error->message, ==,
                   "docker cannot honour 3 fields that strict mode demands:\n"
                   "  seccomp: the kernel has no seccomp (honoured by: podman)\n"
                   "  apparmor: the engine has no apparmor (no backend on this host honours it)\n"
                   "  memory: swap is not limited (honoured by: podman, lima)");

  g_clear_error (&error);
  request.enforcement = PERRY_ENFORCEMENT_WARN;
  request.others = NULL;
  name_field (spec, PERRY_FIELD_MEMORY, IN_REQUIRE);
  g_assert_null (perry_normalise_spec (&request, &adjustments, &error));
  g_assert_cmpstr (error->message, ==,
                   "docker cannot honour 1 field that the spec requires:\n"
                   "  memory: swap is not limited");
}

static void
test_error_is_bounded (void)
{
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new ();
  g_autoptr (PerryCapabilityMatrix) matrix = perry_capability_matrix_new ();
  g_autoptr (PerryCapabilityMatrix) full = all_native ();
  g_autofree char *noise = g_strnfill (5000, 'x');
  g_autofree char *reason = g_strconcat ("größe\n\033[31m", noise, NULL);
  g_autofree char *long_name = g_strnfill (300, 'n');
  const PerryNamedMatrix others[] = { { long_name, full }, { "podman", full }, { 0 } };
  g_autoptr (GPtrArray) adjustments = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = NULL;
  PerryNormaliseRequest request = { .spec = spec, .backend = noise, .matrix = matrix,
                                    .enforcement = PERRY_ENFORCEMENT_STRICT, .others = others };
  guint n_fields = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    set_text (spec, samples[i].field, samples[i].text);
  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    n_fields += perry_container_spec_is_set (spec, field);
  for (int i = 0; i < PERRY_CAPABILITY_LAST; i++)
    perry_capability_matrix_set (matrix, i, PERRY_SUPPORT_UNSUPPORTED, PERRY_SUPPORT_ORIGIN_PROBE, reason);

  g_assert_null (perry_normalise_spec (&request, &adjustments, &error));
  g_assert_cmpuint (strlen (error->message), <, PERRY_FIELD_LINES_MAX);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_null (strchr (error->message, '\033'));
  lines = g_strsplit (error->message, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 1 + n_fields);
  for (guint i = 1; i <= n_fields; i++)
    g_assert_nonnull (strstr (lines[i], ": größe"));
}

/* Of several cells the worst one counts, with its reason alone; equally bad ones add theirs. */
static void
test_worst_cell (void)
{
  static const struct {
    PerrySupport bind, read_only, answer;
    PerryAdjustmentKind kind;
    const char *reason;
  } cases[] = {
    { PERRY_SUPPORT_PARTIAL, PERRY_SUPPORT_EMULATED, PERRY_SUPPORT_NATIVE, PERRY_ADJUSTMENT_PARTIAL, "bind" },
    { PERRY_SUPPORT_EMULATED, PERRY_SUPPORT_PARTIAL, PERRY_SUPPORT_NATIVE, PERRY_ADJUSTMENT_PARTIAL, "read-only" },
    { PERRY_SUPPORT_PARTIAL, PERRY_SUPPORT_PARTIAL, PERRY_SUPPORT_NATIVE, PERRY_ADJUSTMENT_PARTIAL, "bind; read-only" },
    { PERRY_SUPPORT_EMULATED, PERRY_SUPPORT_NATIVE, PERRY_SUPPORT_PARTIAL, PERRY_ADJUSTMENT_PARTIAL, "answer" },
    { PERRY_SUPPORT_PARTIAL, PERRY_SUPPORT_NATIVE, PERRY_SUPPORT_EMULATED, PERRY_ADJUSTMENT_PARTIAL, "bind" },
    { PERRY_SUPPORT_EMULATED, PERRY_SUPPORT_NATIVE, PERRY_SUPPORT_EMULATED, PERRY_ADJUSTMENT_EMULATED, "bind; answer" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryContainerSpec) spec = spec_with (PERRY_FIELD_VOLUMES, "/etc:/data:ro");
      g_autoptr (PerryCapabilityMatrix) matrix = all_native ();
      g_autoptr (PerryFieldSupport) support = perry_field_support_new ();
      g_autoptr (GPtrArray) adjustments = NULL;
      PerryNormaliseRequest request = { .spec = spec, .backend = "engine", .matrix = matrix, .support = support };
      g_autoptr (PerryContainerSpec) result = NULL;
      const PerryAdjustment *adjustment;

      perry_capability_matrix_set (matrix, PERRY_CAPABILITY_BIND_MOUNTS, cases[i].bind, PERRY_SUPPORT_ORIGIN_PROBE,
                                   "bind");
      perry_capability_matrix_set (matrix, PERRY_CAPABILITY_READ_ONLY_MOUNTS, cases[i].read_only,
                                   PERRY_SUPPORT_ORIGIN_PROBE, "read-only");
      perry_field_support_limit (support, PERRY_FIELD_VOLUMES, cases[i].answer, "answer");
      result = perry_normalise_spec (&request, &adjustments, NULL);
      assert_same_value (spec, result, PERRY_FIELD_VOLUMES);
      g_assert_cmpuint (adjustments->len, ==, 1);
      adjustment = g_ptr_array_index (adjustments, 0);
      g_assert_cmpint (adjustment->kind, ==, cases[i].kind);
      g_assert_cmpstr (adjustment->reason, ==, cases[i].reason);
    }
}

/* Every field that may be dropped tells what its absence means. */
static void
test_drop_names_the_default (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (PerryContainerSpec) spec = spec_with (samples[i].field, samples[i].text);
      g_autoptr (PerryCapabilityMatrix) nothing = perry_capability_matrix_new ();
      g_autoptr (GPtrArray) adjustments = NULL;
      PerryNormaliseRequest request = { .spec = spec, .backend = "engine", .matrix = nothing };
      g_autoptr (PerryContainerSpec) result = perry_normalise_spec (&request, &adjustments, NULL);
      const PerryAdjustment *adjustment = g_ptr_array_index (adjustments, 0);

      g_assert_nonnull (result);
      if (samples[i].field != PERRY_FIELD_VOLUMES && samples[i].field != PERRY_FIELD_TMPFS &&
          samples[i].field != PERRY_FIELD_NO_NETWORK)
        g_assert_nonnull (strstr (adjustment->reason, perry_field_get_info (samples[i].field)->unset));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/policy/normalise/samples-cover-the-table", test_samples_are_complete);
  g_test_add_func ("/policy/normalise/every-field-level-mode-and-naming", test_every_field);
  g_test_add_func ("/policy/normalise/fields-without-capabilities", test_other_fields);
  g_test_add_func ("/policy/normalise/require-of-an-unset-field", test_unset_field_in_require);
  g_test_add_func ("/policy/normalise/minimum-raises-the-mode", test_mode);
  g_test_add_func ("/policy/normalise/prefer-stays-above-the-minimum", test_prefer_under_minimum);
  g_test_add_func ("/policy/normalise/strict-lists-every-field", test_strict_lists_all);
  g_test_add_func ("/policy/normalise/error-is-bounded", test_error_is_bounded);
  g_test_add_func ("/policy/normalise/worst-cell-counts", test_worst_cell);
  g_test_add_func ("/policy/normalise/drop-names-the-default", test_drop_names_the_default);
  return g_test_run ();
}
