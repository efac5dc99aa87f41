/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/microvm/guest-init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
guest_config_read (GuestConfig *config, const char *path)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  struct stat info;

  if (fd < 0 || fstat (fd, &info) != 0)
    guest_fail ("opening %s", path);
  config->length = (size_t) info.st_size;
  config->text = malloc (config->length + 1);
  if (config->text == NULL || read (fd, config->text, config->length) != (ssize_t) config->length)
    guest_fail ("reading %s", path);
  config->text[config->length] = '\0';
  close (fd);
}

const char *
guest_config_next (const GuestConfig *config, const char *key, const char *previous)
{
  const char *end = config->text + config->length;
  const char *record = previous != NULL ? previous + strlen (previous) + 1 : config->text;
  size_t n = strlen (key);

  for (; record < end; record += strlen (record) + 1)
    if (strncmp (record, key, n) == 0 && record[n] == ' ')
      return record + n + 1;
  return NULL;
}

char **
guest_config_list (const GuestConfig *config, const char *key)
{
  size_t n = 0;
  char **list;

  for (const char *value = NULL; (value = guest_config_next (config, key, value)) != NULL;)
    n++;
  list = calloc (n + 1, sizeof *list);
  if (list == NULL)
    guest_fail ("the configuration");
  n = 0;
  for (const char *value = NULL; (value = guest_config_next (config, key, value)) != NULL;)
    list[n++] = (char *) value;
  return list;
}

unsigned long long
guest_config_number (const GuestConfig *config, const char *key, unsigned long long unset)
{
  const char *value = guest_config_next (config, key, NULL);
  unsigned long long number;
  char *end;

  if (value == NULL)
    return unset;
  errno = 0;
  number = strtoull (value, &end, 0);
  if (errno == 0 && (end == value || *end != '\0'))
    errno = EINVAL;
  if (errno != 0)
    guest_fail ("the configuration's %s, %s", key, value);
  return number;
}
