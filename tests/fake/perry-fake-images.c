/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fake/perry-fake-private.h"

#include <string.h>

#include "plugin-api/perry-json.h"

void
perry_fake_image_free (PerryFakeImage *image)
{
  g_free (image->reference);
  g_free (image->id);
  g_free (image->digest);
  g_free (image->platform);
  g_free (image);
}

static void
add_image (PerryFakeEngine *engine, const char *reference, const char *id)
{
  PerryFakeImage *image = g_new0 (PerryFakeImage, 1);

  image->reference = g_strdup (reference);
  image->id = g_strdup (g_str_has_prefix (id, "sha256:") ? id + strlen ("sha256:") : id);
  image->digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, image->id, -1);
  g_ptr_array_add (engine->images, image);
}

void
perry_fake_engine_add_image (PerryFakeEngine *engine, const char *reference, const char *id)
{
  g_mutex_lock (&engine->lock);
  add_image (engine, reference, id);
  g_mutex_unlock (&engine->lock);
}

static char *
normalise (const char *reference)
{
  static const char *const prefixes[] = { "docker.io/library/", "docker.io/", "localhost/" };
  const char *colon;

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (reference, prefixes[i]))
      {
        reference += strlen (prefixes[i]);
        break;
      }
  colon = strrchr (reference, ':');
  if (strchr (reference, '@') == NULL && (colon == NULL || strchr (colon, '/') != NULL))
    return g_strconcat (reference, ":latest", NULL);
  return g_strdup (reference);
}

PerryFakeImage *
perry_fake_engine_find_image (PerryFakeEngine *engine, const char *reference)
{
  const char *id = g_str_has_prefix (reference, "sha256:") ? reference + strlen ("sha256:") : reference;
  const char *digest = strstr (reference, "@sha256:");
  g_autofree char *wanted = normalise (reference);

  for (guint i = 0; i < engine->images->len; i++)
    {
      PerryFakeImage *image = g_ptr_array_index (engine->images, i);
      g_autofree char *name = normalise (image->reference);

      if (strcmp (name, wanted) == 0 || (strlen (id) >= 12 && g_str_has_prefix (image->id, id))
          || (digest != NULL && strcmp (image->digest, digest + strlen ("@sha256:")) == 0))
        return image;
    }
  return NULL;
}

static void
fail_no_image (PerryFakeCall *call, const char *name)
{
  if (perry_fake_is_docker (call->engine))
    perry_fake_call_fail (call, 404, NULL, "No such image: %s", name);
  else
    perry_fake_call_fail (call, 404, "image not known", "failed to find image %s: %s: image not known", name, name);
}

static JsonNode *
string_array (const char *text)
{
  JsonArray *array = json_array_new ();
  JsonNode *node = json_node_init_array (json_node_alloc (), array);

  json_array_add_string_element (array, text);
  json_array_unref (array);
  return node;
}

static void
fill_platform (JsonObject *object, const char *platform)
{
  g_auto (GStrv) parts = g_strsplit (platform, "/", 3);

  json_object_set_string_member (object, "Os", parts[0]);
  json_object_set_string_member (object, "Architecture", parts[1]);
  json_object_set_string_member (object, "Variant", parts[2] != NULL ? parts[2] : "");
}

/* The members in which images differ. Docker's graphdriver knows no digest of a local image; Podman makes one up. */
static void
fill_image (PerryFakeEngine *engine, JsonObject *object, PerryFakeImage *image)
{
  const char *slash = strrchr (image->reference, '/');
  const char *colon = strrchr (image->reference, ':');
  gsize length = colon != NULL && (slash == NULL || colon > slash) ? (gsize) (colon - image->reference)
                                                                   : strlen (image->reference);
  g_autofree char *repository = g_strndup (image->reference, length);
  g_autofree char *id = g_strconcat ("sha256:", image->id, NULL);
  g_autofree char *digest = g_strdup_printf ("%s@sha256:%s", repository, image->digest);
  g_autofree char *name = normalise (image->reference);

  if (image->platform != NULL)
    fill_platform (object, image->platform);
  if (perry_fake_is_docker (engine))
    {
      json_object_set_string_member (object, "Id", id);
      json_object_set_member (object, "RepoTags", string_array (name));
      if (image->pulled)
        json_object_set_member (object, "RepoDigests", string_array (digest));
      return;
    }
  json_object_set_string_member (object, "Id", image->id);
  json_object_set_member (object, "RepoTags", string_array (image->reference));
  json_object_set_member (object, "RepoDigests", string_array (digest));
  json_object_set_string_member (object, "Digest", digest + length + 1);
}

/* The image of the same name for the platform that the query asks for. */
static PerryFakeImage *
find_platform (PerryFakeCall *call, PerryFakeImage *image)
{
  g_autoptr (JsonNode) asked = json_from_string (perry_fake_call_get_query (call, "platform"), NULL);
  const char *architecture = NULL;

  perry_json_read_string (perry_json_as_object (asked), "architecture", &architecture);
  for (guint i = 0; architecture != NULL && i < call->engine->images->len; i++)
    {
      PerryFakeImage *other = call->engine->images->pdata[i];

      if (g_str_equal (other->reference, image->reference) && other->platform != NULL
          && g_str_has_suffix (other->platform, architecture))
        return other;
    }
  return NULL;
}

void
perry_fake_images_inspect (PerryFakeCall *call)
{
  PerryFakeImage *image = perry_fake_engine_find_image (call->engine, call->segments[1]);
  g_autoptr (JsonNode) shape = NULL;

  if (image == NULL)
    {
      fail_no_image (call, call->segments[1]);
      return;
    }
  if (perry_fake_is_docker (call->engine) && perry_fake_call_get_query (call, "platform") != NULL)
    image = find_platform (call, image);
  if (image == NULL)
    {
      perry_fake_call_fail (call, 404, NULL, "image with reference %s was found but does not provide the specified platform",
                            call->segments[1]);
      return;
    }
  shape = perry_fake_engine_load_shape (call->engine, "image");
  fill_image (call->engine, json_node_get_object (shape), image);
  perry_fake_call_reply_node (call, 200, shape);
}

