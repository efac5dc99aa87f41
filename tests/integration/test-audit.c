/* SPDX-License-Identifier: Apache-2.0 */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "plugin-api/perry-linux-capability.h"
#include "tests/integration/perry-live-engine.h"

/* An audit of containers that others have made, with the engines' own command lines: the backend is the first argument. */
static PerryLiveEngine *live;

#define N_ORDINARY 88 /* with twelve of the others a hundred; some hosts have one more */

/* What nobody does without knowing why: the option, and how the finding begins. `@` is a directory of the test's. */
static const struct {
  const char *name;
  const char *options[4];
  const char *finding;
} misconfigurations[] = {
  { "privileged", { "--privileged" }, "privileged: " },
  { "host-run", { "-v", "/var/run:/host" }, "volumes: /var/run of the host" },
  { "socket", { "-v", "@/docker.sock:/var/run/docker.sock" }, "volumes: " },
  { "host-root", { "-v", "/:/host:ro" }, "volumes: / of the host" },
  { "host-etc", { "-v", "/etc:/host" }, "volumes: /etc of the host, writable" },
  { "host-network", { "--network", "host" }, "network: " },
  { "host-pid", { "--pid", "host" }, "pid: " },
  { "host-ipc", { "--ipc", "host" }, "ipc: " },
  { "sys-admin", { "--cap-add", "SYS_ADMIN" }, "capabilities: " },
  { "sys-ptrace", { "--cap-add", "SYS_PTRACE", "-u", "1000" }, "capabilities: " },
  { "dac-read-search", { "--cap-add", "DAC_READ_SEARCH" }, "capabilities: " },
  { "unconfined", { "--security-opt", "seccomp=unconfined" }, "seccomp: " },
  { "joined", { NULL }, "drift: network: " }, /* a network that it joins when it runs */
};

static const char *const ordinary[][5] = {
  { NULL },
  { "-u", "1000:1000" },
  { "--read-only" },
  { "--cap-drop", "ALL" },
  { "--memory", "64m" },
  { "--network", "none" },
  { "--tmpfs", "/scratch" },
  { "-v", "kept:/data" },
  { "-v", "@:/data:ro" },
  { "--security-opt", "no-new-privileges" },
  { "--init" },
  { "--pids-limit", "100" },
  { "--hostname", "somebody" },
  { "--cap-add", "NET_ADMIN" },
  { "-e", "A=b" },
  { "-w", "/tmp" },
};

static GSubprocess *
start_client (const char *const *words)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  gboolean docker = g_str_equal (live->backend, "docker");
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  g_ptr_array_add (argv, g_strdup (docker ? "docker" : "podman"));
  g_ptr_array_add (argv, g_strdup (docker ? "--host" : "--url"));
  g_ptr_array_add (argv, g_strconcat ("unix://", live->socket, NULL));
  for (; *words != NULL; words++)
    g_ptr_array_add (argv, (*words)[0] == '@' ? g_strconcat (live->directory, *words + 1, NULL) : g_strdup (*words));
  g_ptr_array_add (argv, NULL);
  process = g_subprocess_newv ((const char *const *) argv->pdata,
                               G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
  g_assert_no_error (error);
  return process;
}

/* A host whose own root lacks a capability cannot give it to a privileged container: Docker then starts none. */
static gboolean
could_be_privileged (void)
{
  PerryLinuxCapabilities all = perry_linux_capabilities_all ();
  g_autofree char *status = NULL;
  const char *line;

  if (!g_str_equal (live->backend, "docker"))
    return TRUE;
  g_assert_true (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  line = strstr (status, "CapBnd:\t");
  g_assert_nonnull (line);
  return (g_ascii_strtoull (line + strlen ("CapBnd:\t"), NULL, 16) & all) == all;
}

static gboolean
is_there (gsize i)
{
  return could_be_privileged () || !g_str_equal (misconfigurations[i].name, "privileged");
}

static void
end_client (GSubprocess *process)
{
  g_autofree char *message = NULL;

  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &message, NULL));
  if (!g_subprocess_get_successful (process))
    g_error ("%s", message);
  g_object_unref (process);
}

