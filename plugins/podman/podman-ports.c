/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-backend.h"

/* Where a container cannot have a port because another one has it, Podman 4.3.1 says so only after it has set up its
 * forwarding, and takes the other container's down with it: from then on nothing answers there. So it is not let try. */

void
perry_podman_note_ports (PerryPodman *podman, const char *id, const PerryContainerSpec *spec)
{
  g_autofree const char **texts = perry_container_spec_get_strv (spec, PERRY_FIELD_PORTS);
  char **ports = texts != NULL ? g_strdupv ((char **) texts) : g_new0 (char *, 1);

  g_mutex_lock (&podman->lock);
  g_hash_table_replace (podman->ports, g_strdup (id), ports);
  g_mutex_unlock (&podman->lock);
}

void
perry_podman_forget_ports (PerryPodman *podman, const char *id)
{
  g_mutex_lock (&podman->lock);
  g_hash_table_remove (podman->ports, id);
  g_mutex_unlock (&podman->lock);
}

void
perry_podman_settle_ports (PerryPodman *podman, const char *id)
{
  g_mutex_lock (&podman->lock);
  if (g_hash_table_contains (podman->ports, id))
    g_hash_table_replace (podman->ports, g_strdup (id), g_new0 (char *, 1));
  g_mutex_unlock (&podman->lock);
}

/* Finds what was noted at create. Returns FALSE for another's container. */
static gboolean
find_noted (PerryPodman *podman, const char *id, char ***ret_ports)
{
  char **ports;

  g_mutex_lock (&podman->lock);
  ports = g_hash_table_lookup (podman->ports, id);
  *ret_ports = g_strdupv (ports);
  g_mutex_unlock (&podman->lock);
  return ports != NULL;
}

static GPtrArray *
parse_ports (char **texts)
{
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new ();

  for (char **text = texts; text != NULL && *text != NULL; text++)
    perry_container_spec_set_from_text (spec, PERRY_FIELD_PORTS, *text, "reported", NULL);
  return perry_container_spec_dup_ports (spec);
}

static gboolean
holds_ports (const PerryContainerInfo *info, const char *id)
{
  return !g_str_equal (info->id, id) &&
         (info->status == PERRY_CONTAINER_RUNNING || info->status == PERRY_CONTAINER_PAUSED ||
          info->status == PERRY_CONTAINER_INITIALISED);
}

static gboolean
check_against (GPtrArray *wanted, const PerryContainerInfo *other, const char *id, GError **error)
{
  g_autoptr (GPtrArray) held = parse_ports (other->ports);

  for (guint i = 0; i < wanted->len; i++)
    for (guint k = 0; k < held->len; k++)
      {
        g_autofree char *text = NULL;

        if (!perry_port_collides (wanted->pdata[i], held->pdata[k]))
          continue;
        text = perry_port_to_string (wanted->pdata[i]);
        g_set_error (error, PERRY_ERROR, PERRY_ERROR_PORT_IN_USE,
                     "starting container %s: the container %s has published a port of the host that “%s” in $.ports asks "
                     "for; choose another one, or leave it out for one that the engine picks",
                     id, other->name != NULL ? other->name : other->id, text);
        return FALSE;
      }
  return TRUE;
}

static char **
find_own_ports (GPtrArray *containers, const char *id)
{
  for (guint i = 0; i < containers->len; i++)
    {
      const PerryContainerInfo *info = containers->pdata[i];

      if (g_str_equal (info->id, id) || g_strcmp0 (info->name, id) == 0)
        return g_strdupv (info->ports);
    }
  return NULL;
}

gboolean
perry_podman_check_ports (PerryPodman *podman, const char *id, GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) ports = NULL;
  g_autoptr (GPtrArray) containers = NULL;
  g_autoptr (GPtrArray) wanted = NULL;
  gboolean known = find_noted (podman, id, &ports);

  if (known && *ports == NULL)
    return TRUE;
  containers = perry_podman_container_list (podman, !known, NULL, cancellable, error);
  if (containers == NULL)
    return FALSE;
  if (!known)
    ports = find_own_ports (containers, id);
  wanted = parse_ports (ports);
  for (guint i = 0; wanted->len > 0 && i < containers->len; i++)
    if (holds_ports (containers->pdata[i], id) && !check_against (wanted, containers->pdata[i], id, error))
      return FALSE;
  return TRUE;
}
