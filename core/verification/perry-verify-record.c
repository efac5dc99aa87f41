/* SPDX-License-Identifier: Apache-2.0 */
#include "core/verification/perry-verify-record.h"

#include <errno.h>
#include <fcntl.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/verification/perry-verify-clock.h"
#include "plugin-api/perry-error.h"
#include "plugin-api/perry-json.h"

#define JOURNAL "journal"

static void
add (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
add_requirement (JsonBuilder *builder, const PerryRequirement *requirement)
{
  g_autofree char *text = requirement != NULL ? perry_requirement_to_json (requirement) : NULL;
  JsonNode *node = text != NULL ? json_from_string (text, NULL) : NULL;

  json_builder_set_member_name (builder, "requirement");
  if (node != NULL)
    json_builder_add_value (builder, node);
  else
    json_builder_add_null_value (builder);
}

char *
perry_verify_record_to_json (const PerryVerifyRecord *record)
{
  const PerryVerification *verification = record->verification;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *time = NULL;

  perry_verify_clock_now (&time);
  json_builder_begin_object (builder);
  add (builder, "time", time);
  add (builder, "image", record->image);
  add (builder, "digest", record->digest);
  add (builder, "platform_digest", record->platform_digest);
  add (builder, "mode", perry_verify_mode_get_name (record->mode));
  add (builder, "rule", record->rule);
  add_requirement (builder, record->requirement);
  add (builder, "verdict", record->exempt ? "exempt" : perry_verification_kind_get_name (verification->kind));
  add (builder, "reason", record->exempt ? "none" : perry_verification_reason_get_name (verification->reason));
  add (builder, "note", record->exempt ? NULL : verification->note);
  add (builder, "verifier", record->verifier);
  add (builder, "verifier_version", record->verifier_version);
  json_builder_set_member_name (builder, "cached");
  json_builder_add_boolean_value (builder, record->from_cache);
  json_builder_set_member_name (builder, "duration_ms");
  json_builder_add_double_value (builder, record->duration_ms);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return perry_json_to_text (root, FALSE);
}

static gboolean
fail (const char *log, int number, GError **error)
{
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "the verification log %s cannot be written: %s", log,
               g_strerror (number));
  return FALSE;
}

static gboolean
append_line (const char *path, const char *line, GError **error)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
  struct stat status;
  gssize written;
  int number = 0;

  if (fd < 0)
    return fail (path, errno, error);
  if (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode))
    number = EINVAL;
  else
    {
      do
        written = write (fd, line, strlen (line));
      while (written < 0 && errno == EINTR);
      if (written != (gssize) strlen (line))
        number = written < 0 ? errno : ENOSPC;
    }
  if (close (fd) != 0 && number == 0)
    number = errno;
  return number == 0 || fail (path, number, error);
}

static gboolean
send_to_journal (const PerryVerifyRecord *record, const char *line, GError **error)
{
  const GLogField fields[] = {
    { "MESSAGE", line, -1 },
    { "PRIORITY", "5", -1 },
    { "SYSLOG_IDENTIFIER", "perry-container", -1 },
    { "PERRY_IMAGE", record->image, -1 },
    { "PERRY_DIGEST", record->digest != NULL ? record->digest : "", -1 },
  };

  if (g_log_writer_journald (G_LOG_LEVEL_MESSAGE, fields, G_N_ELEMENTS (fields), NULL) == G_LOG_WRITER_HANDLED)
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED,
               "the verification log cannot be written: there is no journal here; name a file in perry.conf, "
               "[verification] log");
  return FALSE;
}

gboolean
perry_verify_record_write (const PerryVerifyRecord *record, const char *log, GError **error)
{
  g_autofree char *json = NULL;
  g_autofree char *line = NULL;

  if (log == NULL || *log == '\0')
    return TRUE;
  json = perry_verify_record_to_json (record);
  if (g_str_equal (log, JOURNAL))
    return send_to_journal (record, json, error);
  line = g_strconcat (json, "\n", NULL);
  return append_line (log, line, error);
}
