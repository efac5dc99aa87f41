/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/docker/docker-endpoint.h"

#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-engine-endpoint.h"

#define MAX_CONFIG_BYTES (1024 * 1024)

const PerryBackendCandidate perry_docker_candidates[] = {
  { "docker", "Docker Engine" },
  { "orbstack", "OrbStack's Docker Engine in its virtual machine" },
  { "colima", "Colima's Docker Engine in its virtual machine" },
  { "rancher-desktop", "Rancher Desktop's Docker Engine in its virtual machine" },
  { NULL, NULL },
};

static JsonNode *
read_json (const char *path, const char *what, GError **error)
{
  const PerryJsonLimits limits = { .max_bytes = MAX_CONFIG_BYTES };
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, &local_error);
  g_autoptr (GBytes) bytes = NULL;
  JsonNode *node = NULL;

  if (stream != NULL)
    bytes = g_input_stream_read_bytes (G_INPUT_STREAM (stream), MAX_CONFIG_BYTES + 1, NULL, &local_error);
  if (bytes != NULL)
    node = perry_json_parse_bytes (bytes, &limits, &local_error);
  if (node == NULL)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE, "%s: %s: %s", what, path,
                 local_error->message);
  return node;
}

static char *
config_directory (void)
{
  const char *configured = perry_engine_getenv ("DOCKER_CONFIG");

  return configured != NULL ? g_strdup (configured) : g_build_filename (g_get_home_dir (), ".docker", NULL);
}

/* Only a file that is not there is silence; one that cannot be read could have named another engine. */
static gboolean
read_current_context (char **ret_name, GError **error)
{
  g_autofree char *directory = config_directory ();
  g_autofree char *path = g_build_filename (directory, "config.json", NULL);
  g_autoptr (JsonNode) config = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  config = read_json (path, "Docker's current context", error);
  if (config == NULL)
    return FALSE;
  *ret_name = g_strdup (perry_json_as_string (perry_json_find (config, "currentContext", NULL)));
  return TRUE;
}

static char *
find_context_socket (const char *name, GError **error)
{
  g_autofree char *directory = config_directory ();
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, name, -1);
  g_autofree char *path = g_build_filename (directory, "contexts", "meta", digest, "meta.json", NULL);
  g_autofree char *origin = g_strdup_printf ("Docker context %s", name);
  g_autoptr (JsonNode) meta = read_json (path, origin, error);
  const char *host;

  if (meta == NULL)
    return NULL;
  host = perry_json_as_string (perry_json_find (meta, "Endpoints", "docker", "Host", NULL));
  if (host == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE, "%s: %s names no host", origin, path);
      return NULL;
    }
  return perry_engine_endpoint_parse (host, origin, error);
}

static char **
only (char *path)
{
  char **paths;

  if (path == NULL)
    return NULL;
  paths = g_new0 (char *, 2);
  paths[0] = path;
  return paths;
}

/* Where an engine puts its socket. */
typedef struct
{
  const char *candidate;
  const char *variable; /* the environment variable that has the directory; NULL for the home directory */
  const char *below;    /* what follows the directory */
  const char *unless;   /* not where this exists in the home directory, which then decides */
} SocketPlace;

/* In the order in which they are tried. /var/run is Docker's own (dockerd(8)), XDG_RUNTIME_DIR rootless Docker's
 * (dockerd-rootless.sh); `run` and `desktop` are Docker Desktop's on macOS and Linux (its contexts' endpoints). The
 * others are from Colima's config/files.go, where profiles other than `default` have contexts of their own, and before
 * 0.3.4 there were none; from OrbStack's context; from Rancher Desktop's manual. */
static const SocketPlace places[] = {
  { "docker", NULL, "/var/run/docker.sock", NULL },
  { "docker", "XDG_RUNTIME_DIR", "docker.sock", NULL },
  { "docker", NULL, ".docker/run/docker.sock", NULL },
  { "docker", NULL, ".docker/desktop/docker.sock", NULL },
  { "orbstack", NULL, ".orbstack/run/docker.sock", NULL },
  { "colima", "COLIMA_HOME", "default/docker.sock", NULL },
  { "colima", NULL, ".colima/default/docker.sock", NULL },
  { "colima", NULL, ".colima/docker.sock", NULL },
  { "colima", "XDG_CONFIG_HOME", "colima/default/docker.sock", ".colima" },
  { "rancher-desktop", NULL, ".rd/docker.sock", NULL },
};

static gboolean
is_replaced (const SocketPlace *place)
{
  g_autofree char *path = NULL;

  if (place->unless == NULL)
    return FALSE;
  path = g_build_filename (g_get_home_dir (), place->unless, NULL);
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* NULL where the place does not apply here. */
static char *
make_path (const SocketPlace *place)
{
  const char *directory = place->variable != NULL ? perry_engine_getenv (place->variable) : g_get_home_dir ();

  if (g_path_is_absolute (place->below))
    return g_strdup (place->below);
  if (directory == NULL || !g_path_is_absolute (directory) || is_replaced (place))
    return NULL;
  return g_build_filename (directory, place->below, NULL);
}

/* A variable that names the directory of a profile is the last word. */
static gboolean
is_decided (const SocketPlace *place)
{
  return g_strcmp0 (place->variable, "COLIMA_HOME") == 0 && perry_engine_getenv (place->variable) != NULL;
}

static char **
find_places (const char *candidate, GError **error)
{
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = NULL;

      if (!g_str_equal (places[i].candidate, candidate))
        continue;
      path = make_path (&places[i]);
      if (path != NULL)
        g_strv_builder_add (paths, path);
      if (!is_decided (&places[i]))
        continue;
      if (path != NULL)
        break;
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE,
                   "%s is “%s”: it has to be an absolute path, or not set", places[i].variable,
                   perry_engine_getenv (places[i].variable));
      return NULL;
    }
  return g_strv_builder_end (paths);
}

const char *
perry_docker_socket_hint (const char *candidate)
{
  if (g_strcmp0 (candidate, "colima") == 0)
    return "a profile of Colima other than default is the backend docker with DOCKER_CONTEXT=colima-PROFILE";
  return NULL;
}

char **
perry_docker_find_sockets (const char *candidate, const char *socket, GError **error)
{
  const char *host = perry_engine_getenv ("DOCKER_HOST");
  g_autofree char *context = g_strdup (perry_engine_getenv ("DOCKER_CONTEXT"));

  if (candidate != NULL && !g_str_equal (candidate, "docker"))
    return find_places (candidate, error);
  if (socket != NULL && *socket != '\0')
    return only (perry_engine_endpoint_parse (socket, "the option socket", error));
  if (host != NULL)
    return only (perry_engine_endpoint_parse (host, "DOCKER_HOST", error));
  if (context == NULL && !read_current_context (&context, error))
    return NULL;
  if (context != NULL && *context != '\0' && !g_str_equal (context, "default"))
    return only (find_context_socket (context, error));
  return find_places ("docker", error);
}
