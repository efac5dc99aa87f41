/* SPDX-License-Identifier: Apache-2.0 */
#include "core/verification/perry-registry-endpoint.h"

#include <gio/gio.h>
#include <string.h>

#include "core/verification/perry-registry-digest.h"
#include "plugin-api/perry-error.h"
#include "plugin-api/perry-image-reference.h"

#define DOCKER_HUB "docker.io"
#define DOCKER_HUB_HOST "registry-1.docker.io"

/* What a mirror's text is completed with to be checked as a reference is. */
#define ANY_IMAGE "/a"

gboolean
perry_registry_host_is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = NULL;

  if (g_ascii_strcasecmp (host, "localhost") == 0)
    return TRUE;
  address = g_inet_address_new_from_string (host);
  return address != NULL && g_inet_address_get_is_loopback (address);
}

/* `[::1]:5000` -> `::1`, `localhost:5000` -> `localhost` */
static char *
get_host (const char *name)
{
  if (*name == '[')
    return g_strndup (name + 1, strcspn (name + 1, "]"));
  return g_strndup (name, strcspn (name, ":"));
}

static gboolean
choose_scheme (const char *name, const char *const *plain_http, const char **ret_scheme, GError **error)
{
  g_autofree char *host = get_host (name);
  gboolean loopback = perry_registry_host_is_loopback (host);
  gboolean plain = plain_http != NULL ? g_strv_contains (plain_http, name) : loopback;

  if (plain && !loopback)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG,
                   "the registry %s is to be asked in plain HTTP, which is possible on loopback alone (127.0.0.0/8, ::1, "
                   "localhost); give it a certificate, and name its authority as the CA file", name);
      return FALSE;
    }
  *ret_scheme = plain ? "http" : "https";
  return TRUE;
}

/* A mirror is as good as the registry and repository of a reference. */
static gboolean
check_mirror (const char *mirror, GError **error)
{
  g_autofree char *image = g_strconcat (mirror, ANY_IMAGE, NULL);
  g_autofree char *shown = perry_registry_text_for_message (mirror);
  g_autoptr (PerryImageReference) reference = perry_image_reference_parse (image, NULL);
  g_autofree char *expected = NULL;
  g_autofree char *again = NULL;

  if (reference != NULL && perry_image_reference_get_kind (reference) == PERRY_IMAGE_REFERENCE_NAME)
    {
      again = g_strconcat (perry_image_reference_get_registry (reference), "/",
                           perry_image_reference_get_repository (reference), NULL);
      expected = g_ascii_strdown (image, -1);
    }
  if (again != NULL && g_str_equal (again, expected))
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG,
               "the mirror “%s” is not HOST[:PORT][/PREFIX], such as mirror.example:5000 or mirror.example/proxy; leave a "
               "scheme out", shown);
  return FALSE;
}

PerryRegistryEndpoint *
perry_registry_endpoint_new (const char *name, gboolean is_mirror, const char *const *plain_http, GError **error)
{
  g_autoptr (PerryRegistryEndpoint) endpoint = g_new0 (PerryRegistryEndpoint, 1);
  const char *slash = strchr (name, '/');
  const char *scheme;

  if (is_mirror && !check_mirror (name, error))
    return NULL;
  endpoint->name = g_ascii_strdown (name, slash != NULL ? slash - name : -1);
  endpoint->prefix = slash != NULL ? g_strconcat (slash + 1, "/", NULL) : g_strdup ("");
  endpoint->is_mirror = is_mirror;
  if (!choose_scheme (endpoint->name, plain_http, &scheme, error))
    return NULL;
  endpoint->base = g_strdup_printf ("%s://%s/v2/%s", scheme,
                                    g_str_equal (endpoint->name, DOCKER_HUB) ? DOCKER_HUB_HOST : endpoint->name,
                                    endpoint->prefix);
  return g_steal_pointer (&endpoint);
}

void
perry_registry_endpoint_free (PerryRegistryEndpoint *endpoint)
{
  if (endpoint == NULL)
    return;
  g_free (endpoint->name);
  g_free (endpoint->base);
  g_free (endpoint->prefix);
  g_free (endpoint);
}

static gboolean
is_plain_loopback (GUri *uri)
{
  return g_str_equal (g_uri_get_scheme (uri), "http") && perry_registry_host_is_loopback (g_uri_get_host (uri));
}

static GUri *
parse (const char *text)
{
  GUri *uri = g_uri_parse (text, G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE, NULL);

  if (uri != NULL && g_uri_get_host (uri) != NULL && *g_uri_get_host (uri) != '\0')
    return uri;
  g_clear_pointer (&uri, g_uri_unref);
  return NULL;
}

/* Without what is behind the host, which may be a secret. */
static char *
show (GUri *uri)
{
  g_autofree char *short_uri = NULL;

  if (uri == NULL)
    return g_strdup ("");
  short_uri = g_strdup_printf (" (%s://%s)", g_uri_get_scheme (uri), g_uri_get_host (uri));
  return perry_registry_text_for_message (short_uri);
}

gboolean
perry_registry_uri_check (const char *uri, const char *from, const char *what, GError **error)
{
  g_autoptr (GUri) target = parse (uri);
  g_autoptr (GUri) source = parse (from);
  g_autofree char *shown = NULL;
  const char *problem = NULL;

  if (target == NULL || source == NULL)
    problem = "is no address";
  else if (g_uri_get_userinfo (target) != NULL || g_uri_get_fragment (target) != NULL)
    problem = "has a user or a fragment in it";
  else if (!g_str_equal (g_uri_get_scheme (target), "https")
           && !(is_plain_loopback (target) && is_plain_loopback (source)))
    problem = "is not HTTPS";
  if (problem == NULL)
    return TRUE;
  shown = show (target);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_REGISTRY_FAILED, "%s%s %s, so it is not followed", what, shown, problem);
  return FALSE;
}

gboolean
perry_registry_uri_same_origin (const char *a, const char *b)
{
  g_autoptr (GUri) first = parse (a);
  g_autoptr (GUri) second = parse (b);

  return first != NULL && second != NULL && g_str_equal (g_uri_get_scheme (first), g_uri_get_scheme (second))
         && g_ascii_strcasecmp (g_uri_get_host (first), g_uri_get_host (second)) == 0
         && g_uri_get_port (first) == g_uri_get_port (second);
}
