/* SPDX-License-Identifier: Apache-2.0 */
#include <json-glib/json-glib.h>
#include <string.h>

#include "plugin-api/perry-json.h"
#include "tests/fake/perry-fake-registry-private.h"

void
perry_fake_registry_refuse (SoupServerMessage *message, guint status, const char *code)
{
  g_autofree char *body = g_strdup_printf ("{\"errors\": [{\"code\": \"%s\", \"message\": \"what the fake says\"}]}", code);

  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, body, strlen (body));
}

static void
answer_bytes (PerryFakeRegistry *registry, SoupServerMessage *message, const char *type, GBytes *bytes,
              const char *digest)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  if (digest != NULL && !(registry->flags & PERRY_FAKE_REGISTRY_NO_DIGEST))
    soup_message_headers_replace (soup_server_message_get_response_headers (message), "Docker-Content-Digest", digest);
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, type, SOUP_MEMORY_COPY, data, size);
}

static GBytes *
dup_body (SoupServerMessage *message)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);

  return g_bytes_new (body->data, (gsize) body->length);
}

/* What the request makes is at @path, and has @digest. */
static void
answer_created (SoupServerMessage *message, guint status, const char *path, const char *digest)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  soup_message_headers_replace (headers, "Location", path);
  if (digest != NULL)
    soup_message_headers_replace (headers, "Docker-Content-Digest", digest);
  soup_server_message_set_status (message, status, NULL);
}

static void
put_manifest (PerryFakeRegistry *registry, SoupServerMessage *message, const char *repository, const char *name)
{
  g_autoptr (GBytes) body = dup_body (message);
  g_autofree char *digest = perry_fake_registry_digest (body);
  g_autofree char *path = g_strdup_printf ("/v2/%s/manifests/%s", repository, digest);
  g_autoptr (JsonNode) root = perry_json_parse_bytes (body, NULL, NULL);
  const char *type = soup_message_headers_get_one (soup_server_message_get_request_headers (message), "Content-Type");
  const char *subject = perry_json_as_string (perry_json_find (root, "subject", "digest", NULL));

  if (root == NULL || type == NULL)
    {
      perry_fake_registry_refuse (message, 400, "MANIFEST_INVALID");
      return;
    }
  perry_fake_registry_store_manifest (registry, repository, strchr (name, ':') == NULL ? name : NULL, type, body);
  if (subject != NULL && (registry->flags & PERRY_FAKE_REGISTRY_REFERRERS))
    soup_message_headers_replace (soup_server_message_get_response_headers (message), "OCI-Subject", subject);
  answer_created (message, 201, path, digest);
}

static void
answer_manifest (PerryFakeRegistry *registry, SoupServerMessage *message, const char *repository, const char *name)
{
  g_autofree char *tag = g_strconcat (repository, ":", name, NULL);
  const char *digest = strchr (name, ':') != NULL ? name : g_hash_table_lookup (registry->tags, tag);
  g_autofree char *key = g_strconcat (repository, "@", digest, NULL);
  PerryFakeManifest *manifest = digest != NULL ? g_hash_table_lookup (registry->manifests, key) : NULL;

  if (g_str_equal (soup_server_message_get_method (message), "PUT"))
    put_manifest (registry, message, repository, name);
  else if (manifest != NULL)
    answer_bytes (registry, message, manifest->media_type, manifest->body, digest);
  else
    perry_fake_registry_refuse (message, 404, "MANIFEST_UNKNOWN");
}

static void
answer_blob (PerryFakeRegistry *registry, SoupServerMessage *message, const char *digest)
{
  GBytes *blob = g_hash_table_lookup (registry->blobs, digest);

  if (blob != NULL)
    answer_bytes (registry, message, "application/octet-stream", blob, digest);
  else
    perry_fake_registry_refuse (message, 404, "BLOB_UNKNOWN");
}

static void
finish_upload (PerryFakeRegistry *registry, SoupServerMessage *message, const char *repository, GByteArray *data,
               const char *digest)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data->data, data->len);
  g_autofree char *found = perry_fake_registry_digest (bytes);
  g_autofree char *path = g_strdup_printf ("/v2/%s/blobs/%s", repository, found);

  if (!g_str_equal (found, digest))
    {
      perry_fake_registry_refuse (message, 400, "DIGEST_INVALID");
      return;
    }
  g_hash_table_insert (registry->blobs, g_strdup (found), g_bytes_ref (bytes));
  answer_created (message, 201, path, found);
}

