/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-container-spec.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin-api/perry-container-spec-private.h"
#include "plugin-api/perry-error.h"
#include "plugin-api/perry-field-check.h"
#include "plugin-api/perry-field-devices.h"
#include "plugin-api/perry-field-mounts.h"
#include "plugin-api/perry-field-verify.h"
#include "plugin-api/perry-healthcheck.h"

#define MAX_PROFILE_BYTES (1024 * 1024)

/* Puts one element of `security_opt` into the field that it spells. */
static void
fold_security_option (PerryContainerSpec *spec, const PerrySecurityOption *option, const char *path,
                      PerrySpecProblems *problems)
{
  g_autoptr (PerryContainerSpec) alone = perry_container_spec_new ();
  GVariant *present = perry_container_spec_get_value (spec, option->field);
  GVariant *value;

  /* Labels add up; they are appended to what is there. The other fields have one value. */
  if (option->field == PERRY_FIELD_SELINUX && present != NULL)
    perry_container_spec_take_value (alone, option->field, present);
  if (!perry_container_spec_add_text (alone, option->field, option->value, path, problems))
    return;

  value = perry_container_spec_get_value (alone, option->field);
  if (present != NULL && option->field != PERRY_FIELD_SELINUX && !g_variant_equal (present, value))
    {
      g_autofree char *here = perry_container_spec_format_value (alone, option->field);
      g_autofree char *there = perry_container_spec_format_value (spec, option->field);

      perry_spec_problems_add (problems, path, "sets %s to “%s”, which is “%s” already; remove one of the two",
                               perry_field_get_name (option->field), here, there);
      return;
    }
  perry_container_spec_take_value (spec, option->field, value);
}

static void
fold_security_opt (PerryContainerSpec *spec, PerrySpecProblems *problems)
{
  g_autofree const char **options = perry_container_spec_get_strv (spec, PERRY_FIELD_SECURITY_OPT);

  for (gsize i = 0; options != NULL && options[i] != NULL; i++)
    {
      g_autofree char *path = perry_spec_path_add_index ("$.security_opt", i);
      PerrySecurityOption option = { .value = NULL };

      if (perry_field_split_security_option (options[i], path, problems, &option))
        fold_security_option (spec, &option, path, problems);
      g_free (option.value);
    }
}

static void
check_network (const PerryContainerSpec *spec, PerrySpecProblems *problems)
{
  const char *network = perry_container_spec_get_string (spec, PERRY_FIELD_NETWORK);

  if (network != NULL && !g_str_equal (network, "none") &&
      perry_container_spec_get_boolean (spec, PERRY_FIELD_NO_NETWORK))
    perry_spec_problems_add (problems, "$.no_network", "contradicts $.network, which is “%s”; remove one of the two",
                             network);
}

static gboolean
is_empty (const PerryContainerSpec *spec, PerryField field)
{
  GVariant *value = perry_container_spec_get_value (spec, field);

  return value == NULL || g_variant_n_children (value) == 0;
}

/* A port or a name leads to a container's own network, and a name needs a network that keeps names. */
static void
check_reachability (const PerryContainerSpec *spec, PerrySpecProblems *problems)
{
  static const PerryField fields[] = { PERRY_FIELD_NETWORK_ALIASES, PERRY_FIELD_PORTS };
  const char *network = perry_container_spec_get_network (spec);
  gboolean no_network = perry_container_spec_get_boolean (spec, PERRY_FIELD_NO_NETWORK);
  gboolean none = g_strcmp0 (network, "none") == 0;

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      g_autofree char *path = g_strconcat ("$.", perry_field_get_name (fields[i]), NULL);

      if (is_empty (spec, fields[i]))
        continue;
      if (no_network)
        perry_spec_problems_add (problems, path, "contradicts $.no_network; remove one of the two");
      else if (none || g_strcmp0 (network, "host") == 0)
        perry_spec_problems_add (problems, path, "contradicts $.network, which is “%s”%s; remove one of the two",
                                 network, none ? "" : ": the container has the host's own ports and names");
      else if (fields[i] == PERRY_FIELD_NETWORK_ALIASES && (network == NULL || g_str_equal (network, "bridge")))
        perry_spec_problems_add (problems, path, "needs $.network with the name of a network that was made: the engine's "
                                 "default network has no names");
    }
}

