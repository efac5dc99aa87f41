/* SPDX-License-Identifier: Apache-2.0 */
/* Its capability table does not end within the limit. */
#include "plugin-api/perry-plugin.h"

#define ROW(n) { "capability-" #n, PERRY_SUPPORT_NATIVE, NULL }
#define ROWS_8(n) ROW (n##0), ROW (n##1), ROW (n##2), ROW (n##3), ROW (n##4), ROW (n##5), ROW (n##6), ROW (n##7)
#define ROWS_64(n) \
  ROWS_8 (n##0), ROWS_8 (n##1), ROWS_8 (n##2), ROWS_8 (n##3), ROWS_8 (n##4), ROWS_8 (n##5), ROWS_8 (n##6), ROWS_8 (n##7)

static const PerryCapabilityRow bad_capabilities[] = {
  ROWS_64 (a), ROWS_64 (b), ROWS_64 (c), ROWS_64 (d), ROW (last), { NULL },
};

#define ZOO_OVERRIDES .capabilities = bad_capabilities
#include "tests/plugins/zoo.h"
