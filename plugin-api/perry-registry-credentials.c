/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-registry-credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin-api/perry-credential-helper.h"
#include "plugin-api/perry-error.h"
#include "plugin-api/perry-json.h"
#include "plugin-api/perry-registry-auth-file.h"

G_DEFINE_BOXED_TYPE (PerryRegistryCredentials, perry_registry_credentials, perry_registry_credentials_copy,
                     perry_registry_credentials_free)

/* One search. */
typedef struct {
  const char *const *environment;
  const char *registry;
  const char *repository;
  GPtrArray *notes;
  GCancellable *cancellable;
} Search;

PerryRegistryCredentials *
perry_registry_credentials_copy (const PerryRegistryCredentials *credentials)
{
  PerryRegistryCredentials *copy;

  g_return_val_if_fail (credentials != NULL, NULL);

  copy = g_new0 (PerryRegistryCredentials, 1);
  copy->username = g_strdup (credentials->username);
  copy->password = g_strdup (credentials->password);
  copy->identity_token = g_strdup (credentials->identity_token);
  copy->origin = g_strdup (credentials->origin);
  return copy;
}

void
perry_registry_credentials_free (PerryRegistryCredentials *credentials)
{
  if (credentials == NULL)
    return;
  perry_registry_auth_wipe (credentials->username);
  perry_registry_auth_wipe (credentials->password);
  perry_registry_auth_wipe (credentials->identity_token);
  g_free (credentials->origin);
  g_free (credentials);
}

/* An empty variable counts as unset. */
static const char *
get_variable (const Search *search, const char *name)
{
  const char *value = g_environ_getenv ((char **) search->environment, name);

  return value != NULL && *value != '\0' ? value : NULL;
}

/* `$VARIABLE/BELOW`, or `HOME/OTHERWISE/BELOW`; NULL where neither variable is there. */
static char *
make_path (const Search *search, const char *variable, const char *otherwise, const char *below)
{
  const char *directory = get_variable (search, variable);
  const char *home = get_variable (search, "HOME");

  if (directory != NULL)
    return g_build_filename (directory, below, NULL);
  return home != NULL ? g_build_filename (home, otherwise, below, NULL) : NULL;
}

static char *
make_runtime_path (const Search *search)
{
  const char *directory = get_variable (search, "XDG_RUNTIME_DIR");

  if (directory != NULL)
    return g_build_filename (directory, "containers", "auth.json", NULL);
  return g_strdup_printf ("/run/containers/%u/auth.json", (guint) getuid ());
}

static GBytes *
read_all (int fd, const char *path, GError **error)
{
  gsize size = 0;
  gssize count = 0;
  char *buffer = g_malloc (PERRY_REGISTRY_AUTH_FILE_MAX_BYTES + 1);

  do
    {
      count = read (fd, buffer + size, PERRY_REGISTRY_AUTH_FILE_MAX_BYTES + 1 - size);
      size += count > 0 ? (gsize) count : 0;
    }
  while ((count > 0 && size <= PERRY_REGISTRY_AUTH_FILE_MAX_BYTES) || (count < 0 && errno == EINTR));
  if (count == 0)
    return g_bytes_new_take (buffer, size);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "%s: %s", path,
               count < 0 ? g_strerror (errno) : "a file of registry credentials has at most 1 MiB");
  explicit_bzero (buffer, size);
  g_free (buffer);
  return NULL;
}

/* NULL without an error where the file may be absent and is. */
static GBytes *
read_file (const Search *search, const char *path, gboolean required, GError **error)
{
  struct stat status;
  GBytes *bytes = NULL;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0 && !required && (errno == ENOENT || errno == ENOTDIR))
    return NULL;
  if (fd < 0 && !required && errno == EACCES)
    {
      g_ptr_array_add (search->notes, g_strdup_printf ("%s may not be read, so no credentials are taken from it", path));
      return NULL;
    }
  if (fd < 0)
    {
      g_set_error (error, PERRY_ERROR,
                   errno == EACCES ? PERRY_ERROR_PERMISSION_DENIED
                   : errno == ENOENT || errno == ENOTDIR ? PERRY_ERROR_NOT_FOUND : PERRY_ERROR_INVALID_CONFIG,
                   "%s%s: %s%s", required ? "REGISTRY_AUTH_FILE names " : "", path, g_strerror (errno),
                   required ? "; log in, or unset the variable" : "");
      return NULL;
    }
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode))
    bytes = read_all (fd, path, error);
  else
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "%s is not a regular file", path);
  close (fd);
  return bytes;
}

