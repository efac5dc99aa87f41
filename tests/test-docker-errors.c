/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/docker/docker-errors.h"
#include "plugins/docker/docker-version.h"
#include "tests/engine-fixture.h"

typedef struct {
  guint status;
  const char *message;
  PerryError code;
} Case;

/* Recorded from 20.10.24, 26.1.5 and 28.5.2. */
static const Case general[] = {
  { 404, "No such container: nosuch", PERRY_ERROR_CONTAINER_NOT_FOUND },
  { 404, "No such image: nosuch:1", PERRY_ERROR_IMAGE_NOT_FOUND },
  { 404, "no such image: nosuch:1: No such image: nosuch:1", PERRY_ERROR_IMAGE_NOT_FOUND },
  { 404, "network nosuch not found", PERRY_ERROR_NETWORK_NOT_FOUND },
  { 404, "image with reference bb:1 was found but does not match the specified platform: wanted linux/s390x",
    PERRY_ERROR_IMAGE_NOT_FOUND },
  { 409, "Conflict. The container name \"/ev-dup\" is already in use by container \"230d\". You have to remove",
    PERRY_ERROR_NAME_IN_USE },
  { 409, "Cannot kill container: ev-dup: Container 230dd2 is not running", PERRY_ERROR_CONFLICT },
  { 409, "conflict: unable to remove repository reference \"bb:1\" (must force) - container 230dd22ca81d is using",
    PERRY_ERROR_CONFLICT },
  { 400, "Invalid container name (a b), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", PERRY_ERROR_INVALID_SPEC },
  { 400, "invalid mount config for type \"bind\": bind source path does not exist: /no/such/src",
    PERRY_ERROR_INVALID_SPEC },
  { 400, "client version 1.39 is too old. Minimum supported API version is 1.44", PERRY_ERROR_BACKEND_PROTOCOL },
  { 500, "unable to find user nosuch: no matching entries in passwd file", PERRY_ERROR_INVALID_SPEC },
  { 500, "Decoding seccomp profile failed: invalid character 'b' looking for beginning of value",
    PERRY_ERROR_INVALID_SPEC },
  { 500, "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container "
         "process: unable to apply caps: operation not permitted: unknown", PERRY_ERROR_UNSUPPORTED },
  { 403, "authorization denied by plugin", PERRY_ERROR_PERMISSION_DENIED },
  { 409, "network with name inh already exists", PERRY_ERROR_NAME_IN_USE },
  { 403, "Pool overlaps with other one on this address space", PERRY_ERROR_CONFLICT },
  { 403, "error while removing network: network inh id 2e30f5 has active endpoints", PERRY_ERROR_CONFLICT },
  { 403, "bridge is a pre-defined network and cannot be removed", PERRY_ERROR_CONFLICT },
  { 403, "endpoint with name c-inh already exists in network ip", PERRY_ERROR_CONFLICT },
  { 500, "container ea8564a54cbe is not connected to network ip", PERRY_ERROR_CONFLICT },
  { 404, "plugin \"nosuch\" not found", PERRY_ERROR_UNSUPPORTED },
  { 404, "network my-plugins_default not found", PERRY_ERROR_NETWORK_NOT_FOUND },
  { 404, "get network: no such volume", PERRY_ERROR_VOLUME_NOT_FOUND },
  { 409, "remove v2: volume is in use - [9ba8c2ce0777]", PERRY_ERROR_CONFLICT },
  { 400, "create v4: invalid option: \"foo\"", PERRY_ERROR_UNSUPPORTED },
  { 500, "something new", PERRY_ERROR_BACKEND_FAILED },
  { 418, "I'm a teapot", PERRY_ERROR_BACKEND_FAILED },
};

#define RUNC "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container " \
             "process: "

static const Case starts[] = {
  { 400, RUNC "exec: \"/no/such\": stat /no/such: no such file or directory: unknown", PERRY_ERROR_COMMAND_NOT_FOUND },
  { 400, RUNC "exec: \"nosuch\": executable file not found in $PATH: unknown", PERRY_ERROR_COMMAND_NOT_FOUND },
  { 400, RUNC "exec: \"/etc/passwd\": permission denied: unknown", PERRY_ERROR_COMMAND_NOT_EXECUTABLE },
  { 400, RUNC "exec: \"/tmp\": is a directory: unknown", PERRY_ERROR_COMMAND_NOT_EXECUTABLE },
  { 500, "exec /bin/x: exec format error", PERRY_ERROR_COMMAND_NOT_EXECUTABLE },
  { 500, RUNC "error during container init: error mounting \"/s\" to rootfs at \"/d\": stat /s: no such file or "
         "directory: unknown", PERRY_ERROR_BACKEND_FAILED },
  { 500, RUNC "error during container init: error setting rlimits: permission denied", PERRY_ERROR_BACKEND_FAILED },
  { 500, "unable to find user nosuch: no matching entries in passwd file", PERRY_ERROR_INVALID_SPEC },
};

