/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-spec-fields.h"

#include <string.h>

#include "plugin-api/perry-container-spec.h"
#include "plugin-api/perry-error.h"

#define MAX_SAMPLES 24

typedef struct {
  const char *json;   /* as it may be written; NULL ends the list */
  const char *stored; /* as it is written again */
} Good;

typedef struct {
  const char *json;
  const char *message; /* a part of the message */
} Bad;

typedef struct {
  PerryField field;
  Good good[MAX_SAMPLES];
  Bad bad[MAX_SAMPLES];
  const char *text;     /* a good value as on the command line; NULL where the field has none */
  const char *bad_text; /* NULL where every text is good */
} Sample;

#define DIGEST "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const Sample samples[] = {
  { PERRY_FIELD_IMAGE,
    { { "\"alpine:3.19\"", "\"alpine:3.19\"" }, { "\"localhost:5000/a/b@" DIGEST "\"", NULL },
      { "\"" DIGEST "\"", NULL } },
    { { "\"\"", "$.image: " }, { "\"-x\"", "$.image: " }, { "\"a b\"", "$.image: " }, { "5", "not a number" } },
    "busybox", "Not An Image" },
  { PERRY_FIELD_PLATFORM,
    { { "\"linux/amd64\"", NULL }, { "\"Linux/X86_64\"", "\"linux/amd64\"" }, { "\"linux/aarch64/v8\"", "\"linux/arm64\"" },
      { "\"linux/arm/7\"", "\"linux/arm/v7\"" }, { "\"linux/armhf\"", "\"linux/arm/v7\"" }, { "\"linux\"", NULL },
      { "\"linux/amd64/v1\"", "\"linux/amd64\"" }, { "\"linux/amd64/v3\"", NULL }, { "\"macos/arm64\"", "\"darwin/arm64\"" } },
    { { "\"\"", "is not a platform; write OS/ARCHITECTURE" }, { "\"linux/\"", "“linux/” is not a platform" },
      { "\"linx/amd64\"", "unknown operating system “linx”; did you mean linux?" },
      { "\"linux/amd46\"", "unknown architecture “amd46”; did you mean amd64?" },
      { "\"linux/arm/v9\"", "unknown variant “v9” of arm; known are v5, v6, v7, v8" },
      { "\"linux/s390x/v1\"", "s390x has no variants, and “v1” is one" }, { "\"linux/arm/v7/x\"", "is not a platform" },
      { "\"linux/\\u202eamd64\"", "unknown architecture" }, { "[\"linux/amd64\"]", "not an array" } },
    "linux/arm64", "amd64" },
  { PERRY_FIELD_NAME,
    { { "\"web-1\"", NULL } },
    { { "\"a\"", "not a container's name" }, { "\"/web\"", "“/web” is not" }, { "\"-web\"", "is not" } },
    "web", "a/b" },
  { PERRY_FIELD_ENTRYPOINT,
    { { "[\"/bin/sh\",\"-c\"]", NULL }, { "[]", NULL } },
    { { "\"/bin/sh\"", "write [\"sh\", \"-c\", \"/bin/sh\"]" }, { "[\"\"]", "$.entrypoint[0]: is an empty program" },
      { "[1]", "$.entrypoint[0]: must be a string, not a number" } },
    "/bin/sh", "" },
  { PERRY_FIELD_CMD,
    { { "[\"sh\",\"-c\",\"echo isolated && exit 0\"]", NULL }, { "[]", NULL }, { "[\"\"]", NULL } },
    { { "\"echo hi\"", "never split into words" }, { "{}", "an array of strings, not an object" } },
    "echo", NULL },
  { PERRY_FIELD_ENV,
    { { "{\"B\":\"2\",\"A\":\"1=2\"}", "{\"A\":\"1=2\",\"B\":\"2\"}" },
      { "[\"B=2\",\"A=\"]", "{\"A\":\"\",\"B\":\"2\"}" },
      { "{}", NULL } },
    { { "{\"A\":1}", "$.env.A: must be a string" }, { "[\"A\"]", "$.env[0]: “A” has no “=”" },
      { "{\"\":\"x\"}", "has an empty name" }, { "{\"A=B\":\"x\"}", "$.env[\"A=B\"]: “A=B” has a “=” in its name" },
      { "[\"A=1\",\"A=2\"]", "$.env[1]: “A” is there twice" }, { "7", "an object or an array of KEY=VALUE" } },
    "A=b c", "A" },
  { PERRY_FIELD_LABELS,
    { { "{\"com.example.x\":\"1\"}", NULL }, { "[\"flag\"]", "{\"flag\":\"\"}" } },
    { { "{\"perry.owner\":\"x\"}", "“perry.”, which is reserved" }, { "{\"a\":null}", "not null" } },
    "a=b", "perry.x=1" },
  { PERRY_FIELD_USER,
    { { "\"nobody\"", NULL }, { "\"65534:65534\"", NULL }, { "\"0:staff\"", NULL } },
    { { "\"\"", "is not a user" }, { "\"a:b:c\"", "is not a user" }, { "\"99999999999\"", "is not a user" },
      { "\"-1\"", "is not a user" }, { "65534", "a string (in quotation marks), not a number" },
      { "\":5\"", "is not" } },
    "1000", "a b" },
  { PERRY_FIELD_WORKDIR,
    { { "\"/tmp\"", NULL }, { "\"//a/./b/\"", "\"/a/b\"" }, { "\"/\"", NULL } },
    { { "\"tmp\"", "not an absolute path" }, { "\"/a/../b\"", "contains “..”" } },
    "/srv", "srv" },
  { PERRY_FIELD_READ_ONLY, { { "true", NULL }, { "false", NULL } }, { { "\"true\"", "true or false, not a string" },
    { "1", "not a number" } }, "true", "yes" },
  { PERRY_FIELD_PRIVILEGED, { { "true", NULL } }, { { "null", "is null" } }, "false", "1" },
  { PERRY_FIELD_CAP_ADD,
    { { "[\"net_raw\",\"CAP_CHOWN\",\"NET_RAW\"]", "[\"CHOWN\",\"NET_RAW\"]" }, { "[\"cap_all\"]", "[\"ALL\"]" },
      { "[]", NULL } },
    { { "[\"CHOWN\",\"NET_ADMN\"]", "$.cap_add[1]: unknown capability “NET_ADMN”; did you mean NET_ADMIN?" },
      { "\"ALL\"", "write [\"ALL\"]" }, { "[\"zzzzzz\"]", "capabilities(7)" } },
    "NET_BIND_SERVICE", "NET_BIND" },
  { PERRY_FIELD_CAP_DROP, { { "[\"ALL\"]", NULL } }, { { "[\"\"]", "unknown capability “”" } }, "all", "nothing" },
  { PERRY_FIELD_SECCOMP,
    { { "\"default\"", NULL }, { "\"unconfined\"", NULL }, { "\"perry\"", NULL }, { "\"./p.json\"", NULL },
      { "\"p.json\"", NULL }, { "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", NULL },
      { "\"{ \\\"defaultAction\\\": \\\"SCMP_ACT_ERRNO\\\" }\"", "{\"defaultAction\":\"SCMP_ACT_ERRNO\"}" } },
    { { "\"defualt\"", "did you mean default?" }, { "\"x\"", "is not default, unconfined, perry, the path" },
      { "{}", "has no “defaultAction”" }, { "{\"defaultAction\":\"ALLOW\"}", "begin with SCMP_ACT_" },
      { "\"{\"", "is not valid" }, { "[]", "a string or an object, not an array" } },
    "unconfined", "none" },
  { PERRY_FIELD_NO_NEW_PRIVILEGES, { { "true", NULL } }, { { "\"\"", "not a string" } }, "true", "TRUE" },
  { PERRY_FIELD_APPARMOR, { { "\"docker-default\"", NULL }, { "\"unconfined\"", NULL } },
    { { "\"\"", "is not the name of an AppArmor profile" }, { "\"a b\"", "is not the name" } }, "my-profile", "a b" },
  { PERRY_FIELD_SELINUX, { { "\"disable\"", "[\"disable\"]" }, { "[\"type:spc_t\",\"level:s0:c1,c2\"]", NULL } },
    { { "[\"tipe:x\"]", "is not a label option" }, { "[\"disable\",\"type:x\"]", "cannot stand with other" },
      { "[\"type:\"]", "needs a value" }, { "[\"type:a\",\"type:b\"]", "a second time" } }, "type:spc_t", "x" },
  { PERRY_FIELD_SECURITY_OPT,
    { { "[\"no-new-privileges\",\"seccomp=unconfined\",\"apparmor:x\",\"label=type:y\"]", NULL } },
    { { "[\"secomp=default\"]", "did you mean seccomp?" },
      { "[\"no-new-privileges=2\"]", "“2” is not true or false" },
      { "[\"apparmor\"]", "needs a value" }, { "[\"systempaths=unconfined\"]", "unknown security option" } },
    "no-new-privileges:true", "x" },
  { PERRY_FIELD_NETWORK, { { "\"none\"", NULL }, { "\"host\"", NULL }, { "\"bridge\"", NULL },
    { "\"my_net\"", NULL } },
    { { "\"container:abc\"", "not available in this version" }, { "\"default\"", "leave the field out" },
      { "\"a/b\"", "is not none, host, bridge" } }, "none", "-x" },
  { PERRY_FIELD_NO_NETWORK, { { "true", NULL } }, { { "0", "not a number" } }, "true", "no" },
  { PERRY_FIELD_NETWORK_ALIASES, { { "[\"db\",\"db.example\",\"DB_1\"]", NULL }, { "[]", NULL } },
    { { "[\"\"]", "$.network_aliases[0]: “” is not a name on a network" }, { "[\"-a\"]", "is not a name" },
      { "[\"a b\"]", "is not a name" }, { "[\"a\",\"A\"]", "$.network_aliases[1]: “A” is there twice" },
      { "\"db\"", "write [\"db\"]" }, { "[7]", "a string, not a number" } }, "db", "a/b" },
  { PERRY_FIELD_PORTS,
    { { "[\"8080:80\",\"127.0.0.1:53:53/UDP\",\"[::1]:080:80/sctp\"]",
        "[\"8080:80/tcp\",\"127.0.0.1:53:53/udp\",\"[::1]:80:80/sctp\"]" },
      { "[80,\"81\",\"127.0.0.1::82\",\"83-84/udp\"]",
        "[\"80/tcp\",\"81/tcp\",\"127.0.0.1::82/tcp\",\"83-84/udp\"]" },
      { "[\"8000-8010:80-90\",\"0.0.0.0:9000-9000:7\"]", "[\"8000-8010:80-90/tcp\",\"0.0.0.0:9000:7/tcp\"]" },
      { "[{\"target\":80,\"published\":\"8080\",\"host_ip\":\"127.0.0.1\",\"protocol\":\"tcp\",\"mode\":\"host\"}]",
        "[\"127.0.0.1:8080:80/tcp\"]" },
      { "[{\"target\":\"80-81\",\"published\":\"90-91\",\"hostIp\":\"::1\"},{\"target\":\"80\"}]",
        "[\"[::1]:90-91:80-81/tcp\",\"80/tcp\"]" },
      { "[\"127.0.0.1:80:80\",\"127.0.0.2:80:80\",\"[::]:80:80\",\"80:80/udp\"]",
        "[\"127.0.0.1:80:80/tcp\",\"127.0.0.2:80:80/tcp\",\"[::]:80:80/tcp\",\"80:80/udp\"]" },
      { "[]", NULL } },
    { { "[\"80:70000\"]", "$.ports[0]: “70000” is not a port; a port is a number from 1 to 65535" },
      { "[\"0:80\"]", "leave the host's port out" },
      { "[\"8000-8010:80-85\"]", "publishes 6 ports of the container at 11 of the host" },
      { "[\"90-80:90-80\"]", "ends before it begins" },
      { "[\"localhost:80:80\"]", "“localhost” is not an address of the host" },
      { "[\"::1:80:80\"]", "an IPv6 address stands in brackets" },
      { "[\"80:80/tpc\"]", "“tpc” is not a protocol; did you mean tcp?" },
      { "[\"80:80\",\"127.0.0.1:80:81\"]",
        "$.ports[1]: “127.0.0.1:80:81/tcp” takes a port of the host that “80:80/tcp” takes already" },
      { "[{\"target\":80,\"pubished\":1}]", "$.ports[0].pubished: unknown key “pubished”; did you mean published?" },
      { "[{\"published\":1}]", "$.ports[0]: “target” is missing" },
      { "[true]", "$.ports[0]: must be a string such as \"127.0.0.1:8080:80\", a number or an object, not a boolean" } },
    "127.0.0.1:8080:80", ":80" },
  { PERRY_FIELD_TMPFS,
    { { "[]", NULL }, { "[\"/tmp\"]", NULL }, { "[\"/tmp/:\"]", "[\"/tmp\"]" },
      { "[\"/run//x:rw,noexec,nosuid,nodev,size=65536k,mode=01777,uid=7\"]",
        "[\"/run/x:rw,noexec,nosuid,nodev,size=64m,mode=1777,uid=7\"]" } },
    { { "[\"tmp\"]", "$.tmpfs[0]: “tmp” is not an absolute path" }, { "[\"/\"]", "over / itself" },
      { "[\"/a:size=lots\"]", "size= and an amount" }, { "[\"/a:exec,noexec\"]", "contradict each other" },
      { "[\"/a:mode=999\"]", "octal" }, { "[\"/a:ro,ro\"]", "given twice" }, { "[\"/a:bogus\"]", "known are ro, rw" },
      { "[\"/a:size\"]", "write size=" }, { "[\"/a:,\"]", "unknown option “”" },
      { "[\"/a:z\"]", "unknown option “z”" } },
    "/tmp:size=64m", "/tmp:size=" },
  { PERRY_FIELD_VOLUMES,
    { { "[\"/srv:/data:ro,nosuid\"]",
        "[{\"type\":\"bind\",\"source\":\"/srv\",\"target\":\"/data\",\"read_only\":true,\"options\":[\"nosuid\"]}]" },
      { "[\"cache:/var//cache/\"]", "[{\"type\":\"volume\",\"source\":\"cache\",\"target\":\"/var/cache\"}]" },
      { "[\"./x:/y:Z\"]", "[{\"type\":\"bind\",\"source\":\"./x\",\"target\":\"/y\",\"options\":[\"Z\"]}]" },
      { "[{\"type\":\"tmpfs\",\"target\":\"/t\",\"tmpfs\":{\"size\":\"64mb\",\"mode\":\"0700\"}}]",
        "[{\"type\":\"tmpfs\",\"target\":\"/t\",\"options\":[\"size=64m\",\"mode=700\"]}]" },
      { "[{\"target\":\"/t:u\",\"bind\":{\"selinux\":\"z\",\"create_host_path\":false},\"source\":\"rel\","
        "\"type\":\"bind\",\"readOnly\":true}]",
        "[{\"type\":\"bind\",\"source\":\"rel\",\"target\":\"/t:u\",\"read_only\":true,\"options\":[\"z\"]}]" },
      { "[{\"type\":\"volume\",\"source\":\"v\",\"target\":\"/t\",\"volume\":{\"nocopy\":true}}]",
        "[{\"type\":\"volume\",\"source\":\"v\",\"target\":\"/t\",\"options\":[\"nocopy\"]}]" },
      { "[\"/own/\",{\"type\":\"volume\",\"target\":\"/too\"}]",
        "[{\"type\":\"volume\",\"target\":\"/own\"},{\"type\":\"volume\",\"target\":\"/too\"}]" },
      { "[\"/a:/b:rslave,rbind\",\"/a:/c:bind\"]",
        "[{\"type\":\"bind\",\"source\":\"/a\",\"target\":\"/b\",\"options\":[\"rslave\"]},"
        "{\"type\":\"bind\",\"source\":\"/a\",\"target\":\"/c\",\"options\":[\"bind\"]}]" },
      { "[{\"type\":\"bind\",\"source\":\"/a\",\"target\":\"/b\","
        "\"bind\":{\"propagation\":\"shared\",\"recursive\":\"disabled\"}}]",
        "[{\"type\":\"bind\",\"source\":\"/a\",\"target\":\"/b\",\"options\":[\"shared\",\"bind\"]}]" } },
    { { "[\"~/x:/y\"]", "$.volumes[0]: “~/x”: “~” is not expanded" }, { "[\"/a:/b/../c\"]", "contains “..”" },
      { "[\"a/b:/c\"]", "a relative path begins with ./" }, { "[\"data\"]", "neither source:target[:options] nor" },
      { "[\"/a:/b:shared,rslave\"]", "the options shared and rslave contradict each other" },
      { "[\"/a:/b:bind,rbind\"]", "the options bind and rbind contradict each other" },
      { "[{\"type\":\"volume\",\"target\":\"/own\",\"read_only\":true}]", "it cannot be read-only" },
      { "[\"v:/b:shared\"]", "unknown option “shared” of a volume mount" },
      { "[{\"type\":\"bind\",\"source\":\"/a\",\"target\":\"/x\",\"bind\":{\"recursive\":\"writable\"}}]",
        "$.volumes[0].bind.recursive: “writable” is not one of enabled, disabled" },
      { "[{\"type\":\"volume\",\"target\":\"/x\",\"volume\":{\"subpath\":\"a\"}}]",
        "$.volumes[0].volume.subpath: " },
      { "[\"/a:/b:rx\"]", "unknown option “rx” of a bind mount" }, { "[\"/a:b\"]", "“b” is not an absolute path" },
      { "[{\"type\":\"bind\",\"target\":\"/x\",\"bind\":{\"selinx\":\"z\"}}]",
        "$.volumes[0].bind.selinx: unknown key “selinx”; did you mean selinux?" },
      { "[{\"type\":\"volume\",\"source\":\"v\",\"target\":\"/x\",\"tmpfs\":{}}]",
        "$.volumes[0].tmpfs: belongs to a mount of type tmpfs" },
      { "[{\"type\":\"bind\",\"source\":\"/a\"}]", "“target” is missing" },
      { "[{\"type\":\"bind\",\"source\":\"/a\",\"target\":\"/b\",\"read_only\":true,\"readOnly\":false}]",
        "is there twice" },
      { "[{\"type\":\"tmpfs\",\"source\":\"/a\",\"target\":\"/b\"}]", "a tmpfs has no source" } },
    "/srv:/data", "srv" },
  { PERRY_FIELD_DEVICES,
    { { "[\"/dev/null\"]", "[{\"source\":\"/dev/null\",\"target\":\"/dev/null\",\"permissions\":\"rwm\"}]" },
      { "[\"/dev//fuse:/dev/x:wr\"]", "[{\"source\":\"/dev/fuse\",\"target\":\"/dev/x\",\"permissions\":\"rw\"}]" },
      { "[\"/dev/fuse:r\"]", "[{\"source\":\"/dev/fuse\",\"target\":\"/dev/fuse\",\"permissions\":\"r\"}]" },
      { "[{\"source\":\"/dev/by:path\",\"permissions\":\"m\"}]",
        "[{\"source\":\"/dev/by:path\",\"target\":\"/dev/by:path\",\"permissions\":\"m\"}]" },
      { "[]", NULL } },
    { { "\"/dev/null\"", "write [\"/dev/null\"]" }, { "[\"dev/null\"]", "$.devices[0]: “dev/null” is not an absolute path" },
      { "[\"/dev/null\",\"vendor.com/class=gpu0\"]", "$.devices[1]: “vendor.com/class=gpu0” is the name of a CDI device" },
      { "[\"/dev/a:/dev/b:rwx\"]", "“rwx” is not a permission of a device" },
      { "[\"/dev/a:/dev/b:\"]", "“” is not a permission" },
      { "[\"/dev/a:b\"]", "“b” is not a permission" }, { "[\"/a:/b:r:/c\"]", "use the long form" },
      { "[{\"target\":\"/dev/x\"}]", "$.devices[0]: “source” is missing" },
      { "[{\"source\":\"/dev/x\",\"premissions\":\"r\"}]", "did you mean permissions?" },
      { "[7]", "or an object, not a number" },
      { "[\"/dev/../etc\"]", "contains “..”" } },
    "/dev/null:/dev/thing:rw", "/dev/x:rr" },
  { PERRY_FIELD_MEMORY,
    { { "\"256m\"", "268435456" }, { "268435456", NULL }, { "\"1.5GiB\"", "1610612736" },
      { "\"64MB\"", "67108864" } },
    { { "\"5m\"", "less than 6m" }, { "\"lots\"", "is not an amount" }, { "1.5", "whole number" },
      { "-1", "less than" },
      { "\"99999999t\"", "is not an amount" }, { "true", "not a boolean" }, { "\"1e9\"", "is not an amount" },
      { "\"0x100\"", "is not an amount" }, { "\" 64m\"", "is not an amount" } },
    "256m", "256 m" },
  { PERRY_FIELD_CPUS, { { "1.5", NULL }, { "2", "2.0" }, { "\"0.5\"", "0.5" }, { "\".5\"", "0.5" } },
    { { "0", "between 0.01" }, { "-1", "between" }, { "1e9", "between" }, { "\"inf\"", "is not a number" },
      { "\"0x2\"", "is not a number" }, { "\"nan\"", "is not a number" }, { "\"1e1\"", "is not" },
      { "[]", "a number, not" } },
    "1.5", "1.5x" },
  { PERRY_FIELD_PIDS_LIMIT, { { "64", NULL }, { "-1", NULL } },
    { { "0", "0 means different things" }, { "-2", "or -1 for no limit" }, { "1.5", "whole number" },
      { "\"64\"", "a whole number, not a string" } },
    "64", "6 4" },
  { PERRY_FIELD_INIT, { { "true", NULL } }, { { "{}", "not an object" } }, "true", "" },
  { PERRY_FIELD_RUNTIME,
    { { "\"runc\"", NULL }, { "\"io.containerd.kata.v2\"", NULL } },
    { { "\"\"", "is not the name of an OCI runtime" }, { "\"--help\"", "“--help” is not the name" },
      { "\"/usr/bin/runc\"", "is a path; register the program" }, { "\"run c\"", "is not the name" } },
    "crun", "../runc" },
  { PERRY_FIELD_HOSTNAME, { { "\"web-1.example\"", NULL } },
    { { "\"\"", "is not a host name" }, { "\"-a\"", "is not a host name" }, { "\"a..b\"", "is not a host name" },
      { "\"a.\"", "is not a host name" }, { "\"a_b\"", "is not a host name" } }, "web", "a b" },
  { PERRY_FIELD_STOP_SIGNAL,
    { { "\"SIGTERM\"", NULL }, { "\"term\"", "\"SIGTERM\"" }, { "\"15\"", "\"SIGTERM\"" },
      { "\"RTMIN+3\"", "\"SIGRTMIN+3\"" }, { "\"SIGRTMIN\"", NULL } },
    { { "\"SIGFOO\"", "is not a signal" }, { "\"0\"", "is not" }, { "\"65\"", "is not" }, { "15", "not a number" },
      { "\"RTMIN+99\"", "is not" } }, "USR1", "KILLED" },
  { PERRY_FIELD_STOP_TIMEOUT,
    { { "30", NULL }, { "\"1m30s\"", "90" }, { "\"2h\"", "7200" }, { "\"45\"", "45" }, { "0", NULL } },
    { { "-1", "between 0 and" }, { "\"1.5s\"", "whole seconds" }, { "\"30s1m\"", "whole seconds" },
      { "86401", "between 0" }, { "1.5", "whole number" }, { "\"\"", "whole seconds" }, { "[]", "not an array" } },
    "90", "soon" },
  { PERRY_FIELD_GROUP_ADD, { { "[\"audio\",\"4711\"]", NULL } },
    { { "[\"\"]", "$.group_add[0]: “” is not a group" }, { "[\"a:b\"]", "is not a group" },
      { "[\"keep-groups\"]", "is not a group" }, { "\"audio\"", "write [\"audio\"]" } }, "audio", "a b" },
  { PERRY_FIELD_SHM_SIZE, { { "\"128m\"", "134217728" } },
    { { "0", "more than 0" }, { "-1", "more than 0" }, { "\"big\"", "is not an amount" } }, "64m", "-1" },
  { PERRY_FIELD_MEMORY_SWAP, { { "-1", NULL }, { "\"1g\"", "1073741824" } },
    { { "0", "-1 for no limit" }, { "-2", "-1 for no limit" }, { "\"x\"", "is not an amount" } }, "-1", "-2" },
  { PERRY_FIELD_ULIMITS,
    { { "{\"nofile\":{\"soft\":100,\"hard\":200},\"core\":0}", "{\"core\":\"0\",\"nofile\":\"100:200\"}" },
      { "{\"nproc\":\"5:5\"}", "{\"nproc\":\"5\"}" }, { "{\"memlock\":-1}", "{\"memlock\":\"-1\"}" },
      { "{\"cpu\":\"unlimited\"}", "{\"cpu\":\"-1\"}" }, { "[\"nofile=1:2\"]", "{\"nofile\":\"1:2\"}" } },
    { { "{\"nofiles\":1}", "did you mean nofile?" }, { "{\"nofile\":\"2:1\"}", "soft limit above the hard" },
      { "{\"nofile\":{\"soft\":1}}", "$.ulimits.nofile.hard: is missing" },
      { "{\"nofile\":{\"soft\":1,\"hard\":2,\"x\":3}}", "$.ulimits.nofile.x: is unknown" },
      { "{\"nofile\":true}", "a whole number or an object" }, { "{\"nofile\":-2}", "is not a limit" },
      { "{\"nofile\":\"1:2:3\"}", "is not a limit" }, { "7", "an object or an array" } },
    "nofile=100:200", "nofile" },
  { PERRY_FIELD_SYSCTLS,
    { { "{\"net.ipv4.ip_forward\":1}", "{\"net.ipv4.ip_forward\":\"1\"}" },
      { "[\"kernel.sem=1 2 3 4\"]", "{\"kernel.sem\":\"1 2 3 4\"}" } },
    { { "{\"kernel.core_pattern\":\"x\"}", "is not a kernel parameter of a container" },
      { "{\"net.\":\"x\"}", "is not a kernel" }, { "{\"net../x\":\"1\"}", "is not a kernel" },
      { "{\"net.core.somaxconn\":\"\"}", "needs a value" }, { "{\"net.a\":true}", "a string or a whole number" } },
    "net.ipv4.ip_forward=0", "vm.swappiness=1" },
  { PERRY_FIELD_EXTRA_HOSTS,
    { { "[\"db=10.0.0.1\",\"h:host-gateway\"]", "[\"db:10.0.0.1\",\"h:host-gateway\"]" },
      { "{\"six\":\"[::1]\"}", "[\"six:::1\"]" } },
    { { "[\"db\"]", "is not NAME:ADDRESS" }, { "[\"db:x\"]", "is not NAME:ADDRESS" },
      { "[\":1.2.3.4\"]", "is not NAME" }, { "{\"a\":1}", "a string (in quotation marks)" }, { "[1]", "a string" } },
    "db:10.0.0.1", "db:db" },
  { PERRY_FIELD_DNS, { { "\"192.0.2.1\"", "[\"192.0.2.1\"]" }, { "[\"2001:DB8::1\"]", "[\"2001:db8::1\"]" } },
    { { "[\"dns.example\"]", "$.dns[0]: “dns.example” is not the address" }, { "7", "an array of strings" } },
    "192.0.2.1", "x" },
  { PERRY_FIELD_PID, { { "\"private\"", NULL }, { "\"host\"", NULL }, { "\"container:web\"", NULL } },
    { { "\"shareable\"", "is not private, host or container:NAME" }, { "\"container:\"", "is not private" },
      { "\"service:web\"", "not available in this version" }, { "\"\"", "is not private" } }, "host", "none" },
  { PERRY_FIELD_IPC, { { "\"shareable\"", NULL }, { "\"container:web\"", NULL } },
    { { "\"none\"", "is not private, shareable, host or container:NAME" } }, "private", "x" },
  { PERRY_FIELD_UTS, { { "\"host\"", NULL } }, { { "\"container:web\"", "is not private or host" } }, "private", "x" },
  { PERRY_FIELD_USERNS, { { "\"host\"", NULL } }, { { "\"keep-id\"", "is not private or host" } }, "private", "x" },
  { PERRY_FIELD_HEALTHCHECK,
    { { "{\"test\":\"exit 0\"}", "{\"test\":[\"CMD-SHELL\",\"exit 0\"]}" },
      { "{\"startPeriod\":\"0\",\"retries\":2,\"interval\":\"1.5s\",\"timeout\":\"90s\",\"test\":[\"CMD\",\"true\"]}",
        "{\"test\":[\"CMD\",\"true\"],\"interval\":\"1s500ms\",\"timeout\":\"1m30s\",\"retries\":2,"
        "\"start_period\":\"0s\"}" },
      { "{\"test\":[\"NONE\"]}", "{\"disable\":true}" }, { "{\"disable\":true}", NULL },
      { "{\"disable\":false,\"interval\":\"1ms\"}", "{\"interval\":\"1ms\"}" } },
    { { "{\"interval\":\"0.5ms\"}", "$.healthcheck.interval: “0.5ms” is not between 1ms" },
      { "{\"interval\":30}", "$.healthcheck.interval: must be a time with its unit such as" },
      { "{\"interval\":\"30\"}", "“30” is not a time with its unit" }, { "{\"timeout\":\"0s\"}", "is 0; leave it out" },
      { "{\"disable\":true,\"retries\":1}", "$.healthcheck.retries: contradicts" },
      { "{\"tests\":\"a\"}", "did you mean test?" }, { "\"x\"", "an object, not a string" },
      { "{\"test\":[]}", "$.healthcheck.test: is empty" } },
    "{\"test\":\"true\"}", "{\"test\":[\"true\"]}" },
  { PERRY_FIELD_RESTART,
    { { "\"no\"", NULL }, { "\"always\"", NULL }, { "\"on-failure\"", NULL }, { "\"on-failure:3\"", NULL },
      { "\"unless-stopped\"", NULL } },
    { { "\"allways\"", "did you mean always?" }, { "\"always:2\"", "which on-failure alone can have" },
      { "\"on-failure:0\"", "no number of tries from 1" }, { "\"on-failure:\"", "no number of tries" },
      { "\"\"", "is not one of no, always" }, { "false", "not a boolean" } },
    "unless-stopped", "yes" },
  { PERRY_FIELD_RM, { { "true", NULL } }, { { "[true]", "not an array" } }, "true", "t" },
  { PERRY_FIELD_TIER, { { "\"default\"", NULL }, { "\"isolated\"", NULL }, { "\"hardened\"", NULL },
    { "\"untrusted\"", NULL } },
    { { "\"paranoid\"", "is not one of default, isolated" } }, "default", "x" },
  { PERRY_FIELD_ENFORCEMENT, { { "\"lenient\"", NULL }, { "\"warn\"", NULL }, { "\"strict\"", NULL } },
    { { "\"Strict\"", "is not one of lenient" } }, "strict", "none" },
  { PERRY_FIELD_REQUIRE, { { "[\"user\",\"readOnly\",\"mem_limit\",\"user\"]",
      "[\"user\",\"read_only\",\"memory\"]" } },
    { { "[\"sekcomp\"]", "$.require[0]: “sekcomp” is not a field's name; did you mean seccomp?" },
      { "[\"tier\"]", "not a field that an engine honours" } }, "user", "usr" },
  { PERRY_FIELD_PREFER, { { "[\"cpus\"]", NULL } }, { { "[\"zzzzzz\"]", "is not a field's name" } }, "cpus", "" },
  { PERRY_FIELD_VERIFY,
    { { "{\"identity\":\"x\",\"mode\":\"YES\",\"issuer\":\"y\"}",
        "{\"mode\":\"enforce\",\"identity\":\"x\",\"issuer\":\"y\"}" },
      { "{\"mode\":\"0\"}", "{\"mode\":\"off\"}" },
      { "{\"identityRegexp\":\"x.\",\"issuerRegexp\":\"y.\",\"ignoreSct\":true,\"ignoreTlog\":false}",
        "{\"identity_regexp\":\"x.\",\"ignore_sct\":true,\"issuer_regexp\":\"y.\"}" },
      { "{\"key\":\"/k\"}", NULL } },
    { { "true", "an object, not a boolean" }, { "{}", "$.verify: has no members; give it a mode, identity and issuer" },
      { "{\"mode\":\"enfroce\"}", "$.verify.mode: “enfroce” is no mode of verification; write off, warn or enforce" },
      { "{\"mode\":true}", "$.verify.mode: must be a string, not a boolean" },
      { "{\"mod\":\"off\"}", "$.verify.mod: unknown key “mod”; did you mean mode?" },
      { "{\"mode\":\"warn\",\"identity\":\"x\"}", "$.verify: has no issuer and no issuer_regexp" },
      { "{\"identity\":\"\"}", "$.verify.identity: is empty" },
      { "{\"key\":\"/k\",\"issuer\":\"y\"}", "$.verify.issuer: belongs to certificates and contradicts key" } },
    "{\"mode\":\"warn\"}", "[]" },
};

