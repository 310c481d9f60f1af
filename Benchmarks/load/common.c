#include "common.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

void *allocate(size_t count, size_t size) {
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        die("out of memory");
    return memory;
}

void *reallocate(void *memory, size_t size) {
    memory = realloc(memory, size);
    if (!memory)
        die("out of memory");
    return memory;
}

uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

double seconds(uint64_t nanoseconds) {
    return (double)nanoseconds / 1e9;
}

double milliseconds(uint64_t nanoseconds) {
    return (double)nanoseconds / 1e6;
}

static void bytes_reserve(struct bytes *bytes, size_t size) {
    if (bytes->capacity - bytes->end >= size)
        return;
    if (bytes->start > 0) {
        memmove(bytes->data, bytes->data + bytes->start, bytes_size(bytes));
        bytes->end -= bytes->start;
        bytes->start = 0;
    }
    if (bytes->capacity - bytes->end >= size)
        return;
    bytes->capacity = 2 * bytes->capacity + size + 64;
    bytes->data = reallocate(bytes->data, bytes->capacity);
}

void bytes_append(struct bytes *bytes, const void *data, size_t size) {
    if (size == 0)
        return;
    bytes_reserve(bytes, size);
    memcpy(bytes->data + bytes->end, data, size);
    bytes->end += size;
}

void bytes_text(struct bytes *bytes, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= sizeof text)
        die("a text is too long");
    bytes_append(bytes, text, (size_t)size);
}

void bytes_take(struct bytes *bytes, size_t size) {
    bytes->start += size;
    if (bytes->start == bytes->end)
        bytes_clear(bytes);
}

void bytes_clear(struct bytes *bytes) {
    bytes->start = bytes->end = 0;
}

void bytes_free(struct bytes *bytes) {
    free(bytes->data);
    *bytes = (struct bytes){0};
}

struct sockaddr_in parse_address(const char *text) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    char host[64];
    const char *colon = strrchr(text, ':');
    if (!colon || (size_t)(colon - text) >= sizeof host)
        die("%s is no address, which is written as in 127.0.0.1:8000", text);
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = 0;
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
        die("%s is no IPv4 address", host);
    address.sin_port = htons((uint16_t)parse_number("port", colon + 1, 1, 65535));
    return address;
}

long parse_number(const char *name, const char *text, long least, long most) {
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < least || value > most)
        die("%s has to be a number from %ld to %ld, not %s", name, least, most, text);
    return value;
}

double parse_decimal(const char *name, const char *text) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !(value >= 0 && value <= 1e6))
        die("%s has to be a number from 0 to 1000000, not %s", name, text);
    return value;
}

void raise_file_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void send_at_once(int descriptor) {
    int yes = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static int connect_from(const struct sockaddr_in *source, struct sockaddr_in address) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
    if (descriptor < 0)
        return -1;
    send_at_once(descriptor);
    if (source) {
        setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
        if (bind(descriptor, (const struct sockaddr *)source, sizeof *source) != 0) {
            close(descriptor);
            return -1;
        }
    }
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

int connect_to(struct sockaddr_in address) {
    return connect_from(NULL, address);
}

#define CLIENTS_OF_ADDRESS 5000

int connect_as(long client, struct sockaddr_in address) {
    uint32_t host = INADDR_LOOPBACK + (uint32_t)(client / CLIENTS_OF_ADDRESS);
    struct sockaddr_in source = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(host)};
    return connect_from(&source, address);
}

int connect_error(int descriptor) {
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        return errno;
    return error;
}

int listen_on(struct sockaddr_in address) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int yes = 1;
    if (descriptor < 0)
        die("no socket: %s", strerror(errno));
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0 || listen(descriptor, 4096) != 0)
        die("cannot listen on port %d: %s", ntohs(address.sin_port), strerror(errno));
    return descriptor;
}

int accept_from(int listener) {
    int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0)
        send_at_once(descriptor);
    return descriptor;
}

bool send_bytes(int descriptor, struct bytes *bytes) {
    while (bytes_size(bytes) > 0) {
        ssize_t count = send(descriptor, bytes_first(bytes), bytes_size(bytes), MSG_NOSIGNAL);
        if (count < 0)
            return errno == EAGAIN || errno == EINTR;
        bytes_take(bytes, (size_t)count);
    }
    return true;
}

static void control(int poll, int operation, int descriptor, void *pointer, bool writes) {
    struct epoll_event event = {.events = EPOLLIN | (writes ? EPOLLOUT : 0), .data.ptr = pointer};
    if (epoll_ctl(poll, operation, descriptor, &event) != 0)
        die("epoll: %s", strerror(errno));
}

void watch(int poll, int descriptor, void *pointer, bool writes) {
    control(poll, EPOLL_CTL_ADD, descriptor, pointer, writes);
}

void rewatch(int poll, int descriptor, void *pointer, bool writes) {
    control(poll, EPOLL_CTL_MOD, descriptor, pointer, writes);
}

// In nanoseconds.
static const uint64_t AWAKE = 100000;

int await_events(int poll, struct epoll_event *events, int count, int milliseconds) {
    uint64_t end = now() + AWAKE;
    do {
        int ready = epoll_wait(poll, events, count, 0);
        if (ready != 0)
            return ready;
        sched_yield();
    } while (now() < end);
    return epoll_wait(poll, events, count, milliseconds);
}

bool json_string(const char **at, const char *end, const char *key, struct bytes *value) {
    char name[64];
    int size = snprintf(name, sizeof name, "\"%s\":\"", key);
    const char *from = *at < end ? memmem(*at, (size_t)(end - *at), name, (size_t)size) : NULL;
    if (!from)
        return false;
    bytes_clear(value);
    for (from += size; from < end && *from != '"'; from++) {
        char byte = *from;
        if (byte == '\\' && from + 1 < end)
            byte = *++from == 'n' ? '\n' : *from;
        bytes_append(value, &byte, 1);
    }
    *at = from < end ? from + 1 : end;
    return from < end;
}

bool query_value(const char **at, const char *end, const char *name, const char **value, size_t *size) {
    size_t name_size = strlen(name);
    const char *from = *at;
    while (from < end) {
        const char *next = memchr(from, '&', (size_t)(end - from));
        const char *stop = next ? next : end;
        const char *part = from;
        from = next ? next + 1 : end;
        if ((size_t)(stop - part) > name_size && memcmp(part, name, name_size) == 0 && part[name_size] == '=') {
            *value = part + name_size + 1;
            *size = (size_t)(stop - *value);
            *at = from;
            return true;
        }
    }
    *at = end;
    return false;
}