static gboolean
ask_helper (const Search *search, const PerryRegistryAuth *auth, const char *path,
            PerryRegistryCredentials **ret_credentials, GError **error)
{
  char *note = NULL;

  if (!perry_credential_helper_get (search->environment, auth->helper, (const char *const *) auth->servers, path,
                                    ret_credentials, &note, search->cancellable, error))
    return FALSE;
  if (note != NULL)
    g_ptr_array_add (search->notes, note);
  return TRUE;
}

static gboolean
look_into (const Search *search, const char *path, gboolean required, PerryRegistryCredentials **ret_credentials,
           GError **error)
{
  g_auto (PerryRegistryAuth) auth = { 0 };
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GBytes) bytes = read_file (search, path, required, &local_error);
  gboolean good;

  if (bytes == NULL)
    {
      if (local_error == NULL)
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  good = perry_registry_auth_file_parse (bytes, path, search->registry, search->repository, &auth, error);
  if (g_bytes_get_size (bytes) > 0)
    explicit_bzero ((gpointer) g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  if (!good || (auth.helper != NULL && !ask_helper (search, &auth, path, ret_credentials, error)))
    return FALSE;
  if (*ret_credentials == NULL)
    *ret_credentials = g_steal_pointer (&auth.credentials);
  if (*ret_credentials == NULL && auth.note != NULL)
    g_ptr_array_add (search->notes, g_steal_pointer (&auth.note));
  return TRUE;
}

static gboolean
look_everywhere (const Search *search, PerryRegistryCredentials **ret_credentials, GError **error)
{
  const char *only = get_variable (search, "REGISTRY_AUTH_FILE");
  g_autofree char *runtime = make_runtime_path (search);
  g_autofree char *config = make_path (search, "XDG_CONFIG_HOME", ".config", "containers/auth.json");
  g_autofree char *docker = make_path (search, "DOCKER_CONFIG", ".docker", "config.json");
  const char *const paths[] = { runtime, config, docker };

  if (only != NULL)
    return look_into (search, only, TRUE, ret_credentials, error);
  for (gsize i = 0; i < G_N_ELEMENTS (paths) && *ret_credentials == NULL; i++)
    if (paths[i] != NULL && !look_into (search, paths[i], FALSE, ret_credentials, error))
      return FALSE;
  return TRUE;
}

/* A service may have no HOME; its user still has a home directory. */
static char **
dup_own_environment (void)
{
  char **environment = g_get_environ ();

  return g_environ_setenv (environment, "HOME", g_get_home_dir (), FALSE);
}

PerryRegistryCredentials *
perry_registry_credentials_lookup (const char *const *environment, const char *registry, const char *repository,
                                   char ***ret_notes, GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) own = environment == NULL ? dup_own_environment () : NULL;
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (PerryRegistryCredentials) credentials = NULL;
  Search search = { .environment = own != NULL ? (const char *const *) own : environment, .registry = registry,
                    .repository = repository, .notes = notes, .cancellable = cancellable };

  g_return_val_if_fail (registry != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!look_everywhere (&search, &credentials, error))
    return NULL;
  if (ret_notes != NULL)
    {
      g_ptr_array_add (notes, NULL);
      *ret_notes = (char **) g_ptr_array_free (g_steal_pointer (&notes), FALSE);
    }
  return g_steal_pointer (&credentials);
}

static void
set_member (JsonObject *object, const char *member, const char *text)
{
  json_object_set_string_member (object, member, text != NULL ? text : "");
}

char *
perry_registry_credentials_to_header (const PerryRegistryCredentials *credentials, const char *registry)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  char *text, *header;

  g_return_val_if_fail (credentials != NULL && registry != NULL, NULL);

  json_node_take_object (root, object);
  if (credentials->identity_token != NULL)
    set_member (object, "identitytoken", credentials->identity_token);
  else
    {
      set_member (object, "username", credentials->username);
      set_member (object, "password", credentials->password);
    }
  /* Docker with containerd's image store gives Docker Hub nothing that is not for this name. */
  set_member (object, "serveraddress", g_str_equal (registry, PERRY_DOCKER_HUB) ? PERRY_DOCKER_HUB_SERVER : registry);
  text = perry_json_to_text (root, FALSE);
  header = g_base64_encode ((const guchar *) text, strlen (text));
  perry_registry_auth_wipe (text);
  return g_strdelimit (g_strdelimit (header, "+", '-'), "/", '_');
}
