/* SPDX-License-Identifier: Apache-2.0 */
/* Files of /proc: the reader's letter, a newline, the file. */
#include <string.h>

#include "core/proof/perry-proof-readers.h"
#include "tests/fuzz/fuzz-input.h"

static gboolean
read_status (const char *text, GError **error)
{
  g_autoptr (PerryProofStatus) status = perry_proof_status_parse (text, error);

  fuzz_require (status == NULL || status->groups->len <= PERRY_PROOF_MAX_GROUPS, "groups are counted");
  fuzz_require (status == NULL || perry_proof_status_same_privileges (status, status), "a status is itself");
  return status != NULL;
}

static gboolean
read_mountinfo (const char *text, GError **error)
{
  g_autoptr (GPtrArray) mounts = perry_proof_parse_mountinfo (text, error);

  for (guint i = 0; mounts != NULL && i < mounts->len; i++)
    {
      const PerryObservedMount *mount = g_ptr_array_index (mounts, i);

      fuzz_require (mount->mount_point[0] == '/', "a mount point is absolute");
    }
  return mounts != NULL;
}

static gboolean
read_cgroup (const char *text, GError **error)
{
  g_autoptr (GPtrArray) cgroups = perry_proof_parse_cgroups (text, error);

  for (guint i = 0; cgroups != NULL && i < cgroups->len; i++)
    {
      const PerryProofCgroup *cgroup = g_ptr_array_index (cgroups, i);
      g_autofree char *path = perry_proof_cgroup_path_of (cgroup->path, "abc");

      fuzz_require (path == NULL || g_str_has_prefix (cgroup->path, path), "a container's path is its beginning");
    }
  return cgroups != NULL;
}

static gboolean
read_id_map (const char *text, GError **error)
{
  g_autoptr (GArray) ranges = perry_proof_parse_id_map (text, error);

  if (ranges != NULL)
    perry_proof_id_map_to_inside (ranges, 100000);
  return ranges != NULL;
}

static gboolean
read_limits (const char *text, GError **error)
{
  g_autoptr (GArray) rlimits = perry_proof_parse_rlimits (text, error);

  return rlimits != NULL;
}

static gboolean
read_net_dev (const char *text, GError **error)
{
  g_auto (GStrv) names = perry_proof_parse_net_dev (text, error);

  return names != NULL;
}

static gboolean
read_pids (const char *text, GError **error)
{
  g_autoptr (GArray) pids = perry_proof_parse_pids (text, error);

  for (guint i = 0; pids != NULL && i < pids->len; i++)
    fuzz_require (g_array_index (pids, gint, i) > 0, "a pid is positive");
  return pids != NULL;
}

static gboolean
read_stat (const char *text, GError **error)
{
  guint64 start_time;

  return perry_proof_parse_start_time (text, &start_time, error);
}

static gboolean
read_device_list (const char *text, GError **error)
{
  g_autofree char *access = perry_proof_parse_device_access (text, 'c', 1, 3, error);

  fuzz_require (access == NULL || (strspn (access, "rwm") == strlen (access) && strlen (access) <= 3),
                "an access is a part of rwm");
  return access != NULL;
}

static void
read_words (const char *text)
{
  g_autofree char *profile = NULL;
  g_autofree char *mode = NULL;
  guint64 inode;

  perry_proof_parse_namespace_link (text, "net", &inode);
  perry_proof_parse_apparmor (text, &profile, &mode);
  perry_proof_label_is_selinux (text);
}

static void
read_cmdline (const uint8_t *data, size_t size)
{
  g_autofree char *exact = g_memdup2 (data, size);
  g_auto (GStrv) arguments = perry_proof_parse_cmdline (exact, size, NULL);

  fuzz_require (arguments == NULL || g_strv_length (arguments) <= PERRY_PROOF_MAX_ARGUMENTS, "arguments are counted");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const struct
  {
    char letter;
    gboolean (*read) (const char *text, GError **error);
  } readers[] = {
    { 's', read_status }, { 'm', read_mountinfo }, { 'g', read_cgroup }, { 'i', read_id_map },
    { 'l', read_limits }, { 'n', read_net_dev },   { 'p', read_pids },   { 't', read_stat },
    { 'd', read_device_list },
  };
  g_autofree char *text = NULL;

  if (size < 2 || data[1] != '\n')
    return 0;
  text = fuzz_dup_text (data + 2, size - 2);
  if (data[0] == 'w')
    read_words (text);
  if (data[0] == 'c' && size > 2)
    read_cmdline (data + 2, size - 2);
  for (gsize i = 0; i < G_N_ELEMENTS (readers); i++)
    if (readers[i].letter == (char) data[0])
      {
        g_autoptr (GError) error = NULL;

        if (!readers[i].read (text, &error))
          fuzz_require (error != NULL, "a failure has an error");
      }
  return 0;
}
