/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-errors.h"
#include "tests/engine-fixture.h"

typedef struct {
  guint status;
  const char *message;
  PerryError code;
} Case;

/* Recorded from 4.3.1 and 5.4.2. */
static const Case general[] = {
  { 404, "no container with name or ID \"nosuch\" found: no such container", PERRY_ERROR_CONTAINER_NOT_FOUND },
  { 404, "failed to find image nosuch:1: nosuch:1: image not known", PERRY_ERROR_IMAGE_NOT_FOUND },
  { 500, "nosuch:1: image not known", PERRY_ERROR_IMAGE_NOT_FOUND },
  { 500, "creating container storage: the container name \"ev-ldup\" is already in use by 15cb. You have to remove "
         "that container to be able to reuse that name: that name is already in use", PERRY_ERROR_NAME_IN_USE },
  { 409, "image used by 15cb: image is in use by a container: consider listing external containers",
    PERRY_ERROR_CONFLICT },
  { 500, "can only kill running containers. 15cb is in state created: container state improper", PERRY_ERROR_CONFLICT },
  { 500, "cannot remove container 70ee as it is running - running or paused containers cannot be removed without "
         "force: container state improper", PERRY_ERROR_CONFLICT },
  { 500, "apparmor profile \"containers-default-0.44.0\" specified, but Apparmor is not enabled on this system",
    PERRY_ERROR_UNSUPPORTED },
  { 500, "\"CAP_NOSUCHCAP\": unknown capability", PERRY_ERROR_UNSUPPORTED },
  { 500, "unknown mount option \"uid=5\": invalid mount option", PERRY_ERROR_UNSUPPORTED },
  { 500, "opening seccomp profile failed: open /no/such.json: no such file or directory", PERRY_ERROR_INVALID_SPEC },
  { 500, "statfs /no/such/src: no such file or directory", PERRY_ERROR_INVALID_SPEC },
  { 500, "unable to find network with name or ID nosuchnet: network not found", PERRY_ERROR_NETWORK_NOT_FOUND },
  { 409, "network name evlint already used: network already exists", PERRY_ERROR_NAME_IN_USE },
  { 500, "\"int2\" has associated containers with it. Use -f to forcibly delete containers and pods: network is being "
         "used", PERRY_ERROR_CONFLICT },
  { 500, "container fbc4 is already connected to network \"nodns\": network is already connected", PERRY_ERROR_CONFLICT },
  { 500, "container c-int2 is not connected to network nodns", PERRY_ERROR_CONFLICT },
  { 500, "subnet 10.55.0.0/24 is already used on the host or by another config", PERRY_ERROR_CONFLICT },
  { 500, "unsupported bridge network option foo", PERRY_ERROR_UNSUPPORTED },
  { 500, "unsupported driver nosuch: invalid argument", PERRY_ERROR_UNSUPPORTED },
  { 500, "volume with name v1 already exists: volume already exists", PERRY_ERROR_NAME_IN_USE },
  { 409, "volume v2 is being used by the following container(s): 84c4: volume is being used", PERRY_ERROR_CONFLICT },
  { 404, "no volume with name \"nosuch\" found: no such volume", PERRY_ERROR_VOLUME_NOT_FOUND },
  { 500, "volume v3 uses volume plugin nosuch but it could not be retrieved: no volume plugin with name nosuch available: "
         "required plugin missing", PERRY_ERROR_UNSUPPORTED },
  { 500, "unable to find user nosuchuser: no matching entries in passwd file", PERRY_ERROR_INVALID_SPEC },
  { 404, "Not Found", PERRY_ERROR_BACKEND_FAILED },
  { 500, "something new", PERRY_ERROR_BACKEND_FAILED },
};

#define FOUND_NOT "OCI runtime attempted to invoke a command that was not found"
#define RUNC "runc: runc create failed: unable to start container process: "

static const Case starts[] = {
  { 500, RUNC "exec: \"/no/such\": stat /no/such: no such file or directory: " FOUND_NOT,
    PERRY_ERROR_COMMAND_NOT_FOUND },
  /* attach, Podman 4.3.1 */
  { 409, "preparing container 470a16563eb3 for attach: " RUNC "exec: \"/no/such\": stat /no/such: no such file or "
         "directory: " FOUND_NOT, PERRY_ERROR_COMMAND_NOT_FOUND },
  { 409, "can only start created or stopped containers: container state improper", PERRY_ERROR_CONFLICT },
  { 500, RUNC "exec: \"nosuch\": executable file not found in $PATH: " FOUND_NOT, PERRY_ERROR_COMMAND_NOT_FOUND },
  { 500, RUNC "exec: \"/etc/passwd\": permission denied: OCI permission denied", PERRY_ERROR_COMMAND_NOT_EXECUTABLE },
  { 500, "crun: executable file `nosuch` not found in $PATH: No such file or directory: " FOUND_NOT,
    PERRY_ERROR_COMMAND_NOT_FOUND },
  { 500, "crun: open executable: Permission denied: OCI permission denied", PERRY_ERROR_COMMAND_NOT_EXECUTABLE },
  { 500, "crun: open executable: Operation not permitted: OCI permission denied", PERRY_ERROR_COMMAND_NOT_EXECUTABLE },
  /* crun 1.21, with Podman 5.4.2 */
  { 500, "crun: the path `/etc/passwd` exists but it is not executable: Operation not permitted: OCI permission denied",
    PERRY_ERROR_COMMAND_NOT_EXECUTABLE },
  { 500, "crun: setrlimit `RLIMIT_NOFILE`: Operation not permitted: OCI permission denied",
    PERRY_ERROR_BACKEND_FAILED },
  { 500, RUNC "error during container init: error setting rlimits for ready process: error setting rlimit type 6: "
         "operation not permitted: OCI permission denied", PERRY_ERROR_BACKEND_FAILED },
};

static GError *
check (const Case *row)
{
  PerryHttpReply reply = { .status = row->status, .message = (char *) row->message };
  GError *error = NULL;

  g_assert_false (perry_http_reply_check (&reply, perry_podman_error_rules, "trying", &error));
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

      perry_podman_classify_start_error (error);
      g_test_message ("%s", starts[i].message);
      g_assert_error (error, PERRY_ERROR, (int) starts[i].code);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/podman-errors/table", test_table);
  g_test_add_func ("/podman-errors/start", test_start);
  return g_test_run ();
}
