/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The program's own parts: commands, what they share, and how they end. */
#ifndef IW_CLI_CLI_H
#define IW_CLI_CLI_H

#include "cli/options.h"

/* One command: one file. */
struct iw_command {
    const char *name;
    const char *arguments; /* "INPUT..." */
    const char *help;      /* a few words */
    const char *details;   /* paragraphs for --help of the command */
    /* argv holds what is no option; the exit status comes back. */
    int (*run)(struct iw_settings *settings, int argc, char **argv);
};
extern const struct iw_command *const iw_commands[];
extern const size_t iw_command_count;
const struct iw_command *iw_command_find(const char *name); /* or NULL */

/* All of main(): the exit status comes back. */
int iw_cli_main(int argc, char **argv);

/* help.c */
void iw_help_print(struct iw_buf *out, const struct iw_command *command); /* NULL: of the program */
void iw_help_short(struct iw_buf *out);
void iw_version_print(struct iw_buf *out);

/* exit.c: says it on standard error, escaped, since it may quote a file of anybody's */
void iw_exit_tell(const struct iw_diag *diag);
/* The same for a failure; returns its exit status. */
int iw_exit_failure(enum iw_err err, const struct iw_diag *diag);
int iw_exit_status(const struct iw_totals *totals, const struct iw_options *options);
int iw_exit_fix_status(const struct iw_totals *totals, const struct iw_options *options);
/* Writes text to standard output and checks that it got there: 0 or 3. */
int iw_exit_print(const struct iw_buf *text);

/* profiles.c: the chosen profiles, with the limits of the command line over them */
#define IW_CHOSEN_MAX 32
struct iw_chosen {
    struct iw_profile profiles[IW_CHOSEN_MAX];
    const struct iw_profile *list[IW_CHOSEN_MAX];
    size_t count;
};
enum iw_err iw_profile_load(struct iw_settings *settings, struct iw_str name, struct iw_profile *out,
                            struct iw_diag *diag) IW_MUST_USE;
enum iw_err iw_profiles_choose(struct iw_settings *settings, struct iw_chosen *out, struct iw_diag *diag) IW_MUST_USE;
/* Sets the audit's policy up from options and profiles; *out_scope is to be freed. */
enum iw_err iw_policy_prepare(struct iw_settings *settings, struct iw_chosen *chosen, struct iw_scope **out_scope,
                              struct iw_diag *diag) IW_MUST_USE;

/* sinks.c: where reports go */
struct iw_sinks;
struct iw_outlet {
    struct iw_str format;
    const char *path; /* NULL: standard output, or */
    bool is_stderr;   /* standard error, where a summary is enough */
    bool has_payload; /* of fix: data URIs */
    bool is_appended; /* to what the file holds, not written anew */
};
#define IW_OUTLETS_MAX (IW_OPTION_LIST_MAX + 4)
/* Where --format and --report send the report of an audit: at most IW_OUTLETS_MAX; how many. */
size_t iw_outlets_choose(const struct iw_options *options, struct iw_outlet *outlets);
/* "FMT", "FMT:-" or "FMT:PATH". */
void iw_outlet_parse(const char *spec, struct iw_outlet *out);
/* IW_ERR_USAGE for an unknown format or two reports for one file, IW_ERR_IO for a file that cannot be written;
 * IW_ERR_NOMEM. */
enum iw_err iw_sinks_open(const struct iw_writer_table *table, const struct iw_outlet *outlets, size_t count,
                          const struct iw_report_style *style, struct iw_sinks **out, struct iw_diag *diag) IW_MUST_USE;
enum iw_err iw_sinks_record(struct iw_sinks *sinks, const struct iw_record *record) IW_MUST_USE;
void iw_sinks_flush(struct iw_sinks *sinks); /* what waits, now and then */
/* What is to be done before anything is written out: it may fail, and then nothing is. */
void iw_sinks_before_write(struct iw_sinks *sinks, enum iw_err (*before)(void *user), void *user);
/* Ends the reports, writes all, renames files into place. IW_ERR_IO with diag. */
enum iw_err iw_sinks_close(struct iw_sinks *sinks, const struct iw_totals *totals, struct iw_diag *diag) IW_MUST_USE;
void iw_sinks_free(struct iw_sinks *sinks);
/* True where a text report goes to standard output or standard error. */
bool iw_sinks_has_text(const struct iw_sinks *sinks);
/* True once standard output was closed by its reader, and no report goes to a file: a quiet end. */
bool iw_sinks_is_broken_pipe(const struct iw_sinks *sinks);

/* progress.c */
struct iw_progress {
    const struct iw_options *options;
    bool is_on, is_terminal, is_drawn;
    uint64_t began_ms, drawn_ms, last_done;
    double rate;
};
void iw_progress_init(struct iw_progress *progress, const struct iw_options *options);
void iw_progress_tick(struct iw_progress *progress, struct iw_audit *audit);
void iw_progress_show(struct iw_progress *progress, struct iw_audit *audit); /* a line of its own, at once */
void iw_progress_clear(struct iw_progress *progress);

struct iw_history;
struct iw_standing;
struct iw_request_in;

