/* SPDX-License-Identifier: Apache-2.0 */
/* Docker's replies: the reader's letter, a newline, the reply. */
#include "plugin-api/perry-json.h"
#include "plugins/docker/docker-matrix.h"
#include "plugins/docker/docker-report.h"
#include "tests/fuzz/fuzz-input.h"

static void
read_container (JsonNode *reply, GError **error)
{
  g_autoptr (PerryContainerInfo) info = perry_docker_container_from_inspect (reply, error);
  g_autofree char *reported = info != NULL && info->reported != NULL ? perry_container_spec_to_json (info->reported) : NULL;

  fuzz_require (reported == NULL || perry_json_check (reported, -1, NULL, NULL), "what is reported can be written");
  perry_docker_inspect_has_terminal (reply);
}

static void
read_load (JsonNode *reply, GError **error)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();
  JsonArray *array = perry_json_as_array (reply);
  g_auto (GStrv) names = NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    g_ptr_array_add (lines, json_array_get_element (array, i));
  names = perry_docker_images_from_load (lines, error);
  fuzz_require (names != NULL || *error != NULL, "a failure has an error");
}

static void
read_info (JsonNode *reply, GError **error)
{
  g_autoptr (PerryEngineInfo) info = perry_docker_engine_from_info (reply, error);
  g_autofree char *program = perry_docker_runtime_program (reply, "runc");

  fuzz_require (info != NULL || *error != NULL, "a failure has an error");
  fuzz_require (program == NULL || *program != '\0', "a program has a name");
  perry_docker_info_is_unconfined (reply);
}

static void
read_lists (char letter, JsonNode *reply, GError **error)
{
  g_autoptr (GPtrArray) items = letter == 'l' ? perry_docker_containers_from_list (reply, error)
                                              : perry_docker_images_from_list (reply, error);

  fuzz_require (items != NULL || *error != NULL, "a failure has an error");
}

static void
read_image (JsonNode *reply, GError **error)
{
  g_autoptr (PerryImageInfo) image = perry_docker_image_from_inspect (reply, error);

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
