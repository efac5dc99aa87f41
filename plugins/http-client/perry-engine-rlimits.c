/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-rlimits.h"

#include "plugin-api/perry-file.h"
#include "plugins/http-client/perry-engine-process.h"

#define MAX_LIMITS_BYTES 16384

/* What a spec calls a limit, and what /proc/PID/limits does. */
static const struct {
  const char *name;
  const char *row;
} names[PERRY_ENGINE_N_RLIMITS] = {
  { "as", "Max address space" },       { "core", "Max core file size" },     { "cpu", "Max cpu time" },
  { "data", "Max data size" },         { "fsize", "Max file size" },         { "locks", "Max file locks" },
  { "memlock", "Max locked memory" },  { "msgqueue", "Max msgqueue size" },  { "nice", "Max nice priority" },
  { "nofile", "Max open files" },      { "nproc", "Max processes" },         { "rss", "Max resident set" },
  { "rtprio", "Max realtime priority" }, { "rttime", "Max realtime timeout" }, { "sigpending", "Max pending signals" },
  { "stack", "Max stack size" },
};

void
perry_engine_rlimits_init (PerryEngineRlimits *rlimits)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    rlimits->hard[i] = G_MAXINT64;
}

void
perry_engine_rlimits_lower (PerryEngineRlimits *rlimits, const char *name, gint64 most)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i].name, name))
      rlimits->hard[i] = MIN (rlimits->hard[i], most);
}

void
perry_engine_rlimits_parse (PerryEngineRlimits *rlimits, const char *limits, gboolean can_raise, gint64 nr_open)
{
  perry_engine_rlimits_init (rlimits);
  for (gsize i = 0; i < G_N_ELEMENTS (names) && !can_raise; i++)
    {
      gint64 hard;

      if (perry_engine_limits_parse (limits, names[i].row, &hard))
        rlimits->hard[i] = hard;
    }
  if (nr_open > 0)
    perry_engine_rlimits_lower (rlimits, "nofile", nr_open);
}

void
perry_engine_rlimits_read (PerryEngineRlimits *rlimits, gint64 pid, gboolean can_raise)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/limits", pid);
  g_autofree char *limits = perry_file_read_text (path, MAX_LIMITS_BYTES, NULL);
  g_autofree char *nr_open = perry_file_read_text ("/proc/sys/fs/nr_open", MAX_LIMITS_BYTES, NULL);
  gint64 most = 0;

  perry_engine_rlimits_init (rlimits);
  if (limits == NULL)
    return;
  if (nr_open != NULL)
    most = g_ascii_strtoll (nr_open, NULL, 10);
  perry_engine_rlimits_parse (rlimits, limits, can_raise, most);
}

void
perry_engine_limit_ulimits (const PerryContainerSpec *spec, const PerryEngineRlimits *rlimits, const char *engine,
                            PerryFieldSupport *support)
{
  GVariant *map = perry_container_spec_get_value (spec, PERRY_FIELD_ULIMITS);

  for (gsize i = 0; map != NULL && i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *reason = NULL;
      const char *value, *hard;
      gint64 wanted;

      if (!g_variant_lookup (map, names[i].name, "&s", &value))
        continue;
      hard = strchr (value, ':') != NULL ? strchr (value, ':') + 1 : value;
      wanted = g_ascii_strtoll (hard, NULL, 10);
      if (wanted >= 0 ? wanted <= rlimits->hard[i] : rlimits->hard[i] == G_MAXINT64)
        continue;
      reason = g_strdup_printf ("the hard limit %s=%s is above %" G_GINT64_FORMAT ", the most that %s can grant here",
                                names[i].name, wanted >= 0 ? hard : "unlimited", rlimits->hard[i], engine);
      perry_field_support_limit (support, PERRY_FIELD_ULIMITS, PERRY_SUPPORT_UNSUPPORTED, reason);
    }
}
