// Connections to the control API: one POST at a time on each, with a batch of messages.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hold.h"

struct publisher {
    struct source source;
    int descriptor; // -1 while there is no connection
    uint32_t index; // of the next message among those of this publisher
    long answers;   // that are outstanding
    bool connecting, in_body, closes, fresh;
    struct bytes output, input, sent;
    struct http_body body;
};

struct publishing publishing;

static struct publisher *publishers;
static char *message;
static struct bytes body;

static void publisher_ready(struct source *source, uint32_t events);

void publishers_begin(void) {
    publishers = allocate((size_t)options.publishers, sizeof *publishers);
    message = allocate((size_t)options.size, 1);
    for (long index = 0; index < options.publishers; index++)
        publishers[index] = (struct publisher){.source.ready = publisher_ready, .descriptor = -1};
    publishing.start = publishing.last_answer = now();
}

bool publishers_idle(void) {
    for (long index = 0; index < options.publishers; index++)
        if (publishers[index].answers > 0)
            return false;
    return true;
}

// Publishers take turns, so that all messages of a channel go over one connection if their number divides that of
// the channels.
static uint32_t next_number(struct publisher *publisher) {
    return publisher->index++ * (uint32_t)options.publishers + (uint32_t)(publisher - publishers);
}

static void append_content(void) {
    bool is_event = options.kind == KIND_SSE && !options.raw_publish;
    if (is_event)
        bytes_append(&body, "data: ", 6);
    bytes_append(&body, message, (size_t)options.size);
    if (options.raw_publish || options.kind == KIND_WS)
        return;
    bytes_text(&body, is_event ? "\\n\\n" : "\\n");
}

static void append_item(uint32_t channel, bool is_first) {
    bytes_text(&body, "%s{\"channel\":\"c%u\",\"formats\":{\"%s\":{\"content\":\"", is_first ? "" : ",", channel,
               options.kind == KIND_WS ? "ws-message" : "http-stream");
    append_content();
    bytes_text(&body, "\"}}}");
}

static void append_post(struct publisher *publisher, const char *query, uint32_t channel) {
    struct bytes *output = &publisher->output;
    bytes_text(output, "POST %s", options.publish_path);
    if (query)
        bytes_text(output, "?%s=c%u", query, channel);
    bytes_text(output, " HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
               options.raw_publish ? "text/plain" : "application/json", bytes_size(&body));
    bytes_append(output, bytes_first(&body), bytes_size(&body));
    bytes_clear(&body);
    publisher->answers++;
    publishing.posts++;
}

static void write_batch(struct publisher *publisher, uint64_t time) {
    if (!options.raw_publish)
        bytes_text(&body, "{\"items\":[");
    for (long index = 0; index < options.batch; index++) {
        uint32_t number = next_number(publisher);
        uint32_t channel = number % (uint32_t)options.channels;
        message_write(message, time, number);
        deliveries_send(number);
        if (options.raw_publish) {
            append_content();
            append_post(publisher, options.parameter, channel);
        } else {
            append_item(channel, index == 0);
        }
    }
    if (!options.raw_publish) {
        bytes_text(&body, "]}");
        append_post(publisher, NULL, 0);
    }
    publishing.messages += (uint64_t)options.batch;
}

static void disconnect(struct publisher *publisher) {
    if (publisher->descriptor >= 0)
        close(publisher->descriptor);
    publisher->descriptor = -1;
    publisher->connecting = publisher->in_body = publisher->closes = false;
    bytes_clear(&publisher->input);
}

// A POST that got no answer may have been published or not, so it is not sent again.
static void fail(struct publisher *publisher) {
    publishing.failed += (uint64_t)publisher->answers;
    publisher->answers = 0;
    bytes_clear(&publisher->output);
    disconnect(publisher);
}

static void flush(struct publisher *publisher) {
    if (!send_bytes(publisher->descriptor, &publisher->output))
        fail(publisher);
    else if (bytes_size(&publisher->output) > 0)
        rewatch(poll_descriptor, publisher->descriptor, publisher, true);
}

static void connect_publisher(struct publisher *publisher) {
    publisher->descriptor = connect_to(options.control);
    if (publisher->descriptor < 0) {
        fail(publisher);
        return;
    }
    publisher->connecting = true;
    watch(poll_descriptor, publisher->descriptor, publisher, true);
}