static void
run_client (const char *first, const char *second, const char *third, const char *fourth)
{
  const char *const words[] = { first, second, third, fourth, NULL };

  end_client (start_client (words));
}

static GSubprocess *
start_container (const char *name, const char *const *options, gsize n_options)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  g_ptr_array_add (words, (char *) "run");
  g_ptr_array_add (words, (char *) "-d");
  g_ptr_array_add (words, (char *) "--name");
  g_ptr_array_add (words, (char *) name);
  for (gsize i = 0; i < n_options && options[i] != NULL; i++)
    g_ptr_array_add (words, (char *) options[i]);
  g_ptr_array_add (words, (char *) "busybox");
  g_ptr_array_add (words, (char *) "sleep");
  g_ptr_array_add (words, (char *) "3600");
  g_ptr_array_add (words, NULL);
  return start_client ((const char *const *) words->pdata);
}

/* Some at a time: a machine has two processors. */
static void
start_ordinary (void)
{
  GSubprocess *running[4] = { NULL };

  for (guint i = 0; i < N_ORDINARY; i++)
    {
      const char *const *options = ordinary[i % G_N_ELEMENTS (ordinary)];
      g_autofree char *name = g_strdup_printf ("ordinary-%u", i);

      if (running[i % 4] != NULL)
        end_client (running[i % 4]);
      running[i % 4] = start_container (name, options, G_N_ELEMENTS (ordinary[0]));
    }
  for (guint i = 0; i < G_N_ELEMENTS (running); i++)
    end_client (running[i]);
}

static JsonNode *
audit (int exit_status)
{
  g_autofree char *page = g_build_filename (live->directory, "audit.html", NULL);
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (live, NULL, "audit", "--html", page, "--format", "json",
                                                                      NULL);
  JsonNode *report;
  g_autoptr (GError) error = NULL;

  perry_live_assert_status (result, exit_status);
  report = perry_json_parse_bytes (result->stdout_bytes, NULL, &error);
  g_assert_no_error (error);
  return report;
}

static JsonObject *
find_entry (JsonNode *report, const char *name)
{
  JsonArray *entries = perry_json_as_array (report);

  for (guint i = 0; i < json_array_get_length (entries); i++)
    {
      JsonObject *entry = perry_json_as_object (json_array_get_element (entries, i));
      const char *found = NULL;

      if (perry_json_read_string (entry, "name", &found) && g_str_equal (found, name))
        return entry;
    }
  g_error ("%s is not in the audit", name);
}

static char *
join_findings (JsonObject *entry)
{
  g_auto (GStrv) findings = NULL;

  g_assert_true (perry_json_read_strv (entry, "findings", &findings));
  return g_strjoinv ("\n", findings);
}

static void
start_all (void)
{
  g_autofree char *socket = g_build_filename (live->directory, "docker.sock", NULL);

  g_assert_true (g_file_set_contents (socket, "", -1, NULL));
  run_client ("network", "create", "other", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (misconfigurations); i++)
    if (is_there (i))
      end_client (start_container (misconfigurations[i].name, misconfigurations[i].options,
                                   G_N_ELEMENTS (misconfigurations[i].options)));
  run_client ("network", "connect", "other", "joined");
  start_ordinary ();
}

static void
test_misconfigurations (void)
{
  g_autoptr (JsonNode) report = audit (3);

  g_assert_cmpuint (json_array_get_length (perry_json_as_array (report)), ==,
                    N_ORDINARY + G_N_ELEMENTS (misconfigurations) - (could_be_privileged () ? 0 : 1));
  for (gsize i = 0; i < G_N_ELEMENTS (misconfigurations); i++)
    {
      g_autofree char *findings = NULL;

      if (!is_there (i))
        continue;
      findings = join_findings (find_entry (report, misconfigurations[i].name));

      if (strstr (findings, misconfigurations[i].finding) == NULL)
        g_error ("%s: %s", misconfigurations[i].name, findings);
    }
}

