/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/socket.h>

#include "tests/integration/field-matrix.h"
#include "tests/integration/net-reach.h"

/* Who reaches a container: the test listens in its network, on the port 4711. */

static PerryContainerInfo *
inspect (FieldTrial *trial)
{
  g_autoptr (GError) error = NULL;
  PerryContainerInfo *info = perry_engine_inspect (trial->engine, trial->result->container_id, NULL, &error);

  g_assert_no_error (error);
  return info;
}

static gint64
place_pid (FieldTrial *trial)
{
  g_autofree char *path = g_build_filename (trial->live->directory, "place.pid", NULL);
  g_autofree char *pid = NULL;

  g_assert_true (g_file_get_contents (path, &pid, NULL, NULL));
  return g_ascii_strtoll (pid, NULL, 10);
}

/* The port that was asked for, or that the run says was picked: `127.0.0.1:32768:4711/tcp`. */
static guint16
find_port (FieldTrial *trial)
{
  g_auto (GStrv) parts = NULL;
  guint n;

  if (strstr (trial->sample->spec, "@PORT@") != NULL)
    return (guint16) g_ascii_strtoull (trial->port, NULL, 10);
  g_assert_nonnull (trial->result->ports);
  parts = g_strsplit (trial->result->ports[0], ":", -1);
  n = g_strv_length (parts);
  g_assert_cmpuint (n, >=, 2);
  return (guint16) g_ascii_strtoull (parts[n - 2], NULL, 10);
}

char *
field_look_port (FieldTrial *trial, const char *at)
{
  g_autoptr (PerryContainerInfo) info = inspect (trial);
  g_autoptr (NetListener) listener = net_listener_new (info->pid);
  g_auto (GStrv) words = g_strsplit (at, " ", -1);
  int type = g_str_equal (words[0], "udp") ? SOCK_DGRAM : SOCK_STREAM;
  guint16 port = find_port (trial);
  GString *text = g_string_new (NULL);

  for (char **address = words + 1; *address != NULL; address++)
    g_string_append_printf (text, "%s%s at %s", text->len > 0 ? ", " : "",
                            net_is_forwarded (place_pid (trial), *address, port, type, listener) ? "reached"
                                                                                                 : "not reached",
                            *address);
  return g_string_free (text, FALSE);
}

/* Runs as long as its name is not known yet, and then until it is removed. */
static char *
start_caller (FieldTrial *trial, const char *name)
{
  g_autofree char *text = g_strdup_printf ("{\"image\": \"localhost/perry-probe:1\", \"network\": \"" FIELD_NETWORK "\","
                                           " \"cmd\": [\"/bin/busybox\", \"sh\", \"-c\", \"until printf '%s' |"
                                           " nc -w 5 '%s' 4711; do sleep 0.2; done\"]}", trial->name, name);
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (text, -1, &error);
  g_autoptr (PerryRunResult) result = NULL;

  g_assert_no_error (error);
  options->detach = TRUE;
  result = perry_engine_run (trial->engine, spec, options, NULL, &error);
  g_assert_no_error (error);
  return g_strdup (result->container_id);
}

char *
field_look_alias (FieldTrial *trial, const char *at)
{
  g_autoptr (PerryContainerInfo) info = inspect (trial);
  g_autoptr (NetListener) listener = net_listener_new (info->pid);
  g_auto (GStrv) parts = g_strsplit (at, "@NAME@", -1);
  g_autofree char *name = g_strjoinv (trial->name, parts);
  g_autofree char *caller = start_caller (trial, name);
  g_autoptr (GError) error = NULL;
  gboolean reached = net_receives (listener, trial->name);

  perry_engine_remove (trial->engine, caller, TRUE, NULL, &error);
  g_assert_no_error (error);
  return g_strdup (reached ? "reached by that name from its network" : "not reached by that name");
}
