/* SPDX-License-Identifier: Apache-2.0 */
/* Podman's replies: the reader's letter, a newline, the reply. */
#include "plugin-api/perry-json.h"
#include "plugins/podman/podman-matrix.h"
#include "plugins/podman/podman-report.h"
#include "tests/fuzz/fuzz-input.h"

static void
read_container (JsonNode *reply, GError **error)
{
  g_autoptr (PerryContainerInfo) info = perry_podman_container_from_inspect (reply, error);
  g_autofree char *path = NULL;
  g_autofree char *reported = info != NULL && info->reported != NULL ? perry_container_spec_to_json (info->reported) : NULL;

  fuzz_require (reported == NULL || perry_json_check (reported, -1, NULL, NULL), "what is reported can be written");
  perry_podman_inspect_has_terminal (reply);
  path = perry_podman_inspect_cgroup_path (reply);
  fuzz_require (path == NULL || *path != '/', "a cgroup's path has no leading slash");
}

static void
read_load (JsonNode *reply, GError **error)
{
  g_auto (GStrv) names = perry_podman_images_from_load (reply, error);

  fuzz_require (names != NULL || *error != NULL, "a failure has an error");
}

static void
read_info (JsonNode *reply, GError **error)
{
  g_autoptr (PerryEngineInfo) info = perry_podman_engine_from_info (reply, error);

  fuzz_require (info != NULL || *error != NULL, "a failure has an error");
}

static void
read_lists (char letter, JsonNode *reply, GError **error)
{
  g_autoptr (GPtrArray) items = letter == 'l' ? perry_podman_containers_from_list (reply, error)
                                              : perry_podman_images_from_list (reply, error);

  fuzz_require (items != NULL || *error != NULL, "a failure has an error");
}

static void
read_image (JsonNode *reply, GError **error)
{
  g_autoptr (PerryImageInfo) image = perry_podman_image_from_inspect (reply, error);

  fuzz_require (image != NULL || *error != NULL, "a failure has an error");
}

static void
read_reply (char letter, JsonNode *reply, GError **error)
{
  if (letter == 'l' || letter == 'm')
    read_lists (letter, reply, error);
  if (letter == 'i')
    read_image (reply, error);
  if (letter == 'c')
    read_container (reply, error);
  if (letter == 'o')
    read_load (reply, error);
  if (letter == 'e')
    read_info (reply, error);
  if (letter == 'r')
    perry_podman_check_removal (reply, "a", error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (JsonNode) reply = NULL;
  g_autoptr (GError) error = NULL;

  if (size < 3 || data[1] != '\n')
    return 0;
  reply = perry_json_parse ((const char *) data + 2, (gssize) size - 2, NULL, NULL);
  if (reply == NULL)
    return 0;
  read_reply ((char) data[0], reply, &error);
  if (error != NULL)
    fuzz_check_error (error, FALSE);
  return 0;
}
