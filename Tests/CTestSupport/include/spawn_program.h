#ifndef SPAWN_PROGRAM_H
#define SPAWN_PROGRAM_H

#include <sys/types.h>

/// Starts a program with nothing of this process but what is named here: no signal is blocked, no other file is open.
///
/// The arguments and the environment end with a null pointer. Without a directory it runs where this process does. It
/// reads from input, or nothing if that is -1, and writes its standard output and error to output. Gives an error
/// number, or 0 and the number of the process.
int spawn_program(const char *path, char *const arguments[], char *const environment[], const char *directory,
                  int input, int output, pid_t *identifier);

#endif
