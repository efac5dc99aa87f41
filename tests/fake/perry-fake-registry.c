/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/fake/perry-fake-registry-private.h"

#define MAX_KEPT_BODY (64 * 1024)

typedef struct {
  PerryFakeRegistryFault fault; /* with texts of its own */
  GRegex *path;
  guint left;
  guint to_skip;
} Fault;

typedef struct {
  char *repository;
  char *tag;
  char *digest;
  guint left;
} Swap;

static void
manifest_free (gpointer data)
{
  PerryFakeManifest *manifest = data;

  g_free (manifest->media_type);
  g_bytes_unref (manifest->body);
  g_free (manifest);
}

static void
swap_free (gpointer data)
{
  Swap *swap = data;

  g_free (swap->repository);
  g_free (swap->tag);
  g_free (swap->digest);
  g_free (swap);
}

static void
fault_free (gpointer data)
{
  Fault *fault = data;
  const char *texts[] = { fault->fault.method, fault->fault.path, fault->fault.body, fault->fault.content_type,
                          fault->fault.digest, fault->fault.location, fault->fault.retry_after, fault->fault.challenge,
                          fault->fault.link };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free ((char *) texts[i]);
  g_regex_unref (fault->path);
  g_free (fault);
}

static void
request_free (gpointer data)
{
  PerryFakeRegistryRequest *request = data;

  g_free (request->method);
  g_free (request->path);
  g_free (request->query);
  g_free (request->authorization);
  g_free (request->body);
  g_free (request);
}

static GRegex *
compile (const char *path)
{
  g_autofree char *pattern = g_strdup_printf ("^(?:%s)$", path);
  GError *error = NULL;
  GRegex *regex = g_regex_new (pattern, 0, 0, &error);

  g_assert_no_error (error);
  return regex;
}

char *
perry_fake_registry_digest (GBytes *bytes)
{
  g_autofree char *digits = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);

  return g_strconcat ("sha256:", digits, NULL);
}

static gboolean
matches (const char *wanted_method, GRegex *path, const char *method, const char *found)
{
  return (wanted_method == NULL || g_str_equal (wanted_method, method)) && g_regex_match (path, found, 0, NULL);
}

static const Fault *
take_fault (PerryFakeRegistry *registry, const char *method, const char *path)
{
  for (guint i = registry->faults->len; i > 0; i--)
    {
      Fault *fault = g_ptr_array_index (registry->faults, i - 1);

      if ((fault->fault.times > 0 && fault->left == 0) || !matches (fault->fault.method, fault->path, method, path))
        continue;
      if (fault->to_skip > 0)
        {
          fault->to_skip--;
          continue;
        }
      if (fault->left > 0)
        fault->left--;
      return fault;
    }
  return NULL;
}

static void
keep_request (PerryFakeRegistry *registry, SoupServerMessage *message, const char *path)
{
  PerryFakeRegistryRequest *request = g_new0 (PerryFakeRegistryRequest, 1);
  SoupMessageBody *body = soup_server_message_get_request_body (message);

  request->method = g_strdup (soup_server_message_get_method (message));
  request->path = g_strdup (path);
  request->query = g_strdup (g_uri_get_query (soup_server_message_get_uri (message)));
  request->authorization = g_strdup (soup_message_headers_get_one (soup_server_message_get_request_headers (message),
                                                                   "Authorization"));
  request->body = g_strndup (body->data != NULL ? body->data : "", MIN ((gsize) body->length, MAX_KEPT_BODY));
  g_ptr_array_add (registry->requests, request);
  g_cond_broadcast (&registry->changed);
}

static void
set_header (SoupServerMessage *message, const char *name, const char *value)
{
  if (value != NULL)
    soup_message_headers_replace (soup_server_message_get_response_headers (message), name, value);
}

