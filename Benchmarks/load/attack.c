// Clients, publishers and an origin that send very many small pieces. Prints one line of JSON.

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"
#include "websocket.h"

static const char USAGE[] = "attack --proxy ADDRESS --kind KIND [--connections 16] [--seconds 5]\n"
                            "attack --serve ADDRESS\n"
                            "KIND: chunks, frames, frames-over-http, requests, publishes, downloads, sprays\n";

#define BUFFER_SIZE (1 << 16)

struct kind {
    const char *name;
    const char *head;   // what a connection begins with
    const char *target; // of a WebSocket, in place of a head
    const char *unit;   // what follows, again and again
    size_t unit_size;
};

#define UNIT(text) text, sizeof(text) - 1
#define ITEM "{\"items\":[{\"channel\":\"c0\",\"http-stream\":{\"content\":\"x\"}}]}"

static const struct kind kinds[] = {
    {"chunks", "POST /sink HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", NULL, UNIT("1\r\nx\r\n")},
    {"frames", NULL, "/sink", UNIT("\x82\x81\1\2\3\4x")},
    {"frames-over-http", NULL, "/ws", UNIT("\x82\x81\1\2\3\4x")},
    {"requests", "", NULL, UNIT("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")},
    {"publishes", "", NULL, UNIT("POST /publish HTTP/1.1\r\nContent-Length: 58\r\n\r\n" ITEM)},
    {"downloads", "GET /drip HTTP/1.1\r\nHost: localhost\r\n\r\n", NULL, NULL, 0},
    {"sprays", NULL, "/drip", NULL, 0},
    // What the origin answers to the last two.
    {"drip", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", NULL, UNIT("1\r\nx\r\n")},
    {"spray",
     "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
     "Sec-WebSocket-Accept: " WEBSOCKET_ACCEPT "\r\n\r\n",
     NULL, UNIT("\x82\x01x")},
    {"swallow",
     "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
     "Sec-WebSocket-Accept: " WEBSOCKET_ACCEPT "\r\n\r\n",
     NULL, NULL, 0},
};

struct connection {
    int descriptor;
    const struct kind *kind; // none yet on the side of the origin
    struct bytes head, input;
    size_t at; // in the units
};

static struct {
    struct sockaddr_in address;
    const struct kind *kind;
    bool serves;
    long connections;
    double seconds;
} options = {.connections = 16, .seconds = 5};

static int poll_descriptor;
static uint64_t sent, received, reconnects;

static const struct kind *find_kind(const char *name) {
    for (size_t index = 0; index < ARRAY_COUNT(kinds); index++)
        if (strcmp(kinds[index].name, name) == 0)
            return &kinds[index];
    die("%s", USAGE);
}

// The units of a kind, one behind the other.
static const char *units(const struct kind *kind, size_t *size) {
    static char buffers[ARRAY_COUNT(kinds)][BUFFER_SIZE];
    char *buffer = buffers[kind - kinds];
    *size = BUFFER_SIZE / kind->unit_size * kind->unit_size;
    if (buffer[0] == 0)
        for (size_t index = 0; index < *size; index += kind->unit_size)
            memcpy(buffer + index, kind->unit, kind->unit_size);
    return buffer;
}

static void begin(struct connection *connection, const struct kind *kind) {
    connection->kind = kind;
    connection->at = 0;
    bytes_clear(&connection->head);
    if (kind->target != NULL)
        append_handshake(&connection->head, kind->target);
    else
        bytes_append(&connection->head, kind->head, strlen(kind->head));
}

static void attack(struct connection *connection) {
    connection->descriptor = connect_to(options.address);
    if (connection->descriptor < 0)
        die("no connection: %s", strerror(errno));
    begin(connection, options.kind);
    watch(poll_descriptor, connection->descriptor, connection, true);
}

static bool send_more(struct connection *connection) {
    if (bytes_size(&connection->head) > 0) {
        if (!send_bytes(connection->descriptor, &connection->head))
            return false;
        if (bytes_size(&connection->head) > 0)
            return true;
    }
    if (connection->kind->unit == NULL) {
        rewatch(poll_descriptor, connection->descriptor, connection, false);
        return true;
    }
    size_t size;
    const char *data = units(connection->kind, &size);
    ssize_t count = send(connection->descriptor, data + connection->at, size - connection->at, MSG_NOSIGNAL);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR;
    sent += (uint64_t)count;
    connection->at = (connection->at + (size_t)count) % size;
    return true;
}

// On the side of the origin: what is asked for says what is answered.
static void answer(struct connection *connection, const char *data, size_t size) {
    bytes_append(&connection->input, data, size);
    bytes_append(&connection->input, "", 1);
    const char *text = bytes_first(&connection->input);
    if (strstr(text, "\r\n\r\n") == NULL) {
        connection->input.end--;
        return;
    }
    bool is_socket = strcasestr(text, "\nupgrade: websocket") != NULL, drips = strstr(text, " /drip") != NULL;
    if (is_socket || drips) {
        begin(connection, find_kind(!is_socket ? "drip" : drips ? "spray" : "swallow"));
        rewatch(poll_descriptor, connection->descriptor, connection, true);
    } else {
        // The body of the request, which has no end.
        connection->kind = find_kind("swallow");
    }
    bytes_clear(&connection->input);
}

static bool receive(struct connection *connection) {
    static char buffer[1 << 18];
    ssize_t count = recv(connection->descriptor, buffer, sizeof buffer, 0);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
        return false;
    if (count > 0) {
        received += (uint64_t)count;
        if (connection->kind == NULL)
            answer(connection, buffer, (size_t)count);
    }
    return true;
}

static void end(struct connection *connection) {
    close(connection->descriptor);
    if (options.serves) {
        bytes_free(&connection->head);
        bytes_free(&connection->input);
        free(connection);
    } else {
        reconnects++;
        attack(connection);
    }
}

static void accept_all(int listener) {
    for (int descriptor; (descriptor = accept_from(listener)) >= 0;) {
        struct connection *connection = allocate(1, sizeof *connection);
        connection->descriptor = descriptor;
        watch(poll_descriptor, descriptor, connection, false);
    }
}

static void parse_options(int count, char **values) {
    static const struct option list[] = {
        {"proxy", 1, 0, 'p'}, {"serve", 1, 0, 'l'}, {"kind", 1, 0, 'k'}, {"connections", 1, 0, 'c'},
        {"seconds", 1, 0, 's'}, {0},
    };
    for (int found; (found = getopt_long(count, values, "", list, NULL)) != -1;) {
        switch (found) {
        case 'p': options.address = parse_address(optarg); break;
        case 'l':
            options.address = parse_address(optarg);
            options.serves = true;
            break;
        case 'k': options.kind = find_kind(optarg); break;
        case 'c': options.connections = parse_number("connections", optarg, 1, 10000); break;
        case 's': options.seconds = parse_decimal("seconds", optarg); break;
        default: die("%s", USAGE);
        }
    }
    if (optind != count || options.address.sin_port == 0 || options.serves == (options.kind != NULL))
        die("%s", USAGE);
}

int main(int count, char **values) {
    struct epoll_event events[64];
    parse_options(count, values);
    raise_file_limit();
    poll_descriptor = epoll_create1(EPOLL_CLOEXEC);
    int listener = -1;
    if (options.serves) {
        listener = listen_on(options.address);
        watch(poll_descriptor, listener, NULL, false);
    } else {
        struct connection *connections = allocate((size_t)options.connections, sizeof *connections);
        for (long index = 0; index < options.connections; index++)
            attack(&connections[index]);
    }
    uint64_t stop = now() + (uint64_t)(options.seconds * 1e9);
    while (options.serves || now() < stop) {
        int ready = epoll_wait(poll_descriptor, events, ARRAY_COUNT(events), 10);
        for (int index = 0; index < ready; index++) {
            struct connection *connection = events[index].data.ptr;
            if (connection == NULL) {
                accept_all(listener);
                continue;
            }
            bool goes_on = true;
            if (events[index].events & EPOLLOUT && connection->kind != NULL)
                goes_on = send_more(connection);
            if (goes_on && events[index].events & ~(uint32_t)EPOLLOUT)
                goes_on = receive(connection);
            if (!goes_on)
                end(connection);
        }
    }
    printf("{\"sent\":%lu,\"received\":%lu,\"reconnects\":%lu}\n", sent, received, reconnects);
    return 0;
}
