/* SPDX-License-Identifier: Apache-2.0 */
#include "core/verification/perry-verify-flight.h"

#include "plugin-api/perry-error.h"

/* between two looks at whether the caller has been cancelled */
#define PAUSE_US 20000

typedef struct {
  guint n_users; /* under the mutex */
  gboolean done;
  PerryVerification *answer; /* NULL where the one who asked has none for others */
} Flight;

struct _PerryVerifyFlights {
  GMutex mutex;
  GCond changed;
  GHashTable *flights; /* key -> Flight, which its users own together */
};

PerryVerifyFlights *
perry_verify_flights_new (void)
{
  PerryVerifyFlights *flights = g_new0 (PerryVerifyFlights, 1);

  g_mutex_init (&flights->mutex);
  g_cond_init (&flights->changed);
  flights->flights = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return flights;
}

void
perry_verify_flights_free (PerryVerifyFlights *flights)
{
  if (flights == NULL)
    return;
  g_hash_table_unref (flights->flights);
  g_mutex_clear (&flights->mutex);
  g_cond_clear (&flights->changed);
  g_free (flights);
}

/* Under the mutex. */
static void
leave (Flight *flight)
{
  if (--flight->n_users > 0)
    return;
  perry_verification_free (flight->answer);
  g_free (flight);
}

/* Under the mutex. FALSE when the caller has been cancelled. */
static gboolean
await (PerryVerifyFlights *flights, Flight *flight, GCancellable *cancellable)
{
  while (!flight->done)
    {
      if (g_cancellable_is_cancelled (cancellable))
        return FALSE;
      g_cond_wait_until (&flights->changed, &flights->mutex, g_get_monotonic_time () + PAUSE_US);
    }
  return TRUE;
}

static PerryVerification *
lead (PerryVerifyFlights *flights, const char *key, Flight *flight, PerryVerifyAsk ask, gpointer data,
      GCancellable *cancellable, GError **error)
{
  PerryVerification *answer = ask (data, cancellable, error);

  g_mutex_lock (&flights->mutex);
  flight->answer = answer != NULL ? perry_verification_copy (answer) : NULL;
  flight->done = TRUE;
  g_hash_table_remove (flights->flights, key);
  g_cond_broadcast (&flights->changed);
  leave (flight);
  g_mutex_unlock (&flights->mutex);
  return answer;
}

PerryVerification *
perry_verify_flights_ask (PerryVerifyFlights *flights, const char *key, PerryVerifyAsk ask, gpointer data,
                          gboolean *ret_was_asked, GCancellable *cancellable, GError **error)
{
  PerryVerification *answer = NULL;

  *ret_was_asked = FALSE;
  g_mutex_lock (&flights->mutex);
  while (answer == NULL)
    {
      Flight *flight = g_hash_table_lookup (flights->flights, key);
      gboolean arrived;

      if (flight == NULL)
        {
          flight = g_new0 (Flight, 1);
          flight->n_users = 1;
          g_hash_table_insert (flights->flights, g_strdup (key), flight);
          g_mutex_unlock (&flights->mutex);
          *ret_was_asked = TRUE;
          return lead (flights, key, flight, ask, data, cancellable, error);
        }
      flight->n_users++;
      arrived = await (flights, flight, cancellable);
      answer = arrived && flight->answer != NULL ? perry_verification_copy (flight->answer) : NULL;
      leave (flight);
      if (!arrived)
        {
          g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_CANCELLED, "the verification was cancelled");
          break;
        }
    }
  g_mutex_unlock (&flights->mutex);
  return answer;
}
