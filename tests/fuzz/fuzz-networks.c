/* SPDX-License-Identifier: Apache-2.0 */
/* Networks and volumes: a letter, a newline, an engine's reply; or the lines of a request (name, subnet, gateway, range). */
#include "plugin-api/perry-json.h"
#include "plugins/docker/docker-network-report.h"
#include "plugins/http-client/perry-engine-guard.h"
#include "plugins/http-client/perry-engine-volume.h"
#include "plugins/podman/podman-network-report.h"
#include "tests/fuzz/fuzz-input.h"

static const PerryDockerNetworking docker = { 20, FALSE };
static const PerryPodmanNetworking podman = { FALSE, NULL };

static void
check_network (const PerryNetworkInfo *info)
{
  fuzz_require (info->name != NULL && info->subnets != NULL && info->labels != NULL, "a network is whole");
  fuzz_require (info->internal || info->isolation != PERRY_SUPPORT_NATIVE, "what is not internal keeps nothing in");
  for (guint i = 0; i < info->subnets->len; i++)
    {
      const PerrySubnet *subnet = g_ptr_array_index (info->subnets, i);

      fuzz_require (subnet->subnet == NULL || *subnet->subnet != '\0', "what is not said is NULL");
    }
}

static void
read_network (char letter, JsonNode *reply)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryNetworkInfo) info = letter == 'd' ? perry_docker_network_from_inspect (reply, &docker, &error)
                                                    : perry_podman_network_from_inspect (reply, &podman, &error);

  if (info == NULL)
    fuzz_check_error (error, FALSE);
  else
    check_network (info);
}

static void
read_networks (char letter, JsonNode *reply)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = letter == 'D' ? perry_docker_networks_from_list (reply, &docker, &error)
                                             : perry_podman_networks_from_list (reply, &podman, &error);

  if (list == NULL)
    fuzz_check_error (error, FALSE);
  for (guint i = 0; list != NULL && i < list->len; i++)
    check_network (g_ptr_array_index (list, i));
}

static void
read_volumes (JsonNode *reply)
{
  JsonArray *rows = perry_json_as_array (reply);
  g_autoptr (GPtrArray) list = rows != NULL ? perry_engine_volumes_from_rows (rows) : NULL;

  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      const PerryVolumeInfo *info = g_ptr_array_index (list, i);

      fuzz_require (info->name != NULL && *info->name != '\0' && info->driver != NULL, "a volume is whole");
    }
}

static void
read_reply (char letter, JsonNode *reply)
{
  if (letter == 'd' || letter == 'p')
    read_network (letter, reply);
  if (letter == 'D' || letter == 'P')
    read_networks (letter, reply);
  if (letter == 'v')
    read_volumes (reply);
  if (letter == 'r')
    perry_podman_network_removal_error (reply);
}

/* What passes the check both engines can be asked for, in JSON that is strict. */
static void
check_body (JsonNode *body)
{
  g_autofree char *text = perry_json_to_text (body, FALSE);

  fuzz_require (perry_json_check (text, -1, NULL, NULL), "a request is JSON");
  json_node_unref (body);
}

static const char *
line_or_null (char *const *lines, guint length, guint index)
{
  return index < length && *lines[index] != '\0' ? lines[index] : NULL;
}

static void
make_request (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", 5);
  guint length = g_strv_length (lines);
  const char *subnet = line_or_null (lines, length, 1), *range = line_or_null (lines, length, 3);
  g_autoptr (PerryNetworkRequest) request = perry_network_request_new (length > 0 ? lines[0] : "");
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;
  g_autoptr (GError) error = NULL;

  if (length > 1)
    g_ptr_array_add (request->subnets, perry_subnet_new (subnet, line_or_null (lines, length, 2), range));
  if (!perry_network_request_check (request, &error))
    {
      fuzz_check_error (error, TRUE);
      return;
    }
  fuzz_require (*request->name != '-' && *request->name != '\0', "no name is an option");
  check_body (perry_docker_network_body (request, &docker, PERRY_ENGINE_GUARDED_PREFIX "0"));
  check_body (perry_podman_network_body (request, PERRY_ENGINE_GUARDED_PREFIX "0"));
  if (subnet != NULL && range != NULL)
    fuzz_require (perry_podman_lease_range (subnet, range, &first, &last) && first != NULL && last != NULL,
                  "a range that was checked has addresses");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (JsonNode) reply = NULL;
  g_autofree char *text = NULL;

  if (size < 3 || data[1] != '\n')
    return 0;
  if (data[0] == 'n')
    {
      text = fuzz_dup_text (data + 2, size - 2);
      make_request (text);
      return 0;
    }
  reply = perry_json_parse ((const char *) data + 2, (gssize) size - 2, NULL, NULL);
  if (reply != NULL)
    read_reply ((char) data[0], reply);
  return 0;
}
