/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Commands of the operator's, run beside the loop in sessions of their own, so that all that they start can be ended.
 */
#include "base/iw.h"
#include "net/inside.h"

#include "base/mem.h"

#include <signal.h>

struct iw_child {
    uv_process_t process;
    uv_timer_t timer;
    struct iw_net *net;
    struct iw_child *next;
    void (*done)(void *user, bool is_good, const char *how);
    void *user;
    int64_t exit_status;
    int signal;
    bool is_late, is_over;
    unsigned open; /* handles of the loop */
};

static void on_closed(uv_handle_t *handle)
{
    struct iw_child *child = handle->data;
    if (--child->open == 0)
        iw_free(child);
}

static void unlink_child(struct iw_child *child)
{
    struct iw_child **at = &child->net->children;
    while (*at && *at != child)
        at = &(*at)->next;
    if (*at)
        *at = child->next;
}

static void on_exit_of(uv_process_t *process, int64_t exit_status, int signal_number)
{
    struct iw_child *child = process->data;
    child->is_over = true;
    unlink_child(child);
    (void)uv_kill(-process->pid, SIGKILL); /* what it left behind */
    uv_close((uv_handle_t *)&child->timer, on_closed);
    uv_close((uv_handle_t *)&child->process, on_closed);
    const char *how = child->is_late  ? "took too long"
                      : signal_number ? "was ended by a signal"
                      : exit_status   ? "ended with an error"
                                      : "";
    child->done(child->user, !child->is_late && signal_number == 0 && exit_status == 0, how);
}

static void on_late(uv_timer_t *timer)
{
    struct iw_child *child = timer->data;
    child->is_late = true;
    (void)uv_kill(-child->process.pid, SIGKILL);
    (void)uv_process_kill(&child->process, SIGKILL);
}

enum iw_err iw_net_spawn(struct iw_net *net, char *const *argv, uint64_t timeout_ms,
                         void (*done)(void *user, bool is_good, const char *how), void *user)
{
    struct iw_child *child = iw_calloc(1, sizeof *child);
    if (!child)
        return IW_ERR_NOMEM;
    child->net = net;
    child->done = done;
    child->user = user;
    /* what it prints would mix with a report on standard output */
    uv_stdio_container_t stdio[3] = {
        {.flags = UV_IGNORE}, {.flags = UV_INHERIT_FD, .data.fd = 2}, {.flags = UV_INHERIT_FD, .data.fd = 2}};
    char **words = iw_calloc(4, sizeof *words);
    for (size_t i = 0; words && i < 3 && argv[i]; i++)
        words[i] = argv[i];
    uv_process_options_t options = {.exit_cb = on_exit_of,
                                    .file = argv[0],
                                    .args = words,
                                    .flags = UV_PROCESS_DETACHED,
                                    .stdio_count = 3,
                                    .stdio = stdio};
    uv_timer_init(&net->loop, &child->timer);
    child->timer.data = child->process.data = child;
    child->open = 2;
    int result = words ? uv_spawn(&net->loop, &child->process, &options) : UV_ENOMEM;
    iw_free(words);
    if (result != 0) {
        uv_close((uv_handle_t *)&child->timer, on_closed);
        if (words)
            uv_close((uv_handle_t *)&child->process, on_closed);
        else
            child->open--;
        return IW_ERR_IO;
    }
    child->next = net->children;
    net->children = child;
    uv_timer_start(&child->timer, on_late, timeout_ms, 0);
    return IW_OK;
}

void iw_child_kill_all(struct iw_net *net)
{
    for (struct iw_child *child = net->children; child; child = child->next)
        on_late(&child->timer);
}