static void
check_memory_swap (const PerryContainerSpec *spec, PerrySpecProblems *problems)
{
  gint64 memory = perry_container_spec_get_int64 (spec, PERRY_FIELD_MEMORY, 0);
  gint64 swap = perry_container_spec_get_int64 (spec, PERRY_FIELD_MEMORY_SWAP, -1);

  if (!perry_container_spec_is_set (spec, PERRY_FIELD_MEMORY_SWAP))
    return;
  if (!perry_container_spec_is_set (spec, PERRY_FIELD_MEMORY))
    perry_spec_problems_add (problems, "$.memory_swap", "needs $.memory, which is part of it");
  else if (swap >= 0 && swap < memory)
    perry_spec_problems_add (problems, "$.memory_swap", "is memory and swap together, so it cannot be less than "
                             "$.memory");
}

static gboolean
shares (const PerryContainerSpec *spec, PerryField field)
{
  const char *mode = perry_container_spec_get_string (spec, field);

  return mode != NULL && (g_str_equal (mode, "host") || g_str_has_prefix (mode, "container:"));
}

/* What a namespace of somebody else brings cannot be set as well. */
static void
check_namespaces (const PerryContainerSpec *spec, PerrySpecProblems *problems)
{
  if (shares (spec, PERRY_FIELD_UTS) && perry_container_spec_is_set (spec, PERRY_FIELD_HOSTNAME))
    perry_spec_problems_add (problems, "$.hostname", "contradicts $.uts, which is “%s”; remove one of the two",
                             perry_container_spec_get_string (spec, PERRY_FIELD_UTS));
  if (shares (spec, PERRY_FIELD_IPC) && perry_container_spec_is_set (spec, PERRY_FIELD_SHM_SIZE))
    perry_spec_problems_add (problems, "$.shm_size", "contradicts $.ipc, which is “%s”; remove one of the two",
                             perry_container_spec_get_string (spec, PERRY_FIELD_IPC));
}

/* Such a parameter would be somebody else's. */
static void
check_sysctls (const PerryContainerSpec *spec, PerrySpecProblems *problems)
{
  gboolean host_network = g_strcmp0 (perry_container_spec_get_string (spec, PERRY_FIELD_NETWORK), "host") == 0;
  GVariant *sysctls = perry_container_spec_get_value (spec, PERRY_FIELD_SYSCTLS);
  const char *name, *text;
  GVariantIter iter;

  if (sysctls == NULL)
    return;
  g_variant_iter_init (&iter, sysctls);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &text))
    {
      g_autofree char *path = perry_spec_path_add_member ("$.sysctls", name);

      if (host_network && perry_field_sysctl_belongs_to (name, PERRY_NAMESPACE_NET))
        perry_spec_problems_add (problems, path, "contradicts $.network, which is “host”: it would change the host");
      if (shares (spec, PERRY_FIELD_IPC) && perry_field_sysctl_belongs_to (name, PERRY_NAMESPACE_IPC))
        perry_spec_problems_add (problems, path, "contradicts $.ipc, which is “%s”: it would not be the container's own",
                                 perry_container_spec_get_string (spec, PERRY_FIELD_IPC));
    }
}

/* One engine adds such a capability, another refuses the container. */
static void
check_capabilities (const PerryContainerSpec *spec, PerrySpecProblems *problems)
{
  g_autofree const char **added = perry_container_spec_get_strv (spec, PERRY_FIELD_CAP_ADD);
  g_autofree const char **dropped = perry_container_spec_get_strv (spec, PERRY_FIELD_CAP_DROP);

  for (gsize i = 0; added != NULL && dropped != NULL && added[i] != NULL; i++)
    {
      g_autofree char *path = perry_spec_path_add_index ("$.cap_add", i);

      if (g_strv_contains (dropped, added[i]))
        perry_spec_problems_add (problems, path, "%s is in $.cap_drop too; remove one of the two", added[i]);
    }
}

/* Engines refuse it, each in its own words and one of them at create only. */
static void
check_restart (const PerryContainerSpec *spec, PerrySpecProblems *problems)
{
  if (perry_container_spec_get_restart (spec, NULL) != PERRY_RESTART_NO &&
      perry_container_spec_get_boolean (spec, PERRY_FIELD_RM))
    perry_spec_problems_add (problems, "$.restart", "is “%s” and contradicts $.rm: what is removed at its end cannot be "
                             "started again; remove one of the two",
                             perry_container_spec_get_string (spec, PERRY_FIELD_RESTART));
}

