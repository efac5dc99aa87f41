/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/perry-proof-facets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/proof/perry-proof-file.h"
#include "plugin-api/perry-error.h"

static void
record (PerryObservation *observation, PerryFacet facet, const GError *error)
{
  perry_observation_set_missing (observation, facet, error != NULL ? error->message : NULL);
}

static GArray *
read_id_map (const PerryProofProcess *process, const char *name, GError **error)
{
  g_autofree char *text = perry_proof_read_file (process->fd, name, PERRY_PROOF_MAX_ID_MAP, NULL, error);

  return text != NULL ? perry_proof_parse_id_map (text, error) : NULL;
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  gint64 left = *(const gint64 *) a;
  gint64 right = *(const gint64 *) b;

  return left < right ? -1 : left > right;
}

static void
fill_groups (const PerryProofStatus *status, const GArray *gid_map, PerryObservation *observation)
{
  g_array_set_size (observation->groups, 0);
  if (!status->have_groups)
    {
      perry_observation_set_missing (observation, PERRY_FACET_GROUPS, "status: no line Groups");
      return;
    }
  for (guint i = 0; i < status->groups->len; i++)
    {
      gint64 id = perry_proof_id_map_to_inside (gid_map, g_array_index (status->groups, gint64, i));

      g_array_append_val (observation->groups, id);
    }
  g_array_sort (observation->groups, compare_ids);
  perry_observation_set_missing (observation, PERRY_FACET_GROUPS, NULL);
}

static void
fill_ids (const PerryProofProcess *process, const PerryProofStatus *status, PerryObservation *observation)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) uid_map = NULL;
  g_autoptr (GArray) gid_map = NULL;

  memcpy (observation->host_uid, status->uid, sizeof status->uid);
  memcpy (observation->host_gid, status->gid, sizeof status->gid);
  uid_map = read_id_map (process, "uid_map", &error);
  gid_map = uid_map != NULL ? read_id_map (process, "gid_map", &error) : NULL;
  if (gid_map == NULL || !status->have_ids)
    {
      const char *reason = error != NULL ? error->message : "status: no lines Uid and Gid";

      perry_observation_set_missing (observation, PERRY_FACET_IDS, reason);
      perry_observation_set_missing (observation, PERRY_FACET_GROUPS, reason);
      return;
    }
  for (int i = 0; i < 4; i++)
    {
      observation->uid[i] = perry_proof_id_map_to_inside (uid_map, status->uid[i]);
      observation->gid[i] = perry_proof_id_map_to_inside (gid_map, status->gid[i]);
    }
  perry_observation_set_missing (observation, PERRY_FACET_IDS, NULL);
  fill_groups (status, gid_map, observation);
}

void
perry_proof_fill_privileges (const PerryProofProcess *process,
                             const PerryProofStatus *status,
                             PerryObservation *observation)
{
  fill_ids (process, status, observation);

  observation->cap_inheritable = status->caps[0];
  observation->cap_permitted = status->caps[1];
  observation->cap_effective = status->caps[2];
  observation->cap_bounding = status->caps[3];
  observation->cap_ambient = status->caps[4];
  perry_observation_set_missing (observation, PERRY_FACET_CAPS,
                                 status->have_caps ? NULL : "status: a capability set is missing");

  observation->no_new_privs = status->no_new_privs;
  perry_observation_set_missing (observation, PERRY_FACET_NO_NEW_PRIVS,
                                 status->no_new_privs != PERRY_OBSERVED_UNKNOWN ? NULL : "status: no line NoNewPrivs");

  observation->seccomp_mode = status->seccomp_mode;
  observation->seccomp_filters = status->seccomp_filters;
  perry_observation_set_missing (observation, PERRY_FACET_SECCOMP,
                                 status->seccomp_mode != PERRY_OBSERVED_UNKNOWN ? NULL : "status: no line Seccomp");
}

void
perry_proof_fill_mounts (const PerryProofProcess *process, PerryObservation *observation)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = perry_proof_read_file (process->fd, "mountinfo", PERRY_PROOF_MAX_MOUNTINFO, NULL, &error);
  GPtrArray *mounts = text != NULL ? perry_proof_parse_mountinfo (text, &error) : NULL;

  record (observation, PERRY_FACET_MOUNTS, error);
  if (mounts == NULL)
    return;
  g_ptr_array_unref (observation->mounts);
  observation->mounts = mounts;
}

static guint64
read_namespace (int dir_fd, const char *directory, const char *kind, GError **error)
{
  g_autofree char *name = g_strconcat (directory, kind, NULL);
  g_autofree char *link = perry_proof_read_link (dir_fd, name, error);
  guint64 inode = 0;

  if (link != NULL && !perry_proof_parse_namespace_link (link, kind, &inode))
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "%s: not a namespace", name);
  return inode;
}

void
perry_proof_fill_namespaces (int proc_root_fd, const PerryProofProcess *process, PerryObservation *observation)
{
  g_autoptr (GError) first_error = NULL;
  gboolean any = FALSE;

  for (int kind = 0; kind < PERRY_N_NAMESPACES; kind++)
    {
      g_autoptr (GError) error = NULL;
      const char *name = perry_namespace_kind_to_string (kind);

      observation->namespaces[kind] = read_namespace (process->fd, "ns/", name, &error);
      observation->own_namespaces[kind] = read_namespace (proc_root_fd, "self/ns/", name, NULL);
      any = any || observation->namespaces[kind] != 0;
      if (error != NULL && first_error == NULL)
        first_error = g_steal_pointer (&error);
    }
  perry_observation_set_missing (observation, PERRY_FACET_NAMESPACES, any ? NULL : first_error->message);
}

