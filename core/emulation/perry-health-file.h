/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/* What a process knows about the health of a container that it probes, in a file of the runtime directory. */
typedef struct {
  char *driver; /* who probes, in the words of a container's owner */
  PerryHealth health;
  gint64 failing_streak;
} PerryHealthRecord;

void perry_health_record_clear (PerryHealthRecord *record);

/* Writes the record of the container @id, so that a reader sees the old one or the new one. */
gboolean perry_health_file_write (const char *directory, const char *id, const PerryHealthRecord *record, GError **error);

/* Returns FALSE where there is none that can be read; nothing in it is believed before it was checked. */
gboolean perry_health_file_read (const char *directory, const char *id, PerryHealthRecord *ret_record);

/* Removes the record of the container @id where it is @driver's. */
void perry_health_file_remove (const char *directory, const char *id, const char *driver);

/* Removes the records of processes that are gone: @is_gone says so of a driver. */
void perry_health_file_sweep (const char *directory, gboolean (*is_gone) (const char *driver));

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PerryHealthRecord, perry_health_record_clear)

G_END_DECLS
