/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Options and the choice of a command. A first word that is no command is an INPUT of check. */
#include "base/iw.h"
#include "cli/cli.h"

#include "base/mem.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#define IW_COMMAND(name) extern const struct iw_command iw_command_##name;
#include "cli/commands.def"
#undef IW_COMMAND

const struct iw_command *const iw_commands[] = {
#define IW_COMMAND(name) &iw_command_##name,
#include "cli/commands.def"
#undef IW_COMMAND
};
const size_t iw_command_count = IW_ARRAY_LEN(iw_commands);

const struct iw_command *iw_command_find(const char *name)
{
    for (size_t i = 0; i < iw_command_count; i++)
        if (strcmp(iw_commands[i]->name, name) == 0)
            return iw_commands[i];
    return NULL;
}

static int show(void (*print)(struct iw_buf *))
{
    struct iw_buf out;
    iw_buf_init(&out, 1u << 20);
    print(&out);
    int status = iw_exit_print(&out);
    iw_buf_release(&out);
    return status;
}

static int show_help(const struct iw_command *command)
{
    struct iw_buf out;
    iw_buf_init(&out, 1u << 20);
    iw_help_print(&out, command);
    int status = iw_exit_print(&out);
    iw_buf_release(&out);
    return status;
}

static int show_config(const struct iw_settings *settings)
{
    struct iw_buf out;
    iw_buf_init(&out, 1u << 20);
    iw_settings_print(settings, &out);
    int status = iw_exit_print(&out);
    iw_buf_release(&out);
    return status;
}

/* Bare "imgweigh" at a terminal: the short help, and a usage error. */
static int explain_usage(void)
{
    struct iw_buf out;
    iw_buf_init(&out, 1u << 16);
    iw_help_short(&out);
    ssize_t ignored = write(STDERR_FILENO, out.ptr, out.len);
    (void)ignored;
    iw_buf_release(&out);
    return iw_err_exit_status(IW_ERR_USAGE);
}

static int dispatch(struct iw_settings *settings, int argc, char **argv)
{
    const struct iw_options *options = &settings->options;
    const struct iw_command *command = argc ? iw_command_find(argv[0]) : NULL;
    bool wants_help = argc && strcmp(argv[0], "help") == 0;
    if (wants_help)
        return show_help(argc > 1 ? iw_command_find(argv[1]) : NULL);
    if (options->help)
        return show_help(command);
    if (options->version)
        return show(iw_version_print);
    if (options->print_config)
        return show_config(settings);
    if (command)
        return command->run(settings, argc - 1, argv + 1);
    if (argc == 0 && isatty(STDIN_FILENO))
        return explain_usage();
    return iw_command_find("check")->run(settings, argc, argv);
}

/* Of the three standard descriptors one that is closed would be the next file or loop to be opened, and be read,
 * written and closed as what it is not. It becomes one that gives an error to those who use it. */
static void hold_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        int wrong_way = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", wrong_way) < 0)
            return; /* as it was */
    }
}

int iw_cli_main(int argc, char **argv)
{
    hold_standard_descriptors();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL); /* inherited as ignored, nobody could be waited for */
    struct iw_settings *settings = iw_malloc(sizeof *settings);
    if (!settings)
        return iw_exit_failure(IW_ERR_NOMEM, NULL);
    iw_settings_init(settings);
    struct iw_diag diag = {0};
    int count = 0;
    enum iw_err err = iw_settings_load(settings, &diag);
    if (err == IW_OK && argc > 0)
        err = iw_settings_arguments(settings, argc - 1, argv + 1, &count, &diag);
    int status = err == IW_OK ? dispatch(settings, count, argv + 1) : iw_exit_failure(err, &diag);
    iw_settings_release(settings);
    iw_free(settings);
    return status;
}
