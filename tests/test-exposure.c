/* SPDX-License-Identifier: Apache-2.0 */
#include "core/perry-container.h"

#include <string.h>

static PerryExposure *
rate (const char *members)
{
  g_autofree char *json = g_strdup_printf ("{\"image\": \"bb:1\"%s%s}", members != NULL ? ", " : "",
                                           members != NULL ? members : "");
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (json, -1, &error);
  static const char *const defaults[] = { "CHOWN", "DAC_OVERRIDE", "SETUID", "SETGID", "NET_RAW", NULL };
  g_autoptr (PerryEngineInfo) engine = perry_engine_info_new ();

  g_assert_no_error (error);
  engine->default_capabilities = perry_linux_capabilities_from_names (defaults);
  return perry_exposure_rate (spec, engine);
}

static const PerryExposureRow *
find_row (const PerryExposure *exposure, const char *id)
{
  for (guint i = 0; i < exposure->rows->len; i++)
    {
      const PerryExposureRow *row = g_ptr_array_index (exposure->rows, i);

      if (g_str_equal (row->id, id))
        return row;
    }
  g_error ("there is no row %s", id);
}

/* From the most closed to the most open: each is more exposed than the one before. */
static void
test_order (void)
{
  static const char *const specs[] = {
    "\"read_only\": true, \"seccomp\": \"perry\", \"cap_drop\": [\"ALL\"], \"no_new_privileges\": true, \"no_network\": true, "
    "\"user\": \"65534\", \"memory\": \"64m\", \"pids_limit\": 64, \"cpus\": 1",
    "\"read_only\": true, \"seccomp\": \"perry\", \"cap_drop\": [\"ALL\"], \"no_network\": true, \"user\": \"65534\"",
    "\"read_only\": true, \"seccomp\": \"perry\"",
    NULL,
    "\"ports\": [\"80:80\"]",
    "\"network\": \"host\"",
    "\"pid\": \"host\"",
    "\"cap_add\": [\"SYS_ADMIN\"]",
    "\"privileged\": true",
  };
  double before = -1;

  for (gsize i = 0; i < G_N_ELEMENTS (specs); i++)
    {
      g_autoptr (PerryExposure) exposure = rate (specs[i]);

      g_assert_cmpfloat (exposure->score, >, before);
      g_assert_cmpfloat (exposure->score, <=, 10);
      before = exposure->score;
    }
  g_assert_cmpfloat (before, >=, 9.5);
}

/* One member, the row that it is seen in, and whether an audit names it. */
static void
test_rows (void)
{
  static const struct {
    const char *members;
    const char *id;
    double exposure;
    gboolean alarm;
  } cases[] = {
    { NULL, "privileged", 0, FALSE },
    { "\"privileged\": true", "privileged", 1, TRUE },
    { "\"privileged\": true", "capabilities", 1, TRUE },
    { "\"privileged\": true", "seccomp", 1, TRUE },
    { "\"privileged\": true", "devices", 1, TRUE },
    { NULL, "kernel", 1, FALSE },
    { NULL, "user", 1, FALSE },
    { "\"user\": \"root\"", "user", 1, FALSE },
    { "\"user\": \"0:5\"", "user", 1, FALSE },
    { "\"user\": \"1000\"", "user", 0, FALSE },
    { "\"user\": \"web\"", "user", 0, FALSE },
    { "\"cap_drop\": [\"ALL\"]", "capabilities", 0, FALSE },
    { NULL, "capabilities", 0.25, FALSE },
    { "\"cap_add\": [\"BPF\"]", "capabilities", 1, TRUE },
    { "\"cap_add\": [\"ALL\"], \"cap_drop\": [\"SYS_ADMIN\"]", "capabilities", 1, TRUE },
    { "\"no_new_privileges\": true", "new-privileges", 0, FALSE },
    { NULL, "new-privileges", 1, FALSE },
    { "\"seccomp\": \"unconfined\"", "seccomp", 1, TRUE },
    { "\"seccomp\": \"perry\"", "seccomp", 0, FALSE },
    { "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ERRNO\"}", "seccomp", 0.4, FALSE },
    { NULL, "seccomp", 0.2, FALSE },
    { "\"apparmor\": \"unconfined\"", "security-module", 1, FALSE },
    { "\"read_only\": true", "root", 0, FALSE },
    { NULL, "root", 1, FALSE },
    { "\"network\": \"none\"", "network", 0, FALSE },
    { "\"no_network\": true", "network", 0, FALSE },
    { "\"network\": \"host\"", "network", 1, TRUE },
    { NULL, "network", 0.5, FALSE },
    { "\"ports\": [\"127.0.0.1:80:80\"]", "ports", 0.3, FALSE },
    { "\"ports\": [\"127.0.0.1:80:80\", \"81:81\"]", "ports", 1, FALSE },
    { "\"pid\": \"host\"", "pid", 1, TRUE },
    { "\"pid\": \"private\"", "pid", 0, FALSE },
    { "\"ipc\": \"host\"", "ipc", 1, TRUE },
    { "\"uts\": \"host\"", "uts", 1, FALSE },
    { "\"volumes\": [\"data:/data\"]", "volumes", 0, FALSE },
    { "\"volumes\": [\"/srv:/data:ro\"]", "volumes", 0.2, FALSE },
    { "\"volumes\": [\"/srv:/data\"]", "volumes", 0.5, FALSE },
    { "\"volumes\": [\"/srv:/data\", \"/etc:/x\"]", "volumes", 1, TRUE },
    { "\"volumes\": [\"/etc:/x:ro\"]", "volumes", 0.2, FALSE },
    { "\"volumes\": [\"/:/x:ro\"]", "volumes", 1, TRUE },
    { "\"volumes\": [\"/run:/x:ro\"]", "volumes", 1, TRUE },
    { "\"volumes\": [\"/run/docker.sock:/x:ro\"]", "volumes", 1, TRUE },
    { "\"volumes\": [\"/etcetera:/x\"]", "volumes", 0.5, FALSE },
    { "\"devices\": [\"/dev/sda\"]", "devices", 1, TRUE },
    { "\"devices\": [\"/dev/fuse\"]", "devices", 0.5, FALSE },
    { "\"memory\": \"64m\"", "memory", 0, FALSE },
    { NULL, "memory", 1, FALSE },
    { "\"pids_limit\": -1", "processes", 1, FALSE },
    { "\"pids_limit\": 10", "processes", 0, FALSE },
    { "\"cpus\": 0.5", "cpus", 0, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryExposure) exposure = rate (cases[i].members);
      const PerryExposureRow *row = find_row (exposure, cases[i].id);

      if (row->exposure < cases[i].exposure - 0.001 || row->exposure > cases[i].exposure + 0.001)
        g_error ("%s: %s is %g, not %g", cases[i].members, cases[i].id, row->exposure, cases[i].exposure);
      if ((row->least >= PERRY_EXPOSURE_ALARM) != cases[i].alarm)
        g_error ("%s: %s has at least %g", cases[i].members, cases[i].id, row->least);
      g_assert_cmpfloat (exposure->score, >=, row->least);
      g_assert_nonnull (row->reason);
    }
}

