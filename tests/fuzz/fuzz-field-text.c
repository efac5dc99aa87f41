/* SPDX-License-Identifier: Apache-2.0 */
/* A field as on a command line (`--volume`, `--tmpfs`, `--memory` …): the field's name, a newline, the text. */
#include <arpa/inet.h>
#include <string.h>

#include "plugin-api/perry-container-spec.h"
#include "tests/fuzz/fuzz-input.h"

/* Two texts can be alike because both leave out the same. */
static gboolean
has_same_values (const PerryContainerSpec *a, const PerryContainerSpec *b)
{
  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    {
      GVariant *value = perry_container_spec_get_value (a, field);
      GVariant *other = perry_container_spec_get_value (b, field);

      if ((value == NULL) != (other == NULL) || (value != NULL && !g_variant_equal (value, other)))
        return FALSE;
    }
  return TRUE;
}

static void
check_ports (const PerryContainerSpec *spec)
{
  g_autoptr (GPtrArray) ports = perry_container_spec_dup_ports (spec);
  guint total = 0;

  for (guint i = 0; i < ports->len; i++)
    {
      const PerryPort *port = g_ptr_array_index (ports, i);
      struct in6_addr address;

      fuzz_require (port->count >= 1, "a port is one port or more");
      fuzz_require (port->container_port >= 1 && port->container_port + port->count - 1 <= 65535,
                    "a container's ports are between 1 and 65535");
      fuzz_require (port->host_port == 0 || port->host_port + port->count - 1 <= 65535, "a host's ports are below 65536");
      fuzz_require (port->host_ip == NULL || inet_pton (AF_INET, port->host_ip, &address) == 1 ||
                      inet_pton (AF_INET6, port->host_ip, &address) == 1, "an address is a number");
      total += port->count;
    }
  fuzz_require (total <= 1000, "there are not more ports than the limit");
}

static void
check_round_trip (const PerryContainerSpec *spec)
{
  g_autofree char *text = perry_container_spec_to_json (spec);
  g_autoptr (PerryContainerSpec) again = perry_container_spec_new_from_json (text, -1, NULL);
  g_autofree char *text_again = NULL;
  g_autoptr (GPtrArray) mounts = perry_container_spec_dup_mounts (spec);

  fuzz_require (again != NULL, "what an option sets can be written as JSON");
  fuzz_require (has_same_values (spec, again), "a round trip keeps every value");
  text_again = perry_container_spec_to_json (again);
  fuzz_require (g_str_equal (text, text_again), "a round trip changes nothing");
  check_ports (spec);
  for (guint i = 0; i < mounts->len; i++)
    {
      const PerryMount *mount = g_ptr_array_index (mounts, i);

      fuzz_require (mount->target[0] == '/' && mount->target[1] != '\0', "a target is below the root");
      fuzz_require (strstr (mount->target, "/../") == NULL, "a target has no way up");
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *name = fuzz_dup_text (data, size);
  char *text = strchr (name, '\n');
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new ();
  PerryField field;

  if (text == NULL)
    return 0;
  *text++ = '\0';
  if (!perry_field_from_name (name, &field))
    return 0;
  /* Twice, for the fields that grow. */
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;

      if (perry_container_spec_set_from_text (spec, field, text, "--option", &error))
        check_round_trip (spec);
      else
        fuzz_check_error (error, TRUE);
    }
  return 0;
}
