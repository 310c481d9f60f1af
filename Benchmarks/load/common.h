// What every program here needs: time, byte buffers, sockets, and looking into texts.

#ifndef COMMON_H
#define COMMON_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

#define ARRAY_COUNT(array) (sizeof(array) / sizeof *(array))

// Ends the program with a message.
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

void *allocate(size_t count, size_t size);
void *reallocate(void *memory, size_t size);

// Nanoseconds on the clock that never goes back.
uint64_t now(void);
double seconds(uint64_t nanoseconds);
double milliseconds(uint64_t nanoseconds);

// Bytes that grow at the end and are taken from the front.
struct bytes {
    char *data;
    size_t start, end, capacity;
};

void bytes_append(struct bytes *bytes, const void *data, size_t size);
void bytes_text(struct bytes *bytes, const char *format, ...) __attribute__((format(printf, 2, 3)));
void bytes_take(struct bytes *bytes, size_t size);
void bytes_clear(struct bytes *bytes);
void bytes_free(struct bytes *bytes);

static inline size_t bytes_size(const struct bytes *bytes) {
    return bytes->end - bytes->start;
}

static inline char *bytes_first(const struct bytes *bytes) {
    return bytes->data + bytes->start;
}

// "127.0.0.1:80", without names: nothing here leaves the machine.
struct sockaddr_in parse_address(const char *text);
long parse_number(const char *name, const char *text, long least, long most);
double parse_decimal(const char *name, const char *text);

void raise_file_limit(void);

// A connection in progress that does not block, or -1 where the system has no port or descriptor for one.
int connect_to(struct sockaddr_in address);
// The same from 127.0.0.1 for the first clients, from 127.0.0.2 for those behind them, and so on: with many connections
// from one address, the system searches long for a free port.
int connect_as(long client, struct sockaddr_in address);
int connect_error(int descriptor);
int listen_on(struct sockaddr_in address);
int accept_from(int listener);

// Sends from the front of `bytes`. False: the connection is gone.
bool send_bytes(int descriptor, struct bytes *bytes);

// Asks `poll` for what can be read and, with `writes`, for room to write; `pointer` comes with the events.
void watch(int poll, int descriptor, void *pointer, bool writes);
void rewatch(int poll, int descriptor, void *pointer, bool writes);
// Waits for events like epoll_wait, but does not sleep at first. Whoever writes to a program that sleeps has to wake it;
// between the processors of a virtual machine that can take 50 µs, which no server pays for a client on another machine.
int await_events(int poll, struct epoll_event *events, int count, int milliseconds);

// The value of the next member `key` whose value is a string, without escapes other than \n, \" and \\.
// Moves `at` behind it. For bodies that these programs wrote, not for any JSON.
bool json_string(const char **at, const char *end, const char *key, struct bytes *value);

// The next value of `name` in the query of `target`, beginning at `at`, which moves behind it.
bool query_value(const char **at, const char *end, const char *name, const char **value, size_t *size);

#endif
