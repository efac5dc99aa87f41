/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-spec-fields.h"

#include <string.h>

#include "plugin-api/perry-container-spec.h"

#define CHOWN 0x1ull
#define NET_RAW 0x2000ull
#define DEFAULTS 0x800405fbull

typedef struct {
  const char *asked;
  const char *reported;
  PerryField field;
  PerryVerdict verdict;
} Reported;

static PerryContainerSpec *
parse (const char *json)
{
  g_autoptr (GError) error = NULL;
  PerryContainerSpec *spec = perry_container_spec_new_from_json (json, -1, &error);

  g_assert_no_error (error);
  return spec;
}

static const PerryCompareContext default_context = {
  .default_capabilities = DEFAULTS,
  .grantable_capabilities = G_MAXUINT64,
};

#define CHECK(member, value) "{\"healthcheck\":{\"interval\":\"9s\",\"" member "\":\"" value "\"}}"

static const Reported reported_cases[] = {
  { "{\"image\":\"a\"}", "{\"image\":\"docker.io/library/a:latest\"}", PERRY_FIELD_IMAGE, PERRY_VERDICT_PROVEN },
  { "{\"image\":\"a\"}", "{\"image\":\"b\"}", PERRY_FIELD_IMAGE, PERRY_VERDICT_UNPROVEN },
  { "{\"name\":\"aa\"}", "{\"name\":\"aa\"}", PERRY_FIELD_NAME, PERRY_VERDICT_PROVEN },
  { "{\"name\":\"aa\"}", "{\"name\":\"bb\"}", PERRY_FIELD_NAME, PERRY_VERDICT_DIFFERS },
  { "{\"entrypoint\":[\"a\"]}", "{\"entrypoint\":[\"b\"]}", PERRY_FIELD_ENTRYPOINT, PERRY_VERDICT_DIFFERS },
  { "{\"cmd\":[\"a\",\"b\"]}", "{\"cmd\":[\"a\",\"b\"]}", PERRY_FIELD_CMD, PERRY_VERDICT_PROVEN },
  { "{\"cmd\":[\"a\",\"b\"]}", "{\"cmd\":[\"a b\"]}", PERRY_FIELD_CMD, PERRY_VERDICT_DIFFERS },
  { "{\"env\":{\"A\":\"1\"}}", "{\"env\":{\"A\":\"1\",\"PATH\":\"/bin\"}}", PERRY_FIELD_ENV, PERRY_VERDICT_PROVEN },
  { "{\"env\":{\"A\":\"1\"}}", "{\"env\":{\"A\":\"2\"}}", PERRY_FIELD_ENV, PERRY_VERDICT_DIFFERS },
  { "{\"labels\":{\"a\":\"1\"}}", "{\"labels\":{}}", PERRY_FIELD_LABELS, PERRY_VERDICT_DIFFERS },
  { "{\"user\":\"nobody\"}", "{\"user\":\"nobody\"}", PERRY_FIELD_USER, PERRY_VERDICT_PROVEN },
  { "{\"user\":\"nobody\"}", "{\"user\":\"root\"}", PERRY_FIELD_USER, PERRY_VERDICT_DIFFERS },
  { "{\"workdir\":\"/a\"}", "{\"workdir\":\"/b\"}", PERRY_FIELD_WORKDIR, PERRY_VERDICT_DIFFERS },
  { "{\"read_only\":true}", "{\"read_only\":false}", PERRY_FIELD_READ_ONLY, PERRY_VERDICT_DIFFERS },
  { "{\"read_only\":true}", "{\"read_only\":true}", PERRY_FIELD_READ_ONLY, PERRY_VERDICT_PROVEN },
  { "{\"privileged\":true}", "{\"privileged\":false}", PERRY_FIELD_PRIVILEGED, PERRY_VERDICT_DIFFERS },
  { "{\"network_aliases\":[\"a\"]}", "{\"network_aliases\":[\"0123456789ab\",\"a\"]}", PERRY_FIELD_NETWORK_ALIASES,
    PERRY_VERDICT_PROVEN },
  { "{\"network_aliases\":[\"a\"]}", "{\"network_aliases\":[]}", PERRY_FIELD_NETWORK_ALIASES, PERRY_VERDICT_DIFFERS },
  { "{\"ports\":[\"80:80\"]}", "{\"ports\":[\"0.0.0.0:80:80\",\"[::]:80:80\"]}", PERRY_FIELD_PORTS, PERRY_VERDICT_PROVEN },
  { "{\"ports\":[\"80:80\"]}", "{\"ports\":[\"80:80\"]}", PERRY_FIELD_PORTS, PERRY_VERDICT_PROVEN },
  { "{\"ports\":[\"127.0.0.1:80:80\"]}", "{\"ports\":[\"127.0.0.1:80:80\"]}", PERRY_FIELD_PORTS, PERRY_VERDICT_PROVEN },
  { "{\"ports\":[\"127.0.0.1:80:80\"]}", "{\"ports\":[\"80:80\"]}", PERRY_FIELD_PORTS, PERRY_VERDICT_DIFFERS },
  { "{\"ports\":[\"127.0.0.1:80:80\"]}", "{\"ports\":[\"0.0.0.0:80:80\"]}", PERRY_FIELD_PORTS, PERRY_VERDICT_DIFFERS },
  { "{\"ports\":[\"80:80\"]}", "{\"ports\":[]}", PERRY_FIELD_PORTS, PERRY_VERDICT_DIFFERS },
  { "{\"ports\":[\"80:80\"]}", "{\"ports\":[\"80:81\"]}", PERRY_FIELD_PORTS, PERRY_VERDICT_DIFFERS },
  { "{\"ports\":[\"80:80\"]}", "{\"ports\":[\"80:80/udp\"]}", PERRY_FIELD_PORTS, PERRY_VERDICT_DIFFERS },
  { "{\"ports\":[\"80:80\"]}", "{\"ports\":[\"80:80\",\"81:81\"]}", PERRY_FIELD_PORTS, PERRY_VERDICT_DIFFERS },
  { "{\"ports\":[]}", "{\"ports\":[\"81:81\"]}", PERRY_FIELD_PORTS, PERRY_VERDICT_DIFFERS },
  { "{\"ports\":[\"80\"]}", "{\"ports\":[\"49153:80\"]}", PERRY_FIELD_PORTS, PERRY_VERDICT_PROVEN },
  { "{\"ports\":[\"127.0.0.1::80\"]}", "{\"ports\":[\"49153:80\"]}", PERRY_FIELD_PORTS, PERRY_VERDICT_DIFFERS },
  { "{\"ports\":[\"80:80\"]}", "{\"ports\":[\"80\"]}", PERRY_FIELD_PORTS, PERRY_VERDICT_DIFFERS },
  { "{\"ports\":[\"80-82:90-92\"]}", "{\"ports\":[\"80-81:90-91\",\"82:92\"]}", PERRY_FIELD_PORTS, PERRY_VERDICT_PROVEN },
  { "{\"ports\":[\"80-82:90-92\"]}", "{\"ports\":[\"80-81:90-91\"]}", PERRY_FIELD_PORTS, PERRY_VERDICT_DIFFERS },
  { "{\"ports\":[\"80:90\",\"81:91\"]}", "{\"ports\":[\"80-81:90-91\"]}", PERRY_FIELD_PORTS, PERRY_VERDICT_PROVEN },
  { "{\"ports\":[\"80-81:90-91\"]}", "{\"ports\":[\"80-83:90-93\"]}", PERRY_FIELD_PORTS, PERRY_VERDICT_DIFFERS },
  { "{\"cap_drop\":[\"ALL\"]}", "{\"cap_drop\":[\"ALL\"]}", PERRY_FIELD_CAP_DROP, PERRY_VERDICT_PROVEN },
  { "{\"cap_drop\":[\"ALL\"]}", "{\"cap_drop\":[\"CHOWN\"]}", PERRY_FIELD_CAP_DROP, PERRY_VERDICT_DIFFERS },
  /* The same set in other words. */
  { "{\"cap_drop\":[\"NET_RAW\"],\"cap_add\":[\"SYS_TIME\"]}",
    "{\"cap_drop\":[\"NET_RAW\",\"SYS_ADMIN\"],\"cap_add\":[\"SYS_TIME\",\"CHOWN\"]}", PERRY_FIELD_CAP_ADD,
    PERRY_VERDICT_PROVEN },
  { "{\"cap_add\":[\"SYS_ADMIN\"]}", "{\"cap_add\":[]}", PERRY_FIELD_CAP_ADD, PERRY_VERDICT_DIFFERS },
  { "{\"seccomp\":\"default\"}", "{\"seccomp\":\"default\"}", PERRY_FIELD_SECCOMP, PERRY_VERDICT_PROVEN },
  { "{\"seccomp\":\"default\"}", "{\"seccomp\":\"unconfined\"}", PERRY_FIELD_SECCOMP, PERRY_VERDICT_DIFFERS },
  { "{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"a\":1}}",
    "{\"seccomp\":{\"a\":1,\"defaultAction\":\"SCMP_ACT_ALLOW\"}}", PERRY_FIELD_SECCOMP, PERRY_VERDICT_PROVEN },
  { "{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"}}", "{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\"}}",
    PERRY_FIELD_SECCOMP, PERRY_VERDICT_DIFFERS },
  { "{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"}}", "{\"seccomp\":\"/run/p.json\"}", PERRY_FIELD_SECCOMP,
    PERRY_VERDICT_UNPROVEN },
  { "{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"}}", "{\"seccomp\":\"default\"}", PERRY_FIELD_SECCOMP,
    PERRY_VERDICT_DIFFERS },
  { "{\"no_new_privileges\":true}", "{\"no_new_privileges\":false}", PERRY_FIELD_NO_NEW_PRIVILEGES,
    PERRY_VERDICT_DIFFERS },
  { "{\"apparmor\":\"p\"}", "{\"apparmor\":\"unconfined\"}", PERRY_FIELD_APPARMOR, PERRY_VERDICT_DIFFERS },
  { "{\"selinux\":[\"type:a\",\"level:s0\"]}", "{\"selinux\":[\"level:s0\",\"type:a\"]}", PERRY_FIELD_SELINUX,
    PERRY_VERDICT_PROVEN },
  { "{\"selinux\":[\"type:a\"]}", "{\"selinux\":[]}", PERRY_FIELD_SELINUX, PERRY_VERDICT_DIFFERS },
  { "{\"network\":\"none\"}", "{\"network\":\"none\"}", PERRY_FIELD_NETWORK, PERRY_VERDICT_PROVEN },
  { "{\"network\":\"none\"}", "{\"network\":\"bridge\"}", PERRY_FIELD_NETWORK, PERRY_VERDICT_DIFFERS },
  { "{\"no_network\":true}", "{\"network\":\"none\"}", PERRY_FIELD_NO_NETWORK, PERRY_VERDICT_PROVEN },
  { "{\"no_network\":true}", "{\"network\":\"host\"}", PERRY_FIELD_NO_NETWORK, PERRY_VERDICT_DIFFERS },
  { "{\"tmpfs\":[\"/t:size=64m,noexec\"]}", "{\"tmpfs\":[\"/t:noexec,nosuid,size=65536k\"]}", PERRY_FIELD_TMPFS,
    PERRY_VERDICT_PROVEN },
  { "{\"tmpfs\":[\"/t:size=64m\"]}", "{\"tmpfs\":[\"/t:size=32m\"]}", PERRY_FIELD_TMPFS, PERRY_VERDICT_DIFFERS },
  { "{\"tmpfs\":[\"/t:exec\"]}", "{\"tmpfs\":[\"/t:noexec\"]}", PERRY_FIELD_TMPFS, PERRY_VERDICT_DIFFERS },
  { "{\"tmpfs\":[\"/t\"]}", "{\"tmpfs\":[]}", PERRY_FIELD_TMPFS, PERRY_VERDICT_DIFFERS },
  { "{\"tmpfs\":[]}", "{\"tmpfs\":[]}", PERRY_FIELD_TMPFS, PERRY_VERDICT_PROVEN },
  { "{\"volumes\":[\"/a:/b:ro\"]}", "{\"volumes\":[\"/x:/y\",\"/a:/b:ro\"]}", PERRY_FIELD_VOLUMES,
    PERRY_VERDICT_PROVEN },
  { "{\"volumes\":[\"/a:/b:ro\"]}", "{\"volumes\":[\"/a:/b\"]}", PERRY_FIELD_VOLUMES, PERRY_VERDICT_DIFFERS },
  { "{\"volumes\":[\"/a:/b\"]}", "{\"volumes\":[\"/c:/b\"]}", PERRY_FIELD_VOLUMES, PERRY_VERDICT_DIFFERS },
  { "{\"volumes\":[\"/a:/b\"]}", "{\"volumes\":[\"a:/b\"]}", PERRY_FIELD_VOLUMES, PERRY_VERDICT_DIFFERS },
  { "{\"volumes\":[\"/b\"]}", "{\"volumes\":[\"0123abcd:/b\"]}", PERRY_FIELD_VOLUMES, PERRY_VERDICT_PROVEN },
  { "{\"volumes\":[\"/b\"]}", "{\"volumes\":[\"/a:/b\"]}", PERRY_FIELD_VOLUMES, PERRY_VERDICT_DIFFERS },
  { "{\"volumes\":[\"v:/b\"]}", "{\"volumes\":[\"0123abcd:/b\"]}", PERRY_FIELD_VOLUMES, PERRY_VERDICT_DIFFERS },
  { "{\"volumes\":[\"/a:/b:rprivate\"]}", "{\"volumes\":[\"/a:/b\"]}", PERRY_FIELD_VOLUMES, PERRY_VERDICT_PROVEN },
  { "{\"volumes\":[\"/a:/b:rprivate\"]}", "{\"volumes\":[\"/a:/b:rshared\"]}", PERRY_FIELD_VOLUMES,
    PERRY_VERDICT_DIFFERS },
  { "{\"volumes\":[\"/a:/b:rslave,bind\"]}", "{\"volumes\":[\"/a:/b:bind,rslave\"]}", PERRY_FIELD_VOLUMES,
    PERRY_VERDICT_PROVEN },
  { "{\"volumes\":[\"/a:/b:bind\"]}", "{\"volumes\":[\"/a:/b\"]}", PERRY_FIELD_VOLUMES, PERRY_VERDICT_DIFFERS },
  { "{\"memory\":\"64m\"}", "{\"memory\":67108864}", PERRY_FIELD_MEMORY, PERRY_VERDICT_PROVEN },
  { "{\"memory\":\"64m\"}", "{\"memory\":67108865}", PERRY_FIELD_MEMORY, PERRY_VERDICT_DIFFERS },
  { "{\"cpus\":1.5}", "{\"cpus\":1.5}", PERRY_FIELD_CPUS, PERRY_VERDICT_PROVEN },
  { "{\"cpus\":1.5}", "{\"cpus\":2}", PERRY_FIELD_CPUS, PERRY_VERDICT_DIFFERS },
  { "{\"pids_limit\":64}", "{\"pids_limit\":64}", PERRY_FIELD_PIDS_LIMIT, PERRY_VERDICT_PROVEN },
  { "{\"pids_limit\":64}", "{\"pids_limit\":-1}", PERRY_FIELD_PIDS_LIMIT, PERRY_VERDICT_DIFFERS },
  { "{\"init\":true}", "{\"init\":false}", PERRY_FIELD_INIT, PERRY_VERDICT_DIFFERS },
  { "{\"hostname\":\"a\"}", "{\"hostname\":\"a\"}", PERRY_FIELD_HOSTNAME, PERRY_VERDICT_PROVEN },
  { "{\"hostname\":\"a\"}", "{\"hostname\":\"b\"}", PERRY_FIELD_HOSTNAME, PERRY_VERDICT_DIFFERS },
  { "{\"stop_signal\":\"USR1\"}", "{\"stop_signal\":\"10\"}", PERRY_FIELD_STOP_SIGNAL, PERRY_VERDICT_PROVEN },
  { "{\"stop_signal\":\"USR1\"}", "{\"stop_signal\":\"15\"}", PERRY_FIELD_STOP_SIGNAL, PERRY_VERDICT_DIFFERS },
  { "{\"stop_timeout\":5}", "{\"stop_timeout\":10}", PERRY_FIELD_STOP_TIMEOUT, PERRY_VERDICT_DIFFERS },
  { "{\"group_add\":[\"5\"]}", "{\"group_add\":[\"4\",\"5\"]}", PERRY_FIELD_GROUP_ADD, PERRY_VERDICT_PROVEN },
  { "{\"group_add\":[\"5\"]}", "{\"group_add\":[]}", PERRY_FIELD_GROUP_ADD, PERRY_VERDICT_DIFFERS },
  { "{\"shm_size\":\"1m\"}", "{\"shm_size\":\"64m\"}", PERRY_FIELD_SHM_SIZE, PERRY_VERDICT_DIFFERS },
  { "{\"memory_swap\":-1}", "{\"memory_swap\":-1}", PERRY_FIELD_MEMORY_SWAP, PERRY_VERDICT_PROVEN },
  { "{\"memory_swap\":-1}", "{\"memory_swap\":\"64m\"}", PERRY_FIELD_MEMORY_SWAP, PERRY_VERDICT_DIFFERS },
  { "{\"ulimits\":{\"core\":0}}", "{\"ulimits\":{\"core\":0,\"nproc\":5}}", PERRY_FIELD_ULIMITS,
    PERRY_VERDICT_PROVEN },
  { "{\"ulimits\":{\"core\":0}}", "{\"ulimits\":{\"nproc\":5}}", PERRY_FIELD_ULIMITS, PERRY_VERDICT_DIFFERS },
  { "{\"sysctls\":{\"net.a\":0}}", "{\"sysctls\":{\"net.a\":1}}", PERRY_FIELD_SYSCTLS, PERRY_VERDICT_DIFFERS },
  { "{\"extra_hosts\":[\"a:1.2.3.4\"]}", "{\"extra_hosts\":[\"a:1.2.3.5\"]}", PERRY_FIELD_EXTRA_HOSTS,
    PERRY_VERDICT_DIFFERS },
  { "{\"dns\":[\"1.2.3.4\"]}", "{\"dns\":[\"1.2.3.4\"]}", PERRY_FIELD_DNS, PERRY_VERDICT_PROVEN },
  { "{\"pid\":\"host\"}", "{\"pid\":\"private\"}", PERRY_FIELD_PID, PERRY_VERDICT_DIFFERS },
  { "{\"pid\":\"container:aa\"}", "{\"pid\":\"container:bb\"}", PERRY_FIELD_PID, PERRY_VERDICT_UNPROVEN },
  { "{\"pid\":\"container:aa\"}", "{\"pid\":\"host\"}", PERRY_FIELD_PID, PERRY_VERDICT_DIFFERS },
  { "{\"ipc\":\"private\"}", "{\"ipc\":\"private\"}", PERRY_FIELD_IPC, PERRY_VERDICT_PROVEN },
  { "{\"ipc\":\"private\"}", "{\"ipc\":\"shareable\"}", PERRY_FIELD_IPC, PERRY_VERDICT_DIFFERS },
  { "{\"ipc\":\"private\"}", "{\"ipc\":\"host\"}", PERRY_FIELD_IPC, PERRY_VERDICT_DIFFERS },
  { "{\"uts\":\"host\"}", "{\"uts\":\"private\"}", PERRY_FIELD_UTS, PERRY_VERDICT_DIFFERS },
  { "{\"userns\":\"host\"}", "{\"userns\":\"host\"}", PERRY_FIELD_USERNS, PERRY_VERDICT_PROVEN },
  { "{\"healthcheck\":{\"test\":\"true\",\"retries\":2}}",
    "{\"healthcheck\":{\"test\":[\"CMD-SHELL\",\"true\"],\"interval\":\"30s\",\"retries\":2}}",
    PERRY_FIELD_HEALTHCHECK, PERRY_VERDICT_PROVEN },
  { "{\"healthcheck\":{\"test\":\"true\"}}", "{\"healthcheck\":{\"test\":\"false\"}}", PERRY_FIELD_HEALTHCHECK,
    PERRY_VERDICT_DIFFERS },
  { "{\"healthcheck\":{\"interval\":\"1s\"}}", "{\"healthcheck\":{\"interval\":\"2s\"}}", PERRY_FIELD_HEALTHCHECK,
    PERRY_VERDICT_DIFFERS },
  { CHECK ("start_interval", "1s"), CHECK ("start_interval", "1s"), PERRY_FIELD_HEALTHCHECK, PERRY_VERDICT_PROVEN },
  { CHECK ("start_interval", "1s"), CHECK ("start_interval", "2s"), PERRY_FIELD_HEALTHCHECK, PERRY_VERDICT_DIFFERS },
  { CHECK ("start_interval", "1s"), "{\"healthcheck\":{\"interval\":\"9s\"}}", PERRY_FIELD_HEALTHCHECK,
    PERRY_VERDICT_UNPROVEN },
  { CHECK ("start_period", "0s"), CHECK ("start_period", "1ms"), PERRY_FIELD_HEALTHCHECK, PERRY_VERDICT_PROVEN },
  { CHECK ("start_period", "0s"), CHECK ("start_period", "2ms"), PERRY_FIELD_HEALTHCHECK, PERRY_VERDICT_DIFFERS },
  { CHECK ("start_period", "1ms"), CHECK ("start_period", "0s"), PERRY_FIELD_HEALTHCHECK, PERRY_VERDICT_DIFFERS },
  { "{\"healthcheck\":{\"disable\":true}}", "{\"healthcheck\":{\"disable\":true}}", PERRY_FIELD_HEALTHCHECK,
    PERRY_VERDICT_PROVEN },
  { "{\"healthcheck\":{\"disable\":true}}", "{\"healthcheck\":{\"test\":\"true\"}}", PERRY_FIELD_HEALTHCHECK,
    PERRY_VERDICT_DIFFERS },
  { "{\"restart\":\"on-failure:2\"}", "{\"restart\":\"on-failure:2\"}", PERRY_FIELD_RESTART, PERRY_VERDICT_PROVEN },
  { "{\"restart\":\"on-failure:2\"}", "{\"restart\":\"on-failure\"}", PERRY_FIELD_RESTART, PERRY_VERDICT_DIFFERS },
  { "{\"rm\":true}", "{\"rm\":false}", PERRY_FIELD_RM, PERRY_VERDICT_UNPROVEN },
  { "{\"rm\":true}", "{\"rm\":true}", PERRY_FIELD_RM, PERRY_VERDICT_PROVEN },
};

