// Which message has reached whom, in which order and after which time.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hold.h"

#define MARK '~'
#define END_MARK ';'

// One subscription of one client: the message it waits for, and which of the 64 before it have come.
struct slot {
    uint32_t next;
    uint64_t seen;
};

struct channel {
    uint32_t subscribers, sent;
};

// How many subscribers a message still has to reach, by the low bits of its number.
#define OPEN_MESSAGES (1u << 20)

struct deliveries deliveries;

static struct slot *slots;
static struct channel *channels;
static uint32_t *open_messages;
static bool *counted;
static uint64_t missing;

void deliveries_begin(void) {
    size_t count = (size_t)options.clients * (size_t)options.subscriptions;
    slots = allocate(count, sizeof *slots);
    channels = allocate((size_t)options.channels, sizeof *channels);
    open_messages = allocate(OPEN_MESSAGES, sizeof *open_messages);
    counted = allocate((size_t)options.clients, sizeof *counted);
    for (size_t index = 0; index < count; index++)
        slots[index].seen = UINT64_MAX;
}

static long step(void) {
    return options.channels / options.subscriptions;
}

long channel_at(long client, long index) {
    return (client + index * step()) % options.channels;
}

// Which subscription of the client is to the channel, or -1.
static long subscription_to(long channel, long client) {
    long distance = (channel - client % options.channels + options.channels) % options.channels;
    return distance % step() == 0 && distance / step() < options.subscriptions ? distance / step() : -1;
}

void deliveries_hold(long client) {
    counted[client] = true;
    for (long index = 0; index < options.subscriptions; index++)
        channels[channel_at(client, index)].subscribers++;
}

static void settle(uint32_t number) {
    uint32_t *open = &open_messages[number % OPEN_MESSAGES];
    if (*open > 0 && --*open == 0)
        deliveries.in_flight--;
}

void deliveries_release(long client) {
    if (!counted[client])
        return;
    counted[client] = false;
    for (long index = 0; index < options.subscriptions; index++) {
        struct slot *slot = &slots[client * options.subscriptions + index];
        long channel = channel_at(client, index);
        channels[channel].subscribers--;
        for (uint32_t next = slot->next; next < channels[channel].sent; next++) {
            settle((uint32_t)((uint64_t)next * (uint64_t)options.channels + (uint64_t)channel));
            deliveries.expected--;
        }
    }
}

void deliveries_send(uint32_t number) {
    struct channel *channel = &channels[number % (uint32_t)options.channels];
    channel->sent++;
    open_messages[number % OPEN_MESSAGES] = channel->subscribers;
    deliveries.expected += channel->subscribers;
    deliveries.in_flight += channel->subscribers > 0;
}

uint64_t deliveries_lost(void) {
    uint64_t lost = missing;
    for (long client = 0; client < options.clients; client++)
        for (long index = 0; counted[client] && index < options.subscriptions; index++)
            lost += channels[channel_at(client, index)].sent - slots[client * options.subscriptions + index].next;
    return lost;
}

// Whether `index` is new to the subscription.
static bool note(struct slot *slot, uint32_t index) {
    if (index >= slot->next) {
        uint32_t step = index - slot->next + 1;
        missing += step - 1;
        slot->seen = (step < 64 ? slot->seen << step : 0) | 1;
        slot->next = index + 1;
        return true;
    }
    uint32_t back = slot->next - 1 - index;
    if (back >= 64 || slot->seen >> back & 1) {
        deliveries.duplicated++;
        return false;
    }
    slot->seen |= (uint64_t)1 << back;
    deliveries.out_of_order++;
    missing--;
    return true;
}

static void receive(long client, uint64_t sent, uint32_t number, uint64_t time) {
    uint32_t channel = number % (uint32_t)options.channels;
    long index = subscription_to(channel, client);
    if (index < 0 || number / (uint32_t)options.channels >= channels[channel].sent) {
        deliveries.stray++;
        return;
    }
    if (!note(&slots[client * options.subscriptions + index], number / (uint32_t)options.channels))
        return;
    deliveries.received++;
    deliveries.last_received = time;
    histogram_add(&deliveries.latency, time > sent ? time - sent : 0);
    settle(number);
}

static const char DIGITS[] = "0123456789abcdef";

static char *write_digits(char *to, uint64_t value, int count) {
    for (int shift = 4 * (count - 1); shift >= 0; shift -= 4)
        *to++ = DIGITS[value >> shift & 15];
    return to;
}

static bool read_digits(const char *from, int count, uint64_t *value) {
    *value = 0;
    for (int index = 0; index < count; index++) {
        char byte = from[index];
        if (byte >= '0' && byte <= '9')
            *value = *value << 4 | (uint64_t)(byte - '0');
        else if (byte >= 'a' && byte <= 'f')
            *value = *value << 4 | (uint64_t)(byte - 'a' + 10);
        else
            return false;
    }
    return true;
}

void message_write(char *message, uint64_t time, uint32_t number) {
    char *to = message;
    *to++ = MARK;
    to = write_digits(to, time, 16);
    to = write_digits(to, number, 8);
    memset(to, '.', (size_t)(message + options.size - to));
    message[options.size - 1] = END_MARK;
}

static void read_message(long client, const char *message, uint64_t time) {
    uint64_t sent, number;
    size_t rest = (size_t)options.size - 1;
    bool is_whole = message[rest] == END_MARK && !memchr(message + 1, MARK, rest);
    if (is_whole && read_digits(message + 1, 16, &sent) && read_digits(message + 17, 8, &number))
        receive(client, sent, (uint32_t)number, time);
    else
        deliveries.garbled++;
}

void deliveries_read(long client, struct part *part, const char *data, size_t size, uint64_t time) {
    size_t whole = (size_t)options.size;
    const char *end = data + size;
    while (data < end) {
        if (part->size == 0) {
            data = memchr(data, MARK, (size_t)(end - data));
            if (!data)
                return;
            if ((size_t)(end - data) >= whole) {
                read_message(client, data, time);
                data += whole;
                continue;
            }
            if (!part->data)
                part->data = allocate(whole, 1);
        }
        size_t rest = whole - part->size;
        size_t count = (size_t)(end - data) < rest ? (size_t)(end - data) : rest;
        memcpy(part->data + part->size, data, count);
        part->size += count;
        data += count;
        if (part->size == whole) {
            read_message(client, part->data, time);
            part->size = 0;
        }
    }
}
