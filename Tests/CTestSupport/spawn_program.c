// Swift does not see the functions of posix_spawn that close files and change the folder.
#define _GNU_SOURCE

#include "spawn_program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

static int add_files(posix_spawn_file_actions_t *actions, const char *directory, int input, int output)
{
    int error = input >= 0 ? posix_spawn_file_actions_adddup2(actions, input, STDIN_FILENO)
                           : posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
    if (!error)
        error = posix_spawn_file_actions_adddup2(actions, output, STDERR_FILENO);
#ifndef __APPLE__
    if (!error)
        error = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
#endif
    if (!error && directory)
        error = posix_spawn_file_actions_addchdir_np(actions, directory);
    return error;
}

static int set_attributes(posix_spawnattr_t *attributes)
{
    // A child inherits the signal mask of the thread that starts it, and the threads that run Swift's tasks block most
    // signals: it would never notice that it is asked to end.
    sigset_t none;
    sigemptyset(&none);
    short flags = POSIX_SPAWN_SETSIGMASK;
#ifdef __APPLE__
    flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#endif
    int error = posix_spawnattr_setsigmask(attributes, &none);
    return error ? error : posix_spawnattr_setflags(attributes, flags);
}

int spawn_program(const char *path, char *const arguments[], char *const environment[], const char *directory,
                  int input, int output, pid_t *identifier)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (!error) {
        error = add_files(&actions, directory, input, output);
        if (!error)
            error = set_attributes(&attributes);
        if (!error)
            error = posix_spawn(identifier, path, &actions, &attributes, arguments, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}
