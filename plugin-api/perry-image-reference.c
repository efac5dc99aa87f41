/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-image-reference.h"

#include <arpa/inet.h>
#include <string.h>

#include "plugin-api/perry-error.h"

#define DEFAULT_REGISTRY "docker.io"
#define DEFAULT_REGISTRY_ALIAS "index.docker.io"
#define OFFICIAL_PREFIX "library/"
#define DEFAULT_TAG "latest"

#define MAX_NAME_LENGTH 255
#define MAX_TAG_LENGTH 128
/* A name, a tag and the longest digest with their separators. */
#define MAX_TEXT_LENGTH (MAX_NAME_LENGTH + 1 + MAX_TAG_LENGTH + 1 + 7 + 128)
#define MAX_QUOTED_LENGTH 80
#define IMAGE_ID_DIGITS 64

struct _PerryImageReference {
  gatomicrefcount ref_count;
  PerryImageReferenceKind kind;
  char *registry;
  char *repository;
  char *tag;
  char *digest;
};

G_DEFINE_BOXED_TYPE (PerryImageReference, perry_image_reference, perry_image_reference_ref, perry_image_reference_unref)

static const struct {
  const char *prefix;
  gsize n_digits;
} algorithms[] = {
  { "sha256:", 64 },
  { "sha384:", 96 },
  { "sha512:", 128 },
};

/* A piece of the text that is being read. */
typedef struct {
  const char *whole;
  const char *begin;
  const char *end;
} Piece;

static gboolean fail (GError **error, const Piece *piece, const char *at, const char *format, ...)
  G_GNUC_PRINTF (4, 5);

static gboolean
fail (GError **error, const Piece *piece, const char *at, const char *format, ...)
{
  g_autoptr (GString) quoted = g_string_new (NULL);
  g_autofree char *what = NULL;
  va_list args;

  for (const char *p = piece->whole; *p != '\0' && quoted->len < MAX_QUOTED_LENGTH; p++)
    {
      if (*p >= ' ' && *p < 0x7f)
        g_string_append_c (quoted, *p);
      else
        g_string_append_printf (quoted, "\\x%02x", (guchar) *p);
    }
  if (strlen (piece->whole) > MAX_QUOTED_LENGTH)
    g_string_append (quoted, "…");

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_REFERENCE, "image reference \"%s\", character %d: %s",
               quoted->str, (int) (at - piece->whole) + 1, what);
  return FALSE;
}

static gsize
get_length (const Piece *piece)
{
  return (gsize) (piece->end - piece->begin);
}

static gboolean
is_lower_or_digit (char c)
{
  return g_ascii_islower (c) || g_ascii_isdigit (c);
}