/* run.c: an audit with its reports, from preparation to exit status; check and fix differ in what is set up before */
struct iw_run {
    struct iw_settings *settings;
    struct iw_chosen chosen;
    char folder[4096];            /* the working directory */
    struct iw_request_in *opened; /* inputs that are read from elsewhere; NULL: none */
    struct iw_scope *scope;
    struct iw_sinks *sinks;
    struct iw_audit *audit;
    struct iw_history *history; /* or NULL */
    struct iw_standing *standing;
    struct iw_progress progress;
    /* Called with each record on the audit's own thread before it is written; may be NULL. */
    enum iw_err (*on_record)(void *user, const struct iw_record *record);
    void *user;
    int (*status)(const struct iw_totals *totals, const struct iw_options *options);
    /* Called when the audit is over, before reports are ended; may be NULL, and may add to totals. */
    void (*on_over)(void *user, struct iw_totals *totals);
};
/* The policy is prepared, inputs are added, reports opened. */
enum iw_err iw_run_prepare(struct iw_run *run, const struct iw_writer_table *table, const struct iw_outlet *outlets,
                           size_t outlet_count, int argc, char **argv, struct iw_diag *diag) IW_MUST_USE;
/* How reports look; run's settings and profiles are known. */
void iw_run_style(struct iw_run *run, struct iw_report_style *out);
/* Runs and reports; the exit status. */
int iw_run_finish(struct iw_run *run);
void iw_run_release(struct iw_run *run);

/* packed.c: gzip */
#define IW_PACKED_MAX_BYTES ((uint64_t)1 << 40)  /* of what one file unpacks to */
bool iw_packed_is(const char *head, size_t len); /* by its magic */
bool iw_packed_is_name(const char *name);        /* by its ending */
/* What the first bytes of a packed file unpack to, so far; how much. */
size_t iw_packed_peek(const char *head, size_t len, char *out, size_t room);
/* Unpacks a file, from where it stands, into a temporary one, which is the caller's; -1: *out_why says why. */
int iw_packed_open(int fd, const char **out_why);
/* Packs what is added into a file; the same bytes always into the same. NULL, false: it cannot be written. */
struct iw_packer;
struct iw_packer *iw_packer_new(int fd);
bool iw_packer_add(struct iw_packer *packer, struct iw_str bytes);
bool iw_packer_end(struct iw_packer *packer); /* and frees it; NULL is ended */

/* request_in.c: which inputs are request files. What is packed is unpacked into temporary files, and read from there;
 * standard input becomes a file. */
#define IW_UNPACKED_MAX 16
struct iw_unpacked {
    int index;              /* of the input */
    int fd;                 /* -1: it is the audit's by now */
    uint64_t device, inode; /* of the packed one */
};
struct iw_request_in {
    size_t count;
    struct iw_unpacked list[IW_UNPACKED_MAX];
    size_t unpacked;
};
/* IW_ERR_IO, IW_ERR_LIMIT. Released in any case. */
enum iw_err iw_request_in_open(const struct iw_options *options, int argc, char **argv, struct iw_request_in *out,
                               struct iw_diag *diag) IW_MUST_USE;
/* The descriptor of the i-th input, which is the caller's then; -1: it is no unpacked one. */
int iw_request_in_take(struct iw_request_in *in, int index);
bool iw_request_in_is_unpacked(const struct iw_request_in *in, int index);
/* Whether a file is one that was unpacked. */
bool iw_request_in_was(const struct iw_request_in *in, uint64_t device, uint64_t inode);
void iw_request_in_close(struct iw_request_in *in);

/* request_out.c: request files as fix leaves them */
struct iw_request_out {
    const struct iw_audit *audit;
    const struct iw_judge *judge;
    const struct iw_request_in *in;
    const char *output, *out_dir; /* or NULL: standard output */
    bool is_in_place, may_overwrite;
    uint64_t split_bytes; /* 0: in one piece */
    /* what came of it */
    bool is_broken_pipe;
    uint64_t files, parts, bytes_before, bytes_after;
    uint64_t faults; /* of files as such, which stay */
};
/* Writes all of them; what cannot be is told on standard error. False: something could not be. */
bool iw_request_out_write(struct iw_request_out *out);

/* attributes.c: owner, mode, extended attributes and access control list of one file for another, which is new. NULL,
 * or what cannot be kept. */
struct stat;
const char *iw_attributes_keep(int from, const struct stat *of, int to);

/* whole.c: files that appear whole, or not at all */
struct iw_whole {
    int fd;           /* to be written to */
    int parent;       /* its folder, and */
    const char *base; /* its name there; both borrowed */
    bool is_unnamed;
    char beside[40];
};
/* False, here and below: errno says why. */
bool iw_whole_open(struct iw_whole *whole, int parent, const char *base, unsigned mode);
bool iw_whole_write(int fd, struct iw_str bytes);
/* Puts it into place and closes it. is_synced: it is on the disk before it has its name. */
bool iw_whole_place(struct iw_whole *whole, bool may_overwrite, bool is_synced);
void iw_whole_drop(struct iw_whole *whole);

/* out_dir.c: files below one folder, under names that mirror where their images came from */
struct iw_out_dir;
/* Makes the folder when it is missing. IW_ERR_IO with diag; IW_ERR_NOMEM. */
enum iw_err iw_out_dir_open(const char *path, bool may_overwrite, struct iw_out_dir **out,
                            struct iw_diag *diag) IW_MUST_USE;
void iw_out_dir_close(struct iw_out_dir *dir);
/* Writes bytes for the image called name (a URL or a path) with the extension of format: whole or not at all, never
 * outside of the folder and never through a symbolic link in it. *out_path is the path written, in storage of dir that
 * lasts until the next call; on failure *out_why says why (same storage). */
bool iw_out_dir_write(struct iw_out_dir *dir, struct iw_str name, const struct iw_image_format *format,
                      struct iw_str bytes, struct iw_str *out_path, struct iw_str *out_why);

/* terminal.c */
bool iw_terminal_colour(int choice, int fd);
unsigned iw_terminal_columns(int fd);
bool iw_terminal_hyperlinks(int fd); /* OSC 8 */
bool iw_terminal_unicode(void);      /* by the locale */

#endif
