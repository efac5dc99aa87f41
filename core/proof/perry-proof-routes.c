/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/perry-proof-readers.h"

#include <string.h>

#include "plugin-api/perry-error.h"

/* From linux/route.h and linux/ipv6_route.h. */
#define ROUTE_UP 0x1
#define ROUTE_GATEWAY 0x2
#define ROUTE_REJECT 0x200

static GStrv
split_line (const char *line)
{
  g_auto (GStrv) words = g_strsplit_set (line, " \t", -1);
  g_autoptr (GStrvBuilder) kept = g_strv_builder_new ();

  for (char **word = words; *word != NULL; word++)
    if (**word != '\0')
      g_strv_builder_add (kept, *word);
  return g_strv_builder_end (kept);
}

static gboolean
read_hex (const char *word, guint64 *ret_number)
{
  return g_ascii_string_to_unsigned (word, 16, 0, G_MAXUINT32, ret_number, NULL);
}

static char *
format_ipv4 (guint64 address)
{
  guint32 bytes = (guint32) address; /* in the order of the network, printed as a number of this machine */
  const guint8 *byte = (const guint8 *) &bytes;

  return g_strdup_printf ("%u.%u.%u.%u", byte[0], byte[1], byte[2], byte[3]);
}

static gboolean
malformed (const char *name, guint line, GError **error)
{
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "%s: line %u is malformed", name, line);
  return FALSE;
}

/* The first default route, and the first other one that leads through a gateway: that is a way out, too. */
typedef struct {
  char *main;
  char *other;
} Ways;

static void
ways_clear (Ways *ways)
{
  g_free (ways->main);
  g_free (ways->other);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Ways, ways_clear)

static gboolean
is_used (guint64 flags)
{
  return (flags & ROUTE_UP) != 0 && (flags & ROUTE_REJECT) == 0;
}

/* Iface Destination Gateway Flags RefCnt Use Metric Mask …, after a line of headings. */
static gboolean
read_ipv4_line (char **words, Ways *ways)
{
  guint64 destination, gateway, flags, mask;
  g_autofree char *address = NULL;
  g_autofree char *target = NULL;

  if (g_strv_length (words) < 8 || !read_hex (words[1], &destination) || !read_hex (words[2], &gateway)
      || !read_hex (words[3], &flags) || !read_hex (words[7], &mask))
    return FALSE;
  address = format_ipv4 (gateway);
  target = format_ipv4 (destination);
  if (!is_used (flags))
    return TRUE;
  if (destination == 0 && mask == 0 && ways->main == NULL)
    ways->main = gateway != 0 ? g_strdup_printf ("via %s dev %s", address, words[0])
                              : g_strdup_printf ("dev %s", words[0]);
  else if ((destination != 0 || mask != 0) && (flags & ROUTE_GATEWAY) != 0 && ways->other == NULL)
    ways->other = g_strdup_printf ("to %s via %s dev %s", target, address, words[0]);
  return TRUE;
}

static gboolean
is_zero (const char *digits)
{
  return digits[strspn (digits, "0")] == '\0';
}

/* Destination, its length, source, its length, next hop, metric, two counters, flags, device. */
static gboolean
read_ipv6_line (char **words, Ways *ways)
{
  guint64 flags;
  gboolean to_all;

  if (g_strv_length (words) < 10 || strlen (words[0]) != 32 || strlen (words[4]) != 32 || !read_hex (words[8], &flags))
    return FALSE;
  to_all = is_zero (words[0]) && is_zero (words[1]);
  if (!is_used (flags) || g_str_equal (words[9], "lo"))
    return TRUE;
  if (to_all && ways->main == NULL)
    ways->main = is_zero (words[4]) ? g_strdup_printf ("IPv6 dev %s", words[9])
                                    : g_strdup_printf ("IPv6 via %s dev %s", words[4], words[9]);
  else if (!to_all && (flags & ROUTE_GATEWAY) != 0 && ways->other == NULL)
    ways->other = g_strdup_printf ("IPv6 to %s via %s dev %s", words[0], words[4], words[9]);
  return TRUE;
}

gboolean
perry_proof_parse_routes (const char *ipv4, const char *ipv6, char **ret_default, char **ret_other,
                          GError **error)
{
  g_auto (Ways) ways = { NULL, NULL };
  const struct { const char *name; const char *text; guint first; gboolean (*read) (char **, Ways *); } tables[] = {
    { "net/route", ipv4, 1, read_ipv4_line },
    { "net/ipv6_route", ipv6, 0, read_ipv6_line },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_auto (GStrv) lines = g_strsplit (tables[i].text != NULL ? tables[i].text : "", "\n", -1);
      guint n = g_strv_length (lines);

      if (tables[i].text == NULL || *tables[i].text == '\0')
        continue;
      if (!perry_proof_ends_with_newline (tables[i].text, tables[i].name, error))
        return FALSE;
      if (tables[i].first == 1 && !g_str_has_prefix (lines[0], "Iface\t"))
        return malformed (tables[i].name, 1, error);
      for (guint line = tables[i].first; line + 1 < n; line++)
        {
          g_auto (GStrv) words = split_line (lines[line]);

          if (!tables[i].read (words, &ways))
            return malformed (tables[i].name, line + 1, error);
        }
    }
  *ret_default = g_steal_pointer (&ways.main);
  *ret_other = g_steal_pointer (&ways.other);
  return TRUE;
}
