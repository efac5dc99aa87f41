/* SPDX-License-Identifier: Apache-2.0 */
/* What Docker does with the API version in a path: refuses what it does not speak, and treats members of a create that
 * this version has not got as unknown. Read from moby's container_routes.go, the refusals recorded from 20.10.24 to
 * 28.5.2. */
#include "tests/fake/perry-fake-private.h"

#include "plugin-api/perry-json.h"

void
perry_fake_engine_set_api_version (PerryFakeEngine *engine, const char *version)
{
  g_mutex_lock (&engine->lock);
  engine->api_version = version;
  g_mutex_unlock (&engine->lock);
}

const char *
perry_fake_engine_get_api_version (PerryFakeEngine *engine)
{
  static const char *const own[] = { "1.41", "1.45", "1.51", "1.41", "1.41", "1.44", "1.44" };

  return engine->api_version != NULL ? engine->api_version : own[engine->dialect];
}

static guint
minor_of (const char *version)
{
  return (guint) g_ascii_strtoull (version + strlen ("1."), NULL, 10);
}

/* 0 for a path without a version. */
static guint
asked_minor (PerryFakeCall *call)
{
  const char *path = call->request->path;

  return g_str_has_prefix (path, "/v1.") ? minor_of (path + strlen ("/v")) : 0;
}

gboolean
perry_fake_version_check (PerryFakeCall *call)
{
  const char *newest = perry_fake_engine_get_api_version (call->engine);
  guint asked = asked_minor (call);

  /* Podman takes any. */
  if (!perry_fake_is_docker (call->engine) || asked <= minor_of (newest))
    return TRUE;
  perry_fake_call_fail (call, 400, NULL, "client version 1.%u is too new. Maximum supported API version is %s", asked,
                        newest);
  return FALSE;
}

static void
drop (JsonObject *object, const char *member)
{
  if (object != NULL && json_object_has_member (object, member))
    json_object_remove_member (object, member);
}

static JsonObject *
child (JsonObject *object, const char *member)
{
  JsonObject *found = NULL;

  return object != NULL && perry_json_read_object (object, member, &found) ? found : NULL;
}

static gboolean
gate_mount (PerryFakeCall *call, JsonObject *mount, guint minor)
{
  static const struct { const char *options; const char *member; guint since; } refused[] = {
    { "BindOptions", "ReadOnlyForceRecursive", 44 },
    { "BindOptions", "ReadOnlyNonRecursive", 44 },
    { "VolumeOptions", "Subpath", 45 },
  };

  if (minor < 42)
    drop (child (mount, "BindOptions"), "CreateMountpoint");
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      JsonObject *options = child (mount, refused[i].options);

      if (minor >= refused[i].since || options == NULL || !json_object_has_member (options, refused[i].member))
        continue;
      perry_fake_call_fail (call, 400, NULL, "%s.%s needs API v1.%u or newer", refused[i].options, refused[i].member,
                            refused[i].since);
      return FALSE;
    }
  return TRUE;
}

gboolean
perry_fake_version_gate (PerryFakeCall *call, JsonObject *request)
{
  guint minor = asked_minor (call);
  JsonObject *host = child (request, "HostConfig");
  JsonObject *endpoints = child (child (request, "NetworkingConfig"), "EndpointsConfig");
  JsonArray *mounts = NULL;

  if (minor < 43)
    drop (host, "Annotations");
  if (minor < 44)
    drop (child (request, "Healthcheck"), "StartInterval");
  if (minor < 44 && endpoints != NULL && json_object_get_size (endpoints) > 1)
    {
      perry_fake_call_fail (call, 400, NULL, "Container cannot be created with more than one network endpoint");
      return FALSE;
    }
  if (host == NULL || !perry_json_read_array (host, "Mounts", &mounts))
    return TRUE;
  for (guint i = 0; i < json_array_get_length (mounts); i++)
    if (!gate_mount (call, json_array_get_object_element (mounts, i), minor))
      return FALSE;
  return TRUE;
}
