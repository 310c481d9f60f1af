// Subscribers that are held, publishers, and the account of what was delivered.

#ifndef HOLD_H
#define HOLD_H

#include "common.h"
#include "histogram.h"
#include "http.h"

enum kind { KIND_STREAM, KIND_SSE, KIND_WS };

struct options {
    struct sockaddr_in proxy, control;
    enum kind kind;
    bool raw_publish; // a POST of the message to the path of its channel, as Nchan has it
    const char *path, *publish_path, *parameter, *separator;
    long clients, channels, subscriptions, progress;
    long messages, window, batch, publishers, size, linger;
    double rate, seconds, settle, idle, stall;
    const char *processes;
};

extern struct options options;
extern int poll_descriptor;

// What the poll returns a pointer to begins with this.
struct source {
    void (*ready)(struct source *source, uint32_t events);
};

// Handles what is ready, after waiting up to `milliseconds`.
void poll_once(int milliseconds);

// Subscribers

struct subscribers {
    long held, refused, closed, waiting;
    uint64_t start, last;
};

extern struct subscribers subscribers;

void subscribers_connect(void);

// Messages

// The shortest message: a mark, the time it was sent at, its number, and the mark of its end.
#define MESSAGE_LEAST 32

// Message `number` is the one of index number / channels on channel number % channels.
void message_write(char *message, uint64_t time, uint32_t number);

struct deliveries {
    uint64_t expected, received, duplicated, out_of_order, stray, garbled;
    uint64_t in_flight; // messages that some subscriber still has to get
    uint64_t first_sent, last_received;
    struct histogram latency;
};

extern struct deliveries deliveries;

// The channel of a client's subscription. Those of one client are far from each other, so that messages to neighbouring
// channels go to different clients.
long channel_at(long client, long index);

void deliveries_begin(void);
void deliveries_hold(long client);
void deliveries_release(long client);
void deliveries_send(uint32_t number);
uint64_t deliveries_lost(void);

// Finds messages in what arrives for a client. `part` keeps the begin of a message whose rest has not arrived.
struct part {
    char *data;
    size_t size;
};

void deliveries_read(long client, struct part *part, const char *data, size_t size, uint64_t time);

// Publishers

struct publishing {
    uint64_t posts, answered, failed, messages, scheduled;
    bool ended; // no more messages are made
    uint64_t start, last_answer;
};

extern struct publishing publishing;

void publishers_begin(void);

// Sends what the window or the rate lets through. Returns how long nothing more will, in milliseconds.
int publishers_send(void);
bool publishers_idle(void);

#endif