static void
check_require_and_prefer (const PerryContainerSpec *spec, PerrySpecProblems *problems)
{
  g_autofree const char **required = perry_container_spec_get_strv (spec, PERRY_FIELD_REQUIRE);
  g_autofree const char **preferred = perry_container_spec_get_strv (spec, PERRY_FIELD_PREFER);

  for (gsize i = 0; required != NULL && preferred != NULL && preferred[i] != NULL; i++)
    {
      g_autofree char *path = perry_spec_path_add_index ("$.prefer", i);

      if (g_strv_contains (required, preferred[i]))
        perry_spec_problems_add (problems, path, "%s is in $.require too; remove one of the two", preferred[i]);
    }
}

static void
check_target (GHashTable *targets, const char *target, const char *path, PerrySpecProblems *problems)
{
  const char *other = g_hash_table_lookup (targets, target);
  g_autofree char *quoted = perry_spec_quote (target);

  if (other != NULL)
    perry_spec_problems_add (problems, path, "%s is the target of %s too", quoted, other);
  else
    g_hash_table_insert (targets, g_strdup (target), g_strdup (path));
}

static void
check_targets (const PerryContainerSpec *spec, PerrySpecProblems *problems)
{
  g_autoptr (GHashTable) targets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autofree const char **tmpfs = perry_container_spec_get_strv (spec, PERRY_FIELD_TMPFS);
  GVariant *volumes = perry_container_spec_get_value (spec, PERRY_FIELD_VOLUMES);
  g_autoptr (GPtrArray) devices = perry_container_spec_dup_devices (spec);

  for (gsize i = 0; tmpfs != NULL && tmpfs[i] != NULL; i++)
    {
      g_autofree char *path = perry_spec_path_add_index ("$.tmpfs", i);
      g_autoptr (PerryMount) mount = perry_mount_new_from_tmpfs (tmpfs[i]);

      check_target (targets, mount->target, path, problems);
    }
  for (gsize i = 0; volumes != NULL && i < g_variant_n_children (volumes); i++)
    {
      g_autofree char *path = perry_spec_path_add_index ("$.volumes", i);
      g_autoptr (GVariant) child = g_variant_get_child_value (volumes, i);
      g_autoptr (PerryMount) mount = perry_mount_new_from_variant (child);

      check_target (targets, mount->target, path, problems);
    }
  for (guint i = 0; i < devices->len; i++)
    {
      g_autofree char *path = perry_spec_path_add_index ("$.devices", i);

      check_target (targets, ((PerryDevice *) devices->pdata[i])->target, path, problems);
    }
}

void
perry_container_spec_check_whole (PerryContainerSpec *spec, PerrySpecProblems *problems)
{
  fold_security_opt (spec, problems);
  perry_container_spec_unset (spec, PERRY_FIELD_SECURITY_OPT);
  check_network (spec, problems);
  check_reachability (spec, problems);
  check_capabilities (spec, problems);
  check_memory_swap (spec, problems);
  check_namespaces (spec, problems);
  check_sysctls (spec, problems);
  check_restart (spec, problems);
  check_require_and_prefer (spec, problems);
  check_targets (spec, problems);
  perry_field_check_devices_whole (spec, problems);
  perry_field_check_verify_whole (spec, problems);
}

static void
check_required (const PerryContainerSpec *spec, PerrySpecProblems *problems)
{
  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    if ((perry_field_get_info (field)->flags & PERRY_FIELD_REQUIRED) != 0 && !perry_container_spec_is_set (spec, field))
      {
        g_autofree char *path = g_strconcat ("$.", perry_field_get_name (field), NULL);

        perry_spec_problems_add (problems, path, "is missing");
      }
}

static char *
make_absolute (const char *file, const char *base_directory)
{
  g_autofree char *base = g_canonicalize_filename (base_directory != NULL ? base_directory : ".", NULL);

  return g_canonicalize_filename (file, base);
}

static void
add_file_problem (PerrySpecProblems *problems, const char *path, const char *file, const char *reason)
{
  g_autofree char *quoted = perry_spec_quote (file);

  perry_spec_problems_add (problems, path, "%s: %s", quoted, reason);
}

/* Reads a regular file of limited size through one descriptor, so that nothing can be exchanged in between. Returns
 * NULL when a problem was added. */