static void
test_no_false_alarm (void)
{
  g_autoptr (JsonNode) report = audit (3);
  guint n_false = 0;

  for (guint i = 0; i < N_ORDINARY; i++)
    {
      g_autofree char *name = g_strdup_printf ("ordinary-%u", i);
      JsonObject *entry = find_entry (report, name);
      g_autofree char *findings = join_findings (entry);
      g_autofree char *options = g_strjoinv (" ", (char **) ordinary[i % G_N_ELEMENTS (ordinary)]);

      if (*findings == '\0')
        continue;
      g_test_message ("%s (%s): %s", name, options, findings);
      n_false++;
    }
  g_assert_cmpuint (n_false, ==, 0);
}

static void
test_page (void)
{
  g_autofree char *path = g_build_filename (live->directory, "audit.html", NULL);
  g_autofree char *page = NULL;

  g_assert_true (g_file_get_contents (path, &page, NULL, NULL));
  g_assert_nonnull (strstr (page, "<code>host-root</code>"));
  g_assert_null (strstr (page, "<script"));
  g_assert_null (strstr (page, "http://"));
  g_assert_null (strstr (page, "https://"));
  g_assert_null (strstr (page, "@import"));
}

/* One of ours is held to what it was created as. */
static void
test_drift_of_ours (void)
{
  g_autoptr (PerryProcessResult) started = perry_live_engine_perryctl (live, NULL, "run", "-d", "--name", "ours", "--memory",
                                                                       "64m", "--memory-swap", "64m", "busybox", "sleep",
                                                                       "3600", NULL);
  const char *const words[] = { "update", "--memory", "128m", "--memory-swap", "128m", "ours", NULL };
  g_autoptr (JsonNode) before = NULL;
  g_autoptr (JsonNode) after = NULL;
  g_autofree char *nothing = NULL;
  g_autofree char *findings = NULL;
  gboolean ours = FALSE;

  perry_live_assert_status (started, 0);
  before = audit (3);
  nothing = join_findings (find_entry (before, "ours"));
  g_assert_cmpstr (nothing, ==, "");
  g_assert_true (perry_json_read_boolean (find_entry (before, "ours"), "ours", &ours));
  g_assert_true (ours);
  if (!g_str_equal (live->backend, "docker"))
    {
      g_test_skip ("Podman 4.3 has no update over its API");
      return;
    }
  end_client (start_client (words));
  after = audit (3);
  findings = join_findings (find_entry (after, "ours"));
  g_assert_nonnull (strstr (findings, "drift: memory: created as 64m"));
}

/* The label of one of ours has the profile's name, and Docker reports its text. */
static void
test_profile_perry (void)
{
  g_autoptr (PerryProcessResult) started = perry_live_engine_perryctl (live, NULL, "run", "-d", "--name", "hardened", "--tier",
                                                                       "hardened", "busybox", "sleep", "3600", NULL);
  g_autoptr (JsonNode) report = NULL;
  g_autofree char *findings = NULL;

  perry_live_assert_status (started, 0);
  report = audit (3);
  findings = join_findings (find_entry (report, "hardened"));
  g_assert_cmpstr (findings, ==, "");
}

int
main (int argc, char **argv)
{
  g_autofree char *reason = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, >=, 2);
  live = perry_live_engine_start (argv[1], argc > 2 ? argv[2] : "runc", NULL, &reason);
  if (live == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  start_all ();
  g_test_add_func ("/audit/misconfigurations", test_misconfigurations);
  g_test_add_func ("/audit/no-false-alarm", test_no_false_alarm);
  g_test_add_func ("/audit/page", test_page);
  g_test_add_func ("/audit/profile-perry-is-no-drift", test_profile_perry);
  g_test_add_func ("/audit/drift-of-ours", test_drift_of_ours);
  status = g_test_run ();
  perry_live_engine_stop (live);
  return status;
}