static void
apply_fault (SoupServerMessage *message, const PerryFakeRegistryFault *fault)
{
  SoupMessageBody *body = soup_server_message_get_response_body (message);

  if (fault->status != 0)
    soup_server_message_set_status (message, fault->status, NULL);
  if (fault->body != NULL)
    {
      soup_message_body_truncate (body);
      soup_message_body_append (body, SOUP_MEMORY_COPY, fault->body, strlen (fault->body));
    }
  if (fault->grow > 0)
    soup_message_body_append_take (body, (guchar *) g_strnfill (fault->grow, ' '), fault->grow);
  set_header (message, "Content-Type", fault->content_type);
  set_header (message, "Docker-Content-Digest", fault->digest);
  set_header (message, "Location", fault->location);
  set_header (message, "Retry-After", fault->retry_after);
  set_header (message, "WWW-Authenticate", fault->challenge);
  set_header (message, "Link", fault->link);
  if (fault->close)
    perry_fake_registry_cut (message);
  if (fault->hang)
    soup_server_message_pause (message);
}

static void
set_tag (PerryFakeRegistry *registry, const char *repository, const char *tag, const char *digest)
{
  g_autofree char *key = g_strconcat (repository, ":", tag, NULL);

  if (digest != NULL)
    g_hash_table_insert (registry->tags, g_steal_pointer (&key), g_strdup (digest));
  else
    g_hash_table_remove (registry->tags, key);
}

/* After the answer, as somebody who pushes between two requests would. */
static void
count_for_swaps (PerryFakeRegistry *registry, const char *path)
{
  for (guint i = 0; i < registry->swaps->len; i++)
    {
      Swap *swap = g_ptr_array_index (registry->swaps, i);
      g_autofree char *prefix = g_strconcat ("/v2/", swap->repository, "/", NULL);

      if (swap->left > 0 && g_str_has_prefix (path, prefix) && --swap->left == 0)
        set_tag (registry, swap->repository, swap->tag, swap->digest);
    }
}

static void
on_request (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer data)
{
  PerryFakeRegistry *registry = data;
  const Fault *fault;

  g_mutex_lock (&registry->lock);
  keep_request (registry, message, path);
  set_header (message, "Docker-Distribution-API-Version", "registry/2.0");
  perry_fake_registry_answer (registry, message, path, query);
  fault = take_fault (registry, soup_server_message_get_method (message), path);
  if (fault != NULL)
    apply_fault (message, &fault->fault);
  count_for_swaps (registry, path);
  g_mutex_unlock (&registry->lock);
}

static gpointer
run (gpointer data)
{
  PerryFakeRegistry *registry = data;

  g_main_context_push_thread_default (registry->context);
  g_main_loop_run (registry->loop);
  g_main_context_pop_thread_default (registry->context);
  return NULL;
}

static GTlsCertificate *
load_certificate (void)
{
  g_autofree char *certificate = g_test_build_filename (G_TEST_DIST, "fixtures", "registry", "server.pem", NULL);
  g_autofree char *key = g_test_build_filename (G_TEST_DIST, "fixtures", "registry", "server.key", NULL);
  GError *error = NULL;
  GTlsCertificate *loaded = g_tls_certificate_new_from_files (certificate, key, &error);

  g_assert_no_error (error);
  return loaded;
}

/* A socket of our own, because libsoup 3.2 leaks the address of one that is asked for its port. */
static void
listen_on_loopback (PerryFakeRegistry *registry)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any_port = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket = NULL;
  gboolean tls = (registry->flags & PERRY_FAKE_REGISTRY_TLS) != 0;
  g_autoptr (GTlsCertificate) certificate = tls ? load_certificate () : NULL;
  GError *error = NULL;

  socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_bind (socket, any_port, TRUE, &error);
  g_assert_no_error (error);
  g_socket_listen (socket, &error);
  g_assert_no_error (error);
  address = g_socket_get_local_address (socket, &error);
  g_assert_no_error (error);
  registry->name = g_strdup_printf ("127.0.0.1:%u", g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
  registry->server = soup_server_new ("raw-paths", TRUE, "tls-certificate", certificate, NULL);
  soup_server_add_handler (registry->server, NULL, on_request, registry, NULL);
  if (tls)
    soup_server_listen_socket (registry->server, socket, SOUP_SERVER_LISTEN_HTTPS, &error);
  else
    perry_fake_registry_accept (registry, socket);
  g_assert_no_error (error);
}

