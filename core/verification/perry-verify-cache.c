/* SPDX-License-Identifier: Apache-2.0 */
#include "core/verification/perry-verify-cache.h"

#include <unistd.h>

#include "core/verification/perry-verify-clock.h"
#include "core/verification/perry-verify-store.h"

#define MAX_IN_MEMORY 4096
/* between two looks at whether it is our turn */
#define TURN_PAUSE_US 5000

typedef struct {
  PerryVerification *verification;
  gint64 end; /* on the monotonic clock */
} Kept;

struct _PerryVerifyCache {
  GMutex mutex;
  GHashTable *memory; /* key -> Kept */
  PerryVerifyStore *store;
  int verified_s;
  int refused_s;
};

struct _PerryVerifyTurn {
  int fd;
};

static void
kept_free (gpointer data)
{
  Kept *kept = data;

  perry_verification_free (kept->verification);
  g_free (kept);
}

char *
perry_verify_cache_dup_directory (const char *const *environment)
{
  char **variables = (char **) environment;
  g_autofree char *home = NULL;
  const char *base = NULL;

  if (environment == NULL)
    return g_build_filename (g_get_user_cache_dir (), "perry-container", "verified", NULL);
  base = g_environ_getenv (variables, "XDG_CACHE_HOME");
  if (base == NULL || !g_path_is_absolute (base))
    {
      const char *directory = g_environ_getenv (variables, "HOME");

      if (directory == NULL || !g_path_is_absolute (directory))
        return NULL;
      base = home = g_build_filename (directory, ".cache", NULL);
    }
  return g_build_filename (base, "perry-container", "verified", NULL);
}

PerryVerifyCache *
perry_verify_cache_new (const char *directory, int verified_s, int refused_s)
{
  PerryVerifyCache *cache = g_new0 (PerryVerifyCache, 1);

  g_mutex_init (&cache->mutex);
  cache->memory = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, kept_free);
  cache->store = directory != NULL ? perry_verify_store_new (directory) : NULL;
  cache->verified_s = verified_s;
  cache->refused_s = refused_s;
  return cache;
}

void
perry_verify_cache_free (PerryVerifyCache *cache)
{
  if (cache == NULL)
    return;
  g_hash_table_unref (cache->memory);
  g_clear_pointer (&cache->store, perry_verify_store_free);
  g_mutex_clear (&cache->mutex);
  g_free (cache);
}

static gboolean
has_expired (gpointer key, gpointer value, gpointer user_data)
{
  return ((Kept *) value)->end <= *(gint64 *) user_data;
}

static PerryVerification *
lookup_in_memory (PerryVerifyCache *cache, const char *key)
{
  gint64 now = g_get_monotonic_time ();
  PerryVerification *verification = NULL;
  const Kept *kept;

  g_mutex_lock (&cache->mutex);
  kept = g_hash_table_lookup (cache->memory, key);
  if (kept != NULL && kept->end > now)
    verification = perry_verification_copy (kept->verification);
  else if (kept != NULL)
    g_hash_table_remove (cache->memory, key);
  g_mutex_unlock (&cache->mutex);
  return verification;
}

static void
keep_in_memory (PerryVerifyCache *cache, const char *key, const PerryVerification *verification, gint64 for_us)
{
  gint64 now = g_get_monotonic_time ();
  Kept *kept = g_new0 (Kept, 1);

  kept->verification = perry_verification_copy (verification);
  kept->end = now + for_us;
  g_mutex_lock (&cache->mutex);
  if (g_hash_table_size (cache->memory) >= MAX_IN_MEMORY)
    g_hash_table_foreach_remove (cache->memory, has_expired, &now);
  if (g_hash_table_size (cache->memory) >= MAX_IN_MEMORY)
    g_hash_table_remove_all (cache->memory);
  g_hash_table_insert (cache->memory, g_strdup (key), kept);
  g_mutex_unlock (&cache->mutex);
}

/* An answer from the future is one from before the clock was set back: nobody knows how old it is. */
static PerryVerification *
lookup_on_disk (PerryVerifyCache *cache, const char *key)
{
  gint64 lifetime = cache->verified_s * G_TIME_SPAN_SECOND;
  PerryVerification *verification;
  gint64 time, age;

  if (cache->store == NULL || lifetime == 0 || !perry_verify_store_read (cache->store, key, &time))
    return NULL;
  age = perry_verify_clock_now (NULL) - time;
  if (age < 0 || age >= lifetime)
    return NULL;
  verification = perry_verification_new (PERRY_VERIFICATION_VERIFIED, PERRY_VERIFICATION_REASON_NONE, NULL);
  verification->certain = TRUE;
  keep_in_memory (cache, key, verification, lifetime - age);
  return verification;
}

PerryVerification *
perry_verify_cache_lookup (PerryVerifyCache *cache, const char *key)
{
  PerryVerification *verification = lookup_in_memory (cache, key);

  return verification != NULL ? verification : lookup_on_disk (cache, key);
}

void
perry_verify_cache_store (PerryVerifyCache *cache, const char *key, const PerryVerification *verification)
{
  gboolean refused = verification->certain && (verification->kind == PERRY_VERIFICATION_REJECTED ||
                                               verification->kind == PERRY_VERIFICATION_UNSIGNED);

  if (verification->kind == PERRY_VERIFICATION_VERIFIED && cache->verified_s > 0)
    {
      keep_in_memory (cache, key, verification, cache->verified_s * G_TIME_SPAN_SECOND);
      if (cache->store != NULL)
        perry_verify_store_write (cache->store, key, perry_verify_clock_now (NULL));
    }
  else if (refused && cache->refused_s > 0)
    keep_in_memory (cache, key, verification, cache->refused_s * G_TIME_SPAN_SECOND);
}

gboolean
perry_verify_cache_clear (PerryVerifyCache *cache, guint *ret_n, GError **error)
{
  g_mutex_lock (&cache->mutex);
  g_hash_table_remove_all (cache->memory);
  g_mutex_unlock (&cache->mutex);
  *ret_n = 0;
  return cache->store == NULL || perry_verify_store_clear (cache->store, ret_n, error);
}

PerryVerifyTurn *
perry_verify_cache_take_turn (PerryVerifyCache *cache, const char *key, int timeout_ms, GCancellable *cancellable)
{
  gint64 end = g_get_monotonic_time () + timeout_ms * G_TIME_SPAN_MILLISECOND;
  gboolean possible = cache->store != NULL && cache->verified_s > 0;

  while (possible && !g_cancellable_is_cancelled (cancellable) && g_get_monotonic_time () < end)
    {
      int fd = perry_verify_store_try_lock (cache->store, key, &possible);

      if (fd >= 0)
        {
          PerryVerifyTurn *turn = g_new0 (PerryVerifyTurn, 1);

          turn->fd = fd;
          return turn;
        }
      if (possible)
        g_usleep (TURN_PAUSE_US);
    }
  return NULL;
}

void
perry_verify_turn_free (PerryVerifyTurn *turn)
{
  if (turn == NULL)
    return;
  close (turn->fd);
  g_free (turn);
}