static void
test_reported (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (reported_cases); i++)
    {
      const Reported *test = &reported_cases[i];
      g_autoptr (PerryContainerSpec) asked = parse (test->asked);
      g_autoptr (PerryContainerSpec) reported = parse (test->reported);
      g_autoptr (PerryContainerSpec) nothing = perry_container_spec_new ();
      g_autoptr (GString) value = g_string_new (NULL);
      g_autoptr (GString) reason = g_string_new (NULL);
      const PerryFieldInfo *info = perry_field_get_info (test->field);
      PerryVerdict verdict = info->compare_reported (asked, reported, &default_context, value, reason);

      if (verdict != test->verdict)
        g_error ("%s against %s: %u, %s", test->asked, test->reported, (guint) verdict, reason->str);
      g_assert_cmpuint (value->len, >, 0);
      g_assert_cmpint (reason->len == 0, ==, verdict == PERRY_VERDICT_PROVEN);

      g_string_truncate (reason, 0);
      g_string_truncate (value, 0);
      g_assert_cmpint (info->compare_reported (asked, nothing, &default_context, value, reason), ==,
                       PERRY_VERDICT_UNPROVEN);
      g_assert_cmpstr (reason->str, ==, "the engine does not report it");
      g_assert_cmpstr (value->str, ==, "");
    }
}