static char *
make_json (PerryField field, const char *json)
{
  return g_strdup_printf ("{\"%s\":%s}", perry_field_get_name (field), json);
}

static void
test_rows (void)
{
  g_autoptr (GHashTable) spellings = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) options = g_hash_table_new (g_str_hash, g_str_equal);
  gboolean shorts[128] = { FALSE };

  g_assert_cmpuint (G_N_ELEMENTS (samples), ==, PERRY_FIELD_LAST);
  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    {
      const PerryFieldInfo *info = perry_field_get_info (field);
      const char *names[] = { info->name, info->camel_case, info->alias };

      g_assert_cmpint (samples[field].field, ==, field);
      g_assert_cmpint (info->field, ==, field);
      g_assert_cmpstr (perry_field_get_name (field), ==, info->name);
      g_assert_nonnull (info->unset);
      g_assert_nonnull (info->help);
      for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
        {
          PerryField found = PERRY_FIELD_LAST;

          if (names[i] == NULL || (i == 1 && g_str_equal (names[0], names[1])))
            continue;
          g_assert_true (g_hash_table_add (spellings, (gpointer) names[i]));
          g_assert_true (perry_field_from_name (names[i], &found));
          g_assert_cmpint (found, ==, field);
        }
      if (info->option != NULL)
        g_assert_true (g_hash_table_add (options, (gpointer) info->option));
      /* A switch has no argument, everything else has one. */
      if (info->option != NULL)
        g_assert_cmpint (info->argument == NULL, ==, info->type == PERRY_FIELD_TYPE_BOOLEAN);
      if (info->short_option != 0)
        {
          g_assert_nonnull (info->option);
          g_assert_false (shorts[(guchar) info->short_option]);
          shorts[(guchar) info->short_option] = TRUE;
        }
      /* A field of the isolation can be proven: the engine's word and the kernel's are compared. */
      if ((info->flags & PERRY_FIELD_SECURITY) != 0)
        {
          /* A name that an engine has or has not is no capability. */
          g_assert_true (info->required != NULL || (info->flags & PERRY_FIELD_IRREPLACEABLE) != 0);
          g_assert_nonnull (info->compare_reported);
          g_assert_nonnull (info->compare_observed);
        }
      if ((info->flags & (PERRY_FIELD_CONTROL | PERRY_FIELD_SHORTHAND)) != 0)
        {
          g_assert_true (info->required == NULL && info->compare_reported == NULL);
          /* that a workload is in no virtual machine is all that a kernel shows of these */
          g_assert_cmpint (info->compare_observed != NULL, ==, info->field == PERRY_FIELD_TIER);
        }
      else
        g_assert_nonnull (info->compare_reported);
    }
}