PerryFakeRegistry *
perry_fake_registry_new (PerryFakeRegistryFlags flags)
{
  PerryFakeRegistry *registry = g_new0 (PerryFakeRegistry, 1);

  registry->flags = flags;
  g_mutex_init (&registry->lock);
  g_cond_init (&registry->changed);
  registry->blobs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  registry->manifests = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, manifest_free);
  registry->tags = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  registry->uploads = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_byte_array_unref);
  registry->tokens = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  registry->swaps = g_ptr_array_new_with_free_func (swap_free);
  registry->faults = g_ptr_array_new_with_free_func (fault_free);
  registry->requests = g_ptr_array_new_with_free_func (request_free);
  registry->context = g_main_context_new ();
  registry->loop = g_main_loop_new (registry->context, FALSE);
  g_main_context_push_thread_default (registry->context);
  listen_on_loopback (registry);
  g_main_context_pop_thread_default (registry->context);
  registry->thread = g_thread_new ("fake-registry", run, registry);
  return registry;
}

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

/* From inside the loop, because quitting one that does not run yet has no effect. */
static void
end_thread (PerryFakeRegistry *registry)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, quit, registry->loop, NULL);
  g_source_attach (source, registry->context);
  g_thread_join (registry->thread);
}

void
perry_fake_registry_free (PerryFakeRegistry *registry)
{
  if (registry == NULL)
    return;
  end_thread (registry);
  g_main_context_push_thread_default (registry->context);
  soup_server_disconnect (registry->server);
  g_object_unref (registry->server);
  while (g_main_context_iteration (registry->context, FALSE))
    ;
  g_main_context_pop_thread_default (registry->context);
  g_main_loop_unref (registry->loop);
  g_main_context_unref (registry->context);
  g_hash_table_unref (registry->blobs);
  g_hash_table_unref (registry->manifests);
  g_hash_table_unref (registry->tags);
  g_hash_table_unref (registry->uploads);
  g_hash_table_unref (registry->tokens);
  g_ptr_array_unref (registry->swaps);
  g_ptr_array_unref (registry->faults);
  g_ptr_array_unref (registry->requests);
  g_free (registry->username);
  g_free (registry->password);
  g_free (registry->identity_token);
  g_free (registry->name);
  g_mutex_clear (&registry->lock);
  g_cond_clear (&registry->changed);
  g_free (registry);
}

const char *
perry_fake_registry_get_name (PerryFakeRegistry *registry)
{
  return registry->name;
}

void
perry_fake_registry_set_login (PerryFakeRegistry *registry, const char *username, const char *password,
                               const char *identity_token, gboolean anonymous)
{
  g_mutex_lock (&registry->lock);
  g_free (registry->username);
  g_free (registry->password);
  g_free (registry->identity_token);
  registry->username = g_strdup (username);
  registry->password = g_strdup (password);
  registry->identity_token = g_strdup (identity_token);
  registry->anonymous = anonymous;
  g_mutex_unlock (&registry->lock);
}

void
perry_fake_registry_set_token_server (PerryFakeRegistry *registry, PerryFakeRegistry *server)
{
  g_mutex_lock (&registry->lock);
  registry->token_server = server;
  g_mutex_unlock (&registry->lock);
}

void
perry_fake_registry_revoke_tokens (PerryFakeRegistry *registry)
{
  g_mutex_lock (&registry->lock);
  g_hash_table_remove_all (registry->tokens);
  g_mutex_unlock (&registry->lock);
}

char *
perry_fake_registry_add_blob (PerryFakeRegistry *registry, const void *data, gssize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size < 0 ? strlen (data) : (gsize) size);
  char *digest = perry_fake_registry_digest (bytes);

  g_mutex_lock (&registry->lock);
  g_hash_table_insert (registry->blobs, g_strdup (digest), g_steal_pointer (&bytes));
  g_mutex_unlock (&registry->lock);
  return digest;
}