static void
test_env_values_stay_secret (void)
{
  g_autoptr (PerryContainerSpec) asked = parse ("{\"env\":{\"PASSWORD\":\"hunter2\"}}");
  g_autoptr (PerryContainerSpec) reported = parse ("{\"env\":{\"PASSWORD\":\"hunter3\"}}");
  g_autoptr (GString) value = g_string_new (NULL);
  g_autoptr (GString) reason = g_string_new (NULL);

  g_assert_cmpint (perry_field_get_info (PERRY_FIELD_ENV)->compare_reported (asked, reported, &default_context, value,
                                                                            reason), ==, PERRY_VERDICT_DIFFERS);
  g_assert_null (strstr (value->str, "hunter"));
  g_assert_null (strstr (reason->str, "hunter"));
  g_assert_nonnull (strstr (reason->str, "PASSWORD"));
}

static void
add_mount (PerryObservation *observation, const char *mount_point, const char *fs_type, const char *options,
           const char *super_options)
{
  PerryObservedMount *mount = g_new0 (PerryObservedMount, 1);

  mount->mount_point = g_strdup (mount_point);
  mount->fs_type = g_strdup (fs_type);
  mount->source = g_strdup (fs_type);
  mount->root = g_strdup ("/");
  mount->options = g_strsplit (options, ",", -1);
  mount->super_options = g_strsplit (super_options, ",", -1);
  g_ptr_array_add (observation->mounts, mount);
}