static gboolean
is_lower_hex (const char *begin, const char *end)
{
  for (const char *p = begin; p < end; p++)
    {
      if (!g_ascii_isdigit (*p) && !(*p >= 'a' && *p <= 'f'))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_image_id_digits (const char *text)
{
  return strlen (text) == IMAGE_ID_DIGITS && is_lower_hex (text, text + IMAGE_ID_DIGITS);
}

static gboolean
check_characters (const Piece *text, GError **error)
{
  if (text->begin == text->end)
    return fail (error, text, text->begin, "it is empty; write a name such as alpine:3.19");
  for (const char *p = text->begin; p < text->end; p++)
    {
      if (*p == ' ')
        return fail (error, text, p, "there is a space; remove it");
      if ((guchar) *p < 0x20 || *p == 0x7f)
        return fail (error, text, p, "there is a control character; remove it");
      if ((guchar) *p >= 0x80)
        return fail (error, text, p, "there is a character that is not ASCII; only a-z, 0-9 and . _ - : / @ are used");
    }
  if (*text->begin == '-')
    return fail (error, text, text->begin, "it begins with \"-\" and would be taken for an option; put the image last");
  if (*text->begin == '/' || g_str_has_prefix (text->begin, "./") || g_str_has_prefix (text->begin, "../"))
    return fail (error, text, text->begin, "it looks like a path of a file; load the file first, then use its name");
  if (strstr (text->begin, "://") != NULL)
    return fail (error, text, strstr (text->begin, "://"), "there is a URL scheme; leave it out");
  if (get_length (text) > MAX_TEXT_LENGTH)
    return fail (error, text, text->begin, "it has %" G_GSIZE_FORMAT " characters; at most %d are possible",
                 get_length (text), MAX_TEXT_LENGTH);
  return TRUE;
}

static gboolean
check_digest (const Piece *digest, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (algorithms); i++)
    {
      const char *digits = digest->begin + strlen (algorithms[i].prefix);

      if (!g_str_has_prefix (digest->begin, algorithms[i].prefix))
        continue;
      if ((gsize) (digest->end - digits) != algorithms[i].n_digits || !is_lower_hex (digits, digest->end))
        return fail (error, digest, digits, "%s is followed by %" G_GSIZE_FORMAT " hexadecimal digits in lower case; "
                     "copy the whole digest", algorithms[i].prefix, algorithms[i].n_digits);
      return TRUE;
    }
  return fail (error, digest, digest->begin, "a digest begins with sha256:, sha384: or sha512:");
}

static gboolean
check_tag (const Piece *tag, GError **error)
{
  if (tag->begin == tag->end)
    return fail (error, tag, tag->begin, "there is no tag after the colon; add one or remove the colon");
  if (get_length (tag) > MAX_TAG_LENGTH)
    return fail (error, tag, tag->begin, "the tag has %" G_GSIZE_FORMAT " characters; at most %d are allowed",
                 get_length (tag), MAX_TAG_LENGTH);
  for (const char *p = tag->begin; p < tag->end; p++)
    {
      if (!g_ascii_isalnum (*p) && *p != '_' && (p == tag->begin || (*p != '.' && *p != '-')))
        return fail (error, tag, p, "\"%c\" is not allowed %s a tag; use letters, digits and . _ -", *p,
                     p == tag->begin ? "at the beginning of" : "in");
    }
  return TRUE;
}

static gboolean
check_port (const Piece *port, GError **error)
{
  g_autofree char *digits = g_strndup (port->begin, get_length (port));
  guint64 number;

  if (!g_ascii_string_to_unsigned (digits, 10, 1, G_MAXUINT16, &number, NULL) || !g_ascii_isdigit (*digits))
    return fail (error, port, port->begin, "the registry's port has to be a number from 1 to 65535");
  return TRUE;
}

static gboolean
check_ipv6_registry (const Piece *registry, GError **error)
{
  const char *bracket = memchr (registry->begin, ']', get_length (registry));
  g_autofree char *address = NULL;
  struct in6_addr binary;

  if (bracket != NULL)
    address = g_strndup (registry->begin + 1, (gsize) (bracket - registry->begin) - 1);
  if (address == NULL || inet_pton (AF_INET6, address, &binary) != 1)
    return fail (error, registry, registry->begin, "brackets have to hold an IPv6 address, as in [2001:db8::1]:5000");
  if (bracket + 1 == registry->end)
    return TRUE;
  if (bracket[1] != ':')
    return fail (error, registry, bracket + 1, "only a port can follow the address, as in [2001:db8::1]:5000");
  return check_port (&(Piece) { registry->whole, bracket + 2, registry->end }, error);
}

static gboolean
check_registry (const Piece *registry, GError **error)
{
  const char *colon = memchr (registry->begin, ':', get_length (registry));
  const char *end = colon != NULL ? colon : registry->end;

  if (*registry->begin == '[')
    return check_ipv6_registry (registry, error);

  if (end == registry->begin)
    return fail (error, registry, end, "there is no host name before the port");
  for (const char *p = registry->begin; p < end; p++)
    {
      char before = p > registry->begin ? p[-1] : '.';
      char after = p + 1 < end ? p[1] : '.';

      if (g_ascii_isalnum (*p) || (*p == '-' && before != '.' && after != '.')
          || (*p == '.' && g_ascii_isalnum (before) && g_ascii_isalnum (after)))
        continue;
      return fail (error, registry, p,
                   "the registry is not a host name; its parts are letters and digits with \"-\" between them");
    }
  return colon == NULL || check_port (&(Piece) { registry->whole, colon + 1, registry->end }, error);
}

/* Steps over one of "." "_" "__" and any number of "-"; returns @p when there is none. */
static const char *
skip_separator (const char *p, const char *end)
{
  if (p < end && *p == '.')
    return p + 1;
  if (p < end && *p == '_')
    return p + 1 < end && p[1] == '_' ? p + 2 : p + 1;
  while (p < end && *p == '-')
    p++;
  return p;
}

static gboolean
check_repository (const Piece *repository, GError **error)
{
  const char *p = repository->begin;

  for (;;)
    {
      const char *part = p;

      while (p < repository->end && is_lower_or_digit (*p))
        p++;
      if (p < repository->end && g_ascii_isupper (*p))
        return fail (error, repository, p, "\"%c\" is in upper case; a repository is written in lower case", *p);
      if (p < repository->end && strchr ("._-/", *p) == NULL)
        return fail (error, repository, p, "\"%c\" is not allowed in a repository", *p);
      if (p == part)
        return fail (error, repository, MIN (p, repository->end),
                     "a part of the repository is empty, or begins or ends with more than one of . _ or -");
      if (p == repository->end)
        return TRUE;
      p = *p == '/' ? p + 1 : skip_separator (p, repository->end);
    }
}

static gboolean
looks_like_registry (const char *begin, const char *end)
{
  gsize length = (gsize) (end - begin);

  return memchr (begin, '.', length) != NULL || memchr (begin, ':', length) != NULL || *begin == '['
         || (length == strlen ("localhost") && g_ascii_strncasecmp (begin, "localhost", length) == 0);
}

/* Splits and checks registry and repository, and completes them. */
static gboolean
read_name (PerryImageReference *reference, const Piece *name, GError **error)
{
  const char *slash = memchr (name->begin, '/', get_length (name));
  Piece repository = *name;

  if (slash != NULL && slash > name->begin && looks_like_registry (name->begin, slash))
    {
      Piece registry = { name->whole, name->begin, slash };

      if (!check_registry (&registry, error))
        return FALSE;
      reference->registry = g_ascii_strdown (registry.begin, (gssize) get_length (&registry));
      repository.begin = slash + 1;
    }
  if (!check_repository (&repository, error))
    return FALSE;

  reference->repository = g_strndup (repository.begin, get_length (&repository));
  if (reference->registry == NULL || strcmp (reference->registry, DEFAULT_REGISTRY_ALIAS) == 0)
    {
      g_free (reference->registry);
      reference->registry = g_strdup (DEFAULT_REGISTRY);
    }
  if (strcmp (reference->registry, DEFAULT_REGISTRY) == 0 && strchr (reference->repository, '/') == NULL)
    {
      g_autofree char *short_name = g_steal_pointer (&reference->repository);

      reference->repository = g_strconcat (OFFICIAL_PREFIX, short_name, NULL);
    }
  if (strlen (reference->registry) + 1 + strlen (reference->repository) > MAX_NAME_LENGTH)
    return fail (error, name, name->begin, "registry and repository have more than %d characters together",
                 MAX_NAME_LENGTH);
  return TRUE;
}

static gboolean
read_parts (PerryImageReference *reference, const Piece *text, GError **error)
{
  const char *at = memchr (text->begin, '@', get_length (text));
  Piece name = { text->whole, text->begin, at != NULL ? at : text->end };
  const char *slash = memrchr (name.begin, '/', get_length (&name));
  const char *colon = memrchr (name.begin, ':', get_length (&name));

  if (at != NULL)
    {
      Piece digest = { text->whole, at + 1, text->end };

      if (!check_digest (&digest, error))
        return FALSE;
      reference->digest = g_strdup (digest.begin);
    }
  if (colon != NULL && (slash == NULL || colon > slash))
    {
      Piece tag = { text->whole, colon + 1, name.end };

      if (!check_tag (&tag, error))
        return FALSE;
      reference->tag = g_strndup (tag.begin, get_length (&tag));
      name.end = colon;
    }
  if (name.begin == name.end)
    return fail (error, text, text->begin, "there is no name; write one as in alpine:3.19");
  if (reference->tag == NULL && reference->digest == NULL)
    reference->tag = g_strdup (DEFAULT_TAG);
  return read_name (reference, &name, error);
}

static PerryImageReference *
reference_new (PerryImageReferenceKind kind)
{
  PerryImageReference *reference = g_new0 (PerryImageReference, 1);

  g_atomic_ref_count_init (&reference->ref_count);
  reference->kind = kind;
  return reference;
}

static gboolean
has_digest_prefix (const char *text)
{
  for (gsize i = 0; i < G_N_ELEMENTS (algorithms); i++)
    {
      if (g_str_has_prefix (text, algorithms[i].prefix))
        return TRUE;
    }
  return FALSE;
}

PerryImageReference *
perry_image_reference_parse (const char *text, GError **error)
{
  g_autoptr (PerryImageReference) reference = NULL;
  Piece whole;

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  whole = (Piece) { text, text, text + strlen (text) };
  if (!check_characters (&whole, error))
    return NULL;

  if (is_image_id_digits (text))
    {
      reference = reference_new (PERRY_IMAGE_REFERENCE_IMAGE_ID);
      reference->digest = g_strconcat (algorithms[0].prefix, text, NULL);
      return g_steal_pointer (&reference);
    }
  if (has_digest_prefix (text))
    {
      if (!g_str_has_prefix (text, algorithms[0].prefix))
        {
          fail (error, &whole, text, "an image id begins with sha256:; for a digest write repository@digest");
          return NULL;
        }
      if (!check_digest (&whole, error))
        return NULL;
      reference = reference_new (PERRY_IMAGE_REFERENCE_IMAGE_ID);
      reference->digest = g_strdup (text);
      return g_steal_pointer (&reference);
    }

  reference = reference_new (PERRY_IMAGE_REFERENCE_NAME);
  if (!read_parts (reference, &whole, error))
    return NULL;
  return g_steal_pointer (&reference);
}

PerryImageReference *
perry_image_reference_with_digest (const PerryImageReference *reference, const char *digest, GError **error)
{
  PerryImageReference *pinned;
  Piece piece;

  g_return_val_if_fail (reference != NULL, NULL);
  g_return_val_if_fail (digest != NULL, NULL);

  piece = (Piece) { digest, digest, digest + strlen (digest) };
  if (!check_digest (&piece, error))
    return NULL;
  if (reference->kind != PERRY_IMAGE_REFERENCE_NAME)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_REFERENCE,
                   "the image id %s has no repository; a registry's digest cannot be added to it", reference->digest);
      return NULL;
    }

  pinned = reference_new (PERRY_IMAGE_REFERENCE_NAME);
  pinned->registry = g_strdup (reference->registry);
  pinned->repository = g_strdup (reference->repository);
  pinned->digest = g_strdup (digest);
  return pinned;
}

