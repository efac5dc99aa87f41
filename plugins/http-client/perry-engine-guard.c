/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-guard.h"

#include <string.h>
#include <unistd.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-file.h"
#include "plugin-api/perry-process.h"
#include "plugins/http-client/perry-engine-namespace.h"
#include "plugins/http-client/perry-engine-process.h"

#define BRIDGES PERRY_ENGINE_GUARDED_PREFIX
#define CHAIN "PERRY-INTERNAL"
#define JUMP "INPUT -i " BRIDGES "+ -j " CHAIN "\n"
#define JUMP_ATTEMPTS 3
#define TIMEOUT_MS 10000
#define MAX_PID_FILE_BYTES 64

/* A table of our own: what other tables accept is still dropped here. `fib daddr . iif` is local for the address of the
 * bridge itself alone. */
static const char nft_rules[] =
  "add table inet perry\n"
  "add chain inet perry internal { type filter hook input priority -150; policy accept; }\n"
  "flush chain inet perry internal\n"
  "add rule inet perry internal iifname != \"" BRIDGES "*\" accept\n"
  "add rule inet perry internal ip6 daddr fe80::/10 drop\n"
  "add rule inet perry internal udp dport 53 fib daddr . iif type local accept\n"
  "add rule inet perry internal tcp dport 53 fib daddr . iif type local accept\n"
  "add rule inet perry internal drop\n";

/* In the table `mangle`, which comes before what accepts packets elsewhere, and which nobody flushes with the filter. */
#define IPTABLES_DNS                                                                                                   \
  "-A " CHAIN " -p udp -m udp --dport 53 -m addrtype --dst-type LOCAL --limit-iface-in -j RETURN\n"                   \
  "-A " CHAIN " -p tcp -m tcp --dport 53 -m addrtype --dst-type LOCAL --limit-iface-in -j RETURN\n"
static const char iptables_rules[] = "*mangle\n:" CHAIN " - [0:0]\n" IPTABLES_DNS "-A " CHAIN " -j DROP\nCOMMIT\n";
static const char ip6tables_rules[] = "*mangle\n:" CHAIN " - [0:0]\n-A " CHAIN " -d fe80::/10 -j DROP\n" IPTABLES_DNS
                                      "-A " CHAIN " -j DROP\nCOMMIT\n";

/* Runs programs in the engine's network namespace. */
typedef struct {
  GCancellable *cancellable;
  int network;            /* keeps the namespace, however the engine's threads move meanwhile */
  char *namespace_option; /* of nsenter; NULL where the namespace is ours */
} Guard;

static void
clear_guard (Guard *guard)
{
  if (guard->network >= 0)
    close (guard->network);
  g_free (guard->namespace_option);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Guard, clear_guard)

static gboolean
has_program (const char *name)
{
  g_autofree char *path = perry_process_find_program (name, NULL);

  return path != NULL;
}

gboolean
perry_engine_guard_is_guarded (const char *bridge)
{
  return bridge != NULL && g_str_has_prefix (bridge, BRIDGES);
}

gboolean
perry_engine_guard_is_needed (const PerryNetworkInfo *network)
{
  return network->internal && perry_engine_guard_is_guarded (network->bridge);
}

char *
perry_engine_guard_new_bridge (void)
{
  return g_strdup_printf (BRIDGES "%08x%01x", g_random_int (), g_random_int () & 0xf);
}

gint64
perry_engine_guard_read_pid_file (const char *path, const char *program)
{
  g_autofree char *text = perry_file_read_text (path, MAX_PID_FILE_BYTES, NULL);
  gint64 pid;

  if (text == NULL
      || !g_ascii_string_to_signed (g_strstrip (text), 10, 1, G_MAXINT32, &pid, NULL)
      || !perry_engine_process_is (pid, program))
    return 0;
  return pid;
}