static void
add_rlimit (PerryObservation *observation, const char *name, guint64 soft, guint64 hard)
{
  PerryObservedRlimit rlimit = { .name = name, .soft = soft, .hard = hard };

  g_array_append_val (observation->rlimits, rlimit);
}

/* A hardened container as the kernel shows it right before its workload is executed. */
static PerryObservation *
observe (void)
{
  PerryObservation *observation = perry_observation_new (PERRY_MOMENT_BEFORE_EXEC, 4711);

  for (int facet = 0; facet < PERRY_N_FACETS; facet++)
    perry_observation_set_missing (observation, facet, NULL);
  observation->settled = TRUE;
  for (int i = 0; i < 4; i++)
    observation->uid[i] = observation->gid[i] = 65534;
  observation->no_new_privs = 1;
  observation->seccomp_mode = 2;
  observation->seccomp_filters = 1;
  observation->memory_max = 64 * 1024 * 1024;
  observation->memory_swap_max = 96 * 1024 * 1024;
  observation->pids_max = 64;
  observation->hostname = g_strdup ("box");
  add_rlimit (observation, "nofile", 100, 200);
  add_rlimit (observation, "core", G_MAXUINT64, G_MAXUINT64);
  observation->cpu_quota_us = 150000;
  observation->cpu_period_us = 100000;
  observation->apparmor_profile = g_strdup ("docker-default");
  observation->apparmor_mode = g_strdup ("enforce");
  observation->selinux_label = g_strdup ("system_u:system_r:container_t:s0:c1,c2");
  observation->interfaces = g_strsplit ("lo", ",", -1);
  observation->cwd = g_strdup ("/tmp");
  observation->passwd = g_strdup ("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n"
                                  "www:x:33:33::/:/bin/false\n");
  observation->group = g_strdup ("root:x:0:\nnogroup:x:65534:\nlogs:x:99:www\n");
  for (int kind = 0; kind < PERRY_N_NAMESPACES; kind++)
    {
      observation->own_namespaces[kind] = 100 + (guint) kind;
      observation->namespaces[kind] = (kind == PERRY_NAMESPACE_USER ? 100 : 200) + (guint) kind;
    }
  add_mount (observation, "/", "overlay", "ro,relatime", "rw,lowerdir=/x");
  add_mount (observation, "/proc", "proc", "rw,nosuid", "rw");
  add_mount (observation, "/dev", "tmpfs", "rw,nosuid", "rw,size=65536k,mode=755");
  add_mount (observation, "/dev/shm", "tmpfs", "rw", "rw,size=65536k");
  add_mount (observation, "/tmp", "tmpfs", "rw,nosuid,nodev,noexec,relatime", "rw,size=65536k");
  add_mount (observation, "/data", "ext4", "ro,relatime", "rw");
  add_mount (observation, "/etc/hosts", "ext4", "ro,relatime", "rw");
  return observation;
}

#define WITH_TMP "\"tmpfs\":[\"/tmp\"],\"volumes\":[\"/srv:/data:ro\"]"

static PerryVerdict
compare_with (const char *json, PerryField field, const PerryObservation *observation,
              const PerryCompareContext *context, char **ret_reason)
{
  g_autoptr (PerryContainerSpec) asked = parse (json);
  g_autoptr (GString) value = g_string_new (NULL);
  g_autoptr (GString) reason = g_string_new (NULL);
  PerryVerdict verdict = perry_field_get_info (field)->compare_observed (asked, observation, context, value, reason);

  g_assert_cmpint (reason->len == 0, ==, verdict == PERRY_VERDICT_PROVEN);
  if (verdict != PERRY_VERDICT_UNPROVEN)
    g_assert_cmpuint (value->len, >, 0);
  if (ret_reason != NULL)
    *ret_reason = g_strdup (reason->str);
  return verdict;
}

static PerryVerdict
compare (const char *json, PerryField field, const PerryObservation *observation)
{
  return compare_with (json, field, observation, &default_context, NULL);
}