static void
test_lookup (void)
{
  PerryField field = PERRY_FIELD_LAST;

  g_assert_true (perry_field_from_name ("memLimit", &field));
  g_assert_cmpint (field, ==, PERRY_FIELD_MEMORY);
  g_assert_true (perry_field_from_name ("cpu_limit", &field));
  g_assert_cmpint (field, ==, PERRY_FIELD_CPUS);
  g_assert_false (perry_field_from_name ("Read_only", &field));
  g_assert_false (perry_field_from_name ("memLimi", &field));
  g_assert_false (perry_field_from_name ("", &field));
  g_assert_cmpint (field, ==, PERRY_FIELD_CPUS);
  g_assert_cmpstr (perry_field_nearest ("read_onyl"), ==, "read_only");
  g_assert_cmpstr (perry_field_nearest ("capDorp"), ==, "cap_drop");
  g_assert_null (perry_field_nearest ("xxxxxxxxxx"));
}

static void
test_good_values (void)
{
  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    for (const Good *good = samples[field].good; good->json != NULL; good++)
      {
        g_autoptr (GError) error = NULL;
        g_autofree char *json = make_json (field, good->json);
        g_autofree char *expected = make_json (field, good->stored != NULL ? good->stored : good->json);
        g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (json, -1, &error);
        g_autoptr (PerryContainerSpec) again = NULL;
        g_autofree char *written = NULL;
        g_autofree char *twice = NULL;
        g_autofree char *printed = NULL;

        g_assert_no_error (error);
        written = perry_container_spec_to_json (spec);
        if (field == PERRY_FIELD_SECCOMP && strstr (good->json, "\\\"") != NULL)
          g_assert_nonnull (strstr (written, "SCMP_ACT_ERRNO"));
        else
          g_assert_cmpstr (written, ==, expected);
        again = perry_container_spec_new_from_json (written, -1, &error);
        g_assert_no_error (error);
        twice = perry_container_spec_to_json (again);
        g_assert_cmpstr (twice, ==, written);
        printed = perry_container_spec_format_value (spec, field);
        g_assert_nonnull (printed);
        g_assert_cmpstr (printed, !=, "");
      }
}