PerryEngineGuardPlace
perry_engine_guard_find_place (PerryHttpClient *client, const char *program, const char *pid_file,
                               GCancellable *cancellable)
{
  PerryEngineGuardPlace place = { 0, FALSE, FALSE, NULL };
  gint64 pid;

  if (!perry_http_client_get_peer_pid (client, &place.pid, cancellable, NULL))
    place.pid = 0;
  place.is_engine = perry_engine_process_is (place.pid, program);
  place.is_systemd = perry_engine_process_is (place.pid, "systemd");
  pid = place.is_systemd && pid_file != NULL ? perry_engine_guard_read_pid_file (pid_file, program) : 0;
  return pid > 0 ? (PerryEngineGuardPlace){ .pid = pid, .is_engine = TRUE } : place;
}

static char *
find_obstacle_of_network (gint64 pid)
{
  int network = perry_engine_network_open (pid);
  gboolean is_ours = network >= 0 && perry_engine_network_is_ours (network);

  if (network < 0)
    return g_strdup ("the engine's network namespace cannot be seen from here");
  close (network);
  return is_ours || has_program ("nsenter")
           ? NULL : g_strdup ("the engine has a network namespace of its own, and nsenter is not installed");
}

char *
perry_engine_guard_find_obstacle (const PerryEngineGuardPlace *place)
{
  char *difference = perry_engine_kernel_difference (place->kernel);

  if (difference != NULL)
    return difference;
  if (!place->is_engine && place->is_systemd)
    return g_strdup ("the socket is systemd's: it does not tell which process the engine is");
  if (!place->is_engine)
    return g_strdup ("the process that serves the engine's socket cannot be seen from here, or does not serve it yet");
  if (geteuid () != 0)
    return g_strdup ("only root can set it, and this program does not run as root");
  if (!has_program ("nft") && !has_program ("iptables"))
    return g_strdup ("neither nft nor iptables is installed");
  return find_obstacle_of_network (place->pid);
}

void
perry_engine_guard_limit_matrix (const PerryEngineGuardPlace *place, const char *gap, PerryCapabilityMatrix *matrix)
{
  g_autofree char *obstacle = perry_engine_guard_find_obstacle (place);
  g_autofree char *reason = NULL;

  if (obstacle == NULL)
    {
      perry_capability_matrix_confirm (matrix, PERRY_CAPABILITY_INTERNAL_NETWORK);
      return;
    }
  reason = g_strdup_printf ("%s, and the packet filter against that cannot be set: %s", gap, obstacle);
  perry_capability_matrix_limit (matrix, PERRY_CAPABILITY_INTERNAL_NETWORK, PERRY_SUPPORT_PARTIAL, reason);
}

/* @ret_output may be NULL. */
static gboolean
run (const Guard *guard, const char *input, char **ret_output, GError **error, const char *program, ...)
  G_GNUC_NULL_TERMINATED;

static gboolean
run (const Guard *guard, const char *input, char **ret_output, GError **error, const char *program, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GBytes) bytes = input != NULL ? g_bytes_new (input, strlen (input)) : NULL;
  PerryProcessOptions options = { .input = bytes, .timeout_ms = TIMEOUT_MS };
  g_autoptr (PerryProcessResult) result = NULL;
  g_autofree char *failure = NULL;
  const char *word = program;
  va_list args;

  if (guard->namespace_option != NULL)
    {
      g_ptr_array_add (argv, (gpointer) "nsenter");
      g_ptr_array_add (argv, guard->namespace_option);
      g_ptr_array_add (argv, (gpointer) "--");
    }
  va_start (args, program);
  for (; word != NULL; word = va_arg (args, const char *))
    g_ptr_array_add (argv, (gpointer) word);
  va_end (args);
  g_ptr_array_add (argv, NULL);
  result = perry_process_run ((const char *const *) argv->pdata, &options, guard->cancellable, error);
  if (result == NULL)
    return FALSE;
  failure = perry_process_result_describe_failure (result, program);
  if (failure != NULL)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_UNSUPPORTED, failure);
      return FALSE;
    }
  if (ret_output != NULL)
    *ret_output = g_strndup (g_bytes_get_data (result->stdout_bytes, NULL), g_bytes_get_size (result->stdout_bytes));
  return TRUE;
}

