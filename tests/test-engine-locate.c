/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-locate.h"

#define ID "979e39e0056b2d2e800337f25ed55fd2ffc72e2115d9c0f2f6ac488a9e0b9116"
#define USER "user.slice/user-1000.slice/user@1000.service/user.slice/"

/* Where processes appear under each engine, driver and version of cgroups: the first that is listed has to be the right
 * one, and what cannot be is not listed. */
typedef struct {
  const char *name;
  PerryEngineCgroups cgroups;
  const char *paths[16];
} Case;

#define DOCKER .name = "docker", .scope = "docker", .slice = "system.slice"
#define PODMAN .name = "libpod_parent", .leaf = "libpod-", .scope = "libpod", .slice = "machine.slice"

static const Case cases[] = {
  { "docker-cgroupfs-v1", { DOCKER, .version = 1, .driver = "cgroupfs", .rootless_uid = -1 },
    { "pids/docker/" ID, "memory/docker/" ID } },
  { "docker-cgroupfs-v2", { DOCKER, .version = 2, .driver = "cgroupfs", .rootless_uid = -1 },
    { "docker/" ID, "docker/" ID "/container" } },
  { "docker-systemd-v1", { DOCKER, .version = 1, .driver = "systemd", .rootless_uid = -1 },
    { "pids/system.slice/docker-" ID ".scope", "memory/system.slice/docker-" ID ".scope" } },
  { "docker-systemd-v2", { DOCKER, .version = 2, .driver = "systemd", .rootless_uid = -1 },
    { "system.slice/docker-" ID ".scope", "system.slice/docker-" ID ".scope/container" } },
  { "docker-rootless-systemd-v2", { DOCKER, .version = 2, .driver = "systemd", .rootless_uid = 1000 },
    { USER "docker-" ID ".scope", USER "docker-" ID ".scope/container", "system.slice/docker-" ID ".scope",
      "system.slice/docker-" ID ".scope/container" } },
  { "podman-cgroupfs-v1", { PODMAN, .version = 1, .driver = "cgroupfs", .rootless_uid = -1 },
    { "pids/libpod_parent/libpod-" ID, "memory/libpod_parent/libpod-" ID } },
  { "podman-systemd-v2", { PODMAN, .version = 2, .driver = "systemd", .rootless_uid = -1 },
    { "machine.slice/libpod-" ID ".scope", "machine.slice/libpod-" ID ".scope/container" } },
  { "podman-rootless-systemd-v2", { PODMAN, .version = 2, .driver = "systemd", .rootless_uid = 1000 },
    { USER "libpod-" ID ".scope", USER "libpod-" ID ".scope/container", "machine.slice/libpod-" ID ".scope",
      "machine.slice/libpod-" ID ".scope/container" } },
  { "podman-reported-path-first",
    { PODMAN, .version = 2, .driver = "systemd", .rootless_uid = -1, .known_path = "mine.slice/libpod-" ID ".scope" },
    { "mine.slice/libpod-" ID ".scope", "mine.slice/libpod-" ID ".scope/container", "machine.slice/libpod-" ID ".scope",
      "machine.slice/libpod-" ID ".scope/container" } },
  { "nothing-known-lists-all", { DOCKER, .version = 0, .driver = NULL, .rootless_uid = -1 },
    { "pids/docker/" ID, "memory/docker/" ID, "docker/" ID, "docker/" ID "/container",
      "pids/system.slice/docker-" ID ".scope", "memory/system.slice/docker-" ID ".scope",
      "system.slice/docker-" ID ".scope", "system.slice/docker-" ID ".scope/container" } },
};

static void
test_paths (gconstpointer data)
{
  const Case *test = data;
  g_auto (GStrv) paths = perry_engine_cgroup_paths (&test->cgroups, ID);

  for (guint i = 0; paths[i] != NULL || test->paths[i] != NULL; i++)
    g_assert_cmpstr (paths[i], ==, test->paths[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/engine-locate/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_paths);
    }
  return g_test_run ();
}
