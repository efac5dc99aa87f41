/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-failure.h"

typedef struct {
  const char *subject;
  const char *verdict;
  PerryError code;
} FailureText;

/* What runc 1.1 to 1.4 and crun 1.8 to 1.28 write, in lower case. */
static const FailureText texts[] = {
  { "exec: \"", "executable file not found", PERRY_ERROR_COMMAND_NOT_FOUND },
  { "exec: \"", "no such file or directory", PERRY_ERROR_COMMAND_NOT_FOUND },
  { "exec: \"", "not a directory", PERRY_ERROR_COMMAND_NOT_FOUND },
  { "executable file `", "not found", PERRY_ERROR_COMMAND_NOT_FOUND },
  { "attempted to invoke a command that was not found", "", PERRY_ERROR_COMMAND_NOT_FOUND },
  { "exec: \"", "permission denied", PERRY_ERROR_COMMAND_NOT_EXECUTABLE },
  { "exec: \"", "is a directory", PERRY_ERROR_COMMAND_NOT_EXECUTABLE },
  { "open executable", "permission denied", PERRY_ERROR_COMMAND_NOT_EXECUTABLE },
  { "open executable", "operation not permitted", PERRY_ERROR_COMMAND_NOT_EXECUTABLE },
  { "exists but it is not executable", "", PERRY_ERROR_COMMAND_NOT_EXECUTABLE },
  { "exec format error", "", PERRY_ERROR_COMMAND_NOT_EXECUTABLE },
};

void
perry_engine_failure_classify (GError *error)
{
  g_autofree char *text = g_ascii_strdown (error->message, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      const char *subject = strstr (text, texts[i].subject);

      if (subject != NULL && strstr (subject, texts[i].verdict) != NULL)
        {
          error->code = texts[i].code;
          return;
        }
    }
}
