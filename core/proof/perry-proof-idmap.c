/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/perry-proof-readers.h"

#include "plugin-api/perry-error.h"

static gboolean
parse_range (char *line, PerryProofIdRange *ret_range)
{
  guint64 numbers[3];
  char *cursor = line;

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      char *end;

      while (*cursor == ' ' || *cursor == '\t')
        cursor++;
      if (!g_ascii_isdigit (*cursor))
        return FALSE;
      numbers[i] = g_ascii_strtoull (cursor, &end, 10);
      if (numbers[i] > G_MAXUINT32)
        return FALSE;
      cursor = end;
    }
  if (*cursor != '\0' || numbers[2] == 0)
    return FALSE;
  ret_range->inside = (guint32) numbers[0];
  ret_range->outside = (guint32) numbers[1];
  ret_range->count = (guint32) numbers[2];
  return TRUE;
}

GArray *
perry_proof_parse_id_map (const char *text, GError **error)
{
  g_autoptr (GArray) ranges = g_array_new (FALSE, FALSE, sizeof (PerryProofIdRange));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  /* A user namespace whose map has not been written yet has an empty one: nothing is mapped. */
  if (*text != '\0' && !perry_proof_ends_with_newline (text, "id map", error))
    return NULL;
  for (char **line = lines; line[0] != NULL && line[1] != NULL; line++)
    {
      PerryProofIdRange range;

      if (ranges->len == PERRY_PROOF_MAX_ID_RANGES)
        {
          g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED, "id map: too many lines");
          return NULL;
        }
      if (!parse_range (*line, &range))
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "id map: line %u is malformed", ranges->len + 1);
          return NULL;
        }
      g_array_append_val (ranges, range);
    }
  return g_steal_pointer (&ranges);
}

gint64
perry_proof_id_map_to_inside (const GArray *ranges, gint64 host_id)
{
  for (guint i = 0; i < ranges->len; i++)
    {
      const PerryProofIdRange *range = &g_array_index (ranges, PerryProofIdRange, i);

      if (host_id >= range->outside && host_id - range->outside < range->count)
        return range->inside + (host_id - range->outside);
    }
  return PERRY_OBSERVED_NOT_MAPPED;
}