static GError *
check (const Case *row)
{
  PerryHttpReply reply = { .status = row->status, .message = (char *) row->message };
  GError *error = NULL;

  g_assert_false (perry_http_reply_check (&reply, perry_docker_error_rules, "trying", &error));
  g_assert_true (g_str_has_prefix (error->message, "trying: "));
  return error;
}

static void
test_table (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (general); i++)
    {
      g_autoptr (GError) error = check (&general[i]);

      g_test_message ("%s", general[i].message);
      g_assert_error (error, PERRY_ERROR, (int) general[i].code);
    }
}

static void
test_start (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      g_autoptr (GError) error = check (&starts[i]);

      perry_docker_classify_start_error (error);
      g_test_message ("%s", starts[i].message);
      g_assert_error (error, PERRY_ERROR, (int) starts[i].code);
    }
}

/* A user sees which field it is and what to do. */
static void
test_propagation (void)
{
  static const Case cases[] = {
    { 500, "path /srv is mounted on / but it is not a shared mount", PERRY_ERROR_UNSUPPORTED },
    { 500, "path /srv is mounted on / but it is not a shared or slave mount", PERRY_ERROR_UNSUPPORTED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = check (&cases[i]);

      perry_docker_classify_start_error (error);
      g_assert_error (error, PERRY_ERROR, (int) cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].message));
      g_assert_nonnull (strstr (error->message, "\n$.volumes asks for a propagation"));
    }
}

static void
test_removal_in_progress (void)
{
  const Case busy = { 409, "removal of container x is already in progress", PERRY_ERROR_CONFLICT };
  const Case running = { 409, "You cannot remove a running container", PERRY_ERROR_CONFLICT };
  g_autoptr (GError) first = check (&busy);
  g_autoptr (GError) second = check (&running);

  g_assert_true (perry_docker_error_is_removal_in_progress (first));
  g_assert_false (perry_docker_error_is_removal_in_progress (second));
}

static void
test_versions (void)
{
  static const struct
  {
    const char *offered;
    const char *chosen;
  } versions[] = { { "1.40", "1.40" }, { "1.41", "1.41" }, { "1.51", "1.51" }, { "1.52", "1.51" }, { "1.99", "1.51" },
                   { "1.39", NULL },   { "2.0", NULL },    { "1.x", NULL },    { "", NULL },       { NULL, NULL } };

  for (gsize i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *chosen = perry_docker_negotiate ("Docker/x (linux)", versions[i].offered, NULL, &error);

      g_assert_cmpstr (chosen, ==, versions[i].chosen);
      if (chosen == NULL)
        g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE);
    }
}

static void
test_imitations (void)
{
  g_autoptr (GError) podman = NULL;
  g_autoptr (GError) other = NULL;
  g_autoptr (GError) nothing = NULL;

  g_assert_null (perry_docker_negotiate ("Libpod/4.3.1 (linux)", "1.41", "4.3.1", &podman));
  g_assert_error (podman, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE);
  g_assert_nonnull (strstr (podman->message, "use the podman backend"));
  g_assert_null (perry_docker_negotiate ("socktainer", "1.51", NULL, &other));
  g_assert_nonnull (strstr (other->message, "socktainer"));
  g_assert_null (perry_docker_negotiate (NULL, "1.51", NULL, &nothing));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/docker-errors/table", test_table);
  g_test_add_func ("/docker-errors/start", test_start);
  g_test_add_func ("/docker-errors/mount-that-does-not-propagate", test_propagation);
  g_test_add_func ("/docker-errors/removal-in-progress", test_removal_in_progress);
  g_test_add_func ("/docker-errors/api-versions", test_versions);
  g_test_add_func ("/docker-errors/imitations-are-refused", test_imitations);
  return g_test_run ();
}