void
perry_fake_images_list (PerryFakeCall *call)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < call->engine->images->len; i++)
    {
      JsonObject *entry = json_object_new ();

      json_object_set_string_member (entry, "ParentId", "");
      json_object_set_null_member (entry, "RepoDigests");
      json_object_set_int_member (entry, "Created", 1795487905);
      json_object_set_int_member (entry, "Size", 1984226);
      json_object_set_int_member (entry, "SharedSize", perry_fake_is_docker (call->engine) ? -1 : 0);
      json_object_set_null_member (entry, "Labels");
      json_object_set_int_member (entry, "Containers", perry_fake_is_docker (call->engine) ? -1 : 0);
      fill_image (call->engine, entry, g_ptr_array_index (call->engine->images, i));
      if (!perry_fake_is_docker (call->engine))
        json_object_set_member (entry, "Names", json_node_copy (json_object_get_member (entry, "RepoTags")));
      json_array_add_object_element (array, entry);
    }
  json_node_take_array (node, array);
  perry_fake_call_reply_node (call, 200, node);
}

/* Finds the first name in a docker-archive's manifest.json, which stands in it as text. */
static char *
find_loaded_name (GBytes *body)
{
  static const char key[] = "\"RepoTags\":[\"";
  gsize size;
  const char *data = g_bytes_get_data (body, &size);
  const char *name = size > 0 ? memmem (data, size, key, strlen (key)) : NULL;
  const char *end;

  if (name == NULL)
    return g_strdup ("docker.io/library/bb:1");
  name += strlen (key);
  end = memchr (name, '"', size - (gsize) (name - data));
  return g_strndup (name, end != NULL ? (gsize) (end - name) : 0);
}

void
perry_fake_images_load (PerryFakeCall *call)
{
  g_autofree char *name = find_loaded_name (call->request->body);
  g_autofree char *id = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, call->request->body);
  g_autofree char *short_name = normalise (name);

  if (perry_fake_engine_find_image (call->engine, name) == NULL)
    add_image (call->engine, name, id);
  if (perry_fake_is_docker (call->engine))
    perry_fake_call_reply (call, 200, "{\"stream\":\"Loaded image: %s\\n\"}\r\n", short_name);
  else
    perry_fake_call_reply (call, 200, "{\"Names\":[\"%s\"]}\n", name);
}

void
perry_fake_images_import (PerryFakeCall *call)
{
  const char *reference = perry_fake_call_get_query (call, "reference");
  g_autofree char *id = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, call->request->body);
  g_autofree char *name = NULL;

  if (perry_fake_call_get_query (call, "fromImage") != NULL)
    {
      perry_fake_images_pull (call);
      return;
    }
  if (perry_fake_is_docker (call->engine))
    name = g_strdup_printf ("docker.io/library/%s:%s", perry_fake_call_get_query (call, "repo"),
                            perry_fake_call_get_query (call, "tag"));
  else
    name = g_strdup (reference);
  add_image (call->engine, name, id);
  if (perry_fake_is_docker (call->engine))
    perry_fake_call_reply (call, 200, "{\"status\":\"sha256:%s\"}\r\n", id);
  else
    perry_fake_call_reply (call, 200, "{\"Id\":\"sha256:%s\"}\n", id);
}

void
perry_fake_images_tag (PerryFakeCall *call)
{
  PerryFakeImage *image = perry_fake_engine_find_image (call->engine, call->segments[1]);
  const char *tag = perry_fake_call_get_query (call, "tag");
  g_autofree char *name = NULL;

  if (image == NULL)
    {
      fail_no_image (call, call->segments[1]);
      return;
    }
  name = g_strdup_printf ("%s:%s", perry_fake_call_get_query (call, "repo"), tag != NULL ? tag : "latest");
  add_image (call->engine, name, image->id);
  perry_fake_call_reply_empty (call, 201);
}

void
perry_fake_images_remove (PerryFakeCall *call)
{
  PerryFakeImage *image = perry_fake_engine_find_image (call->engine, call->segments[1]);
  g_autofree char *name = NULL;

  if (image == NULL)
    {
      fail_no_image (call, call->segments[1]);
      return;
    }
  for (guint i = 0; i < call->engine->containers->len; i++)
    {
      PerryFakeContainer *container = g_ptr_array_index (call->engine->containers, i);

      if (strcmp (container->image_id, image->id) != 0)
        continue;
      if (perry_fake_is_docker (call->engine))
        perry_fake_call_fail (call, 409, NULL, "conflict: unable to remove repository reference \"%s\" (must force) - "
                              "container %.12s is using its referenced image %.12s", call->segments[1], container->id,
                              image->id);
      else
        perry_fake_call_fail (call, 409, "image is in use by a container", "image used by %s: image is in use by a "
                              "container: consider listing external containers and force-removing image",
                              container->id);
      return;
    }
  name = normalise (image->reference);
  if (perry_fake_is_docker (call->engine))
    perry_fake_call_reply (call, 200, "[{\"Untagged\":\"%s\"},{\"Deleted\":\"sha256:%s\"}]", name, image->id);
  else
    perry_fake_call_reply (call, 200, "{\"Deleted\":[\"%s\"],\"Untagged\":[\"%s\"],\"ExitCode\":0,\"Errors\":[]}",
                           image->id, image->reference);
  g_ptr_array_remove (call->engine->images, image);
}
