#include "server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static int poll_descriptor;

void send_output(struct connection *connection) {
    if (connection->is_blocked)
        return;
    // Of a connection that is gone, the poll tells; until then its output does no harm.
    if (send_bytes(connection->descriptor, &connection->output) && bytes_size(&connection->output) > 0) {
        connection->is_blocked = true;
        rewatch(poll_descriptor, connection->descriptor, connection, true);
    }
}

static void unblock(struct connection *connection) {
    connection->is_blocked = false;
    send_output(connection);
    if (!connection->is_blocked)
        rewatch(poll_descriptor, connection->descriptor, connection, false);
}

static struct connection *add(int descriptor, bool is_listener) {
    struct connection *connection = allocate(1, sizeof *connection);
    connection->descriptor = descriptor;
    connection->is_listener = is_listener;
    watch(poll_descriptor, descriptor, connection, false);
    return connection;
}

static void accept_some(int listener) {
    int descriptor;
    for (int count = 0; count < 64 && (descriptor = accept_from(listener)) >= 0; count++)
        add(descriptor, false);
}

// Returns false when the peer is gone.
static bool read_input(struct connection *connection, input_handler handle) {
    static char buffer[1 << 16];
    ssize_t count = recv(connection->descriptor, buffer, sizeof buffer, 0);
    if (count <= 0)
        return count < 0 && (errno == EAGAIN || errno == EINTR);
    bytes_append(&connection->input, buffer, (size_t)count);
    return handle(connection);
}

void serve(const struct sockaddr_in *addresses, int count, input_handler handle,
           void (*end)(struct connection *connection)) {
    struct epoll_event events[512];
    poll_descriptor = epoll_create1(EPOLL_CLOEXEC);
    for (int index = 0; index < count; index++)
        add(listen_on(addresses[index]), true);
    for (;;) {
        int ready = epoll_wait(poll_descriptor, events, ARRAY_COUNT(events), -1);
        for (int index = 0; index < ready; index++) {
            struct connection *connection = events[index].data.ptr;
            if (connection->is_listener) {
                accept_some(connection->descriptor);
                continue;
            }
            if (events[index].events & EPOLLOUT)
                unblock(connection);
            if (events[index].events & ~(uint32_t)EPOLLOUT && !read_input(connection, handle)) {
                end(connection);
                close(connection->descriptor);
                bytes_free(&connection->input);
                bytes_free(&connection->output);
                free(connection);
            }
        }
    }
}

// Returns the step that ended reading: BODY_END, BODY_MORE or BODY_BAD.
static enum body_step read_body(struct connection *connection, struct request *request) {
    static struct bytes joined;
    const char *data = bytes_first(&connection->input), *at = data + request->head.size, *piece;
    const char *end = data + bytes_size(&connection->input);
    struct http_body body;
    enum body_step step;
    size_t size;
    request->body = at;
    request->body_size = 0;
    bytes_clear(&joined);
    http_body_begin(&body, &request->head);
    while ((step = http_body_next(&body, &at, end, &piece, &size)) == BODY_PIECE) {
        if (request->head.chunked) {
            bytes_append(&joined, piece, size);
            request->body = bytes_first(&joined);
        }
        request->body_size += size;
    }
    request->size = (size_t)(at - data);
    return step;
}

enum http_result read_request(struct connection *connection, struct request *request) {
    struct bytes *input = &connection->input;
    enum http_result result = http_read_head(bytes_first(input), bytes_size(input), &request->head);
    if (result != HTTP_OK)
        return bytes_size(input) > 1 << 20 ? HTTP_BAD : result;
    if (request->head.status)
        return HTTP_BAD;
    switch (read_body(connection, request)) {
    case BODY_END:
        return HTTP_OK;
    case BODY_MORE:
        return HTTP_MORE;
    default:
        return HTTP_BAD;
    }
}