static void
test_bad_values (void)
{
  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    {
      g_assert_nonnull (samples[field].bad[0].json);
      for (const Bad *bad = samples[field].bad; bad->json != NULL; bad++)
        {
          g_autoptr (GError) error = NULL;
          g_autofree char *json = make_json (field, bad->json);
          g_autofree char *path = g_strconcat ("$.", perry_field_get_name (field), NULL);

          g_assert_null (perry_container_spec_new_from_json (json, -1, &error));
          g_assert_true (error->domain == PERRY_ERROR);
          g_assert_nonnull (strstr (error->message, path));
          if (strstr (error->message, bad->message) == NULL)
            g_error ("%s: “%s” is not in “%s”", json, bad->message, error->message);
        }
    }
}

/* Every type of JSON where it does not belong: an error, never a crash and never a value. */
static void
test_wrong_types (void)
{
  static const char *const values[] = { "null", "true", "7", "1.5", "\"text\"", "[]", "{}", "[null]", "[[]]", "[{}]",
                                        "{\"a\":[]}", "{\"\":{}}", "[\"\"]", "\"\"", "-9223372036854775808" };

  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
      {
        g_autoptr (GError) error = NULL;
        g_autofree char *json = make_json (field, values[i]);
        g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (json, -1, &error);

        g_assert_true ((spec == NULL) == (error != NULL));
        if (g_str_equal (values[i], "null"))
          g_assert_null (spec);
      }
}