/* POST begins, PATCH adds, PUT ends; a POST or a PUT with a digest may bring all of it. */
static void
answer_upload (PerryFakeRegistry *registry, SoupServerMessage *message, const char *repository, const char *id,
               GHashTable *query)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  const char *digest = query != NULL ? g_hash_table_lookup (query, "digest") : NULL;
  g_autofree char *new_id = NULL;
  g_autofree char *path = NULL;
  g_autofree char *range = NULL;
  GByteArray *data;

  if (g_str_equal (soup_server_message_get_method (message), "POST"))
    {
      id = new_id = g_strdup_printf ("upload-%u", ++registry->n_uploads);
      g_hash_table_insert (registry->uploads, g_strdup (id), g_byte_array_new ());
    }
  data = g_hash_table_lookup (registry->uploads, id);
  if (data == NULL)
    {
      perry_fake_registry_refuse (message, 404, "BLOB_UPLOAD_UNKNOWN");
      return;
    }
  g_byte_array_append (data, (const guint8 *) body->data, (guint) body->length);
  if (digest != NULL)
    {
      finish_upload (registry, message, repository, data, digest);
      g_hash_table_remove (registry->uploads, id);
      return;
    }
  path = g_strdup_printf ("/v2/%s/blobs/uploads/%s", repository, id);
  range = g_strdup_printf ("0-%u", data->len > 0 ? data->len - 1 : 0);
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Range", range);
  answer_created (message, 202, path, NULL);
}

static void
add_referrer (JsonArray *to, const char *digest, const PerryFakeManifest *manifest, JsonNode *root)
{
  JsonObject *descriptor = json_object_new ();
  const char *type = NULL;

  if (!perry_json_read_string (perry_json_as_object (root), "artifactType", &type))
    type = perry_json_as_string (perry_json_find (root, "config", "mediaType", NULL));
  json_object_set_string_member (descriptor, "mediaType", manifest->media_type);
  json_object_set_string_member (descriptor, "digest", digest);
  json_object_set_int_member (descriptor, "size", (gint64) g_bytes_get_size (manifest->body));
  json_object_set_string_member (descriptor, "artifactType", type != NULL ? type : "");
  json_array_add_object_element (to, descriptor);
}

static void
answer_referrers (PerryFakeRegistry *registry, SoupServerMessage *message, const char *repository, const char *digest)
{
  g_autofree char *prefix = g_strconcat (repository, "@", NULL);
  g_autoptr (JsonNode) index = perry_json_parse ("{\"schemaVersion\": 2, \"mediaType\": "
                                                 "\"application/vnd.oci.image.index.v1+json\", \"manifests\": []}", -1, NULL,
                                                 NULL);
  JsonArray *manifests = json_object_get_array_member (json_node_get_object (index), "manifests");
  g_autofree char *text = NULL;
  GHashTableIter iter;
  gpointer key, value;

  if (!(registry->flags & PERRY_FAKE_REGISTRY_REFERRERS))
    {
      soup_server_message_set_status (message, 404, NULL);
      soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_STATIC, "404 page not found\n", 19);
      return;
    }
  g_hash_table_iter_init (&iter, registry->manifests);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      PerryFakeManifest *manifest = value;
      g_autoptr (JsonNode) root = perry_json_parse_bytes (manifest->body, NULL, NULL);

      if (g_str_has_prefix (key, prefix)
          && g_strcmp0 (perry_json_as_string (perry_json_find (root, "subject", "digest", NULL)), digest) == 0)
        add_referrer (manifests, (char *) key + strlen (prefix), manifest, root);
    }
  text = perry_json_to_text (index, FALSE);
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "application/vnd.oci.image.index.v1+json", SOUP_MEMORY_COPY, text,
                                    strlen (text));
}

void
perry_fake_registry_answer (PerryFakeRegistry *registry, SoupServerMessage *message, const char *path,
                            GHashTable *query)
{
  static const char *const kinds[] = { "/manifests/", "/blobs/uploads/", "/blobs/", "/referrers/" };
  gsize kind = 0;
  const char *found = NULL;
  g_autofree char *repository = NULL;

  if (g_str_equal (path, "/token"))
    {
      perry_fake_registry_answer_token (registry, message, query);
      return;
    }
  for (; g_str_has_prefix (path, "/v2/") && kind < G_N_ELEMENTS (kinds); kind++)
    if ((found = strstr (path, kinds[kind])) != NULL)
      break;
  repository = found != NULL ? g_strndup (path + strlen ("/v2/"), (gsize) (found - path) - strlen ("/v2/")) : g_strdup ("");
  if (!perry_fake_registry_admit (registry, message, repository))
    return;
  if (found != NULL)
    found += strlen (kinds[kind]);
  if (g_str_equal (path, "/v2/"))
    soup_server_message_set_status (message, 200, NULL);
  else if (found == NULL)
    perry_fake_registry_refuse (message, 404, "NOT_FOUND");
  else if (kind == 0)
    answer_manifest (registry, message, repository, found);
  else if (kind == 1)
    answer_upload (registry, message, repository, found, query);
  else if (kind == 2)
    answer_blob (registry, message, found);
  else
    answer_referrers (registry, message, repository, found);
}
