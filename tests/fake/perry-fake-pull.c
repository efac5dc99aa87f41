/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fake/perry-fake-private.h"

#include <string.h>

#include "plugin-api/perry-json.h"

void
perry_fake_engine_add_remote (PerryFakeEngine *engine, const char *reference, const char *digest, const char *platform,
                              const char *id)
{
  PerryFakeImage *remote = g_new0 (PerryFakeImage, 1);

  remote->reference = g_strdup (reference);
  remote->digest = g_strdup (digest + strlen ("sha256:"));
  remote->platform = g_strdup (platform);
  remote->id = g_strdup (id + strlen ("sha256:"));
  remote->pulled = TRUE;
  g_mutex_lock (&engine->lock);
  g_ptr_array_add (engine->remotes, remote);
  g_mutex_unlock (&engine->lock);
}

void
perry_fake_engine_set_login (PerryFakeEngine *engine, const char *header)
{
  g_mutex_lock (&engine->lock);
  g_free (engine->login);
  engine->login = g_strdup (header);
  g_mutex_unlock (&engine->lock);
}

void
perry_fake_engine_set_keeps_platforms (PerryFakeEngine *engine, gboolean keeps)
{
  g_mutex_lock (&engine->lock);
  engine->keeps_platforms = keeps;
  g_mutex_unlock (&engine->lock);
}

/* Docker and Podman 5 say with a status what they know before the first line, Podman 4 says everything in the stream. */
static void
fail (PerryFakeCall *call, guint status, const char *docker_words, const char *podman_words)
{
  const char *words = perry_fake_is_docker (call->engine) ? docker_words : podman_words;
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), NULL);
  JsonObject *object = json_object_new ();

  if (status == 0 || call->engine->dialect == PERRY_FAKE_PODMAN_4)
    {
      g_autofree char *escaped = g_strescape (words, NULL);

      json_node_take_object (node, object);
      perry_fake_call_reply (call, 200, "{\"progressDetail\":{},\"errorDetail\":{\"message\":\"%s\"},\"error\":\"%s\"}\n",
                             escaped, escaped);
      return;
    }
  json_object_set_string_member (object, "message", words);
  json_node_take_object (node, object);
  perry_fake_call_reply_node (call, status, node);
}

/* The image for a platform, or the only one there is, as engines do; @ret_known: whether there is any. */
static PerryFakeImage *
choose (PerryFakeCall *call, const char *repository, const char *tag, gboolean *ret_known)
{
  gboolean by_digest = g_str_has_prefix (tag, "sha256:");
  g_autofree char *reference = g_strconcat (repository, ":", tag, NULL);
  const char *platform = perry_fake_call_get_query (call, "platform");
  PerryFakeImage *found = NULL;
  guint n = 0;

  for (guint i = 0; i < call->engine->remotes->len; i++)
    {
      PerryFakeImage *remote = call->engine->remotes->pdata[i];

      if (by_digest ? !g_str_equal (remote->digest, tag + strlen ("sha256:")) : !g_str_equal (remote->reference, reference))
        continue;
      n++;
      if (found == NULL || g_strcmp0 (platform, remote->platform) == 0)
        found = remote;
    }
  *ret_known = n > 0;
  return n > 1 && platform != NULL && g_strcmp0 (platform, found->platform) != 0 ? NULL : found;
}

static void
keep (PerryFakeEngine *engine, const PerryFakeImage *remote)
{
  PerryFakeImage *image;

  for (guint i = engine->images->len; i > 0; i--)
    {
      image = engine->images->pdata[i - 1];
      if (g_str_equal (image->reference, remote->reference)
          && (!engine->keeps_platforms || g_strcmp0 (image->platform, remote->platform) == 0))
        g_ptr_array_remove_index (engine->images, i - 1);
    }
  image = g_new0 (PerryFakeImage, 1);
  image->reference = g_strdup (remote->reference);
  image->id = g_strdup (remote->id);
  image->digest = g_strdup (remote->digest);
  image->platform = g_strdup (remote->platform);
  image->pulled = TRUE;
  g_ptr_array_add (engine->images, image);
}

/* The recorded stream with this image's name and digest. */
static void
reply_stream (PerryFakeCall *call, const char *reference, const PerryFakeImage *remote)
{
  g_autoptr (JsonNode) shape = perry_fake_engine_load_shape (call->engine, "pull");
  JsonArray *rows = json_node_get_array (shape);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      g_autofree char *digest = g_strconcat ("Digest: sha256:", remote->digest, NULL);
      g_autofree char *status = g_strconcat ("Status: Downloaded newer image for ", reference, NULL);
      const char *words = json_object_get_string_member (row, "status");
      g_autofree char *line = NULL;

      if (g_str_has_prefix (words, "Digest: "))
        json_object_set_string_member (row, "status", digest);
      else if (g_str_has_prefix (words, "Status: "))
        json_object_set_string_member (row, "status", status);
      line = perry_json_to_text (json_array_get_element (rows, i), FALSE);
      g_string_append_printf (text, "%s%s", line, perry_fake_is_docker (call->engine) ? "\r\n" : "\n");
    }
  perry_fake_call_reply (call, 200, "%s", text->str);
}

void
perry_fake_images_pull (PerryFakeCall *call)
{
  const char *repository = perry_fake_call_get_query (call, "fromImage");
  const char *tag = perry_fake_call_get_query (call, "tag");
  const char *login = soup_message_headers_get_one (soup_server_message_get_request_headers (call->message),
                                                    "X-Registry-Auth");
  g_autofree char *reference = g_strconcat (repository, g_str_has_prefix (tag, "sha256:") ? "@" : ":", tag, NULL);
  gboolean known;
  PerryFakeImage *remote = choose (call, repository, tag, &known);

  if (call->engine->login != NULL && g_strcmp0 (call->engine->login, login) != 0)
    fail (call, perry_fake_is_docker (call->engine) ? 500 : 401, "unauthorized: authentication required",
          "unauthorized: authentication required");
  else if (!known)
    {
      g_autofree char *words = g_strdup_printf ("manifest for %s not found: manifest unknown: manifest unknown", reference);

      fail (call, 404, words, "manifest unknown: manifest unknown");
    }
  else if (remote == NULL)
    fail (call, perry_fake_is_docker (call->engine) ? 0 : 500,
          "no matching manifest for linux/s390x in the manifest list entries",
          "no image found in manifest list for architecture \"s390x\", variant \"\", OS \"linux\"");
  else
    {
      keep (call->engine, remote);
      reply_stream (call, reference, remote);
    }
}
