/* SPDX-License-Identifier: Apache-2.0 */
/* Networks and volumes through PerryEngine and the real plugins, on engines inside this process. */
#include <glib/gstdio.h>
#include <string.h>

#include "core/perry-container.h"
#include "tests/fake/perry-fake-engine.h"

typedef struct {
  PerryFakeEngine *fake;
  PerryEngine *engine;
  char *directory;
} Fixture;

typedef struct {
  const char *name;
  const char *backend;
  PerryFakeDialect dialect;
} Setting;

static const Setting settings[] = {
  { "docker-20", "docker", PERRY_FAKE_DOCKER_20 },
  { "docker-28", "docker", PERRY_FAKE_DOCKER_28 },
  { "podman-4", "podman", PERRY_FAKE_PODMAN_4 },
  { "podman-5", "podman", PERRY_FAKE_PODMAN_5 },
};

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const Setting *setting = data;
  g_autofree char *root = g_build_filename (g_test_get_dir (G_TEST_BUILT), "..", NULL);
  g_autofree char *plugins = g_strdup_printf ("%s/plugins/docker:%s/plugins/podman", root, root);
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;

  fixture->directory = g_dir_make_tmp ("perry-networks-XXXXXX", NULL);
  fixture->fake = perry_fake_engine_new (setting->dialect);
  endpoint = g_strconcat ("unix://", perry_fake_engine_get_socket_path (fixture->fake), NULL);
  g_setenv ("PERRY_PLUGIN_PATH", plugins, TRUE);
  g_setenv ("XDG_RUNTIME_DIR", fixture->directory, TRUE);
  g_setenv ("XDG_CONFIG_HOME", fixture->directory, TRUE);
  g_setenv ("DOCKER_HOST", endpoint, TRUE);
  g_setenv ("CONTAINER_HOST", endpoint, TRUE);
  g_setenv ("PERRY_CONTAINER_BACKEND", setting->backend, TRUE);
  g_unsetenv ("PERRY_CONTAINER_ENFORCEMENT");
  fixture->engine = perry_engine_new (NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *runtime = g_build_filename (fixture->directory, "perry-container", NULL);

  g_object_unref (fixture->engine);
  perry_fake_engine_free (fixture->fake);
  g_rmdir (runtime);
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->directory);
}

static gboolean
is_docker (gconstpointer data)
{
  return g_str_equal (((const Setting *) data)->backend, "docker");
}

static void
make_strict (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_setenv ("PERRY_CONTAINER_ENFORCEMENT", "strict", TRUE);
  g_object_unref (fixture->engine);
  fixture->engine = perry_engine_new (NULL, &error);
  g_assert_no_error (error);
}

static void
create (Fixture *fixture, const PerryNetworkRequest *request, char ***ret_warnings)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = perry_engine_create_network (fixture->engine, request, ret_warnings, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (id), ==, 64);
}

/* The body of the last request for which there is one. */
static JsonNode *
last_body (Fixture *fixture, const char *path)
{
  g_autoptr (GPtrArray) requests = perry_fake_engine_dup_requests (fixture->fake);
  JsonNode *body = NULL;

  for (guint i = 0; i < requests->len; i++)
    {
      const PerryFakeRequest *request = g_ptr_array_index (requests, i);

      if (g_str_has_suffix (request->path, path))
        {
          g_clear_pointer (&body, json_node_unref);
          body = perry_json_parse_bytes (request->body, NULL, NULL);
        }
    }
  g_assert_nonnull (body);
  return body;
}

#define TEXT(node, ...) perry_json_as_string (perry_json_find (node, __VA_ARGS__, NULL))

