/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tests/fake/perry-fake-registry.h"
#include "tests/integration/perry-live-engine.h"

G_BEGIN_DECLS

/* Debian's own registry, and where nobody listens. */
#define VERIFY_PLACE_REGISTRY "127.0.0.1:5050"
#define VERIFY_PLACE_NOBODY "127.0.0.1:5052"

typedef enum { VERIFY_COSIGN_2, VERIFY_COSIGN_3, VERIFY_N_COSIGNS } VerifyCosign;

/* A live engine, and around it in a network with loopback alone: registries with signed images, and both cosigns. The
 * test's own process is in that network too. */
typedef struct {
  PerryLiveEngine *live;
  PerryFakeRegistry *moving; /* with the referrers API; `key/moving:1` is there */
  char *directory;           /* the engine's, where all files of the test are */
  char *report;              /* for --report */
  char *log;                 /* of verifications */
  char *programs[VERIFY_N_COSIGNS];
  JsonNode *images; /* what fill-signed has printed */
  gboolean has_containerd_store;
} VerifyPlace;

/* NULL with the reason where the machine cannot; with PERRY_TEST_REQUIRE_ENGINES=1 that is a failure. */
VerifyPlace *verify_place_new (const char *variant, const char *runtime, gboolean with_containerd_store,
                               char **ret_reason);
void verify_place_free (VerifyPlace *place);

/* What stands in the user's perry.conf; NULL is what is usual. */
typedef struct {
  const char *mode;    /* enforce */
  const char *program; /* the newest cosign */
  const char *keys;    /* further lines of [verification] */
  const char *groups;  /* further groups */
} VerifySettings;

void verify_place_configure (VerifyPlace *place, const VerifySettings *settings);
/* Another text in its stead; NULL for no file. */
void verify_place_write_configuration (VerifyPlace *place, const char *text);
/* For perryctl alone; NULL unsets. */
void verify_place_set_variable (VerifyPlace *place, const char *name, const char *value);

/* A directory with a program that does what the files in it say, as tests/cosign/fake-cosign.c has it; its path. */
char *verify_place_make_fake_cosign (VerifyPlace *place, const char *name);
void verify_place_write_beside (const char *program, const char *name, const char *text);

/* The digest of an image that fill-signed has put; @registry is `lasting` or `moving`. */
const char *verify_place_get_digest (VerifyPlace *place, const char *registry, const char *image);
/* The id that it has in the engine. */
const char *verify_place_get_id (VerifyPlace *place, const char *registry, const char *image);

/* Forgets what was verified, and empties the log. */
void verify_place_forget (VerifyPlace *place);
guint verify_place_count_cached (VerifyPlace *place);
/* Lines of the log. */
guint verify_place_count_records (VerifyPlace *place);
/* The last line. */
JsonNode *verify_place_read_record (VerifyPlace *place);
/* The verification in the report of the last run. */
JsonNode *verify_place_read_report (VerifyPlace *place);

/* Whether the engine has an image with this in one of its names, asked past everything of ours. */
gboolean verify_place_has_image (VerifyPlace *place, const char *name);
/* The same of containers, in any state. */
guint verify_place_count_containers (VerifyPlace *place);
/* The id of a container's image, in the engine's own words. */
char *verify_place_dup_image_of (VerifyPlace *place, const char *container);
/* The id of the image that the engine has under this name. */
char *verify_place_dup_image_named (VerifyPlace *place, const char *reference);
/* Removes all containers, and all images but those that came with the engine. */
void verify_place_clean (VerifyPlace *place);

/* Each of @words, separated by `|`, is in what perryctl said. */
void verify_place_assert_words (PerryProcessResult *result, const char *words);
/* perryctl with these arguments refuses in these words, and then there is no container and no image of a registry, and
 * nothing was stored. */
void verify_place_assert_refused (VerifyPlace *place, int status, const char *words, ...) G_GNUC_NULL_TERMINATED;
/* It runs as the container `verified`, the image says @mark of itself, and the engine says that it is @id; the
 * verification of the report. */
JsonNode *verify_place_assert_runs (VerifyPlace *place, const char *reference, const char *mark, const char *id);

const char *verify_text (JsonNode *node, const char *member);

/* Of the three files of cases. */
typedef struct {
  const char *name;
  void (*test) (VerifyPlace *place);
} VerifyTest;

extern const VerifyTest verify_signature_tests[]; /* each ended by an entry without a name */
extern const VerifyTest verify_setting_tests[];
extern const VerifyTest verify_moving_tests[];

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VerifyPlace, verify_place_free)

G_END_DECLS