/* The documented table is the one that is used. */
static void
test_documented (void)
{
  g_autoptr (PerryExposure) exposure = rate (NULL);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "docs", "exposure.md", NULL);
  g_autofree char *page = NULL;
  const char *place;

  g_assert_true (g_file_get_contents (path, &page, NULL, NULL));
  place = page;
  for (guint i = 0; i < exposure->rows->len; i++)
    {
      const PerryExposureRow *row = g_ptr_array_index (exposure->rows, i);
      g_autofree char *begin = g_strdup_printf ("\n| `%s` | `%s` | %u |", row->id, perry_field_get_name (row->field),
                                                row->weight);

      place = strstr (place, begin);
      if (place == NULL)
        g_error ("docs/exposure.md lacks, or has at another place: %s", begin);
    }
}

static PerryAuditEntry *
make_entry (const char *name, const char *members, const char *finding)
{
  PerryAuditEntry *entry = g_new0 (PerryAuditEntry, 1);
  const char *findings[] = { finding, NULL };

  entry->name = g_strdup (name);
  entry->exposure = rate (members);
  entry->findings = g_strdupv ((char **) findings);
  return entry;
}

/* What engines and containers say is text on the page, whatever it looks like. */
static void
test_page (void)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_audit_entry_free);
  g_autofree char *page = NULL;
  g_autofree char *again = NULL;
  g_autoptr (JsonNode) json = NULL;

  g_ptr_array_add (entries, make_entry ("<script>alert(1)</script>", "\"privileged\": true", "a \"finding\" & \x1b[31m more"));
  g_ptr_array_add (entries, make_entry ("plain", NULL, NULL));
  page = perry_audit_to_html (entries, "Host <one>");
  g_assert_null (strstr (page, "<script"));
  g_assert_nonnull (strstr (page, "&lt;script&gt;"));
  g_assert_nonnull (strstr (page, "Host &lt;one&gt;"));
  g_assert_nonnull (strstr (page, "a &quot;finding&quot; &amp;  [31m more"));
  g_assert_null (strchr (page, '\x1b'));
  g_assert_null (strstr (page, "://"));
  g_assert_nonnull (strstr (page, "default-src 'none'"));
  g_assert_nonnull (strstr (page, "prefers-color-scheme:dark"));
  g_assert_nonnull (strstr (page, "@media print"));
  again = perry_audit_to_html (entries, "Host <one>");
  g_assert_cmpstr (page, ==, again);

  json = perry_audit_to_json (entries);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (json)), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/exposure/order", test_order);
  g_test_add_func ("/exposure/rows", test_rows);
  g_test_add_func ("/exposure/documented", test_documented);
  g_test_add_func ("/exposure/page", test_page);
  return g_test_run ();
}