void
perry_fake_registry_store_manifest (PerryFakeRegistry *registry, const char *repository, const char *tag,
                                    const char *media_type, GBytes *body)
{
  g_autofree char *digest = perry_fake_registry_digest (body);
  PerryFakeManifest *manifest = g_new0 (PerryFakeManifest, 1);

  manifest->media_type = g_strdup (media_type);
  manifest->body = g_bytes_ref (body);
  g_hash_table_insert (registry->manifests, g_strconcat (repository, "@", digest, NULL), manifest);
  if (tag != NULL)
    set_tag (registry, repository, tag, digest);
}

char *
perry_fake_registry_add_manifest (PerryFakeRegistry *registry, const char *repository, const char *tag,
                                  const char *media_type, const char *body)
{
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));

  g_mutex_lock (&registry->lock);
  perry_fake_registry_store_manifest (registry, repository, tag, media_type, bytes);
  g_mutex_unlock (&registry->lock);
  return perry_fake_registry_digest (bytes);
}

/* `"os": "linux", "architecture": "arm", "variant": "v7"` */
static char *
write_platform (const char *platform)
{
  g_auto (GStrv) parts = g_strsplit (platform, "/", 3);
  gboolean has_variant = g_strv_length (parts) == 3;

  return g_strdup_printf ("\"os\": \"%s\", \"architecture\": \"%s\"%s%s%s", parts[0], parts[1],
                          has_variant ? ", \"variant\": \"" : "", has_variant ? parts[2] : "", has_variant ? "\"" : "");
}

char *
perry_fake_registry_add_image (PerryFakeRegistry *registry, const char *repository, const char *tag,
                               const char *platform, const char *content)
{
  g_autofree char *described = write_platform (platform);
  g_autofree char *config = g_strdup_printf ("{%s, \"rootfs\": {\"type\": \"layers\", \"diff_ids\": []}}", described);
  g_autofree char *config_digest = perry_fake_registry_add_blob (registry, config, -1);
  g_autofree char *layer_digest = perry_fake_registry_add_blob (registry, content, -1);
  g_autofree char *body = NULL;

  body = g_strdup_printf ("{\"schemaVersion\": 2, \"mediaType\": \"application/vnd.oci.image.manifest.v1+json\", "
                          "\"config\": {\"mediaType\": \"application/vnd.oci.image.config.v1+json\", \"digest\": \"%s\", "
                          "\"size\": %" G_GSIZE_FORMAT "}, \"layers\": [{\"mediaType\": "
                          "\"application/vnd.oci.image.layer.v1.tar\", \"digest\": \"%s\", \"size\": %" G_GSIZE_FORMAT "}]}",
                          config_digest, strlen (config), layer_digest, strlen (content));
  return perry_fake_registry_add_manifest (registry, repository, tag, "application/vnd.oci.image.manifest.v1+json", body);
}

char *
perry_fake_registry_add_index (PerryFakeRegistry *registry, const char *repository, const char *tag,
                               const char *const *entries)
{
  g_autoptr (GString) body = g_string_new ("{\"schemaVersion\": 2, \"mediaType\": "
                                           "\"application/vnd.oci.image.index.v1+json\", \"manifests\": [");

  for (gsize i = 0; entries[i] != NULL; i += 2)
    {
      g_autofree char *described = *entries[i + 1] != '\0' ? write_platform (entries[i + 1]) : NULL;

      g_string_append_printf (body, "%s{\"mediaType\": \"application/vnd.oci.image.manifest.v1+json\", \"size\": 1, "
                              "\"digest\": \"%s\"%s%s%s}", i > 0 ? ", " : "", entries[i],
                              described != NULL ? ", \"platform\": {" : "", described != NULL ? described : "",
                              described != NULL ? "}" : "");
    }
  g_string_append (body, "]}");
  return perry_fake_registry_add_manifest (registry, repository, tag, "application/vnd.oci.image.index.v1+json",
                                           body->str);
}

void
perry_fake_registry_set_tag (PerryFakeRegistry *registry, const char *repository, const char *tag, const char *digest)
{
  g_mutex_lock (&registry->lock);
  set_tag (registry, repository, tag, digest);
  g_mutex_unlock (&registry->lock);
}