static char *
read_profile (const char *file, const char *path, PerrySpecProblems *problems, gsize *ret_length)
{
  g_autofree char *text = NULL;
  struct stat info;
  gsize length = 0;
  ssize_t n_read = 1;
  int fd = open (file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0)
    {
      add_file_problem (problems, path, file, g_strerror (errno));
      return NULL;
    }
  if (fstat (fd, &info) < 0 || !S_ISREG (info.st_mode))
    {
      close (fd);
      add_file_problem (problems, path, file, "is not a regular file");
      return NULL;
    }

  text = g_malloc (MAX_PROFILE_BYTES + 1);
  while (n_read > 0 && length <= MAX_PROFILE_BYTES)
    {
      n_read = read (fd, text + length, MAX_PROFILE_BYTES + 1 - length);
      if (n_read < 0 && errno == EINTR)
        n_read = 1;
      else if (n_read > 0)
        length += (gsize) n_read;
    }
  if (n_read < 0)
    add_file_problem (problems, path, file, g_strerror (errno));
  close (fd);
  if (n_read < 0)
    return NULL;
  if (length > MAX_PROFILE_BYTES)
    {
      add_file_problem (problems, path, file, "is larger than 1 MiB");
      return NULL;
    }
  text[length] = '\0';
  *ret_length = length;
  return g_steal_pointer (&text);
}

static void
load_profile (PerryContainerSpec *spec, const char *base_directory, PerrySpecProblems *problems)
{
  const char *value = perry_container_spec_get_string (spec, PERRY_FIELD_SECCOMP);
  g_autofree char *file = NULL;
  g_autofree char *text = NULL;
  g_autofree char *about = NULL;
  gsize length = 0;

  if (value == NULL || !perry_field_seccomp_is_path (value))
    return;
  if (*value == '~')
    {
      add_file_problem (problems, "$.seccomp", value, "“~” is not expanded; write the home directory's path");
      return;
    }

  file = make_absolute (value, base_directory);
  text = read_profile (file, "$.seccomp", problems, &length);
  if (text == NULL)
    return;
  about = perry_spec_quote (file);
  if (!perry_field_check_profile_text (text, length, "$.seccomp", about, problems))
    return;
  perry_container_spec_take_value (spec, PERRY_FIELD_SECCOMP, g_variant_new_string (file));
  spec->seccomp_profile = g_steal_pointer (&text);
}

/* Makes a bind mount's source absolute and looks whether it exists. */
static void
complete_mount (PerryMount *mount, const char *base_directory, const char *path, PerrySpecProblems *problems)
{
  g_autofree char *source = NULL;
  struct stat info;

  if (mount->type != PERRY_MOUNT_BIND || mount->source == NULL)
    return;
  source = make_absolute (mount->source, base_directory);
  /* A directory that we may not search can still be there for the engine. */
  if (stat (source, &info) < 0 && errno != EACCES)
    {
      g_autofree char *reason = g_strdup_printf ("%s; the source of a bind mount has to exist", g_strerror (errno));

      add_file_problem (problems, path, source, reason);
      return;
    }
  g_free (mount->source);
  mount->source = g_steal_pointer (&source);
}

static void
complete_volumes (PerryContainerSpec *spec, const char *base_directory, PerrySpecProblems *problems)
{
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (G_VARIANT_TYPE (PERRY_MOUNTS_VARIANT_TYPE));
  GVariant *volumes = perry_container_spec_get_value (spec, PERRY_FIELD_VOLUMES);

  if (volumes == NULL)
    return;
  for (gsize i = 0; i < g_variant_n_children (volumes); i++)
    {
      g_autofree char *path = perry_spec_path_add_index ("$.volumes", i);
      g_autoptr (GVariant) child = g_variant_get_child_value (volumes, i);
      g_autoptr (PerryMount) mount = perry_mount_new_from_variant (child);

      complete_mount (mount, base_directory, path, problems);
      g_variant_builder_add_value (builder, perry_mount_to_variant (mount));
    }
  perry_container_spec_take_value (spec, PERRY_FIELD_VOLUMES, g_variant_builder_end (builder));
}

gboolean
perry_container_spec_complete (PerryContainerSpec *spec, const char *base_directory, GError **error)
{
  g_autoptr (PerrySpecProblems) problems = NULL;
  g_autoptr (PerryContainerSpec) copy = NULL;
  PerryContainerSpec swapped;

  g_return_val_if_fail (spec != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  problems = perry_spec_problems_new ();
  copy = perry_container_spec_copy (spec);
  check_required (copy, problems);
  perry_container_spec_check_whole (copy, problems);
  load_profile (copy, base_directory, problems);
  complete_volumes (copy, base_directory, problems);
  perry_field_complete_devices (copy, problems);
  if (!perry_spec_problems_to_result (problems, error))
    return FALSE;

  swapped = *spec;
  *spec = *copy;
  *copy = swapped;
  return TRUE;
}