PerryImageReference *
perry_image_reference_ref (PerryImageReference *reference)
{
  g_return_val_if_fail (reference != NULL, NULL);

  g_atomic_ref_count_inc (&reference->ref_count);
  return reference;
}

void
perry_image_reference_unref (PerryImageReference *reference)
{
  g_return_if_fail (reference != NULL);

  if (!g_atomic_ref_count_dec (&reference->ref_count))
    return;
  g_free (reference->registry);
  g_free (reference->repository);
  g_free (reference->tag);
  g_free (reference->digest);
  g_free (reference);
}

PerryImageReferenceKind
perry_image_reference_get_kind (const PerryImageReference *reference)
{
  g_return_val_if_fail (reference != NULL, PERRY_IMAGE_REFERENCE_NAME);

  return reference->kind;
}

const char *
perry_image_reference_get_registry (const PerryImageReference *reference)
{
  g_return_val_if_fail (reference != NULL, NULL);

  return reference->registry;
}

const char *
perry_image_reference_get_repository (const PerryImageReference *reference)
{
  g_return_val_if_fail (reference != NULL, NULL);

  return reference->repository;
}

const char *
perry_image_reference_get_tag (const PerryImageReference *reference)
{
  g_return_val_if_fail (reference != NULL, NULL);

  return reference->tag;
}

