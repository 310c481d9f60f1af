// The least that a server has to do to fan out: one thread, and one write for each message and subscriber. What a proxy
// does beyond that is what it costs. It takes requests to be held without asking an origin, and GRIP items whose JSON
// it only skims.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server.h"
#include "websocket.h"

static const char USAGE[] =
    "ceiling ADDRESS [CONTROL-ADDRESS] [--coalesce] [--fault lose|repeat|swap]\n"
    "\n"
    "  --coalesce  writes the items of one POST at once\n"
    "  --fault     treats some deliveries wrongly, to see that it is noticed\n";

struct subscription {
    struct channel *channel;
    size_t position; // among those of the channel
};

struct hold {
    struct connection *connection;
    bool is_websocket, is_touched;
    size_t count;
    struct subscription subscriptions[];
};

struct member {
    struct hold *hold;
    size_t subscription; // among those of the hold
};

struct channel {
    struct channel *next; // in its bucket
    struct member *members;
    size_t count, capacity, name_size;
    char name[];
};

#define BUCKETS (1u << 17)

static struct channel *buckets[BUCKETS];
static bool coalesces;
static enum { NO_FAULT, LOSE, REPEAT, SWAP } fault;
static uint64_t delivery_count;

// Those that got something which is not yet sent.
static struct hold **touched;
static size_t touched_count, touched_capacity;

static struct channel *find_channel(const char *name, size_t size, bool makes) {
    uint32_t hash = 2166136261u;
    for (size_t index = 0; index < size; index++)
        hash = (hash ^ (unsigned char)name[index]) * 16777619u;
    struct channel **place = &buckets[hash % BUCKETS];
    while (*place && ((*place)->name_size != size || memcmp((*place)->name, name, size) != 0))
        place = &(*place)->next;
    if (!*place && makes) {
        *place = allocate(1, sizeof **place + size);
        (*place)->name_size = size;
        memcpy((*place)->name, name, size);
    }
    return *place;
}

static void subscribe(struct hold *hold, struct channel *channel) {
    if (channel->count == channel->capacity) {
        channel->capacity = 2 * channel->capacity + 1;
        channel->members = reallocate(channel->members, channel->capacity * sizeof *channel->members);
    }
    channel->members[channel->count] = (struct member){hold, hold->count};
    hold->subscriptions[hold->count++] = (struct subscription){channel, channel->count++};
}

static void unsubscribe(struct hold *hold) {
    for (size_t index = 0; index < hold->count; index++) {
        struct channel *channel = hold->subscriptions[index].channel;
        size_t position = hold->subscriptions[index].position;
        struct member last = channel->members[--channel->count];
        channel->members[position] = last;
        last.hold->subscriptions[last.subscription].position = position;
    }
}

static bool begin_hold(struct connection *connection, const struct http_head *head) {
    const char *at = head->query, *end = head->query + head->query_size, *value;
    size_t size, count = 0;
    while (query_value(&at, end, "ch", &value, &size))
        count++;
    struct hold *hold = allocate(1, sizeof *hold + count * sizeof *hold->subscriptions);
    hold->connection = connection;
    hold->is_websocket = http_path_is(head, "/ws");
    for (at = head->query; query_value(&at, end, "ch", &value, &size);)
        subscribe(hold, find_channel(value, size, true));
    connection->state = hold;
    if (hold->is_websocket)
        bytes_text(&connection->output, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                                        "Upgrade: websocket\r\nSec-WebSocket-Accept: " WEBSOCKET_ACCEPT "\r\n\r\n");
    else
        bytes_text(&connection->output, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n",
                   http_path_is(head, "/sse") ? "text/event-stream" : "text/plain");
    return true;
}

static void touch(struct hold *hold) {
    if (hold->is_touched)
        return;
    hold->is_touched = true;
    if (touched_count == touched_capacity) {
        touched_capacity = 2 * touched_capacity + 64;
        touched = reallocate(touched, touched_capacity * sizeof *touched);
    }
    touched[touched_count++] = hold;
}

static void send_touched(void) {
    for (size_t index = 0; index < touched_count; index++) {
        touched[index]->is_touched = false;
        send_output(touched[index]->connection);
    }
    touched_count = 0;
}