static void
test_observed_hardened (void)
{
  static const struct { const char *json; PerryField field; PerryVerdict verdict; } cases[] = {
    { "{\"user\":\"nobody\"}", PERRY_FIELD_USER, PERRY_VERDICT_PROVEN },
    { "{\"user\":\"65534\"}", PERRY_FIELD_USER, PERRY_VERDICT_PROVEN },
    { "{\"user\":\"65534:65534\"}", PERRY_FIELD_USER, PERRY_VERDICT_PROVEN },
    { "{\"user\":\"65534:0\"}", PERRY_FIELD_USER, PERRY_VERDICT_DIFFERS },
    { "{\"user\":\"0\"}", PERRY_FIELD_USER, PERRY_VERDICT_DIFFERS },
    { "{\"user\":\"nosuch\"}", PERRY_FIELD_USER, PERRY_VERDICT_UNPROVEN },
    { "{\"workdir\":\"/tmp\"}", PERRY_FIELD_WORKDIR, PERRY_VERDICT_PROVEN },
    { "{\"workdir\":\"/var/tmp\"}", PERRY_FIELD_WORKDIR, PERRY_VERDICT_UNPROVEN },
    { "{\"read_only\":true," WITH_TMP "}", PERRY_FIELD_READ_ONLY, PERRY_VERDICT_PROVEN },
    { "{\"read_only\":true}", PERRY_FIELD_READ_ONLY, PERRY_VERDICT_DIFFERS },
    { "{\"read_only\":false}", PERRY_FIELD_READ_ONLY, PERRY_VERDICT_DIFFERS },
    { "{\"cap_drop\":[\"ALL\"]}", PERRY_FIELD_CAP_DROP, PERRY_VERDICT_PROVEN },
    { "{\"cap_drop\":[\"CHOWN\"]}", PERRY_FIELD_CAP_DROP, PERRY_VERDICT_DIFFERS },
    { "{\"privileged\":true}", PERRY_FIELD_PRIVILEGED, PERRY_VERDICT_DIFFERS },
    { "{\"seccomp\":\"default\"}", PERRY_FIELD_SECCOMP, PERRY_VERDICT_PROVEN },
    { "{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"}}", PERRY_FIELD_SECCOMP, PERRY_VERDICT_PROVEN },
    { "{\"seccomp\":\"unconfined\"}", PERRY_FIELD_SECCOMP, PERRY_VERDICT_DIFFERS },
    { "{\"no_new_privileges\":true}", PERRY_FIELD_NO_NEW_PRIVILEGES, PERRY_VERDICT_PROVEN },
    { "{\"no_new_privileges\":false}", PERRY_FIELD_NO_NEW_PRIVILEGES, PERRY_VERDICT_DIFFERS },
    { "{\"apparmor\":\"docker-default\"}", PERRY_FIELD_APPARMOR, PERRY_VERDICT_UNPROVEN },
    { "{\"selinux\":[\"type:container_t\"]}", PERRY_FIELD_SELINUX, PERRY_VERDICT_UNPROVEN },
    { "{\"network\":\"none\"}", PERRY_FIELD_NETWORK, PERRY_VERDICT_PROVEN },
    { "{\"no_network\":true}", PERRY_FIELD_NO_NETWORK, PERRY_VERDICT_PROVEN },
    { "{\"network\":\"host\"}", PERRY_FIELD_NETWORK, PERRY_VERDICT_UNPROVEN },
    { "{\"network\":\"bridge\"}", PERRY_FIELD_NETWORK, PERRY_VERDICT_UNPROVEN },
    { "{\"tmpfs\":[\"/tmp:nosuid,nodev,noexec,size=64m,mode=1777,uid=0\"]}", PERRY_FIELD_TMPFS, PERRY_VERDICT_PROVEN },
    { "{\"tmpfs\":[\"/tmp:exec\"]}", PERRY_FIELD_TMPFS, PERRY_VERDICT_DIFFERS },
    { "{\"tmpfs\":[\"/tmp:nr_inodes=5,exec\"]}", PERRY_FIELD_TMPFS, PERRY_VERDICT_DIFFERS },
    { "{\"tmpfs\":[\"/tmp:nr_inodes=5\"]}", PERRY_FIELD_TMPFS, PERRY_VERDICT_UNPROVEN },
    { "{\"tmpfs\":[\"/tmp:size=32m\"]}", PERRY_FIELD_TMPFS, PERRY_VERDICT_DIFFERS },
    { "{\"tmpfs\":[\"/tmp:mode=700\"]}", PERRY_FIELD_TMPFS, PERRY_VERDICT_DIFFERS },
    { "{\"tmpfs\":[\"/tmp:uid=5\"]}", PERRY_FIELD_TMPFS, PERRY_VERDICT_DIFFERS },
    { "{\"tmpfs\":[\"/tmp:ro\"]}", PERRY_FIELD_TMPFS, PERRY_VERDICT_DIFFERS },
    { "{\"tmpfs\":[\"/other\"]}", PERRY_FIELD_TMPFS, PERRY_VERDICT_DIFFERS },
    { "{\"tmpfs\":[\"/data\"]}", PERRY_FIELD_TMPFS, PERRY_VERDICT_DIFFERS },
    { "{\"tmpfs\":[]}", PERRY_FIELD_TMPFS, PERRY_VERDICT_PROVEN },
    { "{\"volumes\":[\"/srv:/data:ro\"]}", PERRY_FIELD_VOLUMES, PERRY_VERDICT_PROVEN },
    { "{\"volumes\":[\"/srv:/data\"]}", PERRY_FIELD_VOLUMES, PERRY_VERDICT_DIFFERS },
    { "{\"volumes\":[\"/srv:/data:ro,nosuid\"]}", PERRY_FIELD_VOLUMES, PERRY_VERDICT_DIFFERS },
    { "{\"volumes\":[\"/srv:/data:ro,z\"]}", PERRY_FIELD_VOLUMES, PERRY_VERDICT_UNPROVEN },
    { "{\"volumes\":[\"/srv:/data:ro,rprivate\"]}", PERRY_FIELD_VOLUMES, PERRY_VERDICT_PROVEN },
    { "{\"volumes\":[\"/srv:/data:ro,shared\"]}", PERRY_FIELD_VOLUMES, PERRY_VERDICT_DIFFERS },
    { "{\"volumes\":[\"/srv:/data:ro,rslave\"]}", PERRY_FIELD_VOLUMES, PERRY_VERDICT_DIFFERS },
    { "{\"volumes\":[\"/srv:/data:ro,bind\"]}", PERRY_FIELD_VOLUMES, PERRY_VERDICT_PROVEN },
    { "{\"volumes\":[\"/own\"]}", PERRY_FIELD_VOLUMES, PERRY_VERDICT_DIFFERS },
    { "{\"memory\":\"64m\"}", PERRY_FIELD_MEMORY, PERRY_VERDICT_PROVEN },
    { "{\"memory\":67109000}", PERRY_FIELD_MEMORY, PERRY_VERDICT_PROVEN },
    { "{\"memory\":\"65m\"}", PERRY_FIELD_MEMORY, PERRY_VERDICT_DIFFERS },
    { "{\"memory\":\"63m\"}", PERRY_FIELD_MEMORY, PERRY_VERDICT_DIFFERS },
    { "{\"cpus\":1.5}", PERRY_FIELD_CPUS, PERRY_VERDICT_PROVEN },
    { "{\"cpus\":1.49}", PERRY_FIELD_CPUS, PERRY_VERDICT_PROVEN },
    { "{\"cpus\":1.4}", PERRY_FIELD_CPUS, PERRY_VERDICT_DIFFERS },
    { "{\"pid\":\"private\"}", PERRY_FIELD_PID, PERRY_VERDICT_PROVEN },
    { "{\"pid\":\"host\"}", PERRY_FIELD_PID, PERRY_VERDICT_UNPROVEN },
    { "{\"pid\":\"container:aa\"}", PERRY_FIELD_PID, PERRY_VERDICT_UNPROVEN },
    { "{\"ipc\":\"shareable\"}", PERRY_FIELD_IPC, PERRY_VERDICT_PROVEN },
    { "{\"uts\":\"private\"}", PERRY_FIELD_UTS, PERRY_VERDICT_PROVEN },
    { "{\"userns\":\"host\"}", PERRY_FIELD_USERNS, PERRY_VERDICT_PROVEN },
    { "{\"userns\":\"private\"}", PERRY_FIELD_USERNS, PERRY_VERDICT_DIFFERS },
    { "{\"hostname\":\"box\"}", PERRY_FIELD_HOSTNAME, PERRY_VERDICT_PROVEN },
    { "{\"hostname\":\"other\"}", PERRY_FIELD_HOSTNAME, PERRY_VERDICT_DIFFERS },
    { "{\"group_add\":[\"65534\"]}", PERRY_FIELD_GROUP_ADD, PERRY_VERDICT_PROVEN },
    { "{\"group_add\":[\"4711\"]}", PERRY_FIELD_GROUP_ADD, PERRY_VERDICT_DIFFERS },
    { "{\"group_add\":[\"logs\"]}", PERRY_FIELD_GROUP_ADD, PERRY_VERDICT_DIFFERS },
    { "{\"group_add\":[\"nosuch\"]}", PERRY_FIELD_GROUP_ADD, PERRY_VERDICT_UNPROVEN },
    { "{\"shm_size\":\"64m\"}", PERRY_FIELD_SHM_SIZE, PERRY_VERDICT_PROVEN },
    { "{\"shm_size\":\"65m\"}", PERRY_FIELD_SHM_SIZE, PERRY_VERDICT_DIFFERS },
    { "{\"memory_swap\":\"96m\"}", PERRY_FIELD_MEMORY_SWAP, PERRY_VERDICT_PROVEN },
    { "{\"memory_swap\":\"97m\"}", PERRY_FIELD_MEMORY_SWAP, PERRY_VERDICT_DIFFERS },
    { "{\"memory_swap\":-1}", PERRY_FIELD_MEMORY_SWAP, PERRY_VERDICT_DIFFERS },
    { "{\"ulimits\":{\"nofile\":\"100:200\"}}", PERRY_FIELD_ULIMITS, PERRY_VERDICT_PROVEN },
    { "{\"ulimits\":{\"nofile\":100}}", PERRY_FIELD_ULIMITS, PERRY_VERDICT_DIFFERS },
    { "{\"ulimits\":{\"core\":-1}}", PERRY_FIELD_ULIMITS, PERRY_VERDICT_PROVEN },
    { "{\"ulimits\":{\"nproc\":5}}", PERRY_FIELD_ULIMITS, PERRY_VERDICT_UNPROVEN },
    { "{\"pids_limit\":64}", PERRY_FIELD_PIDS_LIMIT, PERRY_VERDICT_PROVEN },
    { "{\"pids_limit\":65}", PERRY_FIELD_PIDS_LIMIT, PERRY_VERDICT_DIFFERS },
    { "{\"pids_limit\":-1}", PERRY_FIELD_PIDS_LIMIT, PERRY_VERDICT_DIFFERS },
  };
  g_autoptr (PerryObservation) observation = observe ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *reason = NULL;
      PerryVerdict verdict = compare_with (cases[i].json, cases[i].field, observation, &default_context, &reason);

      if (verdict != cases[i].verdict)
        g_error ("%s: %u, %s", cases[i].json, (guint) verdict, reason);
    }
}

/* A group that was added by its name is not held against a user when the file that has its number was not read. */
static void
test_observed_group_by_name (void)
{
  static const char json[] = "{\"user\":\"65534:65534\",\"group_add\":[\"logs\"]}";
  g_autoptr (PerryObservation) observation = observe ();
  g_autofree char *reason = NULL;
  g_autofree char *reason_unread = NULL;
  g_autofree char *reason_other = NULL;
  gint64 logs = 99;

  g_array_append_val (observation->groups, logs);
  g_assert_cmpint (compare_with (json, PERRY_FIELD_USER, observation, &default_context, &reason), ==,
                   PERRY_VERDICT_PROVEN);
  g_clear_pointer (&observation->group, g_free);
  g_assert_cmpint (compare_with (json, PERRY_FIELD_USER, observation, &default_context, &reason_unread), ==,
                   PERRY_VERDICT_UNPROVEN);
  g_assert_nonnull (strstr (reason_unread, "group file was not read"));
  g_assert_cmpint (compare_with ("{\"user\":\"65534:65534\",\"group_add\":[\"98\"]}", PERRY_FIELD_USER, observation,
                                 &default_context, &reason_other), ==, PERRY_VERDICT_DIFFERS);
}