const char *
perry_image_reference_get_digest (const PerryImageReference *reference)
{
  g_return_val_if_fail (reference != NULL, NULL);

  return reference->digest;
}

static char *
write_reference (const PerryImageReference *reference, const char *registry, const char *repository)
{
  return g_strconcat (registry, *registry != '\0' ? "/" : "", repository, reference->tag != NULL ? ":" : "",
                      reference->tag != NULL ? reference->tag : "", reference->digest != NULL ? "@" : "",
                      reference->digest, NULL);
}

char *
perry_image_reference_to_string (const PerryImageReference *reference)
{
  g_return_val_if_fail (reference != NULL, NULL);

  if (reference->kind == PERRY_IMAGE_REFERENCE_IMAGE_ID)
    return g_strdup (reference->digest);
  return write_reference (reference, reference->registry, reference->repository);
}

/* A repository alone can read as an image id: 64 hexadecimal digits, or "sha256" with a tag. */
static gboolean
reads_as_image_id (const char *repository)
{
  g_autofree char *with_tag = g_strconcat (repository, ":", NULL);

  return is_image_id_digits (repository) || has_digest_prefix (with_tag);
}

char *
perry_image_reference_to_familiar_string (const PerryImageReference *reference)
{
  const char *repository, *slash;

  g_return_val_if_fail (reference != NULL, NULL);

  if (reference->kind == PERRY_IMAGE_REFERENCE_IMAGE_ID || strcmp (reference->registry, DEFAULT_REGISTRY) != 0)
    return perry_image_reference_to_string (reference);

  repository = reference->repository;
  if (g_str_has_prefix (repository, OFFICIAL_PREFIX))
    {
      const char *short_name = repository + strlen (OFFICIAL_PREFIX);

      if (strchr (short_name, '/') == NULL && !reads_as_image_id (short_name))
        repository = short_name;
    }
  slash = strchr (repository, '/');
  if (slash != NULL && looks_like_registry (repository, slash))
    return perry_image_reference_to_string (reference);
  return write_reference (reference, "", repository);
}

gboolean
perry_image_reference_equal (const PerryImageReference *a, const PerryImageReference *b)
{
  g_return_val_if_fail (a != NULL, FALSE);
  g_return_val_if_fail (b != NULL, FALSE);

  return a->kind == b->kind && g_strcmp0 (a->registry, b->registry) == 0
         && g_strcmp0 (a->repository, b->repository) == 0 && g_strcmp0 (a->tag, b->tag) == 0
         && g_strcmp0 (a->digest, b->digest) == 0;
}