static void append_message(struct hold *hold, const struct bytes *chunk, const struct bytes *frame) {
    const struct bytes *message = hold->is_websocket ? frame : chunk;
    bytes_append(&hold->connection->output, bytes_first(message), bytes_size(message));
    if (coalesces)
        touch(hold);
    else
        send_output(hold->connection);
}

// A delivery that waits for the next to the same client on the same channel.
static struct late {
    struct hold *hold;
    const struct channel *channel;
    struct bytes chunk, frame;
} late;

static void keep(struct hold *hold, const struct channel *channel, const struct bytes *chunk,
                 const struct bytes *frame) {
    late.hold = hold;
    late.channel = channel;
    bytes_clear(&late.chunk);
    bytes_clear(&late.frame);
    bytes_append(&late.chunk, bytes_first(chunk), bytes_size(chunk));
    bytes_append(&late.frame, bytes_first(frame), bytes_size(frame));
}

// Every hundredth delivery goes wrong.
static void append_wrongly(struct hold *hold, const struct channel *channel, const struct bytes *chunk,
                           const struct bytes *frame) {
    bool is_wrong = ++delivery_count % 100 == 0;
    if (is_wrong && fault == LOSE)
        return;
    if (is_wrong && fault == SWAP && !late.hold) {
        keep(hold, channel, chunk, frame);
        return;
    }
    append_message(hold, chunk, frame);
    if (is_wrong && fault == REPEAT)
        append_message(hold, chunk, frame);
    if (late.hold == hold && late.channel == channel) {
        append_message(hold, &late.chunk, &late.frame);
        late.hold = NULL;
    }
}

static void deliver(const struct channel *channel, const struct bytes *content) {
    static struct bytes chunk, frame;
    bytes_clear(&chunk);
    bytes_clear(&frame);
    bytes_text(&chunk, "%zx\r\n", bytes_size(content));
    bytes_append(&chunk, bytes_first(content), bytes_size(content));
    bytes_append(&chunk, "\r\n", 2);
    append_frame(&frame, FRAME_TEXT, false, bytes_first(content), bytes_size(content));
    for (size_t index = 0; index < channel->count; index++) {
        if (fault)
            append_wrongly(channel->members[index].hold, channel, &chunk, &frame);
        else
            append_message(channel->members[index].hold, &chunk, &frame);
    }
}

static void publish(const struct request *request) {
    static struct bytes name, content;
    const char *at = request->body, *end = at + request->body_size;
    while (json_string(&at, end, "channel", &name) && json_string(&at, end, "content", &content)) {
        const struct channel *channel = find_channel(bytes_first(&name), bytes_size(&name), false);
        if (channel)
            deliver(channel, &content);
    }
    send_touched();
}

static bool handle(struct connection *connection) {
    struct request request;
    enum http_result result = HTTP_MORE;
    while (!connection->state && (result = read_request(connection, &request)) == HTTP_OK) {
        if (request.head.is_post) {
            publish(&request);
            bytes_text(&connection->output, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nPublished\n");
        } else if (request.head.query_size > 0) {
            begin_hold(connection, &request.head);
        } else {
            bytes_text(&connection->output, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n");
        }
        bytes_take(&connection->input, request.size);
    }
    // What a held client says is of no interest.
    if (connection->state)
        bytes_free(&connection->input);
    send_output(connection);
    return result != HTTP_BAD;
}

static void end(struct connection *connection) {
    if (connection->state)
        unsubscribe(connection->state);
    if (late.hold == connection->state)
        late.hold = NULL;
    free(connection->state);
}

int main(int count, char **values) {
    struct sockaddr_in addresses[2];
    int address_count = 0;
    for (int index = 1; index < count; index++) {
        const char *value = values[index];
        if (strcmp(value, "--coalesce") == 0)
            coalesces = true;
        else if (strcmp(value, "--fault") == 0 && index + 1 < count)
            value = values[++index], fault = *value == 'l' ? LOSE : *value == 'r' ? REPEAT : SWAP;
        else if (address_count < 2)
            addresses[address_count++] = parse_address(value);
        else
            die("%s", USAGE);
    }
    if (address_count == 0)
        die("%s", USAGE);
    raise_file_limit();
    serve(addresses, address_count, handle, end);
}