void
perry_proof_fill_rlimits (const PerryProofProcess *process, PerryObservation *observation)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = perry_proof_read_file (process->fd, "limits", PERRY_PROOF_MAX_RLIMITS, NULL, &error);
  GArray *rlimits = text != NULL ? perry_proof_parse_rlimits (text, &error) : NULL;

  record (observation, PERRY_FACET_RLIMITS, error);
  if (rlimits == NULL)
    return;
  g_array_unref (observation->rlimits);
  observation->rlimits = rlimits;
}

/* attr/current belongs to the first security module that has labels; AppArmor has a file of its own since Linux
 * 5.8. */
void
perry_proof_fill_labels (const PerryProofProcess *process, PerryObservation *observation)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *own =
      perry_proof_read_file (process->fd, "attr/apparmor/current", PERRY_PROOF_MAX_LABEL, NULL, NULL);
  g_autofree char *current = perry_proof_read_file (process->fd, "attr/current", PERRY_PROOF_MAX_LABEL, NULL, &error);
  g_autofree char *reason = NULL;
  gboolean selinux = FALSE;

  if (current != NULL)
    {
      g_strchomp (current);
      selinux = perry_proof_label_is_selinux (current);
    }
  if (own == NULL && current != NULL && !selinux)
    own = g_strdup (current);

  reason = error != NULL ? g_strdup_printf ("no security module labels this process (%s)", error->message)
                         : g_strdup ("another security module labels this process");
  if (selinux)
    observation->selinux_label = g_strdup (current);
  perry_observation_set_missing (observation, PERRY_FACET_SELINUX, selinux ? NULL : reason);
  if (own != NULL &&
      perry_proof_parse_apparmor (own, &observation->apparmor_profile, &observation->apparmor_mode))
    perry_observation_set_missing (observation, PERRY_FACET_APPARMOR, NULL);
  else
    perry_observation_set_missing (observation, PERRY_FACET_APPARMOR, reason);
}

void
perry_proof_fill_interfaces (const PerryProofProcess *process, PerryObservation *observation)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = perry_proof_read_file (process->fd, "net/dev", PERRY_PROOF_MAX_NET_DEV, NULL, &error);

  observation->interfaces = text != NULL ? perry_proof_parse_net_dev (text, &error) : NULL;
  record (observation, PERRY_FACET_INTERFACES, error);
}

void
perry_proof_fill_routes (const PerryProofProcess *process, PerryObservation *observation)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *ipv4 = perry_proof_read_file (process->fd, "net/route", PERRY_PROOF_MAX_ROUTES, NULL, &error);
  g_autofree char *ipv6 = NULL;

  if (ipv4 != NULL)
    {
      /* A kernel without IPv6 has no such file. */
      g_autoptr (GError) ipv6_error = NULL;

      ipv6 = perry_proof_read_file (process->fd, "net/ipv6_route", PERRY_PROOF_MAX_ROUTES, NULL, &ipv6_error);
      if (ipv6 == NULL && !g_error_matches (ipv6_error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND))
        error = g_steal_pointer (&ipv6_error);
      else
        perry_proof_parse_routes (ipv4, ipv6, &observation->default_route, &observation->gateway_route, &error);
    }
  record (observation, PERRY_FACET_ROUTES, error);
}

void
perry_proof_fill_program (const PerryProofProcess *process, PerryObservation *observation)
{
  g_autoptr (GError) cwd_error = NULL;
  g_autoptr (GError) exe_error = NULL;
  g_autoptr (GError) cmdline_error = NULL;

  observation->cwd = perry_proof_read_link (process->fd, "cwd", &cwd_error);
  record (observation, PERRY_FACET_CWD, cwd_error);
  observation->exe = perry_proof_read_link (process->fd, "exe", &exe_error);
  record (observation, PERRY_FACET_EXE, exe_error);
  observation->cmdline = perry_proof_process_read_cmdline (process, &cmdline_error);
  record (observation, PERRY_FACET_CMDLINE, cmdline_error);
}

/* An image without the file has no accounts, which is known and not missing. */
static char *
read_account_file (int root_fd, const char *path, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  char *text = perry_proof_read_file_in_root (root_fd, path, PERRY_PROOF_MAX_ACCOUNTS, &local_error);

  if (text == NULL && g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND))
    return g_strdup ("");
  if (text == NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return text;
}

static void
fill_accounts (int root_fd, PerryObservation *observation)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *passwd = read_account_file (root_fd, "etc/passwd", &error);
  g_autofree char *group = passwd != NULL ? read_account_file (root_fd, "etc/group", &error) : NULL;

  record (observation, PERRY_FACET_ACCOUNTS, error);
  if (group == NULL)
    return;
  observation->passwd = g_steal_pointer (&passwd);
  observation->group = g_steal_pointer (&group);
}

static void
fill_hostname (int root_fd, PerryObservation *observation)
{
  g_autoptr (GError) error = NULL;
  char *text = perry_proof_read_file_in_root (root_fd, "etc/hostname", PERRY_PROOF_MAX_HOSTNAME, &error);

  record (observation, PERRY_FACET_HOSTNAME, error);
  if (text == NULL)
    return;
  text[strcspn (text, "\n")] = '\0';
  observation->hostname = text;
}

void
perry_proof_fill_root_files (const PerryProofProcess *process, PerryObservation *observation)
{
  int root_fd = openat (process->fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);

  if (root_fd < 0)
    {
      g_autofree char *reason = g_strdup_printf ("root: %s", g_strerror (errno));

      perry_observation_set_missing (observation, PERRY_FACET_ACCOUNTS, reason);
      perry_observation_set_missing (observation, PERRY_FACET_HOSTNAME, reason);
      return;
    }
  fill_accounts (root_fd, observation);
  fill_hostname (root_fd, observation);
  close (root_fd);
}
