/* SPDX-License-Identifier: Apache-2.0 */
/* The tests' engine as a process of its own, which answers at once: what is measured on it is the client alone.
 * usage: quick-engine docker|podman
 * Prints the socket's path, and serves until its standard input ends. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/fake/perry-fake-engine.h"

int
main (int argc, char **argv)
{
  g_autoptr (PerryFakeEngine) engine = NULL;
  char byte;

  if (argc != 2 || (strcmp (argv[1], "docker") != 0 && strcmp (argv[1], "podman") != 0))
    {
      fputs ("usage: quick-engine docker|podman\n", stderr);
      return 2;
    }
  engine = perry_fake_engine_new (strcmp (argv[1], "docker") == 0 ? PERRY_FAKE_DOCKER_20 : PERRY_FAKE_PODMAN_4);
  puts (perry_fake_engine_get_socket_path (engine));
  fflush (stdout);
  while (read (STDIN_FILENO, &byte, 1) > 0)
    ;
  return 0;
}