/* Without the evidence nothing is proven, and nothing differs either. */
/* A mount that is shared, and what is mounted below one: by the engine, by the spec, by nobody that was asked. */
static void
test_observed_propagation (void)
{
  g_autoptr (PerryObservation) observation = observe ();
  PerryObservedMount *data;

  add_mount (observation, "/data/own", "ext4", "rw", "rw");
  data = (PerryObservedMount *) perry_observation_find_mount (observation, "/data");
  data->slave = TRUE;
  g_assert_cmpint (compare ("{\"volumes\":[\"/srv:/data:ro,slave\"]}", PERRY_FIELD_VOLUMES, observation), ==,
                   PERRY_VERDICT_PROVEN);
  g_assert_cmpint (compare ("{\"volumes\":[\"/srv:/data:ro,private\"]}", PERRY_FIELD_VOLUMES, observation), ==,
                   PERRY_VERDICT_DIFFERS);
  data->shared = TRUE;
  g_assert_cmpint (compare ("{\"volumes\":[\"/srv:/data:ro,shared\"]}", PERRY_FIELD_VOLUMES, observation), ==,
                   PERRY_VERDICT_PROVEN);
  g_assert_cmpint (compare ("{\"volumes\":[\"/srv:/data:ro,slave\"]}", PERRY_FIELD_VOLUMES, observation), ==,
                   PERRY_VERDICT_DIFFERS);
  g_assert_cmpint (compare ("{\"volumes\":[\"/srv:/data:ro,bind\"]}", PERRY_FIELD_VOLUMES, observation), ==,
                   PERRY_VERDICT_DIFFERS);
  g_assert_cmpint (compare ("{\"volumes\":[\"/srv:/data:ro,bind\",\"v:/data/own\"]}", PERRY_FIELD_VOLUMES, observation),
                   ==, PERRY_VERDICT_PROVEN);
}

/* What is recursive holds for the mounts below, too, but not for those of the spec. Before it runs, a workload cannot have
 * mounted anything there itself. */
static void
test_observed_recursive (void)
{
  static const struct {
    const char *json;
    gboolean slave, shared, own_slave, own_shared;
    PerryVerdict verdict;
  } cases[] = {
    { "{\"volumes\":[\"/srv:/data:ro,rslave\"]}", TRUE, FALSE, TRUE, FALSE, PERRY_VERDICT_PROVEN },
    { "{\"volumes\":[\"/srv:/data:ro,rslave\"]}", TRUE, FALSE, TRUE, TRUE, PERRY_VERDICT_DIFFERS },
    /* private there is private here */
    { "{\"volumes\":[\"/srv:/data:ro,rslave\"]}", TRUE, FALSE, FALSE, FALSE, PERRY_VERDICT_UNPROVEN },
    { "{\"volumes\":[\"/srv:/data:ro,slave\"]}", TRUE, FALSE, TRUE, TRUE, PERRY_VERDICT_PROVEN },
    { "{\"volumes\":[\"/srv:/data:ro,rprivate\"]}", FALSE, FALSE, FALSE, FALSE, PERRY_VERDICT_PROVEN },
    { "{\"volumes\":[\"/srv:/data:ro,rprivate\"]}", FALSE, FALSE, TRUE, FALSE, PERRY_VERDICT_DIFFERS },
    { "{\"volumes\":[\"/srv:/data:ro,private\"]}", FALSE, FALSE, TRUE, FALSE, PERRY_VERDICT_PROVEN },
    { "{\"volumes\":[\"/srv:/data:ro,rshared\"]}", FALSE, TRUE, FALSE, TRUE, PERRY_VERDICT_PROVEN },
    { "{\"volumes\":[\"/srv:/data:ro,rshared\"]}", FALSE, TRUE, FALSE, FALSE, PERRY_VERDICT_DIFFERS },
    { "{\"volumes\":[\"/srv:/data:ro,shared\"]}", FALSE, TRUE, FALSE, FALSE, PERRY_VERDICT_PROVEN },
    { "{\"volumes\":[\"/srv:/data:ro,bind\"]}", FALSE, FALSE, FALSE, FALSE, PERRY_VERDICT_DIFFERS },
    { "{\"volumes\":[\"/srv:/data:ro,rshared\",\"v:/data/own\"]}", FALSE, TRUE, FALSE, FALSE, PERRY_VERDICT_PROVEN },
  };
  g_autoptr (PerryObservation) observation = observe ();
  PerryObservedMount *data, *own;

  add_mount (observation, "/data/own", "ext4", "rw", "rw");
  data = (PerryObservedMount *) perry_observation_find_mount (observation, "/data");
  own = (PerryObservedMount *) perry_observation_find_mount (observation, "/data/own");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      data->slave = cases[i].slave;
      data->shared = cases[i].shared;
      own->slave = cases[i].own_slave;
      own->shared = cases[i].own_shared;
      observation->moment = PERRY_MOMENT_BEFORE_EXEC;
      g_assert_cmpint (compare (cases[i].json, PERRY_FIELD_VOLUMES, observation), ==, cases[i].verdict);
      observation->moment = PERRY_MOMENT_RUNNING;
      g_assert_cmpint (compare (cases[i].json, PERRY_FIELD_VOLUMES, observation), ==,
                       cases[i].verdict == PERRY_VERDICT_DIFFERS ? PERRY_VERDICT_UNPROVEN : cases[i].verdict);
    }
}

static void
test_observed_nothing (void)
{
  static const struct { const char *json; PerryField field; } cases[] = {
    { "{\"user\":\"nobody\"}", PERRY_FIELD_USER },
    { "{\"workdir\":\"/tmp\"}", PERRY_FIELD_WORKDIR },
    { "{\"read_only\":true}", PERRY_FIELD_READ_ONLY },
    { "{\"privileged\":true}", PERRY_FIELD_PRIVILEGED },
    { "{\"cap_add\":[\"CHOWN\"]}", PERRY_FIELD_CAP_ADD },
    { "{\"cap_drop\":[\"ALL\"]}", PERRY_FIELD_CAP_DROP },
    { "{\"seccomp\":\"default\"}", PERRY_FIELD_SECCOMP },
    { "{\"no_new_privileges\":true}", PERRY_FIELD_NO_NEW_PRIVILEGES },
    { "{\"apparmor\":\"x\"}", PERRY_FIELD_APPARMOR },
    { "{\"selinux\":\"type:x\"}", PERRY_FIELD_SELINUX },
    { "{\"network\":\"none\"}", PERRY_FIELD_NETWORK },
    { "{\"no_network\":true}", PERRY_FIELD_NO_NETWORK },
    { "{\"tmpfs\":[\"/tmp\"]}", PERRY_FIELD_TMPFS },
    { "{\"volumes\":[\"/srv:/data\"]}", PERRY_FIELD_VOLUMES },
    { "{\"memory\":\"64m\"}", PERRY_FIELD_MEMORY },
    { "{\"cpus\":1}", PERRY_FIELD_CPUS },
    { "{\"pids_limit\":64}", PERRY_FIELD_PIDS_LIMIT },
    { "{\"hostname\":\"box\"}", PERRY_FIELD_HOSTNAME },
    { "{\"pid\":\"host\"}", PERRY_FIELD_PID },
    { "{\"ipc\":\"private\"}", PERRY_FIELD_IPC },
    { "{\"uts\":\"host\"}", PERRY_FIELD_UTS },
    { "{\"userns\":\"host\"}", PERRY_FIELD_USERNS },
    { "{\"group_add\":[\"5\"]}", PERRY_FIELD_GROUP_ADD },
    { "{\"shm_size\":\"64m\"}", PERRY_FIELD_SHM_SIZE },
    { "{\"memory_swap\":-1}", PERRY_FIELD_MEMORY_SWAP },
    { "{\"ulimits\":{\"core\":0}}", PERRY_FIELD_ULIMITS },
  };
  g_autoptr (PerryObservation) observation = perry_observation_new (PERRY_MOMENT_RUNNING, 1);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *reason = NULL;

      g_assert_cmpint (compare_with (cases[i].json, cases[i].field, observation, &default_context, &reason), ==,
                       PERRY_VERDICT_UNPROVEN);
      g_assert_nonnull (strstr (reason, "not read"));
    }
}