static void
test_text (void)
{
  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    {
      g_autoptr (PerryContainerSpec) spec = perry_container_spec_new ();
      g_autoptr (GError) error = NULL;

      g_assert_true (perry_container_spec_set_from_text (spec, field, samples[field].text, "--it", &error));
      g_assert_no_error (error);
      g_assert_true (perry_container_spec_is_set (spec, field));
      if (samples[field].bad_text != NULL)
        {
          g_autofree char *before = perry_container_spec_to_json (spec);
          g_autofree char *after = NULL;

          g_assert_false (perry_container_spec_set_from_text (spec, field, samples[field].bad_text, "--it", &error));
          g_assert_true (error->domain == PERRY_ERROR);
          g_assert_true (g_str_has_prefix (error->message, "--it: "));
          g_assert_null (strstr (error->message, "[0]"));
          after = perry_container_spec_to_json (spec);
          g_assert_cmpstr (after, ==, before);
          g_clear_error (&error);
        }
      g_assert_false (perry_container_spec_set_from_text (spec, field, "\xff\xfe", "--it", &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

static void
test_wrong_variants (void)
{
  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    {
      g_autoptr (PerryContainerSpec) spec = perry_container_spec_new ();
      g_autoptr (GError) error = NULL;

      g_assert_false (perry_container_spec_set_value (spec, field, g_variant_new ("(ii)", 1, 2), &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC);
      g_assert_false (perry_container_spec_is_set (spec, field));
    }
}

static PerryCapabilitySet
require (const char *json, PerryField field)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (json, -1, &error);
  const PerryFieldInfo *info = perry_field_get_info (field);

  g_assert_no_error (error);
  return info->required != NULL ? info->required (spec) : 0;
}

#define BIT(name) PERRY_CAPABILITY_BIT (PERRY_CAPABILITY_##name)

static void
test_required (void)
{
  static const struct { const char *json; PerryField field; PerryCapabilitySet set; } cases[] = {
    { "{\"network\":\"none\"}", PERRY_FIELD_NETWORK, BIT (NETWORK_NONE) },
    { "{\"network\":\"host\"}", PERRY_FIELD_NETWORK, BIT (NETWORK_HOST) },
    { "{\"network\":\"bridge\"}", PERRY_FIELD_NETWORK, 0 },
    { "{\"network\":\"mine\"}", PERRY_FIELD_NETWORK, BIT (USER_DEFINED_BRIDGE) },
    { "{\"no_network\":true}", PERRY_FIELD_NO_NETWORK, BIT (NETWORK_NONE) },
    { "{\"no_network\":false}", PERRY_FIELD_NO_NETWORK, 0 },
    { "{\"privileged\":true}", PERRY_FIELD_PRIVILEGED, BIT (PRIVILEGED) },
    { "{\"privileged\":false}", PERRY_FIELD_PRIVILEGED, 0 },
    { "{\"read_only\":true}", PERRY_FIELD_READ_ONLY, BIT (READ_ONLY_ROOTFS) },
    { "{\"cap_drop\":[\"ALL\"]}", PERRY_FIELD_CAP_DROP, BIT (LINUX_CAPABILITIES) },
    { "{\"cap_drop\":[]}", PERRY_FIELD_CAP_DROP, 0 },
    { "{\"cap_add\":[\"CHOWN\"]}", PERRY_FIELD_CAP_ADD, BIT (LINUX_CAPABILITIES) },
    { "{\"seccomp\":\"unconfined\"}", PERRY_FIELD_SECCOMP, BIT (SECCOMP_PROFILE) },
    { "{\"user\":\"1\"}", PERRY_FIELD_USER, BIT (RUN_AS_USER) },
    { "{\"workdir\":\"/\"}", PERRY_FIELD_WORKDIR, BIT (WORKDIR) },
    { "{\"apparmor\":\"x\"}", PERRY_FIELD_APPARMOR, BIT (APPARMOR) },
    { "{\"selinux\":\"disable\"}", PERRY_FIELD_SELINUX, BIT (SELINUX_LABEL) },
    { "{\"no_new_privileges\":true}", PERRY_FIELD_NO_NEW_PRIVILEGES, BIT (NO_NEW_PRIVILEGES) },
    { "{\"volumes\":[\"/a:/b\"]}", PERRY_FIELD_VOLUMES, BIT (BIND_MOUNTS) },
    { "{\"volumes\":[\"a:/b:ro\",\"/a:/c:z\"]}", PERRY_FIELD_VOLUMES,
      BIT (NAMED_VOLUMES) | BIT (READ_ONLY_MOUNTS) | BIT (BIND_MOUNTS) | BIT (SELINUX_MOUNT_LABELS) },
    { "{\"volumes\":[{\"type\":\"tmpfs\",\"target\":\"/b\"}]}", PERRY_FIELD_VOLUMES, BIT (TMPFS_MOUNTS) },
    { "{\"network_aliases\":[\"a\"]}", PERRY_FIELD_NETWORK_ALIASES, BIT (NETWORK_ALIAS) },
    { "{\"network_aliases\":[]}", PERRY_FIELD_NETWORK_ALIASES, 0 },
    { "{\"ports\":[\"80\"]}", PERRY_FIELD_PORTS, BIT (PUBLISHED_PORTS) },
    { "{\"ports\":[]}", PERRY_FIELD_PORTS, 0 },
    { "{\"tmpfs\":[\"/b\"]}", PERRY_FIELD_TMPFS, BIT (TMPFS_MOUNTS) },
    { "{\"tmpfs\":[\"/b\"]}", PERRY_FIELD_VOLUMES, 0 },
    { "{\"tmpfs\":[]}", PERRY_FIELD_TMPFS, 0 },
    { "{\"memory\":\"64m\"}", PERRY_FIELD_MEMORY, BIT (MEMORY_LIMIT) },
    { "{\"cpus\":1}", PERRY_FIELD_CPUS, BIT (CPU_LIMIT) },
    { "{\"pids_limit\":-1}", PERRY_FIELD_PIDS_LIMIT, BIT (PIDS_LIMIT) },
    { "{\"init\":true}", PERRY_FIELD_INIT, BIT (INIT) },
    { "{\"rm\":true}", PERRY_FIELD_RM, BIT (RM_ON_EXIT) },
    { "{\"pid\":\"host\"}", PERRY_FIELD_PID, BIT (PID_NAMESPACE_SHARE) },
    { "{\"pid\":\"private\"}", PERRY_FIELD_PID, 0 },
    { "{\"ipc\":\"shareable\"}", PERRY_FIELD_IPC, 0 },
    { "{\"ipc\":\"container:aa\"}", PERRY_FIELD_IPC, BIT (IPC_NAMESPACE_SHARE) },
    { "{\"uts\":\"host\"}", PERRY_FIELD_UTS, BIT (UTS_NAMESPACE_SHARE) },
    { "{\"userns\":\"private\"}", PERRY_FIELD_USERNS, BIT (USER_NAMESPACE) },
    { "{\"stop_signal\":\"TERM\"}", PERRY_FIELD_STOP_SIGNAL, BIT (STOP_SIGNAL) },
    { "{\"stop_timeout\":1}", PERRY_FIELD_STOP_TIMEOUT, BIT (STOP_SIGNAL) },
    { "{\"group_add\":[\"1\"]}", PERRY_FIELD_GROUP_ADD, BIT (RUN_AS_USER) },
    { "{\"group_add\":[]}", PERRY_FIELD_GROUP_ADD, 0 },
    { "{\"memory_swap\":-1}", PERRY_FIELD_MEMORY_SWAP, BIT (MEMORY_LIMIT) },
    { "{\"ulimits\":{\"core\":0}}", PERRY_FIELD_ULIMITS, BIT (ULIMITS) },
    { "{\"sysctls\":{\"net.a\":0}}", PERRY_FIELD_SYSCTLS, BIT (SYSCTLS) },
    { "{\"healthcheck\":{\"interval\":\"1s\"}}", PERRY_FIELD_HEALTHCHECK, BIT (HEALTHCHECK) },
    { "{\"healthcheck\":{\"disable\":true}}", PERRY_FIELD_HEALTHCHECK, 0 },
    { "{\"restart\":\"always\"}", PERRY_FIELD_RESTART, BIT (RESTART_POLICY) },
    { "{\"restart\":\"no\"}", PERRY_FIELD_RESTART, 0 },
    { "{\"image\":\"a\"}", PERRY_FIELD_IMAGE, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmphex (require (cases[i].json, cases[i].field), ==, cases[i].set);
  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    g_assert_cmphex (require ("{}", field), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/spec-fields/table-is-complete-and-unambiguous", test_rows);
  g_test_add_func ("/spec-fields/lookup-takes-all-spellings", test_lookup);
  g_test_add_func ("/spec-fields/good-values-round-trip", test_good_values);
  g_test_add_func ("/spec-fields/bad-values-are-named", test_bad_values);
  g_test_add_func ("/spec-fields/wrong-json-types", test_wrong_types);
  g_test_add_func ("/spec-fields/values-from-text", test_text);
  g_test_add_func ("/spec-fields/wrong-variant-types", test_wrong_variants);
  g_test_add_func ("/spec-fields/required-capabilities", test_required);
  return g_test_run ();
}
