// Clients that connect, ask to be held, and read.

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hold.h"
#include "websocket.h"

enum state { CONNECTING, ASKING, HELD, GONE };

struct client {
    struct source source;
    int descriptor;
    enum state state;
    struct bytes output, head;
    union {
        struct http_body body;
        struct frames frames;
    };
    struct part part;
};

struct subscribers subscribers;

static struct client *clients;
static long connecting, begun;
static char input[1 << 16];

static void client_ready(struct source *source, uint32_t events);

static long index_of(const struct client *client) {
    return client - clients;
}

static void end_client(struct client *client) {
    if (client->state == HELD) {
        subscribers.closed++;
        subscribers.held--;
        deliveries_release(index_of(client));
    } else {
        subscribers.refused++;
        connecting--;
    }
    close(client->descriptor);
    bytes_free(&client->head);
    bytes_free(&client->output);
    client->state = GONE;
}

static void write_target(struct bytes *target, long client) {
    bytes_text(target, "%s", options.path);
    char before = strchr(options.path, '?') ? '&' : '?';
    for (long index = 0; index < options.subscriptions; index++) {
        long channel = channel_at(client, index);
        if (index > 0 && *options.separator)
            bytes_text(target, "%sc%ld", options.separator, channel);
        else
            bytes_text(target, "%c%s=c%ld", index > 0 ? '&' : before, options.parameter, channel);
    }
    bytes_append(target, "", 1);
}

static void write_request(struct client *client) {
    struct bytes target = {0};
    write_target(&target, index_of(client));
    if (options.kind == KIND_WS) {
        append_handshake(&client->output, bytes_first(&target));
    } else {
        bytes_text(&client->output, "GET %s HTTP/1.1\r\nHost: localhost\r\n", bytes_first(&target));
        bytes_text(&client->output, options.kind == KIND_SSE ? "Accept: text/event-stream\r\n\r\n" : "\r\n");
    }
    bytes_free(&target);
}

static void begin_client(struct client *client) {
    client->source.ready = client_ready;
    client->descriptor = connect_as(index_of(client), options.proxy);
    connecting++;
    if (client->descriptor < 0) {
        subscribers.refused++;
        connecting--;
        client->state = GONE;
        return;
    }
    write_request(client);
    watch(poll_descriptor, client->descriptor, client, true);
}

static void begin_more(void) {
    while (connecting < options.progress && begun < options.clients)
        begin_client(&clients[begun++]);
}

// The content of control frames is not kept: a pong without it is one that nobody asked for, but shows life.
static void control_frame(struct client *client) {
    if (client->frames.left > 0)
        return;
    if (client->frames.opcode == FRAME_PING) {
        append_frame(&client->output, FRAME_PONG, true, "", 0);
        if (!send_bytes(client->descriptor, &client->output))
            end_client(client);
    } else if (client->frames.opcode == FRAME_CLOSE) {
        end_client(client);
    }
}

static void read_frames(struct client *client, char *at, char *end, uint64_t time) {
    char *piece;
    size_t size;
    while (client->state == HELD && frames_next(&client->frames, &at, end, &piece, &size) == BODY_PIECE) {
        if (client->frames.opcode < FRAME_CLOSE)
            deliveries_read(index_of(client), &client->part, piece, size, time);
        else
            control_frame(client);
    }
}

static void read_body(struct client *client, const char *at, const char *end, uint64_t time) {
    const char *piece;
    size_t size;
    enum body_step step;
    while ((step = http_body_next(&client->body, &at, end, &piece, &size)) == BODY_PIECE)
        deliveries_read(index_of(client), &client->part, piece, size, time);
    if (step != BODY_MORE)
        end_client(client);
}

static void read_content(struct client *client, char *data, size_t size, uint64_t time) {
    if (options.kind == KIND_WS)
        read_frames(client, data, data + size, time);
    else
        read_body(client, data, data + size, time);
}

static bool is_held(const struct http_head *head, const char *data) {
    if (options.kind == KIND_WS)
        return is_accepted(head, data);
    return head->status == 200 && (head->chunked || head->length < 0);
}

static void read_answer(struct client *client, const char *data, size_t size, uint64_t time) {
    struct http_head head;
    bytes_append(&client->head, data, size);
    enum http_result result = http_read_head(bytes_first(&client->head), bytes_size(&client->head), &head);
    if (result == HTTP_MORE)
        return;
    if (result == HTTP_BAD || !is_held(&head, bytes_first(&client->head))) {
        end_client(client);
        return;
    }
    client->state = HELD;
    subscribers.held++;
    subscribers.last = time;
    connecting--;
    deliveries_hold(index_of(client));
    if (options.kind != KIND_WS)
        http_body_begin(&client->body, &head);
    struct bytes rest = client->head;
    client->head = (struct bytes){0};
    bytes_take(&rest, head.size);
    if (bytes_size(&rest) > 0)
        read_content(client, bytes_first(&rest), bytes_size(&rest), time);
    bytes_free(&rest);
}

static bool write_output(struct client *client) {
    if (client->state == CONNECTING && connect_error(client->descriptor) != 0)
        return false;
    if (!send_bytes(client->descriptor, &client->output))
        return false;
    if (client->state == CONNECTING && bytes_size(&client->output) == 0) {
        client->state = ASKING;
        bytes_free(&client->output);
        rewatch(poll_descriptor, client->descriptor, client, false);
    }
    return true;
}

static void client_ready(struct source *source, uint32_t events) {
    struct client *client = (struct client *)source;
    if (client->state == GONE)
        return;
    if (events & EPOLLOUT && !write_output(client)) {
        end_client(client);
    } else if (events & ~(uint32_t)EPOLLOUT) {
        ssize_t count = recv(client->descriptor, input, sizeof input, 0);
        if (count > 0 && client->state == HELD)
            read_content(client, input, (size_t)count, now());
        else if (count > 0)
            read_answer(client, input, (size_t)count, now());
        else if (count == 0 || (errno != EAGAIN && errno != EINTR))
            end_client(client);
    }
    begin_more();
}

void subscribers_connect(void) {
    clients = allocate((size_t)options.clients, sizeof *clients);
    subscribers.start = subscribers.last = now();
    uint64_t progress = now();
    long before = -1;
    begin_more();
    while (connecting > 0 || begun < options.clients) {
        poll_once(100);
        begin_more();
        long done = begun - connecting;
        if (done != before) {
            before = done;
            progress = now();
        }
        // What waits this long will not be held any more.
        if (seconds(now() - progress) > 10)
            break;
    }
    for (long index = 0; index < begun; index++)
        if (clients[index].state == CONNECTING || clients[index].state == ASKING)
            end_client(&clients[index]);
}
