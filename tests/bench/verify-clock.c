/* SPDX-License-Identifier: Apache-2.0 */
/* Verifies in one process, through the library: how long an image takes that is known, beside resolving its name alone,
 * and how often a verifier answers a crowd. Prints JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/perry-container.h"

#define USAGE "usage: verify-clock pairs N REFERENCE REFERENCE-BY-DIGEST | anew N REFERENCE | crowd N REFERENCE\n"
#define MAX_N 10000
#define N_WARM_UPS 2

static void
give_up (const char *message)
{
  fprintf (stderr, "verify-clock: %s\n", message);
  exit (1);
}

static gint64
resolve (PerryEngine *engine, const char *reference)
{
  gint64 begin = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryImageResolution) resolution = perry_engine_resolve_image (engine, reference, NULL, NULL, &error);

  if (resolution == NULL)
    give_up (error->message);
  return g_get_monotonic_time () - begin;
}

static gint64
verify (PerryEngine *engine, const char *reference, gboolean anew)
{
  gint64 begin = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryImageVerification) verification =
      perry_engine_verify_image (engine, reference, NULL, NULL, anew, NULL, &error);

  if (verification == NULL)
    give_up (error->message);
  if (verification->kind != PERRY_VERIFICATION_VERIFIED)
    give_up (verification->note);
  return g_get_monotonic_time () - begin;
}

/* In turns, as the noise of a machine is slow. */
static void
measure_pairs (PerryEngine *engine, int n, const char *reference, const char *by_digest)
{
  for (int i = -N_WARM_UPS; i < n; i++)
    {
      gint64 resolved = resolve (engine, reference);
      gint64 verified = verify (engine, reference, FALSE);
      gint64 known = verify (engine, by_digest, FALSE);

      if (i >= 0)
        printf ("%s[%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT "]", i == 0 ? "[" : ", ", resolved,
                verified, known);
    }
  puts ("]");
}

/* Whatever is known; the last of N is printed, when all that is made once is there. */
static void
measure_anew (PerryEngine *engine, int n, const char *reference)
{
  gint64 taken = 0;

  for (int i = 0; i < n; i++)
    taken = verify (engine, reference, TRUE);
  printf ("%" G_GINT64_FORMAT "\n", taken);
}

typedef struct {
  PerryEngine *engine;
  const char *reference;
} Crowd;

static void
verify_in_thread (gpointer data, gpointer user_data)
{
  const Crowd *crowd = user_data;

  verify (crowd->engine, crowd->reference, FALSE);
}

static void
measure_crowd (PerryEngine *engine, int n, const char *reference)
{
  Crowd crowd = { engine, reference };
  gint64 begin = g_get_monotonic_time ();
  GThreadPool *pool = g_thread_pool_new (verify_in_thread, &crowd, n, TRUE, NULL);

  for (int i = 1; i <= n; i++)
    g_thread_pool_push (pool, GINT_TO_POINTER (i), NULL);
  g_thread_pool_free (pool, FALSE, TRUE);
  printf ("%" G_GINT64_FORMAT "\n", g_get_monotonic_time () - begin);
}

int
main (int argc, char **argv)
{
  g_autoptr (PerryEngine) engine = NULL;
  g_autoptr (GError) error = NULL;
  int n = argc > 3 ? atoi (argv[2]) : 0;
  gboolean pairs = argc == 5 && strcmp (argv[1], "pairs") == 0;
  gboolean anew = argc == 4 && strcmp (argv[1], "anew") == 0;

  if ((!pairs && !anew && (argc != 4 || strcmp (argv[1], "crowd") != 0)) || n < 1 || n > MAX_N)
    {
      fputs (USAGE, stderr);
      return 2;
    }
  engine = perry_engine_new (NULL, &error);
  if (engine == NULL)
    give_up (error->message);
  if (pairs)
    measure_pairs (engine, n, argv[3], argv[4]);
  else if (anew)
    measure_anew (engine, n, argv[3]);
  else
    measure_crowd (engine, n, argv[3]);
  return 0;
}
