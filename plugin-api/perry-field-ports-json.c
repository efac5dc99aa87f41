/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-ports.h"

#include "plugin-api/perry-container-spec-private.h"
#include "plugin-api/perry-json.h"

static const char *const mode_words[] = { "host", NULL };

enum { HOST_IP, PUBLISHED, TARGET, PROTOCOL, MODE, N_MEMBERS };

/* The sub-table of `ports`, the parts of a port first. A member that is known to Compose and not here is listed in
 * unavailable_members. */
static const PerryPortMember members[] = {
  [HOST_IP] = { "host_ip", "hostIp", FALSE, NULL, "Address of the host; all where it is left out" },
  [PUBLISHED] = { "published", "published", TRUE, NULL,
                  "Port of the host, or a range as long as that of target; the engine picks one where it is left out" },
  [TARGET] = { "target", "target", TRUE, NULL, "Port in the container, or a range such as 80-90" },
  [PROTOCOL] = { "protocol", "protocol", FALSE, perry_port_protocol_words, "Protocol; tcp where it is left out" },
  [MODE] = { "mode", "mode", FALSE, mode_words, "Compose's word for a port of this host; only host is possible" },
  [N_MEMBERS] = { NULL, NULL, FALSE, NULL, NULL },
};

static const char *const unavailable_members[] = { "name", "app_protocol", "appProtocol", NULL };

typedef struct {
  char *texts[N_MEMBERS];
  char *paths[N_MEMBERS];
  PerrySpecProblems *problems;
} Reader;

const PerryPortMember *
perry_field_get_port_members (void)
{
  return members;
}

static void
reader_clear (Reader *reader)
{
  for (guint i = 0; i < N_MEMBERS; i++)
    {
      g_free (reader->texts[i]);
      g_free (reader->paths[i]);
    }
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

static void
read_member (gpointer data, guint row, JsonNode *node, const char *path)
{
  Reader *reader = data;
  const PerryPortMember *member = &members[row];
  const char *text = perry_json_as_string (node);
  gint64 number;

  if (text == NULL && member->is_port && perry_json_as_int64 (node, &number))
    reader->texts[row] = g_strdup_printf ("%" G_GINT64_FORMAT, number);
  else if (text == NULL)
    perry_spec_problems_add_type (reader->problems, path,
                                  member->is_port ? "a whole number or a text such as \"80-90\"" : "a string", node);
  else if (row == MODE && !g_strv_contains (mode_words, text))
    perry_spec_problems_add_about (reader->problems, path, text, "is not host; other modes belong to clusters of engines");
  else
    reader->texts[row] = g_strdup (text);
  reader->paths[row] = g_strdup (path);
}

PerryPort *
perry_field_read_port (JsonObject *object, const char *path, PerrySpecProblems *problems)
{
  g_auto (Reader) reader = { .problems = problems };
  guint before = perry_spec_problems_get_length (problems);
  PerryPortText text;
  PerryPort *port;
  guint seen;

  seen = perry_spec_problems_read_members (problems, object, path, members, sizeof *members, unavailable_members, NULL,
                                           read_member, &reader);
  if ((seen & (1u << TARGET)) == 0)
    perry_spec_problems_add (problems, path, "“target” is missing");

  text = (PerryPortText){ .host_ip = reader.texts[HOST_IP],
                          .published = reader.texts[PUBLISHED],
                          .target = reader.texts[TARGET],
                          .protocol = reader.texts[PROTOCOL] };
  /* What can be read is checked with the rest missing, so that all of it is told at once. */
  port = perry_field_make_port (&text, (const char *const *) reader.paths, path, problems);
  if (perry_spec_problems_get_length (problems) == before)
    return port;
  perry_port_free (port);
  return NULL;
}
