/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/kcmp.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/integration/escape.h"

/* Calls of the kernel that change, or look into, what is not the caller's. */

#define MS_REMOUNT_BIND (32 | 4096)
#define FORM_OF_A_CLONE 1  /* OPEN_TREE_CLONE */
#define FROM_THE_FILE 0x04 /* MOVE_MOUNT_F_EMPTY_PATH */

static int
mount_at (const char *source, const char *type, unsigned long flags)
{
  return escape_answer (syscall (SYS_mount, source, "/tmp", type, flags, NULL));
}

static int mount_tmpfs (void) { return mount_at ("tmpfs", "tmpfs", 0); }
static int mount_proc (void) { return mount_at ("proc", "proc", 0); }
static int mount_bind (void) { return mount_at ("/", NULL, 4096); }
static int mount_cgroup (void)
{
  int error = mount_at ("cgroup", "cgroup2", 0);

  return error == 0 ? 0 : escape_answer (syscall (SYS_mount, "cgroup", "/tmp", "cgroup", 0, "memory"));
}
static int umount_tmp (void) { return escape_answer (syscall (SYS_umount2, "/tmp", 2)); }
static int remount_root (void) { return escape_answer (syscall (SYS_mount, NULL, "/", NULL, MS_REMOUNT_BIND, NULL)); }

static int
set_mount_flags (void)
{
  struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOEXEC };

  return escape_answer (syscall (SYS_mount_setattr, AT_FDCWD, "/tmp", 0, &attr, sizeof attr));
}

static int open_filesystem (void) { return escape_answer (syscall (SYS_fsopen, "tmpfs", 0)); }
static int open_tree_of_root (void) { return escape_answer (syscall (SYS_open_tree, AT_FDCWD, "/", FORM_OF_A_CLONE)); }

static int
move_tree (void)
{
  long tree = syscall (SYS_open_tree, AT_FDCWD, ESCAPE_DIR, FORM_OF_A_CLONE);

  return escape_answer (syscall (SYS_move_mount, tree, "", AT_FDCWD, "/tmp", FROM_THE_FILE));
}

static int
pivot_root_to_tmp (void)
{
  syscall (SYS_mount, "tmpfs", "/tmp", "tmpfs", 0, NULL);
  return escape_answer (syscall (SYS_pivot_root, "/tmp", "/tmp"));
}

static int chroot_to_tmp (void) { return escape_answer (chroot ("/tmp")); }

static int unshare_mount (void) { return escape_answer (unshare (CLONE_NEWNS)); }
static int unshare_uts (void) { return escape_answer (unshare (CLONE_NEWUTS)); }
static int unshare_ipc (void) { return escape_answer (unshare (CLONE_NEWIPC)); }
static int unshare_net (void) { return escape_answer (unshare (CLONE_NEWNET)); }
static int unshare_pid (void) { return escape_answer (unshare (CLONE_NEWPID)); }
static int unshare_user (void) { return escape_answer (unshare (CLONE_NEWUSER)); }
static int unshare_cgroup (void) { return escape_answer (unshare (CLONE_NEWCGROUP)); }
static int unshare_time (void) { return escape_answer (unshare (CLONE_NEWTIME)); }

static int
end_child (long child)
{
  if (child == 0)
    _exit (0);
  if (child > 0)
    waitpid ((pid_t) child, NULL, 0);
  return escape_answer (child);
}

static int clone_user (void) { return end_child (syscall (SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)); }

static int
clone3_user (void)
{
  struct clone_args arguments = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };

  return end_child (syscall (SYS_clone3, &arguments, sizeof arguments));
}

static int
join_namespace (void)
{
  int ns = open ("/proc/self/ns/uts", O_RDONLY);

  return escape_answer (setns (ns, CLONE_NEWUTS));
}

static int
join_witness (void)
{
  int pid = escape_find_process (ESCAPE_WITNESS);
  int pidfd = pid > 0 ? (int) syscall (SYS_pidfd_open, pid, 0) : -1;

  return pid > 0 ? escape_answer (setns (pidfd, CLONE_NEWNS)) : ESRCH;
}

