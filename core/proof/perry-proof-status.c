/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/perry-proof-readers.h"

#include <string.h>

#include "plugin-api/perry-error.h"

/* What has been cut off in the middle of a line can still look like a whole one: `CapBnd: 0000`. */
gboolean
perry_proof_ends_with_newline (const char *text, const char *name, GError **error)
{
  gsize length = strlen (text);

  if (length > 0 && text[length - 1] == '\n')
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "%s: %s", name, length == 0 ? "empty" : "cut off");
  return FALSE;
}

/* Numbers of a line, separated by blanks. Returns their count, or -1 if the line holds anything else or more than
 * @max. */
static int
parse_numbers (const char *text, gint64 *ret_numbers, int max)
{
  int n = 0;

  for (;;)
    {
      char *end;
      guint64 number;

      text += strspn (text, " \t");
      if (*text == '\0')
        return n;
      if (!g_ascii_isdigit (*text) || n == max)
        return -1;
      number = g_ascii_strtoull (text, &end, 10);
      if (number > G_MAXUINT32)
        return -1;
      ret_numbers[n++] = (gint64) number;
      text = end;
    }
}

static gboolean
parse_groups (const char *text, GArray *groups)
{
  while (*(text += strspn (text, " \t")) != '\0')
    {
      char *end;
      guint64 number;
      gint64 id;

      if (!g_ascii_isdigit (*text) || groups->len == PERRY_PROOF_MAX_GROUPS)
        return FALSE;
      number = g_ascii_strtoull (text, &end, 10);
      if (number > G_MAXUINT32)
        return FALSE;
      id = (gint64) number;
      g_array_append_val (groups, id);
      text = end;
    }
  return TRUE;
}

static gboolean
parse_hex (const char *text, guint64 *ret_value)
{
  return g_ascii_string_to_unsigned (text, 16, 0, G_MAXUINT64, ret_value, NULL);
}

static gboolean
parse_small (const char *text, gint64 max, gint64 *ret_value)
{
  return g_ascii_string_to_signed (text, 10, 0, max, ret_value, NULL);
}

static gboolean
parse_ns_pids (const char *text, PerryProofStatus *status)
{
  gint64 pids[32]; /* process namespaces nest 32 deep at most */
  int n = parse_numbers (text, pids, G_N_ELEMENTS (pids));

  if (n < 1)
    return FALSE;
  status->n_ns_pids = (guint) n;
  status->first_ns_pid = pids[0];
  status->last_ns_pid = pids[n - 1];
  return TRUE;
}

/* Takes the lines that matter and ignores the others; the bits of @caps_seen count the capability lines. */
static gboolean
parse_line (PerryProofStatus *status, const char *key, const char *value, guint *caps_seen)
{
  static const char *const cap_keys[] = { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" };

  for (guint i = 0; i < G_N_ELEMENTS (cap_keys); i++)
    if (strcmp (key, cap_keys[i]) == 0)
      {
        *caps_seen |= 1u << i;
        return parse_hex (value, &status->caps[i]);
      }
  if (strcmp (key, "Name") == 0)
    return g_strlcpy (status->name, value, sizeof status->name) < sizeof status->name;
  if (strcmp (key, "State") == 0)
    return (status->state = *value) != '\0';
  if (strcmp (key, "PPid") == 0)
    return parse_small (value, G_MAXINT32, &status->parent);
  if (strcmp (key, "Uid") == 0)
    return parse_numbers (value, status->uid, 4) == 4;
  if (strcmp (key, "Gid") == 0)
    return parse_numbers (value, status->gid, 4) == 4;
  if (strcmp (key, "Groups") == 0)
    return status->have_groups = parse_groups (value, status->groups);
  if (strcmp (key, "NSpid") == 0)
    return parse_ns_pids (value, status);
  if (strcmp (key, "NoNewPrivs") == 0)
    return parse_small (value, 1, &status->no_new_privs);
  if (strcmp (key, "Seccomp") == 0)
    return parse_small (value, 2, &status->seccomp_mode);
  if (strcmp (key, "Seccomp_filters") == 0)
    return parse_small (value, G_MAXINT32, &status->seccomp_filters);
  return TRUE;
}

static PerryProofStatus *
new_status (void)
{
  PerryProofStatus *status = g_new0 (PerryProofStatus, 1);

  status->groups = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (int i = 0; i < 4; i++)
    status->uid[i] = status->gid[i] = PERRY_OBSERVED_UNKNOWN;
  status->no_new_privs = PERRY_OBSERVED_UNKNOWN;
  status->seccomp_mode = PERRY_OBSERVED_UNKNOWN;
  status->seccomp_filters = PERRY_OBSERVED_UNKNOWN;
  return status;
}

PerryProofStatus *
perry_proof_status_parse (const char *text, GError **error)
{
  g_autoptr (PerryProofStatus) status = new_status ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint caps_seen = 0;

  if (!perry_proof_ends_with_newline (text, "status", error))
    return NULL;
  for (char **line = lines; line[1] != NULL; line++)
    {
      char *colon = strchr (*line, ':');

      if (colon == NULL)
        {
          g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_FAILED, "status: a line without colon");
          return NULL;
        }
      *colon = '\0';
      if (!g_hash_table_add (seen, g_strdup (*line)) || !parse_line (status, *line, g_strstrip (colon + 1), &caps_seen))
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "status: line %s is malformed or repeated", *line);
          return NULL;
        }
    }
  status->have_caps = caps_seen == 0x1f;
  status->have_ids = status->uid[0] != PERRY_OBSERVED_UNKNOWN && status->gid[0] != PERRY_OBSERVED_UNKNOWN;
  return g_steal_pointer (&status);
}

void
perry_proof_status_free (PerryProofStatus *status)
{
  if (status == NULL)
    return;
  g_array_unref (status->groups);
  g_free (status);
}

gboolean
perry_proof_status_same_privileges (const PerryProofStatus *a, const PerryProofStatus *b)
{
  return memcmp (a->uid, b->uid, sizeof a->uid) == 0 && memcmp (a->gid, b->gid, sizeof a->gid) == 0 &&
         memcmp (a->caps, b->caps, sizeof a->caps) == 0 && a->no_new_privs == b->no_new_privs &&
         a->seccomp_mode == b->seccomp_mode && a->seccomp_filters == b->seccomp_filters &&
         a->groups->len == b->groups->len &&
         /* An array that nothing was appended to has no data, and memcmp() wants some even for no bytes. */
         (a->groups->len == 0 ||
          memcmp (a->groups->data, b->groups->data, a->groups->len * sizeof (gint64)) == 0);
}

gboolean
perry_proof_parse_start_time (const char *text, guint64 *ret_start_time, GError **error)
{
  /* The name of the program stands in parentheses and may hold blanks and parentheses itself. */
  const char *rest = strrchr (text, ')');
  g_auto (GStrv) fields = rest != NULL ? g_strsplit (rest + 1 + strspn (rest + 1, " "), " ", 64) : NULL;

  if (fields == NULL || g_strv_length (fields) < 20 ||
      !g_ascii_string_to_unsigned (fields[19], 10, 0, G_MAXUINT64, ret_start_time, NULL))
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_FAILED, "stat: no start time");
      return FALSE;
    }
  return TRUE;
}
