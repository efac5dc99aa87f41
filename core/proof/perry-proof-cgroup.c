/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/perry-proof-readers.h"

#include <string.h>

#include "plugin-api/perry-error.h"

static void
free_cgroup (PerryProofCgroup *cgroup)
{
  g_strfreev (cgroup->controllers);
  g_free (cgroup->path);
  g_free (cgroup);
}

/* `hierarchy:controllers:path`, cgroups(7); the path may hold colons, and `0::path` is cgroup v2. */
static PerryProofCgroup *
parse_line (const char *line)
{
  g_auto (GStrv) fields = g_strsplit (line, ":", 3);
  PerryProofCgroup *cgroup;

  if (g_strv_length (fields) != 3 || !g_ascii_isdigit (fields[0][0]) || fields[2][0] != '/')
    return NULL;

  cgroup = g_new0 (PerryProofCgroup, 1);
  cgroup->unified = strcmp (fields[0], "0") == 0 && *fields[1] == '\0';
  cgroup->controllers = g_strsplit (fields[1], ",", -1);
  cgroup->path = g_steal_pointer (&fields[2]);
  return cgroup;
}

GPtrArray *
perry_proof_parse_cgroups (const char *text, GError **error)
{
  g_autoptr (GPtrArray) cgroups = g_ptr_array_new_with_free_func ((GDestroyNotify) free_cgroup);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  if (!perry_proof_ends_with_newline (text, "cgroup", error))
    return NULL;
  for (char **line = lines; line[1] != NULL; line++)
    {
      PerryProofCgroup *cgroup;

      if (cgroups->len == PERRY_PROOF_MAX_CGROUPS)
        {
          g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED, "cgroup: too many lines");
          return NULL;
        }
      cgroup = parse_line (*line);
      if (cgroup == NULL)
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "cgroup: line %u is malformed", cgroups->len + 1);
          return NULL;
        }
      g_ptr_array_add (cgroups, cgroup);
    }
  return g_steal_pointer (&cgroups);
}

/* `<id>`, `libpod-<id>`, `docker-<id>.scope`: the id as a whole word. */
static gboolean
component_holds_id (const char *component, const char *container_id)
{
  const char *found = strstr (component, container_id);
  char after;

  if (found == NULL || (found != component && g_ascii_isalnum (found[-1])))
    return FALSE;
  after = found[strlen (container_id)];
  return !g_ascii_isalnum (after);
}

char *
perry_proof_cgroup_path_of (const char *path, const char *container_id)
{
  g_auto (GStrv) components = g_strsplit (path, "/", -1);

  for (guint i = 0; components[i] != NULL; i++)
    {
      if (!component_holds_id (components[i], container_id))
        continue;
      /* `libpod-conmon-<id>.scope`: the engine's monitor lives in a cgroup that is named after the container as
       * well. */
      if (strstr (components[i], "conmon") != NULL)
        return NULL;
      for (guint below = i + 1; components[below] != NULL; below++)
        g_clear_pointer (&components[below], g_free);
      return g_strjoinv ("/", components);
    }
  return NULL;
}