static int
trace_witness (void)
{
  int pid = escape_find_process (ESCAPE_WITNESS);

  return pid > 0 ? escape_answer (ptrace (PTRACE_SEIZE, pid, NULL, NULL)) : ESRCH;
}

static int
signal_witness (void)
{
  int pid = escape_find_process (ESCAPE_WITNESS);

  return pid > 0 ? escape_answer (kill (pid, 0)) : ESRCH;
}

static int
read_memory (void)
{
  static char there, here;
  struct iovec local = { &here, 1 }, remote = { &there, 1 };

  return escape_answer (syscall (SYS_process_vm_readv, getpid (), &local, 1, &remote, 1, 0));
}

static int
write_memory (void)
{
  static char there, here;
  struct iovec local = { &here, 1 }, remote = { &there, 1 };

  return escape_answer (syscall (SYS_process_vm_writev, getpid (), &local, 1, &remote, 1, 0));
}

static int
take_file (void)
{
  long pidfd = syscall (SYS_pidfd_open, getpid (), 0);

  return escape_answer (syscall (SYS_pidfd_getfd, pidfd, 0, 0));
}

static int compare (void) { return escape_answer (syscall (SYS_kcmp, getpid (), getpid (), KCMP_VM, 0, 0)); }

static int keyring (void) { return escape_answer (syscall (SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1)); }
static int
add_key_of_process (void)
{
  return escape_answer (syscall (SYS_add_key, "user", "perry-escape", "x", 1, KEY_SPEC_PROCESS_KEYRING));
}
static int
request_key_of_process (void)
{
  return escape_answer_beyond (syscall (SYS_request_key, "user", "perry-escape", NULL, 0), ENOKEY);
}

static int
make_bpf_map (void)
{
  union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1 };

  return escape_answer (syscall (SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr));
}

static int
open_perf_event (void)
{
  struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE, .size = sizeof attr, .config = PERF_COUNT_SW_CPU_CLOCK };

  return escape_answer (syscall (SYS_perf_event_open, &attr, 0, -1, -1, 0));
}

static int handle_faults (void) { return escape_answer (syscall (SYS_userfaultfd, O_CLOEXEC)); }

static int
set_up_io_uring (void)
{
  struct io_uring_params params = { 0 };

  return escape_answer (syscall (SYS_io_uring_setup, 1, &params));
}

static int watch_files (void) { return escape_answer (syscall (SYS_fanotify_init, 0, O_RDONLY)); }
static int load_module (void) { return escape_answer_beyond (syscall (SYS_init_module, "", 0, ""), ENOEXEC); }
static int unload_module (void) { return escape_answer_beyond (syscall (SYS_delete_module, "perry-none", O_NONBLOCK), ENOENT); }
static int load_kernel (void) { return escape_answer_beyond (syscall (SYS_kexec_load, 0, 0, NULL, 0x80000000UL), EINVAL); }
/* With numbers that are not those of a reboot. */
static int restart (void) { return escape_answer_beyond (syscall (SYS_reboot, 0, 0, 0, 0), EINVAL); }
static int swap_on (void) { return escape_answer_beyond (syscall (SYS_swapon, "/perry-none", 0), ENOENT); }
static int swap_off (void) { return escape_answer_beyond (syscall (SYS_swapoff, "/perry-none"), ENOENT); }

/* The time zone of the kernel, to what it is. */
static int
set_time_zone (void)
{
  struct timezone zone = { 0 };

  syscall (SYS_gettimeofday, NULL, &zone);
  return escape_answer (syscall (SYS_settimeofday, NULL, &zone));
}

/* The clock's tick, to what it is. */
static int
adjust_clock (void)
{
  struct timex now = { 0 };

  adjtimex (&now);
  now.modes = ADJ_TICK;
  return escape_answer (adjtimex (&now));
}

static int set_host_name (void) { return escape_answer (sethostname ("perry-escape", 12)); }
static int set_domain_name (void) { return escape_answer (setdomainname ("perry-escape", 12)); }
static int quota (void) { return escape_answer_beyond (syscall (SYS_quotactl, 0x80000300, "/perry-none", 0, NULL), ENOENT); }
static int account (void) { return escape_answer_beyond (syscall (SYS_acct, "/perry-none"), ENOENT); }

