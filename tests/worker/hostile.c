/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A codec that has been taken over: linked with the real worker and jail in place of src/pixels/. What it does is
 * written behind the picture, as "HOSTILE:word". */
#include "base/iw.h"
#include "pixels/pixels.h"

#include <fcntl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* A whole JPEG of 8x8 grey pixels. */
static const uint8_t good[] = {
    0xFF, 0xD8, 0xFF, 0xDB, 0x00, 0x43, 0x00, 1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,
    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,
    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,
    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    0xFF,
    0xC0, 0x00, 0x0B, 0x08, 0x00, 0x08, 0x00, 0x08, 0x01, 0x01, 0x11, 0x00, 0xFF, 0xC4, 0x00, 0x14, 0x00, 1,
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x00, 0xFF, 0xC4,
    0x00, 0x14, 0x10, 1,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
    0,    0x00, 0xFF, 0xDA, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3F, 0x00, 0x3F, 0xFF, 0xD9,
};

static uint8_t *volatile sink;

static void loop(uint8_t *in, uint8_t *out, struct iw_made *made)
{
    (void)in, (void)out, (void)made;
    for (volatile unsigned i = 0;; i = i + 1)
        ;
}

static void eat(uint8_t *in, uint8_t *out, struct iw_made *made)
{
    (void)in, (void)out;
    enum { PIECE = 1 << 20 };
    for (;;) {
        sink = malloc(PIECE);
        if (!sink)
            break;
        memset(sink, 1, PIECE);
    }
    made->error = IW_MADE_NO_MEMORY;
    memcpy(made->reason, "no more memory", sizeof "no more memory");
}

static void do_open(uint8_t *in, uint8_t *out, struct iw_made *made)
{
    (void)in, (void)out, (void)made;
    (void)!open("/etc/passwd", O_RDONLY);
}

static void create(uint8_t *in, uint8_t *out, struct iw_made *made)
{
    (void)in, (void)out, (void)made;
    (void)!open("hostile-was-here", O_WRONLY | O_CREAT, 0600);
}

static void do_connect(uint8_t *in, uint8_t *out, struct iw_made *made)
{
    (void)in, (void)out, (void)made;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    (void)connect(fd, (const struct sockaddr *)&to, sizeof to);
}

static void do_exec(uint8_t *in, uint8_t *out, struct iw_made *made)
{
    (void)in, (void)out, (void)made;
    char name[] = "/bin/true";
    char *argv[] = {name, NULL};
    (void)execv(name, argv);
}

static void do_fork(uint8_t *in, uint8_t *out, struct iw_made *made)
{
    (void)in, (void)out, (void)made;
    (void)!fork();
}

static void do_kill(uint8_t *in, uint8_t *out, struct iw_made *made)
{
    (void)in, (void)out, (void)made;
    (void)kill(getppid(), SIGKILL);
}

static void make_code(uint8_t *in, uint8_t *out, struct iw_made *made)
{
    (void)in, (void)out, (void)made;
    (void)!mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* All of its own slot: the head and the picture, too. */
static void scribble(uint8_t *in, uint8_t *out, struct iw_made *made)
{
    (void)made;
    memset(in - 4096, 0xFF, (size_t)(out - in) + 4096 + (1 << 20));
    _exit(0);
}

/* Beyond its slot, where other pictures lie. */
static void trespass(uint8_t *in, uint8_t *out, struct iw_made *made)
{
    (void)out, (void)made;
    for (uint8_t *at = in - 4096;; at -= 4096)
        *(volatile uint8_t *)at = 0xFF;
}

static void crash(uint8_t *in, uint8_t *out, struct iw_made *made)
{
    (void)in, (void)out, (void)made;
    uint8_t *volatile nowhere = (uint8_t *)(uintptr_t)8;
    *nowhere = 1;
}

static void make_good(uint8_t *in, uint8_t *out, struct iw_made *made)
{
    (void)in;
    memcpy(out, good, sizeof good);
    made->bytes = sizeof good;
    made->width_px = made->height_px = 8;
    made->quality = 85;
    made->subsampling = 400;
}

static void lie_length(uint8_t *in, uint8_t *out, struct iw_made *made)
{
    make_good(in, out, made);
    made->bytes = UINT64_MAX / 2;
}

static void lie_size(uint8_t *in, uint8_t *out, struct iw_made *made)
{
    make_good(in, out, made);
    made->width_px = 9;
}

static void lie_format(uint8_t *in, uint8_t *out, struct iw_made *made)
{
    make_good(in, out, made);
    memcpy(out, "GIF89a", 6);
}

static void lie_error(uint8_t *in, uint8_t *out, struct iw_made *made)
{
    make_good(in, out, made);
    made->error = (enum iw_made_error)77;
    memset(made->reason, 'x', sizeof made->reason);
}

static void leave(uint8_t *in, uint8_t *out, struct iw_made *made)
{
    (void)in, (void)out, (void)made;
    _exit(0);
}

static const struct {
    const char *word;
    void (*act)(uint8_t *in, uint8_t *out, struct iw_made *made);
} acts[] = {
    {"loop", loop},         {"eat", eat},         {"open", do_open},   {"create", create},     {"connect", do_connect},
    {"exec", do_exec},      {"fork", do_fork},    {"kill", do_kill},   {"code", make_code},    {"scribble", scribble},
    {"trespass", trespass}, {"crash", crash},     {"good", make_good}, {"length", lie_length}, {"size", lie_size},
    {"format", lie_format}, {"error", lie_error}, {"leave", leave},
};

void iw_pixels_make(const uint8_t *in, size_t len, const struct iw_goal *goal, uint8_t *out, size_t room,
                    struct iw_made *made)
{
    (void)goal;
    (void)room;
    *made = (struct iw_made){0};
    const uint8_t *mark = memmem(in, len, "HOSTILE:", 8);
    for (size_t i = 0; mark && i < IW_ARRAY_LEN(acts); i++) {
        size_t word = strlen(acts[i].word);
        if ((size_t)(in + len - mark) >= 8 + word && memcmp(mark + 8, acts[i].word, word) == 0) {
            acts[i].act((uint8_t *)(uintptr_t)in, out, made);
            return;
        }
    }
    made->error = IW_MADE_UNREADABLE;
}

void iw_pixels_warm_up(void) {}

void iw_pixels_prepare_heap(void)
{
    (void)mallopt(M_MMAP_MAX, 0);
}

void iw_pixels_versions(struct iw_buf *out)
{
    iw_buf_printf(out, "hostile/1");
}
