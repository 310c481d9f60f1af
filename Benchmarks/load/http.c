#include "http.h"

#include <string.h>
#include <strings.h>

enum { AT_SIZE, AT_REST_OF_LINE, IN_CHUNK, AFTER_CHUNK, AT_TRAILER, IN_TRAILER, AT_END };

static bool has_word(const char *from, const char *end, const char *word) {
    size_t size = strlen(word);
    for (; from + size <= end; from++)
        if (strncasecmp(from, word, size) == 0)
            return true;
    return false;
}

static bool is_named(const char *line, const char *end, const char *name) {
    size_t size = strlen(name);
    return line + size <= end && strncasecmp(line, name, size) == 0;
}

static bool read_first_line(const char *line, const char *end, struct http_head *head) {
    const char *space = memchr(line, ' ', (size_t)(end - line));
    if (!space)
        return false;
    if (is_named(line, end, "HTTP/1.")) {
        if (end - space < 4)
            return false;
        head->status = (space[1] - '0') * 100 + (space[2] - '0') * 10 + (space[3] - '0');
        return head->status >= 100 && head->status <= 599;
    }
    head->is_post = is_named(line, end, "POST ");
    head->path = space + 1;
    const char *stop = memchr(head->path, ' ', (size_t)(end - head->path));
    if (!stop)
        return false;
    const char *mark = memchr(head->path, '?', (size_t)(stop - head->path));
    head->path_size = (size_t)((mark ? mark : stop) - head->path);
    head->query = mark ? mark + 1 : stop;
    head->query_size = (size_t)(stop - head->query);
    return true;
}

static bool read_field(const char *line, const char *end, struct http_head *head) {
    if (is_named(line, end, "content-length:")) {
        head->length = 0;
        for (line += 15; line < end && *line == ' '; line++) {
        }
        for (; line < end && *line >= '0' && *line <= '9'; line++) {
            if (head->length > INT64_MAX / 10 - 10)
                return false;
            head->length = head->length * 10 + (*line - '0');
        }
    } else if (is_named(line, end, "transfer-encoding:")) {
        head->chunked = has_word(line + 18, end, "chunked");
    } else if (is_named(line, end, "connection:")) {
        head->closes = has_word(line + 11, end, "close");
    }
    return true;
}

enum http_result http_read_head(const char *data, size_t size, struct http_head *head) {
    const char *stop = size > 0 ? memmem(data, size, "\r\n\r\n", 4) : NULL;
    if (!stop)
        return HTTP_MORE;
    *head = (struct http_head){.length = -1, .size = (size_t)(stop - data) + 4};
    const char *end = memmem(data, head->size, "\r\n", 2);
    if (!read_first_line(data, end, head))
        return HTTP_BAD;
    while (end < stop) {
        const char *line = end + 2;
        end = memmem(line, (size_t)(stop + 2 - line), "\r\n", 2);
        if (!read_field(line, end, head))
            return HTTP_BAD;
    }
    return HTTP_OK;
}

bool http_path_is(const struct http_head *head, const char *path) {
    return head->path_size == strlen(path) && memcmp(head->path, path, head->path_size) == 0;
}

void http_body_begin(struct http_body *body, const struct http_head *head) {
    *body = (struct http_body){.kind = BODY_SIZED};
    if (head->status == 204 || head->status == 304)
        return;
    if (head->chunked)
        *body = (struct http_body){.kind = BODY_CHUNKED, .state = AT_SIZE};
    else if (head->length >= 0)
        body->left = (uint64_t)head->length;
    else if (head->status)
        body->kind = BODY_OPEN;
}

static int digit(char byte) {
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

// One byte of what stands around chunks.
static bool read_framing(struct http_body *body, char byte) {
    switch (body->state) {
    case AT_SIZE:
        if (digit(byte) >= 0) {
            body->left = body->left * 16 + (uint64_t)digit(byte);
            return body->left <= UINT32_MAX;
        }
        body->state = AT_REST_OF_LINE;
        __attribute__((fallthrough));
    case AT_REST_OF_LINE:
        if (byte == '\n')
            body->state = body->left > 0 ? IN_CHUNK : AT_TRAILER;
        return true;
    case AFTER_CHUNK:
        if (byte == '\n')
            body->state = AT_SIZE;
        return byte == '\n' || byte == '\r';
    case AT_TRAILER:
        if (byte == '\n')
            body->state = AT_END;
        else if (byte != '\r')
            body->state = IN_TRAILER;
        return true;
    default:
        if (byte == '\n')
            body->state = AT_TRAILER;
        return true;
    }
}

static enum body_step take(struct http_body *body, const char **at, const char *end, const char **piece,
                           size_t *size) {
    uint64_t here = (uint64_t)(end - *at);
    *piece = *at;
    *size = (size_t)(here < body->left ? here : body->left);
    *at += *size;
    body->left -= *size;
    return BODY_PIECE;
}

enum body_step http_body_next(struct http_body *body, const char **at, const char *end, const char **piece,
                              size_t *size) {
    if (body->kind == BODY_SIZED) {
        if (body->left == 0)
            return BODY_END;
        return *at < end ? take(body, at, end, piece, size) : BODY_MORE;
    }
    if (body->kind == BODY_OPEN) {
        body->left = UINT64_MAX;
        return *at < end ? take(body, at, end, piece, size) : BODY_MORE;
    }
    while (body->state != AT_END && *at < end) {
        if (body->state == IN_CHUNK) {
            take(body, at, end, piece, size);
            if (body->left == 0)
                body->state = AFTER_CHUNK;
            return BODY_PIECE;
        }
        if (!read_framing(body, *(*at)++))
            return BODY_BAD;
    }
    return body->state == AT_END ? BODY_END : BODY_MORE;
}
