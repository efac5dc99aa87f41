/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-registry-auth-file.h"

#include <string.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-json.h"
#include "plugin-api/perry-spec-problems.h"

#define MAX_HELPER_NAME 64

static const char *const docker_hub_names[] = { "docker.io", "index.docker.io", "registry-1.docker.io", NULL };

/* Where in a file something stands, for messages. */
typedef struct {
  const char *path;
  const char *section;
  const char *key;
} Place;

static gboolean
fail (GError **error, const Place *place, const char *what)
{
  g_autofree char *key = place->key != NULL ? perry_spec_quote (place->key) : NULL;

  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "%s: %s%s%s%s: %s; correct or remove it", place->path,
               place->section, key != NULL ? "[" : "", key != NULL ? key : "", key != NULL ? "]" : "", what);
  return FALSE;
}

void
perry_registry_auth_wipe (char *secret)
{
  if (secret == NULL)
    return;
  explicit_bzero (secret, strlen (secret));
  g_free (secret);
}

void
perry_registry_auth_clear (PerryRegistryAuth *auth)
{
  g_clear_pointer (&auth->helper, g_free);
  g_clear_pointer (&auth->servers, g_strfreev);
  g_clear_pointer (&auth->credentials, perry_registry_credentials_free);
  g_clear_pointer (&auth->note, g_free);
}

gboolean
perry_registry_auth_is_text (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if ((guchar) *p < 0x20 || *p == 0x7f)
      return FALSE;
  return TRUE;
}

/* `https://Quay.io/team/` -> `quay.io` and `team`; the `/v1/` and `/v2/` of Docker's own keys are no part of a name. */
static void
split_key (const char *key, char **ret_registry, char **ret_namespace)
{
  const char *scheme = strstr (key, "://");
  const char *host = scheme != NULL ? scheme + strlen ("://") : key;
  gsize length = strcspn (host, "/");
  g_autofree char *registry = g_ascii_strdown (host, (gssize) length);
  g_autofree char *namespace = g_strdup (host + length + (host[length] == '/'));

  for (gsize end = strlen (namespace); end > 0 && namespace[end - 1] == '/'; end--)
    namespace[end - 1] = '\0';
  if (g_str_equal (namespace, "v1") || g_str_equal (namespace, "v2"))
    *namespace = '\0';
  *ret_registry = g_strv_contains (docker_hub_names, registry) ? g_strdup (PERRY_DOCKER_HUB)
                                                               : g_steal_pointer (&registry);
  *ret_namespace = g_steal_pointer (&namespace);
}

/* 0 where a key is not for the repository, and the more the closer it fits. */
static gsize
rate_key (const char *key, const char *registry, const char *repository)
{
  g_autofree char *host = NULL;
  g_autofree char *namespace = NULL;
  gsize length;

  split_key (key, &host, &namespace);
  length = strlen (namespace);
  if (!g_str_equal (host, registry))
    return 0;
  if (length == 0)
    return 1;
  if (repository == NULL || !g_str_has_prefix (repository, namespace))
    return 0;
  return repository[length] == '\0' || repository[length] == '/' ? 1 + length : 0;
}

/* A member that may be absent or null, and else has to be of one kind. */
static gboolean
read_section (JsonObject *root, const char *section, const char *path, JsonObject **ret_object, GError **error)
{
  *ret_object = NULL;
  if (!json_object_has_member (root, section) || json_object_get_null_member (root, section))
    return TRUE;
  return perry_json_read_object (root, section, ret_object)
         || fail (error, &(Place) { path, section, NULL }, "it has to be an object");
}

static gboolean
read_text (JsonObject *entry, const char *member, const Place *place, const char **ret_text, GError **error)
{
  g_autofree char *message = NULL;

  *ret_text = NULL;
  if (!json_object_has_member (entry, member) || json_object_get_null_member (entry, member))
    return TRUE;
  if (perry_json_read_string (entry, member, ret_text) && perry_registry_auth_is_text (*ret_text))
    {
      if (**ret_text == '\0')
        *ret_text = NULL;
      return TRUE;
    }
  message = g_strdup_printf ("%s has to be a string without control characters", member);
  return fail (error, place, message);
}

/* NULL where it is not what an encoder writes: g_base64_decode() takes anything. */
static char *
decode_base64 (const char *text)
{
  gsize length = 0;
  g_autofree guchar *bytes = g_base64_decode (text, &length);
  g_autofree char *again = g_base64_encode (bytes, length);
  gboolean strict = g_str_equal (again, text);
  char *decoded = NULL;

  /* Docker has written a NUL behind the password. */
  while (length > 0 && bytes[length - 1] == '\0')
    length--;
  if (strict && g_utf8_validate_len ((const char *) bytes, length, NULL))
    decoded = g_strndup ((const char *) bytes, length);
  explicit_bzero (bytes, length);
  explicit_bzero (again, strlen (again));
  return decoded;
}

static gboolean
read_auth (PerryRegistryCredentials *credentials, const char *auth, const Place *place, GError **error)
{
  char *decoded = decode_base64 (auth);
  char *colon = decoded != NULL ? strchr (decoded, ':') : NULL;
  gboolean good = colon != NULL && perry_registry_auth_is_text (decoded);

  if (good)
    {
      credentials->username = g_strndup (decoded, (gsize) (colon - decoded));
      credentials->password = g_strdup (colon + 1);
    }
  perry_registry_auth_wipe (decoded);
  return good || fail (error, place, "auth has to be the base64 of NAME:PASSWORD");
}