static void
test_capabilities_of_root (void)
{
  g_autoptr (PerryObservation) observation = observe ();
  const char *json = "{\"cap_drop\":[\"ALL\"],\"cap_add\":[\"CHOWN\"]}";

  observation->uid[1] = 0;
  observation->cap_bounding = observation->cap_effective = observation->cap_permitted = CHOWN;
  g_assert_cmpint (compare (json, PERRY_FIELD_CAP_ADD, observation), ==, PERRY_VERDICT_PROVEN);
  g_assert_cmpint (compare (json, PERRY_FIELD_CAP_DROP, observation), ==, PERRY_VERDICT_PROVEN);

  observation->cap_effective = 0;
  g_assert_cmpint (compare (json, PERRY_FIELD_CAP_ADD, observation), ==, PERRY_VERDICT_DIFFERS);
  observation->cap_effective = CHOWN;
  observation->cap_permitted = CHOWN | NET_RAW;
  g_assert_cmpint (compare (json, PERRY_FIELD_CAP_ADD, observation), ==, PERRY_VERDICT_DIFFERS);
  observation->cap_permitted = CHOWN;
  observation->cap_inheritable = NET_RAW;
  g_assert_cmpint (compare (json, PERRY_FIELD_CAP_ADD, observation), ==, PERRY_VERDICT_DIFFERS);
  observation->cap_inheritable = 0;
  observation->cap_ambient = NET_RAW;
  g_assert_cmpint (compare (json, PERRY_FIELD_CAP_ADD, observation), ==, PERRY_VERDICT_DIFFERS);
  observation->cap_ambient = 0;
  observation->cap_bounding = CHOWN | NET_RAW;
  g_assert_cmpint (compare (json, PERRY_FIELD_CAP_ADD, observation), ==, PERRY_VERDICT_DIFFERS);

  observation->cap_bounding = observation->cap_effective = observation->cap_permitted = DEFAULTS & ~NET_RAW;
  g_assert_cmpint (compare ("{\"cap_drop\":[\"NET_RAW\"]}", PERRY_FIELD_CAP_DROP, observation), ==,
                   PERRY_VERDICT_PROVEN);
}

static void
test_capabilities_of_users (void)
{
  g_autoptr (PerryObservation) observation = observe ();
  const char *json = "{\"cap_drop\":[\"ALL\"],\"cap_add\":[\"CHOWN\"]}";
  PerryCompareContext ambient = default_context;

  ambient.ambient_for_users = TRUE;
  observation->cap_bounding = CHOWN;
  g_assert_cmpint (compare (json, PERRY_FIELD_CAP_ADD, observation), ==, PERRY_VERDICT_PROVEN);
  g_assert_cmpint (compare_with (json, PERRY_FIELD_CAP_ADD, observation, &ambient, NULL), ==, PERRY_VERDICT_DIFFERS);

  observation->cap_effective = observation->cap_permitted = observation->cap_ambient = CHOWN;
  observation->cap_inheritable = CHOWN;
  g_assert_cmpint (compare_with (json, PERRY_FIELD_CAP_ADD, observation, &ambient, NULL), ==, PERRY_VERDICT_PROVEN);
  g_assert_cmpint (compare (json, PERRY_FIELD_CAP_ADD, observation), ==, PERRY_VERDICT_PROVEN);

  /* Without cap_add a user has nothing, whatever the bounding set is. */
  observation->cap_bounding = DEFAULTS & ~NET_RAW;
  g_assert_cmpint (compare ("{\"cap_drop\":[\"NET_RAW\"]}", PERRY_FIELD_CAP_DROP, observation), ==,
                   PERRY_VERDICT_DIFFERS);
  observation->cap_effective = observation->cap_permitted = observation->cap_ambient = 0;
  g_assert_cmpint (compare ("{\"cap_drop\":[\"NET_RAW\"]}", PERRY_FIELD_CAP_DROP, observation), ==,
                   PERRY_VERDICT_PROVEN);
}

static void
test_capabilities_all (void)
{
  g_autoptr (PerryObservation) observation = observe ();
  PerryLinuxCapabilities all = perry_linux_capabilities_all ();
  PerryCompareContext limited = default_context;

  limited.grantable_capabilities = all & ~0x1000000ull;
  observation->uid[1] = 0;
  observation->cap_bounding = observation->cap_effective = observation->cap_permitted = all & ~0x1000000ull;
  g_assert_cmpint (compare_with ("{\"privileged\":true}", PERRY_FIELD_PRIVILEGED, observation, &limited, NULL), ==,
                   PERRY_VERDICT_PROVEN);
  g_assert_cmpint (compare_with ("{\"cap_add\":[\"ALL\"]}", PERRY_FIELD_CAP_ADD, observation, &limited, NULL), ==,
                   PERRY_VERDICT_PROVEN);
  g_assert_cmpint (compare ("{\"privileged\":true}", PERRY_FIELD_PRIVILEGED, observation), ==, PERRY_VERDICT_DIFFERS);
  /* What was asked for by its name has to be there. */
  g_assert_cmpint (compare_with ("{\"cap_drop\":[\"ALL\"],\"cap_add\":[\"SYS_RESOURCE\"]}", PERRY_FIELD_CAP_ADD,
                                 observation, &limited, NULL), ==, PERRY_VERDICT_DIFFERS);
  /* A kernel may know more capabilities than libcap. */
  observation->cap_bounding |= G_GUINT64_CONSTANT (1) << 60;
  g_assert_cmpint (compare_with ("{\"privileged\":true}", PERRY_FIELD_PRIVILEGED, observation, &limited, NULL), ==,
                   PERRY_VERDICT_PROVEN);
}

/* A running workload can have made itself less powerful; that is no lie of the engine. */
static void
test_running_workload (void)
{
  g_autoptr (PerryObservation) observation = observe ();

  observation->moment = PERRY_MOMENT_RUNNING;
  g_assert_cmpint (compare ("{\"user\":\"root\"}", PERRY_FIELD_USER, observation), ==, PERRY_VERDICT_UNPROVEN);
  g_assert_cmpint (compare ("{\"user\":\"1000\"}", PERRY_FIELD_USER, observation), ==, PERRY_VERDICT_DIFFERS);
  g_assert_cmpint (compare ("{\"no_new_privileges\":false}", PERRY_FIELD_NO_NEW_PRIVILEGES, observation), ==,
                   PERRY_VERDICT_UNPROVEN);
  g_assert_cmpint (compare ("{\"seccomp\":\"unconfined\"}", PERRY_FIELD_SECCOMP, observation), ==,
                   PERRY_VERDICT_UNPROVEN);
  g_assert_cmpint (compare ("{\"cap_drop\":[\"NET_RAW\"]}", PERRY_FIELD_CAP_DROP, observation), ==,
                   PERRY_VERDICT_UNPROVEN);
  g_assert_cmpint (compare ("{\"workdir\":\"/x\"}", PERRY_FIELD_WORKDIR, observation), ==, PERRY_VERDICT_UNPROVEN);
  g_assert_cmpint (compare ("{\"network\":\"bridge\"}", PERRY_FIELD_NETWORK, observation), ==, PERRY_VERDICT_DIFFERS);

  g_assert_cmpint (compare ("{\"apparmor\":\"docker-default\"}", PERRY_FIELD_APPARMOR, observation), ==,
                   PERRY_VERDICT_PROVEN);
  g_assert_cmpint (compare ("{\"apparmor\":\"other\"}", PERRY_FIELD_APPARMOR, observation), ==, PERRY_VERDICT_DIFFERS);
  g_assert_cmpint (compare ("{\"selinux\":[\"type:container_t\",\"level:s0:c1,c2\"]}", PERRY_FIELD_SELINUX,
                            observation), ==, PERRY_VERDICT_PROVEN);
  g_assert_cmpint (compare ("{\"selinux\":[\"level:s0:c1\"]}", PERRY_FIELD_SELINUX, observation), ==,
                   PERRY_VERDICT_DIFFERS);
  g_assert_cmpint (compare ("{\"selinux\":\"disable\"}", PERRY_FIELD_SELINUX, observation), ==, PERRY_VERDICT_DIFFERS);
  g_free (observation->apparmor_mode);
  observation->apparmor_mode = g_strdup ("complain");
  g_assert_cmpint (compare ("{\"apparmor\":\"docker-default\"}", PERRY_FIELD_APPARMOR, observation), ==,
                   PERRY_VERDICT_DIFFERS);
}

