/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-signal.h"

#include <signal.h>

typedef struct {
  sigset_t signals;
  GCancellable *cancellable;
} Watch;

static int first_signal;

static gpointer
watch_thread (gpointer data)
{
  Watch *watch = data;
  int number;

  for (;;)
    {
      if (sigwait (&watch->signals, &number) != 0)
        continue;
      if (g_atomic_int_compare_and_exchange (&first_signal, 0, number))
        g_cancellable_cancel (watch->cancellable);
    }
  return NULL;
}

GCancellable *
perryctl_signal_watch (void)
{
  static Watch watch;
  struct sigaction hangup;

  g_return_val_if_fail (watch.cancellable == NULL, watch.cancellable);

  watch.cancellable = g_cancellable_new ();
  sigemptyset (&watch.signals);
  sigaddset (&watch.signals, SIGINT);
  sigaddset (&watch.signals, SIGTERM);
  if (sigaction (SIGHUP, NULL, &hangup) != 0 || hangup.sa_handler != SIG_IGN)
    sigaddset (&watch.signals, SIGHUP);
  pthread_sigmask (SIG_BLOCK, &watch.signals, NULL);
  g_thread_unref (g_thread_new ("perry-signals", watch_thread, &watch));
  return watch.cancellable;
}

int
perryctl_signal_get_exit_code (void)
{
  int number = g_atomic_int_get (&first_signal);

  return number != 0 ? 128 + number : 0;
}