static gboolean
read_entry (JsonObject *entry, const Place *place, PerryRegistryAuth *auth, GError **error)
{
  g_autoptr (PerryRegistryCredentials) credentials = g_new0 (PerryRegistryCredentials, 1);
  const char *encoded, *username, *password, *identity_token, *registry_token;

  if (!read_text (entry, "auth", place, &encoded, error) || !read_text (entry, "username", place, &username, error)
      || !read_text (entry, "password", place, &password, error)
      || !read_text (entry, "identitytoken", place, &identity_token, error)
      || !read_text (entry, "registrytoken", place, &registry_token, error))
    return FALSE;
  if (encoded != NULL && !read_auth (credentials, encoded, place, error))
    return FALSE;
  if (encoded == NULL && username != NULL)
    {
      if (password == NULL && identity_token == NULL)
        return fail (error, place, "there is a username without a password");
      credentials->username = g_strdup (username);
      credentials->password = g_strdup (password);
    }
  credentials->identity_token = g_strdup (identity_token);
  if (credentials->username != NULL || identity_token != NULL)
    {
      credentials->origin = g_strdup (place->path);
      auth->credentials = g_steal_pointer (&credentials);
    }
  else if (registry_token != NULL)
    {
      g_autofree char *key = perry_spec_quote (place->key);

      auth->note = g_strdup_printf ("%s has a registrytoken for %s, which is not used; log in with a name and a password, "
                                    "or with an identity token", place->path, key);
    }
  return TRUE;
}

/* The key that fits best; among equals the first one. Empty entries only say that a helper has something. */
static const char *
find_key (JsonObject *section, const char *registry, const char *repository)
{
  g_autoptr (GList) keys = json_object_get_members (section);
  const char *found = NULL;
  gsize best = 0;

  for (GList *key = keys; key != NULL; key = key->next)
    {
      JsonObject *entry = perry_json_as_object (json_object_get_member (section, key->data));
      gsize rate = rate_key (key->data, registry, repository);

      if (rate <= best || (entry != NULL && json_object_get_size (entry) == 0))
        continue;
      best = rate;
      found = key->data;
    }
  return found;
}

static gboolean
read_auths (JsonObject *root, const char *path, const char *registry, const char *repository, PerryRegistryAuth *auth,
            GError **error)
{
  Place place = { path, "auths", NULL };
  JsonObject *auths, *entry;

  if (!read_section (root, place.section, path, &auths, error))
    return FALSE;
  place.key = auths != NULL ? find_key (auths, registry, repository) : NULL;
  if (place.key == NULL)
    return TRUE;
  return perry_json_read_object (auths, place.key, &entry) ? read_entry (entry, &place, auth, error)
                                                           : fail (error, &place, "it has to be an object");
}

/* It becomes a part of a program's name. */
static gboolean
check_helper (const char *name, const Place *place, GError **error)
{
  gboolean good = strlen (name) <= MAX_HELPER_NAME && *name != '-' && *name != '.';

  for (const char *p = name; *p != '\0' && good; p++)
    good = g_ascii_isalnum (*p) || strchr ("._-", *p) != NULL;
  return good || fail (error, place, "a helper's name has letters, digits and . _ - alone, at most 64 of them, and the "
                                     "program is docker-credential-NAME in the PATH");
}

static void
add_server (GPtrArray *servers, const char *server)
{
  if (server != NULL && !g_ptr_array_find_with_equal_func (servers, server, g_str_equal, NULL))
    g_ptr_array_add (servers, g_strdup (server));
}

static gboolean
read_helper (JsonObject *root, const char *path, const char *registry, PerryRegistryAuth *auth, GError **error)
{
  Place place = { path, "credHelpers", NULL };
  g_autoptr (GPtrArray) servers = g_ptr_array_new_with_free_func (g_free);
  JsonObject *helpers;
  const char *name = NULL;

  if (!read_section (root, place.section, path, &helpers, error))
    return FALSE;
  place.key = helpers != NULL ? find_key (helpers, registry, NULL) : NULL;
  if (place.key != NULL && !perry_json_read_string (helpers, place.key, &name))
    return fail (error, &place, "it has to be a helper's name");
  if (place.key == NULL)
    {
      place.section = "credsStore";
      if (!read_text (root, place.section, &place, &name, error))
        return FALSE;
    }
  /* An empty name says that this registry's credentials are in the file. */
  if (name == NULL || *name == '\0')
    return TRUE;
  if (!check_helper (name, &place, error))
    return FALSE;

  add_server (servers, place.key != NULL && perry_registry_auth_is_text (place.key) ? place.key : NULL);
  add_server (servers, g_str_equal (registry, PERRY_DOCKER_HUB) ? PERRY_DOCKER_HUB_SERVER : NULL);
  add_server (servers, registry);
  g_ptr_array_add (servers, NULL);
  auth->helper = g_strdup (name);
  auth->servers = (char **) g_ptr_array_free (g_steal_pointer (&servers), FALSE);
  return TRUE;
}

gboolean
perry_registry_auth_file_parse (GBytes *bytes, const char *path, const char *registry, const char *repository,
                                PerryRegistryAuth *ret_auth, GError **error)
{
  const PerryJsonLimits limits = { .max_bytes = PERRY_REGISTRY_AUTH_FILE_MAX_BYTES };
  g_autoptr (GError) local_error = NULL;
  g_autoptr (JsonNode) root = perry_json_parse_bytes (bytes, &limits, &local_error);
  g_auto (PerryRegistryAuth) auth = { 0 };
  JsonObject *object = perry_json_as_object (root);

  if (object == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "%s is no file of registry credentials: %s", path,
                   local_error != NULL ? local_error->message : "it does not hold a JSON object");
      return FALSE;
    }
  if (!read_helper (object, path, registry, &auth, error)
      || !read_auths (object, path, registry, repository, &auth, error))
    return FALSE;
  *ret_auth = auth;
  auth = (PerryRegistryAuth) { 0 };
  return TRUE;
}