static void
test_users (void)
{
  g_autoptr (PerryObservation) observation = observe ();
  gint64 group = 65534;

  g_array_append_val (observation->groups, group);
  g_assert_cmpint (compare ("{\"user\":\"nobody\"}", PERRY_FIELD_USER, observation), ==, PERRY_VERDICT_PROVEN);
  group = 0;
  g_array_append_val (observation->groups, group);
  g_assert_cmpint (compare ("{\"user\":\"nobody\"}", PERRY_FIELD_USER, observation), ==, PERRY_VERDICT_DIFFERS);
  g_array_set_size (observation->groups, 0);

  observation->uid[2] = 0;
  g_assert_cmpint (compare ("{\"user\":\"nobody\"}", PERRY_FIELD_USER, observation), ==, PERRY_VERDICT_DIFFERS);

  for (int i = 0; i < 4; i++)
    observation->uid[i] = observation->gid[i] = 33;
  group = 99;
  g_array_append_val (observation->groups, group);
  g_assert_cmpint (compare ("{\"user\":\"www\"}", PERRY_FIELD_USER, observation), ==, PERRY_VERDICT_PROVEN);
  g_assert_cmpint (compare ("{\"user\":\"www:www\"}", PERRY_FIELD_USER, observation), ==, PERRY_VERDICT_UNPROVEN);
  g_assert_cmpint (compare ("{\"user\":\"33:33\"}", PERRY_FIELD_USER, observation), ==, PERRY_VERDICT_DIFFERS);
  group = PERRY_OBSERVED_NOT_MAPPED;
  g_array_set_size (observation->groups, 0);
  g_array_append_val (observation->groups, group);
  g_assert_cmpint (compare ("{\"user\":\"33:33\"}", PERRY_FIELD_USER, observation), ==, PERRY_VERDICT_UNPROVEN);

  /* Without account files a number can be compared, its group cannot. */
  g_array_set_size (observation->groups, 0);
  g_clear_pointer (&observation->passwd, g_free);
  g_clear_pointer (&observation->group, g_free);
  perry_observation_set_missing (observation, PERRY_FACET_ACCOUNTS, "permission denied");
  g_assert_cmpint (compare ("{\"user\":\"33:33\"}", PERRY_FIELD_USER, observation), ==, PERRY_VERDICT_PROVEN);
  g_assert_cmpint (compare ("{\"user\":\"33\"}", PERRY_FIELD_USER, observation), ==, PERRY_VERDICT_UNPROVEN);
  g_assert_cmpint (compare ("{\"user\":\"34\"}", PERRY_FIELD_USER, observation), ==, PERRY_VERDICT_DIFFERS);
  g_assert_cmpint (compare ("{\"user\":\"www\"}", PERRY_FIELD_USER, observation), ==, PERRY_VERDICT_UNPROVEN);
}

/* Mode 1 is a filter of the kernel's own that no engine asks for: it is neither a profile nor none. */
static void
test_seccomp_mode_1 (void)
{
  g_autoptr (PerryObservation) observation = observe ();

  observation->seccomp_mode = 1;
  observation->seccomp_filters = 0;
  observation->moment = PERRY_MOMENT_BEFORE_START;
  g_assert_cmpint (compare ("{\"seccomp\":\"default\"}", PERRY_FIELD_SECCOMP, observation), ==, PERRY_VERDICT_DIFFERS);
  g_assert_cmpint (compare ("{\"seccomp\":\"unconfined\"}", PERRY_FIELD_SECCOMP, observation), ==,
                   PERRY_VERDICT_DIFFERS);
}

static void
test_seccomp_pending (void)
{
  g_autoptr (PerryObservation) observation = observe ();

  observation->seccomp_mode = 0;
  g_assert_cmpint (compare ("{\"seccomp\":\"default\"}", PERRY_FIELD_SECCOMP, observation), ==, PERRY_VERDICT_DIFFERS);
  g_assert_cmpint (compare ("{\"seccomp\":\"unconfined\"}", PERRY_FIELD_SECCOMP, observation), ==,
                   PERRY_VERDICT_PROVEN);
  observation->seccomp_pending = TRUE;
  g_assert_cmpint (compare ("{\"seccomp\":\"default\"}", PERRY_FIELD_SECCOMP, observation), ==, PERRY_VERDICT_UNPROVEN);
  g_assert_cmpint (compare ("{\"seccomp\":\"unconfined\"}", PERRY_FIELD_SECCOMP, observation), ==,
                   PERRY_VERDICT_UNPROVEN);
}

static void
set_interfaces (PerryObservation *observation, const char *names)
{
  g_strfreev (observation->interfaces);
  observation->interfaces = g_strsplit (names, ",", -1);
}

static void
test_networks (void)
{
  g_autoptr (PerryObservation) observation = observe ();

  set_interfaces (observation, "lo,tunl0,sit0");
  g_assert_cmpint (compare ("{\"network\":\"none\"}", PERRY_FIELD_NETWORK, observation), ==, PERRY_VERDICT_PROVEN);
  set_interfaces (observation, "lo,eth0");
  g_assert_cmpint (compare ("{\"network\":\"none\"}", PERRY_FIELD_NETWORK, observation), ==, PERRY_VERDICT_DIFFERS);
  g_assert_cmpint (compare ("{\"network\":\"mine\"}", PERRY_FIELD_NETWORK, observation), ==, PERRY_VERDICT_PROVEN);
  observation->namespaces[PERRY_NAMESPACE_NET] = observation->own_namespaces[PERRY_NAMESPACE_NET];
  g_assert_cmpint (compare ("{\"network\":\"host\"}", PERRY_FIELD_NETWORK, observation), ==, PERRY_VERDICT_PROVEN);
  g_assert_cmpint (compare ("{\"network\":\"bridge\"}", PERRY_FIELD_NETWORK, observation), ==, PERRY_VERDICT_DIFFERS);
  g_assert_cmpint (compare ("{\"no_network\":true}", PERRY_FIELD_NO_NETWORK, observation), ==, PERRY_VERDICT_DIFFERS);
  observation->own_namespaces[PERRY_NAMESPACE_NET] = 0;
  g_assert_cmpint (compare ("{\"network\":\"host\"}", PERRY_FIELD_NETWORK, observation), ==, PERRY_VERDICT_UNPROVEN);
}

static void
test_limits_without (void)
{
  g_autoptr (PerryObservation) observation = observe ();

  observation->memory_max = observation->pids_max = observation->cpu_quota_us = PERRY_OBSERVED_UNLIMITED;
  g_assert_cmpint (compare ("{\"memory\":\"64m\"}", PERRY_FIELD_MEMORY, observation), ==, PERRY_VERDICT_DIFFERS);
  g_assert_cmpint (compare ("{\"cpus\":1}", PERRY_FIELD_CPUS, observation), ==, PERRY_VERDICT_DIFFERS);
  g_assert_cmpint (compare ("{\"pids_limit\":64}", PERRY_FIELD_PIDS_LIMIT, observation), ==, PERRY_VERDICT_DIFFERS);
  g_assert_cmpint (compare ("{\"pids_limit\":-1}", PERRY_FIELD_PIDS_LIMIT, observation), ==, PERRY_VERDICT_PROVEN);
}

static void
test_writable_mounts (void)
{
  g_autoptr (PerryObservation) observation = observe ();
  g_autofree char *reason = NULL;

  add_mount (observation, "/data/below", "ext4", "rw", "rw");
  g_assert_cmpint (compare ("{\"read_only\":true," WITH_TMP "}", PERRY_FIELD_READ_ONLY, observation), ==,
                   PERRY_VERDICT_PROVEN);
  add_mount (observation, "/database", "ext4", "rw", "rw");
  g_assert_cmpint (compare_with ("{\"read_only\":true," WITH_TMP "}", PERRY_FIELD_READ_ONLY, observation,
                                 &default_context, &reason), ==, PERRY_VERDICT_DIFFERS);
  g_assert_cmpstr (reason, ==, "/database is writable and was not asked for");
  add_mount (observation, "/", "overlay", "rw", "rw");
  g_assert_cmpint (compare ("{\"read_only\":false}", PERRY_FIELD_READ_ONLY, observation), ==, PERRY_VERDICT_PROVEN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/field-compare/reported/every-field", test_reported);
  g_test_add_func ("/field-compare/reported/env-values-stay-secret", test_env_values_stay_secret);
  g_test_add_func ("/field-compare/observed/hardened-container", test_observed_hardened);
  g_test_add_func ("/field-compare/observed/group-by-name", test_observed_group_by_name);
  g_test_add_func ("/field-compare/observed/nothing-is-unproven", test_observed_nothing);
  g_test_add_func ("/field-compare/observed/propagation", test_observed_propagation);
  g_test_add_func ("/field-compare/observed/recursive", test_observed_recursive);
  g_test_add_func ("/field-compare/observed/capabilities/root", test_capabilities_of_root);
  g_test_add_func ("/field-compare/observed/capabilities/users", test_capabilities_of_users);
  g_test_add_func ("/field-compare/observed/capabilities/all", test_capabilities_all);
  g_test_add_func ("/field-compare/observed/running-workload-may-give-up-power", test_running_workload);
  g_test_add_func ("/field-compare/observed/users-and-groups", test_users);
  g_test_add_func ("/field-compare/observed/seccomp-mode-1", test_seccomp_mode_1);
  g_test_add_func ("/field-compare/observed/seccomp-pending", test_seccomp_pending);
  g_test_add_func ("/field-compare/observed/networks", test_networks);
  g_test_add_func ("/field-compare/observed/no-limit-in-force", test_limits_without);
  g_test_add_func ("/field-compare/observed/writable-mounts", test_writable_mounts);
  return g_test_run ();
}