static void post(struct publisher *publisher, uint64_t time) {
    write_batch(publisher, time);
    if (publisher->descriptor < 0)
        connect_publisher(publisher);
    else
        flush(publisher);
}

// Returns false where nothing may be sent now.
static bool is_due(uint64_t *time, int *wait) {
    if (options.rate == 0) {
        *time = now();
        return deliveries.in_flight == 0 || deliveries.in_flight + (uint64_t)options.batch <= (uint64_t)options.window;
    }
    // A message that is sent late counts from when it was due.
    *time = publishing.start + (uint64_t)((double)publishing.scheduled * (double)options.batch / options.rate * 1e9);
    uint64_t at = now();
    if (*time <= at)
        return true;
    *wait = (int)((*time - at) / 1000000) + 1;
    return false;
}

int publishers_send(void) {
    int wait = 100;
    for (long index = 0; index < options.publishers; index++) {
        struct publisher *publisher = &publishers[index];
        uint64_t time;
        if (publishing.ended || publisher->answers > 0)
            continue;
        bool is_late = options.seconds > 0 && seconds(now() - publishing.start) >= options.seconds;
        if (is_late || (options.messages > 0 && publishing.messages >= (uint64_t)options.messages)) {
            publishing.ended = true;
            break;
        }
        if (!is_due(&time, &wait))
            break;
        if (deliveries.first_sent == 0)
            deliveries.first_sent = time;
        publishing.scheduled++;
        post(publisher, time);
    }
    return wait;
}

static void count_answer(struct publisher *publisher) {
    publisher->answers--;
    publisher->in_body = false;
    publishing.answered++;
    publishing.last_answer = now();
}

// Returns false when the answers cannot be read further.
static bool read_answer(struct publisher *publisher) {
    struct http_head head;
    struct bytes *input = &publisher->input;
    if (!publisher->in_body) {
        enum http_result result = http_read_head(bytes_first(input), bytes_size(input), &head);
        if (result != HTTP_OK)
            return result == HTTP_MORE;
        if (head.status < 200 || head.status > 299)
            publishing.failed++;
        bytes_take(input, head.size);
        http_body_begin(&publisher->body, &head);
        publisher->closes = head.closes;
        publisher->in_body = true;
    }
    const char *at = bytes_first(input), *piece;
    size_t size;
    enum body_step step = BODY_PIECE;
    while (step == BODY_PIECE)
        step = http_body_next(&publisher->body, &at, bytes_first(input) + bytes_size(input), &piece, &size);
    bytes_take(input, (size_t)(at - bytes_first(input)));
    if (step == BODY_END)
        count_answer(publisher);
    return step != BODY_BAD;
}

static void read_answers(struct publisher *publisher, const char *data, size_t size) {
    bytes_append(&publisher->input, data, size);
    size_t before;
    do {
        before = bytes_size(&publisher->input);
        if (!read_answer(publisher)) {
            fail(publisher);
            return;
        }
    } while (publisher->answers > 0 && bytes_size(&publisher->input) > 0 && bytes_size(&publisher->input) < before);
    if (publisher->closes && !publisher->in_body)
        disconnect(publisher);
}

static void publisher_ready(struct source *source, uint32_t events) {
    struct publisher *publisher = (struct publisher *)source;
    char input[1 << 14];
    if (publisher->descriptor < 0)
        return;
    if (events & EPOLLOUT) {
        if (publisher->connecting && connect_error(publisher->descriptor) != 0) {
            fail(publisher);
            return;
        }
        publisher->connecting = false;
        if (!send_bytes(publisher->descriptor, &publisher->output)) {
            fail(publisher);
            return;
        }
        if (bytes_size(&publisher->output) == 0)
            rewatch(poll_descriptor, publisher->descriptor, publisher, false);
    }
    if (!(events & ~(uint32_t)EPOLLOUT))
        return;
    ssize_t count = recv(publisher->descriptor, input, sizeof input, 0);
    if (count > 0) {
        read_answers(publisher, input, (size_t)count);
    } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
        // Without a length, the end of the connection is that of the answer.
        if (count == 0 && publisher->in_body && publisher->body.kind == BODY_OPEN)
            count_answer(publisher);
        fail(publisher);
    }
}