static int
change_personality (void)
{
  return escape_answer (personality (READ_IMPLIES_EXEC));
}

static int read_kernel_log (void) { return escape_answer (syscall (SYS_syslog, 10, NULL, 0)); }
static int clear_kernel_log_level (void) { return escape_answer_beyond (syscall (SYS_syslog, 8, NULL, 99), EINVAL); }

#ifdef __x86_64__
static int raise_io_level (void) { return escape_answer (syscall (SYS_iopl, 3)); }
static int open_io_port (void) { return escape_answer (syscall (SYS_ioperm, 0x80, 1, 1)); }
#endif

/* Room for the handles of the file systems there are. */
typedef struct {
  struct file_handle handle;
  unsigned char bytes[128];
} Handle;

static int
name_handle (Handle *handle)
{
  int mount;

  memset (handle, 0, sizeof *handle);
  handle->handle.handle_bytes = sizeof handle->bytes;
  return escape_answer (syscall (SYS_name_to_handle_at, AT_FDCWD, ESCAPE_DIR "/escape", handle, &mount, 0));
}

static int
get_handle (void)
{
  Handle handle;

  return name_handle (&handle);
}

static int
open_handle (void)
{
  int folder = open (ESCAPE_DIR, O_RDONLY | O_DIRECTORY);
  Handle handle;

  name_handle (&handle);
  return escape_answer (syscall (SYS_open_by_handle_at, folder, &handle, O_RDONLY));
}

const EscapeAttempt escape_calls[] = {
  { "mount-tmpfs", mount_tmpfs },
  { "mount-proc", mount_proc },
  { "mount-bind", mount_bind },
  { "mount-cgroup", mount_cgroup },
  { "umount", umount_tmp },
  { "remount-root", remount_root },
  { "mount-setattr", set_mount_flags },
  { "fsopen", open_filesystem },
  { "open-tree", open_tree_of_root },
  { "move-mount", move_tree },
  { "pivot-root", pivot_root_to_tmp },
  { "chroot", chroot_to_tmp },
  { "unshare-mount", unshare_mount },
  { "unshare-uts", unshare_uts },
  { "unshare-ipc", unshare_ipc },
  { "unshare-net", unshare_net },
  { "unshare-pid", unshare_pid },
  { "unshare-user", unshare_user },
  { "unshare-cgroup", unshare_cgroup },
  { "unshare-time", unshare_time },
  { "clone-user", clone_user },
  { "clone3-user", clone3_user },
  { "setns", join_namespace },
  { "setns-of-another", join_witness },
  { "ptrace-another", trace_witness },
  { "signal-another", signal_witness },
  { "process-vm-readv", read_memory },
  { "process-vm-writev", write_memory },
  { "pidfd-getfd", take_file },
  { "kcmp", compare },
  { "keyctl", keyring },
  { "add-key", add_key_of_process },
  { "request-key", request_key_of_process },
  { "bpf", make_bpf_map },
  { "perf-event-open", open_perf_event },
  { "userfaultfd", handle_faults },
  { "io-uring", set_up_io_uring },
  { "fanotify", watch_files },
  { "init-module", load_module },
  { "delete-module", unload_module },
  { "kexec-load", load_kernel },
  { "reboot", restart },
  { "swapon", swap_on },
  { "swapoff", swap_off },
  { "settimeofday", set_time_zone },
  { "adjtimex", adjust_clock },
  { "sethostname", set_host_name },
  { "setdomainname", set_domain_name },
  { "quotactl", quota },
  { "acct", account },
  { "personality", change_personality },
  { "kernel-log", read_kernel_log },
  { "kernel-log-level", clear_kernel_log_level },
#ifdef __x86_64__
  { "iopl", raise_io_level },
  { "ioperm", open_io_port },
#endif
  { "name-to-handle-at", get_handle },
  { "open-by-handle-at", open_handle },
  { NULL, NULL },
};