char *
perry_engine_guard_place_jump (const char *listing)
{
  g_autoptr (GString) text = g_string_new ("*mangle\n");
  const char *first = strstr (listing, "-A INPUT ");
  guint n_jumps = 0;

  for (const char *jump = strstr (listing, "-A " JUMP); jump != NULL; jump = strstr (jump + 1, "-A " JUMP))
    {
      n_jumps++;
      g_string_append (text, "-D " JUMP);
    }
  if (n_jumps == 1 && g_str_has_prefix (first, "-A " JUMP))
    return NULL;
  g_string_append (text, "-I " JUMP "COMMIT\n");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
ensure_jump (const Guard *guard, const char *program, const char *restore, GError **error)
{
  for (guint attempt = 1;; attempt++)
    {
      g_autofree char *listing = NULL;
      g_autofree char *rules = NULL;
      g_autoptr (GError) local_error = NULL;

      if (!run (guard, NULL, &listing, error, program, "--wait", "5", "-t", "mangle", "-S", "INPUT", NULL))
        return FALSE;
      rules = perry_engine_guard_place_jump (listing);
      if (rules == NULL || run (guard, rules, NULL, &local_error, restore, "--wait", "5", "--noflush", NULL))
        return TRUE;
      /* Another program of ours may have moved it meanwhile. */
      if (attempt == JUMP_ATTEMPTS)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
    }
}

static gboolean
ensure_xtables (const Guard *guard, const char *program, const char *restore, const char *rules, GError **error)
{
  return run (guard, rules, NULL, error, restore, "--wait", "5", "--noflush", NULL)
         && ensure_jump (guard, program, restore, error);
}

static gboolean
ensure_iptables (const Guard *guard, GError **error)
{
  if (!ensure_xtables (guard, "iptables", "iptables-restore", iptables_rules, error))
    return FALSE;
  return !g_file_test ("/proc/sys/net/ipv6", G_FILE_TEST_IS_DIR)
         || ensure_xtables (guard, "ip6tables", "ip6tables-restore", ip6tables_rules, error);
}

static gboolean
ensure_rules (const Guard *guard, GError **error)
{
  g_autoptr (GError) nft_error = NULL;
  gboolean has_nft = has_program ("nft");

  if (has_nft && run (guard, nft_rules, NULL, &nft_error, "nft", "-f", "-", NULL))
    return TRUE;
  if (has_nft && (!has_program ("iptables") || g_error_matches (nft_error, PERRY_ERROR, PERRY_ERROR_CANCELLED)))
    {
      g_propagate_error (error, g_steal_pointer (&nft_error));
      return FALSE;
    }
  return ensure_iptables (guard, error);
}

gboolean
perry_engine_guard_ensure (const PerryEngineGuardPlace *place, GCancellable *cancellable, GError **error)
{
  g_auto (Guard) guard = { cancellable, -1, NULL };
  g_autofree char *obstacle = perry_engine_guard_find_obstacle (place);

  if (obstacle != NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_UNSUPPORTED,
                   "the packet filter that keeps internal networks from the host's listeners cannot be set: %s", obstacle);
      return FALSE;
    }
  guard.network = perry_engine_network_open (place->pid);
  if (guard.network < 0)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_UNSUPPORTED,
                           "the packet filter that keeps internal networks from the host's listeners cannot be set: the "
                           "engine has ended");
      return FALSE;
    }
  if (!perry_engine_network_is_ours (guard.network))
    guard.namespace_option = g_strdup_printf ("--net=/proc/%d/fd/%d", getpid (), guard.network);
  if (ensure_rules (&guard, error))
    return TRUE;
  g_prefix_error (error, "setting the packet filter that keeps internal networks from the host's listeners: ");
  return FALSE;
}