void
perry_fake_registry_swap_tag (PerryFakeRegistry *registry, const char *repository, const char *tag, const char *digest,
                              guint after)
{
  Swap *swap = g_new0 (Swap, 1);

  swap->repository = g_strdup (repository);
  swap->tag = g_strdup (tag);
  swap->digest = g_strdup (digest);
  swap->left = after;
  g_mutex_lock (&registry->lock);
  g_ptr_array_add (registry->swaps, swap);
  g_mutex_unlock (&registry->lock);
}

void
perry_fake_registry_add_fault (PerryFakeRegistry *registry, const PerryFakeRegistryFault *fault)
{
  Fault *copy = g_new0 (Fault, 1);

  copy->fault = *fault;
  copy->fault.method = g_strdup (fault->method);
  copy->fault.path = g_strdup (fault->path);
  copy->fault.body = g_strdup (fault->body);
  copy->fault.content_type = g_strdup (fault->content_type);
  copy->fault.digest = g_strdup (fault->digest);
  copy->fault.location = g_strdup (fault->location);
  copy->fault.retry_after = g_strdup (fault->retry_after);
  copy->fault.challenge = g_strdup (fault->challenge);
  copy->fault.link = g_strdup (fault->link);
  copy->path = compile (fault->path);
  copy->left = fault->times;
  copy->to_skip = fault->skip;
  g_mutex_lock (&registry->lock);
  g_ptr_array_add (registry->faults, copy);
  g_mutex_unlock (&registry->lock);
}

void
perry_fake_registry_clear_faults (PerryFakeRegistry *registry)
{
  g_mutex_lock (&registry->lock);
  g_ptr_array_set_size (registry->faults, 0);
  g_mutex_unlock (&registry->lock);
}

GPtrArray *
perry_fake_registry_dup_requests (PerryFakeRegistry *registry)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (request_free);

  g_mutex_lock (&registry->lock);
  for (guint i = 0; i < registry->requests->len; i++)
    {
      const PerryFakeRegistryRequest *request = g_ptr_array_index (registry->requests, i);
      PerryFakeRegistryRequest *again = g_new0 (PerryFakeRegistryRequest, 1);

      again->method = g_strdup (request->method);
      again->path = g_strdup (request->path);
      again->query = g_strdup (request->query);
      again->authorization = g_strdup (request->authorization);
      again->body = g_strdup (request->body);
      g_ptr_array_add (copy, again);
    }
  g_mutex_unlock (&registry->lock);
  return copy;
}

static guint
count_locked (PerryFakeRegistry *registry, const char *method, GRegex *path)
{
  guint count = 0;

  for (guint i = 0; i < registry->requests->len; i++)
    {
      const PerryFakeRegistryRequest *request = g_ptr_array_index (registry->requests, i);

      if (matches (method, path, request->method, request->path))
        count++;
    }
  return count;
}

guint
perry_fake_registry_count_requests (PerryFakeRegistry *registry, const char *method, const char *path)
{
  g_autoptr (GRegex) regex = compile (path);
  guint count;

  g_mutex_lock (&registry->lock);
  count = count_locked (registry, method, regex);
  g_mutex_unlock (&registry->lock);
  return count;
}

gboolean
perry_fake_registry_wait_for (PerryFakeRegistry *registry, const char *method, const char *path, guint count)
{
  g_autoptr (GRegex) regex = compile (path);
  gint64 until = g_get_monotonic_time () + 10 * G_TIME_SPAN_SECOND;
  gboolean found;

  g_mutex_lock (&registry->lock);
  while (!(found = count_locked (registry, method, regex) >= count)
         && g_cond_wait_until (&registry->changed, &registry->lock, until))
    continue;
  g_mutex_unlock (&registry->lock);
  return found;
}

void
perry_fake_registry_forget_requests (PerryFakeRegistry *registry)
{
  g_mutex_lock (&registry->lock);
  g_ptr_array_set_size (registry->requests, 0);
  g_mutex_unlock (&registry->lock);
}