static void
test_life (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryNetworkRequest) request = perry_network_request_new ("backend");
  g_autoptr (PerryNetworkInfo) info = NULL;
  g_autoptr (PerryNetworkInfo) gone = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GPtrArray) others = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) warnings = NULL;

  g_ptr_array_add (request->subnets, perry_subnet_new ("10.55.0.0/24", "10.55.0.1", "10.55.0.128/26"));
  g_hash_table_insert (request->labels, g_strdup ("a"), g_strdup ("b"));
  create (fixture, request, &warnings);
  g_assert_null (warnings[0]);
  info = perry_engine_inspect_network (fixture->engine, "backend", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (info->name, ==, "backend");
  g_assert_cmpstr (info->driver, ==, "bridge");
  g_assert_false (info->internal);
  g_assert_cmpuint (info->created_at, >, 0);
  g_assert_cmpstr (g_hash_table_lookup (info->labels, "a"), ==, "b");
  g_assert_nonnull (g_hash_table_lookup (info->labels, "perry.owner"));
  g_assert_cmpuint (info->subnets->len, ==, 1);
  g_assert_cmpstr (((PerrySubnet *) info->subnets->pdata[0])->subnet, ==, "10.55.0.0/24");
  g_assert_cmpstr (((PerrySubnet *) info->subnets->pdata[0])->gateway, ==, "10.55.0.1");
  g_assert_cmpstr (((PerrySubnet *) info->subnets->pdata[0])->ip_range, ==, "10.55.0.128/26");
  list = perry_engine_list_networks (fixture->engine, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, 1);
  g_assert_true (perry_engine_remove_network (fixture->engine, "backend", NULL, &error));
  g_assert_no_error (error);
  gone = perry_engine_inspect_network (fixture->engine, "backend", NULL, &error);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_NETWORK_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (perry_engine_remove_network (fixture->engine, "backend", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_NETWORK_NOT_FOUND);
}

static void
test_name_in_use (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryNetworkRequest) request = perry_network_request_new ("backend");
  g_autoptr (GError) error = NULL;

  create (fixture, request, NULL);
  g_assert_null (perry_engine_create_network (fixture->engine, request, NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_NAME_IN_USE);
}

static char *
create_container (Fixture *fixture, const char *json, GError **error)
{
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (json, -1, error);
  g_autoptr (PerryRunResult) result = NULL;

  g_assert_true (perry_container_spec_complete (spec, NULL, error));
  result = perry_engine_create (fixture->engine, spec, NULL, NULL, error);
  return result != NULL ? g_strdup (result->container_id) : NULL;
}

static void
test_connect (Fixture *fixture, gconstpointer data)
{
  static const char *const aliases[] = { "db", NULL };
  static const char *const bad[] = { "-db", NULL };
  g_autoptr (PerryNetworkRequest) request = perry_network_request_new ("backend");
  g_autoptr (PerryNetworkInfo) info = NULL;
  g_autoptr (JsonNode) body = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;

  create (fixture, request, NULL);
  id = create_container (fixture, "{\"image\": \"bb:1\", \"name\": \"web\"}", &error);
  g_assert_no_error (error);
  g_assert_false (perry_engine_connect_network (fixture->engine, "backend", "web", bad, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_true (perry_engine_connect_network (fixture->engine, "backend", "web", aliases, NULL, &error));
  g_assert_no_error (error);
  body = last_body (fixture, "/connect");
  g_assert_nonnull (is_docker (data) ? perry_json_as_array (perry_json_find (body, "EndpointConfig", "Aliases", NULL))
                                     : perry_json_as_array (perry_json_find (body, "aliases", NULL)));
  info = perry_engine_inspect_network (fixture->engine, "backend", NULL, &error);
  g_assert_no_error (error);
  /* Podman 4 does not tell */
  if (((const Setting *) data)->dialect != PERRY_FAKE_PODMAN_4)
    g_assert_cmpstr (info->containers[0], ==, id);
  else
    g_assert_null (info->containers);
  g_assert_false (perry_engine_connect_network (fixture->engine, "backend", "web", NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_false (perry_engine_remove_network (fixture->engine, "backend", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_true (perry_engine_disconnect_network (fixture->engine, "backend", "web", NULL, &error));
  g_assert_no_error (error);
  g_assert_false (perry_engine_disconnect_network (fixture->engine, "backend", "web", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_false (perry_engine_connect_network (fixture->engine, "backend", "nobody", NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND);
}

/* Docker has an option that closes the bridge's addresses, a different one since 28; Podman has none. The engine of this test
 * is not one whose network namespace can be reached, so that there is no packet filter, and nothing is promised. */
static void
test_internal (Fixture *fixture, gconstpointer data)
{
  const Setting *setting = data;
  g_autoptr (PerryNetworkRequest) request = perry_network_request_new ("inside");
  g_autoptr (PerryNetworkInfo) info = NULL;
  g_autoptr (JsonNode) body = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) warnings = NULL;

  request->internal = TRUE;
  create (fixture, request, &warnings);
  body = last_body (fixture, "/networks/create");
  info = perry_engine_inspect_network (fixture->engine, "inside", NULL, &error);
  g_assert_no_error (error);
  g_assert_true (info->internal);
  g_assert_cmpint (info->isolation, ==, PERRY_SUPPORT_PARTIAL);
  if (!is_docker (data))
    {
      g_assert_nonnull (strstr (warnings[0], "host's listeners"));
      g_assert_null (TEXT (body, "network_interface"));
      return;
    }
  g_assert_nonnull (strstr (warnings[0], "255.255.255.255"));
  g_assert_null (TEXT (body, "Options", "com.docker.network.bridge.name"));
  if (setting->dialect == PERRY_FAKE_DOCKER_20)
    g_assert_cmpstr (TEXT (body, "Options", "com.docker.network.bridge.inhibit_ipv4"), ==, "true");
  else
    g_assert_cmpstr (TEXT (body, "Options", "com.docker.network.bridge.gateway_mode_ipv4"), ==, "isolated");
}

static void
add_plain_internal (Fixture *fixture, gconstpointer data)
{
  perry_fake_engine_add_network (fixture->fake, "theirs",
                                 is_docker (data) ? "{\"Internal\": true}" : "{\"internal\": true}");
}

/* What others made with nothing but --internal reaches the host: told, and refused in strict mode. */
static void
test_internal_of_others (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) spec = NULL;
  g_autoptr (PerryPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  gboolean found = FALSE;

  add_plain_internal (fixture, data);
  spec = perry_container_spec_new_from_json ("{\"image\": \"bb:1\", \"network\": \"theirs\"}", -1, &error);
  g_assert_true (perry_container_spec_complete (spec, NULL, &error));
  plan = perry_engine_plan (fixture->engine, spec, NULL, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < plan->fields->len; i++)
    {
      const PerryPlanField *field = g_ptr_array_index (plan->fields, i);

      if (field->field != PERRY_FIELD_NETWORK)
        continue;
      found = TRUE;
      g_assert_cmpint (field->support, ==, PERRY_SUPPORT_PARTIAL);
      g_assert_nonnull (strstr (field->reason, "host's listeners"));
    }
  g_assert_true (found);
  make_strict (fixture);
  g_assert_null (create_container (fixture, "{\"image\": \"bb:1\", \"network\": \"theirs\"}", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
  g_assert_nonnull (strstr (error->message, "network"));
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", "/containers/create"), ==, 0);
}

/* Nobody can set a packet filter for an engine inside this process: strict refuses before anything is made. */
static void
test_internal_in_strict_mode (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryNetworkRequest) request = perry_network_request_new ("inside");
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;

  make_strict (fixture);
  request->internal = TRUE;
  id = perry_engine_create_network (fixture->engine, request, NULL, NULL, &error);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
  g_assert_nonnull (strstr (error->message, "internal: "));
  g_assert_nonnull (strstr (error->message, "the packet filter against that cannot be set: "));
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", "/networks/create"), ==, 0);
}

static void
cancel_at_inspect (PerryFakeEngine *fake, const PerryFakeRequest *request, gpointer cancellable)
{
  if (g_str_equal (request->method, "GET") && strstr (request->path, "/networks/") != NULL)
    g_cancellable_cancel (cancellable);
}

/* Nobody has the id of a network that cannot be looked at; the first error is what counts. */
static void
test_unseen (Fixture *fixture, gconstpointer data)
{
  PerryFakeRule failing = { .method = "GET", .path = "/networks/[0-9a-f]{64}.*", .times = 1, .status = 500,
                            .body = "{\"message\": \"no look\", \"cause\": \"no look\"}" };
  PerryFakeRule slow = { .method = "GET", .path = "/networks/[0-9a-f]{64}.*", .delay_ms = 2000 };
  PerryFakeRule stuck = { .method = "DELETE", .path = "/networks/[0-9a-f]{64}.*", .status = 500,
                          .body = "{\"message\": \"stuck\", \"cause\": \"stuck\"}" };
  g_autoptr (PerryNetworkRequest) request = perry_network_request_new ("backend");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  perry_fake_engine_add_rule (fixture->fake, &failing);
  g_assert_null (perry_engine_create_network (fixture->engine, request, NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, "no look"));
  g_assert_null (strstr (error->message, "is left"));
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "DELETE", "/networks/[0-9a-f]{64}.*"), ==, 1);
  g_clear_error (&error);

  perry_fake_engine_add_rule (fixture->fake, &slow);
  perry_fake_engine_set_hook (fixture->fake, cancel_at_inspect, cancellable);
  g_assert_null (perry_engine_create_network (fixture->engine, request, NULL, cancellable, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  perry_fake_engine_set_hook (fixture->fake, NULL, NULL);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "DELETE", "/networks/[0-9a-f]{64}.*"), ==, 2);
  g_clear_error (&error);

  perry_fake_engine_clear_rules (fixture->fake);
  perry_fake_engine_add_rule (fixture->fake, &stuck);
  failing.times = 0;
  perry_fake_engine_add_rule (fixture->fake, &failing);
  g_assert_null (perry_engine_create_network (fixture->engine, request, NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, "is left"));
  g_assert_nonnull (strstr (error->message, "stuck"));
  g_assert_nonnull (strstr (error->message, "no look"));
}

static void
test_missing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryNetworkRequest) request = perry_network_request_new ("backend");
  g_autoptr (PerryNetworkInfo) info = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL;

  create (fixture, request, NULL);
  g_assert_null (create_container (fixture, "{\"image\": \"bb:1\", \"network\": \"backnd\"}", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_NETWORK_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "backnd"));
  g_assert_nonnull (strstr (error->message, "did you mean “backend”?"));
  g_clear_error (&error);
  /* Engines take the beginning of an id for a name: two letters are meant as a name. */
  info = perry_engine_inspect_network (fixture->engine, "backend", NULL, &error);
  json = g_strdup_printf ("{\"image\": \"bb:1\", \"network\": \"%.3s\"}", info->id);
  g_assert_null (create_container (fixture, json, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_NETWORK_NOT_FOUND);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", "/containers/create"), ==, 0);
}

static void
test_volumes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryVolumeRequest) request = perry_volume_request_new ("data");
  g_autoptr (PerryVolumeInfo) info = NULL;
  g_autoptr (PerryVolumeInfo) gone = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;

  g_hash_table_insert (request->options, g_strdup ("type"), g_strdup ("tmpfs"));
  g_hash_table_insert (request->labels, g_strdup ("a"), g_strdup ("b"));
  g_assert_true (perry_engine_create_volume (fixture->engine, request, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (perry_engine_create_volume (fixture->engine, request, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_NAME_IN_USE);
  g_clear_error (&error);
  info = perry_engine_inspect_volume (fixture->engine, "data", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (info->driver, ==, "local");
  g_assert_cmpstr (g_hash_table_lookup (info->options, "type"), ==, "tmpfs");
  g_assert_cmpstr (g_hash_table_lookup (info->labels, "a"), ==, "b");
  g_assert_nonnull (g_hash_table_lookup (info->labels, "perry.owner"));
  g_assert_true (g_str_has_suffix (info->mountpoint, "/data/_data"));
  list = perry_engine_list_volumes (fixture->engine, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, 1);
  id = create_container (fixture, "{\"image\": \"bb:1\", \"volumes\": [\"data:/d\"]}", &error);
  g_assert_no_error (error);
  g_assert_false (perry_engine_remove_volume (fixture->engine, "data", TRUE, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_true (perry_engine_remove (fixture->engine, id, TRUE, NULL, &error));
  g_assert_true (perry_engine_remove_volume (fixture->engine, "data", FALSE, NULL, &error));
  g_assert_no_error (error);
  gone = perry_engine_inspect_volume (fixture->engine, "data", NULL, &error);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_VOLUME_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (perry_engine_remove_volume (fixture->engine, "data", FALSE, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_VOLUME_NOT_FOUND);
}

static void
take_result (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (result);
}

static void
test_async (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryNetworkRequest) request = perry_network_request_new ("backend");
  g_autoptr (PerryVolumeRequest) volume = perry_volume_request_new ("data");
  g_autoptr (PerryNetworkInfo) info = NULL;
  g_autoptr (GPtrArray) volumes = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  g_auto (GStrv) warnings = NULL;
  GAsyncResult *result = NULL;
  GAsyncResult *done[6] = { NULL };

  perry_engine_create_network_async (fixture->engine, request, NULL, take_result, &result);
  done[0] = wait_for (&result);
  id = perry_engine_create_network_finish (fixture->engine, done[0], &warnings, &error);
  g_assert_no_error (error);
  perry_engine_inspect_network_async (fixture->engine, "backend", NULL, take_result, &result);
  done[1] = wait_for (&result);
  info = perry_engine_inspect_network_finish (fixture->engine, done[1], &error);
  g_assert_no_error (error);
  g_assert_cmpstr (info->id, ==, id);
  perry_engine_remove_network_async (fixture->engine, "backend", NULL, take_result, &result);
  done[2] = wait_for (&result);
  g_assert_true (perry_engine_remove_network_finish (fixture->engine, done[2], &error));
  perry_engine_create_volume_async (fixture->engine, volume, NULL, take_result, &result);
  done[3] = wait_for (&result);
  g_assert_true (perry_engine_create_volume_finish (fixture->engine, done[3], &error));
  perry_engine_list_volumes_async (fixture->engine, NULL, NULL, take_result, &result);
  done[4] = wait_for (&result);
  volumes = perry_engine_list_volumes_finish (fixture->engine, done[4], &error);
  g_assert_cmpuint (volumes->len, ==, 1);
  perry_engine_remove_volume_async (fixture->engine, "nosuch", FALSE, NULL, take_result, &result);
  done[5] = wait_for (&result);
  g_assert_false (perry_engine_remove_volume_finish (fixture->engine, done[5], &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_VOLUME_NOT_FOUND);
  for (gsize i = 0; i < G_N_ELEMENTS (done); i++)
    g_clear_object (&done[i]);
}

/* What a request holds, what is said about it. */
typedef struct {
  const char *name;
  const char *subnet;
  const char *gateway;
  const char *ip_range;
  const char *message; /* NULL where it is right */
} RequestCase;

static const RequestCase request_cases[] = {
  { "ok", "10.5.0.0/24", "10.5.0.1", "10.5.0.128/25", NULL },
  { "ok", "fd00:5::/64", "fd00:5::1", NULL, NULL },
  { "ok", NULL, NULL, NULL, NULL },
  { "a b", NULL, NULL, NULL, "name: “a b” is none" },
  { "-x", NULL, NULL, NULL, "is none" },
  { "../etc", NULL, NULL, NULL, "is none" },
  { "x", NULL, NULL, NULL, "is none" },
  { "none", NULL, NULL, NULL, "stands for something else" },
  { "ok", "10.5.0.0", NULL, NULL, "subnet: “10.5.0.0” is no range" },
  { "ok", "10.5.0.7/24", NULL, NULL, "is no range" },
  { "ok", "10.5.0.0/33", NULL, NULL, "is no range" },
  { "ok", "10.5.0.0/825", NULL, NULL, "is no range" },
  { "ok", "10.5.0.0/-1", NULL, NULL, "is no range" },
  { "ok", "hello/8", NULL, NULL, "is no range" },
  { "ok", "10.5.0.0/24", "10.6.0.1", NULL, "gateway: “10.6.0.1” is not in the subnet 10.5.0.0/24" },
  { "ok", "10.5.0.0/24", "fd00::1", NULL, "is not in the subnet" },
  { "ok", "10.5.0.0/24", "10.5.0.0", NULL, "is the address of the subnet itself" },
  { "ok", "10.5.0.0/24", "one", NULL, "gateway: “one” is no address" },
  { "ok", "10.5.0.0/24", NULL, "10.6.0.0/26", "ip-range: 10.6.0.0/26 is not in the subnet" },
  { "ok", "10.5.0.0/24", NULL, "10.4.0.0/14", "ip-range: 10.4.0.0/14 is not in the subnet" },
  { "ok", NULL, "10.5.0.1", NULL, "gateway: needs the subnet" },
  { "ok", NULL, NULL, "10.5.0.0/26", "ip-range: needs the subnet" },
};

static void
test_requests (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (request_cases); i++)
    {
      const RequestCase *row = &request_cases[i];
      g_autoptr (PerryNetworkRequest) request = perry_network_request_new (row->name);
      g_autoptr (GError) error = NULL;

      if (row->subnet != NULL || row->gateway != NULL || row->ip_range != NULL)
        g_ptr_array_add (request->subnets, perry_subnet_new (row->subnet, row->gateway, row->ip_range));
      g_assert_cmpint (perry_network_request_check (request, &error), ==, row->message == NULL);
      if (row->message == NULL)
        continue;
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
      if (strstr (error->message, row->message) == NULL)
        g_error ("“%s” is not in “%s”", row->message, error->message);
    }
}

/* The same words as for a container's labels; an option may have any name. */
static void
test_reserved_labels (void)
{
  g_autoptr (PerryNetworkRequest) request = perry_network_request_new ("backend");
  g_autoptr (PerryVolumeRequest) volume = perry_volume_request_new ("data");
  g_autoptr (GError) error = NULL;

  g_hash_table_insert (request->options, g_strdup ("perry.x"), g_strdup ("v"));
  g_hash_table_insert (request->labels, g_strdup ("perry"), g_strdup ("v"));
  g_assert_true (perry_network_request_check (request, &error));
  g_hash_table_insert (request->labels, g_strdup ("perry.owner"), g_strdup ("v"));
  g_assert_false (perry_network_request_check (request, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "label: “perry.owner” begins with “perry.”, which is reserved"));
  g_clear_error (&error);
  g_hash_table_insert (volume->labels, g_strdup ("perry.owner"), g_strdup ("v"));
  g_assert_false (perry_volume_request_check (volume, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "label: “perry.owner” begins with “perry.”, which is reserved"));
}

/* All at once, and short whatever is in them. */
static void
test_all_problems (void)
{
  g_autoptr (PerryNetworkRequest) request = perry_network_request_new ("a\nb");
  g_autoptr (PerryVolumeRequest) volume = perry_volume_request_new ("/etc");
  g_autofree char *huge = g_strnfill (1000000, 'x');
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (request->subnets, perry_subnet_new ("10.5.0.0/24", "10.6.0.1", "x"));
  g_ptr_array_add (request->subnets, perry_subnet_new ("10.5.0.0/16", NULL, NULL));
  g_hash_table_insert (request->labels, g_strdup (""), g_strdup ("v"));
  g_hash_table_insert (request->options, g_strdup ("o"), g_strdup (huge));
  request->driver = g_strdup (huge);
  g_assert_false (perry_network_request_check (request, &error));
  g_assert_cmpuint (strlen (error->message), <, 4096);
  for (const char *const *part = (const char *const[]){ "name:", "driver:", "gateway:", "ip-range:", "overlaps", "label:",
                                                        "opt “o”:", NULL };
       *part != NULL; part++)
    if (strstr (error->message, *part) == NULL)
      g_error ("“%s” is not in “%s”", *part, error->message);
  g_clear_error (&error);
  g_assert_false (perry_volume_request_check (volume, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*test) (Fixture *, gconstpointer); } tests[] = {
    { "life", test_life },
    { "name-in-use", test_name_in_use },
    { "connect", test_connect },
    { "internal", test_internal },
    { "internal-of-others", test_internal_of_others },
    { "internal-in-strict-mode", test_internal_in_strict_mode },
    { "unseen", test_unseen },
    { "missing", test_missing },
    { "volumes", test_volumes },
    { "async", test_async },
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/networks/requests", test_requests);
  g_test_add_func ("/networks/reserved-labels", test_reserved_labels);
  g_test_add_func ("/networks/all-problems-at-once", test_all_problems);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (settings); j++)
      {
        g_autofree char *path = g_strdup_printf ("/networks/%s/%s", tests[i].name, settings[j].name);

        g_test_add (path, Fixture, &settings[j], set_up, tests[i].test, tear_down);
      }
  return g_test_run ();
}
