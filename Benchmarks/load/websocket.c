#include "websocket.h"

#include <string.h>

// Any mask will do for content that is no attack.
static const unsigned char MASK[4] = {0x5a, 0x3c, 0x96, 0xe1};

static size_t wanted_head(const struct frames *frames) {
    if (frames->head_size < 2)
        return 2;
    unsigned size = frames->head[1] & 0x7f;
    return 2 + (size == 126 ? 2 : size == 127 ? 8 : 0) + (frames->head[1] & 0x80 ? 4 : 0);
}

static void read_head(struct frames *frames) {
    unsigned size = frames->head[1] & 0x7f;
    unsigned extra = size == 126 ? 2 : size == 127 ? 8 : 0;
    frames->left = extra ? 0 : size;
    for (unsigned index = 0; index < extra; index++)
        frames->left = frames->left << 8 | frames->head[2 + index];
    frames->opcode = frames->head[0] & 0x0f;
    frames->masked = frames->head[1] & 0x80;
    frames->masked_at = 0;
    frames->open = true;
}

static void unmask(struct frames *frames, char *piece, size_t size) {
    const unsigned char *mask = frames->head + frames->head_size - 4;
    for (size_t index = 0; index < size; index++)
        piece[index] ^= (char)mask[frames->masked_at++ & 3];
}

enum body_step frames_next(struct frames *frames, char **at, char *end, char **piece, size_t *size) {
    while (!frames->open) {
        if (*at == end)
            return BODY_MORE;
        frames->head[frames->head_size++] = (unsigned char)*(*at)++;
        if (frames->head_size >= 2 && frames->head_size == wanted_head(frames))
            read_head(frames);
    }
    if (frames->left > 0 && *at == end)
        return BODY_MORE;
    uint64_t here = (uint64_t)(end - *at);
    *piece = *at;
    *size = (size_t)(here < frames->left ? here : frames->left);
    *at += *size;
    frames->left -= *size;
    if (frames->masked)
        unmask(frames, *piece, *size);
    if (frames->left == 0) {
        frames->open = false;
        frames->head_size = 0;
    }
    return BODY_PIECE;
}

void append_frame(struct bytes *bytes, unsigned opcode, bool masked, const char *content, size_t size) {
    unsigned char head[14] = {(unsigned char)(0x80 | opcode)};
    size_t count = 2;
    if (size < 126) {
        head[1] = (unsigned char)size;
    } else if (size < 65536) {
        head[1] = 126;
        head[count++] = (unsigned char)(size >> 8);
        head[count++] = (unsigned char)size;
    } else {
        head[1] = 127;
        for (int shift = 56; shift >= 0; shift -= 8)
            head[count++] = (unsigned char)((uint64_t)size >> shift);
    }
    if (masked) {
        head[1] |= 0x80;
        memcpy(head + count, MASK, 4);
        count += 4;
    }
    bytes_append(bytes, head, count);
    bytes_append(bytes, content, size);
    if (masked)
        for (size_t index = 0; index < size; index++)
            bytes->data[bytes->end - size + index] ^= (char)MASK[index & 3];
}

void append_handshake(struct bytes *bytes, const char *target) {
    bytes_text(bytes, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n", target);
    bytes_text(bytes, "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " WEBSOCKET_KEY "\r\n\r\n");
}

bool is_accepted(const struct http_head *head, const char *data) {
    return head->status == 101 && memmem(data, head->size, WEBSOCKET_ACCEPT, strlen(WEBSOCKET_ACCEPT));
}
