/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Facts and limits to findings and a verdict. Pure: no I/O, no clock, no mutable globals. */
#ifndef IW_RULES_RULES_H
#define IW_RULES_RULES_H

#include "base/arena.h"
#include "base/hash.h"
#include "probe/probe.h"
#include "request/request.h"
#include "url/url.h"

/* Histories keep the numbers of severities, verdicts and units: new ones go to the end. */
enum iw_severity { IW_SEVERITY_NOTE, IW_SEVERITY_WARNING, IW_SEVERITY_ERROR };
const char *iw_severity_name(enum iw_severity severity); /* "note" "warning" "error" */

enum iw_verdict { IW_VERDICT_OK, IW_VERDICT_WARN, IW_VERDICT_UNKNOWN, IW_VERDICT_OVER, IW_VERDICT_BROKEN };
#define IW_VERDICT_COUNT 5
const char *iw_verdict_name(enum iw_verdict verdict);

/* ---- the table of rules.def ---- */
enum iw_rule_id {
#define IW_RULE(id, name, severity, effect, title) IW_RULE_##id,
#include "rules/rules.def"
#undef IW_RULE
    IW_RULE_COUNT
};
enum iw_rule_effect { IW_EFFECT_LIMIT, IW_EFFECT_BROKEN, IW_EFFECT_UNKNOWN };
struct iw_rule {
    const char *name; /* "bytes-over" */
    enum iw_severity severity;
    enum iw_rule_effect effect;
    const char *title;  /* a few words */
    const char *advice; /* what to do about it: one sentence, static */
};
extern const struct iw_rule iw_rules[IW_RULE_COUNT];

/* ---- the table of limits.def ---- */
enum iw_unit { IW_UNIT_BYTES, IW_UNIT_PX, IW_UNIT_RATIO, IW_UNIT_COUNT_, IW_UNIT_CHARS, IW_UNIT_PATCHES };
const char *iw_unit_name(enum iw_unit unit); /* "bytes" "px" "ratio" "count" "chars" "patches" */
enum iw_limit_id {
#define IW_LIMIT(id, unit, rule, help) IW_LIMIT_##id,
#include "rules/limits.def"
#undef IW_LIMIT
    IW_LIMIT_COUNT
};
struct iw_limit_key {
    const char *name; /* "max_bytes" */
    enum iw_unit unit;
    enum iw_rule_id rule;
    const char *help;
};
extern const struct iw_limit_key iw_limit_keys[IW_LIMIT_COUNT];

/* ---- profiles (imgweigh-profile(5)) ---- */

/* What the consumer does with an image that breaks the limit. Severity of the finding: REFUSED error,
 * the others warning. */
enum iw_effect { IW_REFUSED, IW_DOWNSCALED, IW_FIRST_FRAME, IW_WARNED };
enum iw_detail { IW_DETAIL_AUTO, IW_DETAIL_LOW, IW_DETAIL_HIGH, IW_DETAIL_ORIGINAL };
#define IW_DETAIL_COUNT 4
enum iw_confidence { IW_OFFICIAL, IW_MIRROR, IW_SDK, IW_MEASURED, IW_THIRD_PARTY, IW_CONTRADICTED, IW_DERIVED };
const char *iw_effect_name(enum iw_effect effect);
const char *iw_confidence_name(enum iw_confidence confidence);

/* The detail called name; false: there is none such. */
bool iw_detail_find(struct iw_str name, enum iw_detail *out);

/* When a limit holds. All stated conditions must be met. */
struct iw_when {
    bool has_detail, has_source, has_images, has_models;
    enum iw_detail detail;
    bool source_is_base64;         /* else url */
    uint64_t images_more_than;     /* met by images of requests alone */
    uint8_t models_at, models_len; /* patterns in text: see iw_model_matches() */
    char text[200];                /* as written, "" for always */
};
/* Whether a model is one of patterns, "*gpt-4o*|*gpt-4.1": any case, * any characters, ? one. A model that is not known
 * (NULL) may be any. */
bool iw_model_matches(struct iw_str patterns, const char *model);

/* What of a request a limit of its bytes counts. */
enum iw_counts {
    IW_COUNTS_BODY,     /* its JSON as it stands in the file */
    IW_COUNTS_BASE64,   /* the characters of the images that stand in it */
    IW_COUNTS_IMAGES,   /* the bytes of the same */
    IW_COUNTS_DATA_URI, /* of one image: the characters of its data URI, what stands before the base64 included */
};
const char *iw_counts_name(enum iw_counts counts); /* "body" "base64" "images" "data-uri" */

struct iw_limit {
    enum iw_limit_id id;
    uint64_t value; /* in the key's unit; RATIO in thousandths */
    bool has_value; /* false: only a warning threshold */
    bool has_warn;
    uint64_t warn;
    enum iw_effect effect;
    enum iw_counts counts; /* of max_request_bytes; of max_base64_bytes BASE64 or DATA_URI */
    struct iw_when when;
    const char *source;
    enum iw_confidence confidence;
    unsigned line;    /* of its section in its file */
    const char *note; /* or NULL; findings repeat it where sources are CONTRADICTED */
};

/* How many input tokens an image costs: one formula of [tokens]. Of the numbers, a kind has its own; 0: no such bound.
 */
enum iw_tokens_kind {
    IW_TOKENS_NONE,
    IW_TOKENS_FLAT,
    IW_TOKENS_TILES,
    IW_TOKENS_PATCHES,
    IW_TOKENS_PATCHES28,
    IW_TOKENS_AREA
};
struct iw_tokens {
    enum iw_tokens_kind kind;
    const char *text;                           /* as written */
    uint32_t count;                             /* FLAT */
    uint32_t base, tile;                        /* tokens of the image and of each square */
    uint32_t size_px;                           /* side of a square */
    uint32_t fit_px, short_px, edge_px, budget; /* what it is scaled down to: longer side, shorter side, longer side in
                                                   whole squares, squares */
    uint32_t divisor;                           /* AREA: pixels to a token */
    uint32_t multiplier_thousandths;            /* PATCHES: tokens to a square */
};

/* The formulas of some models: [tokens LABEL]. */
struct iw_token_set {
    const char *models;                          /* patterns; NULL: every other */
    struct iw_tokens by_detail[IW_DETAIL_COUNT]; /* AUTO: also where a detail has none of its own */
    const char *source, *note;                   /* or NULL */
    enum iw_confidence confidence;
    unsigned line; /* of its section */
};

#define IW_PROFILE_MAX_LIMITS  32
#define IW_PROFILE_MAX_FORMATS 32
#define IW_PROFILE_MAX_TOKENS  16
struct iw_profile {
    const char *name, *title, *checked, *note;   /* checked: "2026-11-23"; note may be NULL */
    const char *formats[IW_PROFILE_MAX_FORMATS]; /* names of image/formats; also of formats not scanned yet */
    size_t format_count;                         /* 0: any */
    size_t warned_format_count; /* the last so many of formats: taken in practice, not by the documents; a warning */
    bool has_animation;
    bool animation; /* accepted */
    enum iw_effect animation_effect;
    bool has_colours;
    bool colour_ok[8];      /* by enum iw_colour */
    unsigned max_bit_depth; /* 0: any */
    bool type_must_match;
    bool label_must_match;   /* of images that are inline */
    bool url_supported;      /* false: the consumer never fetches a URL (default true) */
    bool requires_https;     /* it fetches no http URL */
    bool obeys_robots;       /* robots.txt has a say about what it fetches, under the name */
    const char *agent;       /* of this; NULL: not known, what holds for all agents holds for it */
    bool one_model;          /* a batch file names one model */
    const char *meta_source; /* source of formats and animation */
    enum iw_confidence meta_confidence;
    struct iw_limit limits[IW_PROFILE_MAX_LIMITS];
    size_t limit_count;
    struct {
        bool is_set;
        uint32_t fit_width_px, fit_height_px;
        const char *format;
        unsigned quality;
        uint32_t background_rgb;
    } target;
    struct iw_token_set tokens; /* for a model that no other set is for, or that is not known */
    struct iw_token_set model_tokens[IW_PROFILE_MAX_TOKENS];
    size_t model_token_count;
};

/* Parses a profile; strings live in arena. name_hint: the file's name for diag->place. IW_ERR_SYNTAX, IW_ERR_RANGE,
 * IW_ERR_UNKNOWN_NAME with line, all for: an unknown key or section, a bad unit, a limit without source,
 * a missing name; IW_ERR_NOMEM. */
enum iw_err iw_profile_parse(struct iw_arena *arena, struct iw_str text, const char *name_hint, struct iw_profile *out,
                             struct iw_diag *diag) IW_MUST_USE;

/* A value with its unit for people: "20,971,520 bytes", "2,048 px", "2.5", "1,234 patches". */
const char *iw_limit_show(enum iw_unit unit, uint64_t value, char out[48]);

/* The profiles that are compiled in. */
struct iw_builtin_profile {
    const char *name;
    const char *text;
    size_t len;
};
extern const struct iw_builtin_profile iw_builtin_profiles[];
extern const size_t iw_builtin_profile_count;

/* Adds or replaces a limit from "KEY=VALUE" (the value in the key's unit: "5MB", "2048", "2.5") as a refusal
 * with the source "command line". IW_ERR_UNKNOWN_NAME (diag suggests), IW_ERR_SYNTAX. */
enum iw_err iw_profile_override(struct iw_arena *arena, struct iw_profile *profile, struct iw_str assignment,
                                struct iw_diag *diag) IW_MUST_USE;
/* Restricts to formats, "jpeg,png" (commas or spaces). IW_ERR_UNKNOWN_NAME. */
enum iw_err iw_profile_formats(struct iw_arena *arena, struct iw_profile *profile, struct iw_str list,
                               struct iw_diag *diag) IW_MUST_USE;

/* Appends what "imgweigh profiles NAME" prints: every limit with value, effect, source, date, confidence. */
struct iw_buf;
void iw_profile_print(const struct iw_profile *profile, struct iw_buf *out);

/* True when judging by the profile needs the header of the image (pixels, format, animation, colours). */
bool iw_profile_wants_header(const struct iw_profile *profile);
/* True when it needs to know whether there is a second frame. */
bool iw_profile_wants_animation(const struct iw_profile *profile);
/* The largest max_bytes (in file bytes; base64 limits converted) or UINT64_MAX without any. */
uint64_t iw_profile_byte_limit(const struct iw_profile *profile);

/* The input tokens that an image of this display size costs there when a request asks model (NULL: not known) for
 * detail, whether or not it would be accepted. False where the profile states no formula for it, or a side is 0. Exact;
 * what passes UINT64_MAX is UINT64_MAX. */
bool iw_tokens_of(const struct iw_profile *profile, const char *model, enum iw_detail detail, uint32_t width_px,
                  uint32_t height_px, uint64_t *out_tokens);

/* ---- judgement ---- */

struct iw_finding {
    enum iw_rule_id rule;
    enum iw_severity severity;
    const char *profile; /* name, or NULL where no profile is concerned */
    bool has_figures;
    uint64_t limit, actual; /* in unit; RATIO in thousandths */
    enum iw_unit unit;
    struct iw_str message; /* one sentence, for people: what, by how much */
};
#define IW_MAX_FINDINGS 64
struct iw_findings {
    struct iw_finding list[IW_MAX_FINDINGS];
    size_t count;
};

/* What the judgement depends on besides facts and profiles. */
struct iw_judge {
    const struct iw_profile *const *profiles;
    size_t profile_count;
    enum iw_detail detail;
    bool as_base64;     /* the images are to be sent inline: base64 limits apply to URLs too */
    const char *model;  /* that they are for; NULL: not known */
    uint64_t horizon_s; /* signed URLs that end within it are told of; 0: none */
    int64_t now_unix_s;
    const char *said_type;   /* the media type that the request names beside an image, as written; NULL: none */
    bool says_format;        /* it names a format there, of which said_type is made: "png" */
    bool is_request;         /* the image stands in a request: a consumer elsewhere gets it */
    bool may_be_private;     /* and that one may fetch from private addresses */
    uint64_t request_images; /* in that request, itself included */
};

/* Whether a condition is met. */
bool iw_when_holds(const struct iw_when *when, const struct iw_judge *judge, bool is_inline);

/* What a request says that the judgement of its images depends on. */
struct iw_setting {
    bool has_detail;
    enum iw_detail detail;
    const char *model; /* NULL: it names none */
    uint64_t images;
    const char *said_type; /* as in the judge */
    bool says_format;      /* likewise */
    bool is_batch;         /* it is one of a batch, which may wait */
};
/* The judge for an image of such a request; horizon_s where none is set: the 24 hours that batches may wait, and of a
 * request by itself a second, which tells of what has ended. */
#define IW_REQUEST_HORIZON_S 86400
struct iw_judge iw_judge_of(const struct iw_judge *judge, const struct iw_setting *setting);

/* Judges facts; messages live in arena. Returns the verdict. Findings beyond IW_MAX_FINDINGS are dropped, errors last.
 * Findings come in the order of rules.def, those of one rule in the order of the profiles. The arena is not touched
 * when there is no finding. With a failure nothing else is judged but the length of the URL; a failure without a rule
 * (a file that cannot be read, a resolver that failed for now, a run that was stopped) is UNKNOWN without a finding. */
enum iw_verdict iw_check(const struct iw_judge *judge, const struct iw_facts *facts, struct iw_arena *arena,
                         struct iw_findings *out);

/* ---- the place of an image in a page ---- */

/* What a reference says of the size of an image; 0: nothing. */
struct iw_place {
    uint32_t width_px;
    uint32_t height_px : 31;
    uint32_t is_exact : 1; /* of the file itself; else of its place, in CSS pixels */
};
static inline bool iw_place_is_stated(const struct iw_place *place)
{
    return place->width_px || place->height_px;
}
/* To be called for one reference, after iw_check(): adds a finding where the image has more than twice the pixels that
 * its place can show (CSS pixels count for two each way). Returns the verdict, that finding included. */
enum iw_verdict iw_check_place(const struct iw_place *place, const struct iw_facts *facts, struct iw_arena *arena,
                               struct iw_findings *out, enum iw_verdict verdict);

/* ---- requests and their files ---- */

/* Judges one request by what it holds; its images are judged one by one. As iw_check(). */
enum iw_verdict iw_check_call(const struct iw_judge *judge, const struct iw_call *call, struct iw_arena *arena,
                              struct iw_findings *out);
/* Judges a file of requests as a whole: limits of batch files, where it is one. */
enum iw_verdict iw_check_file(const struct iw_judge *judge, const struct iw_request_file *file, struct iw_arena *arena,
                              struct iw_findings *out);
/* The finding for what is wrong with a file's text, told in one sentence. */
enum iw_verdict iw_check_fault(enum iw_request_fault fault, struct iw_str text, struct iw_findings *out);
/* A document that another one lists is not there, as text says; the text is borrowed. */
enum iw_verdict iw_check_missing(struct iw_str text, struct iw_findings *out);
/* The first profile that wants one model in a batch file that has several, or NULL. */
const struct iw_profile *iw_judge_one_model(const struct iw_judge *judge, const struct iw_request_file *file);

/* ---- one picture under many paths ---- */

/* Distinct paths of one host with one length and one strong ETag that make a placeholder. */
#define IW_PLACEHOLDER_PATHS 8
struct iw_placeholders;                                                     /* of fixed size, some 1.3 MB */
struct iw_placeholders *iw_placeholders_new(const struct iw_hash_key *key); /* NULL: no memory */
void iw_placeholders_free(struct iw_placeholders *seen);
/* To be called for each record once, in the order in which they are told, after iw_check(): takes note of where the
 * facts come from, and adds a finding from the path on that makes them many. Returns the verdict, that finding
 * included. */
enum iw_verdict iw_placeholders_check(struct iw_placeholders *seen, const struct iw_facts *facts,
                                      struct iw_arena *arena, struct iw_findings *out, enum iw_verdict verdict);

/* ---- what would pass ---- */

/* The size in bytes beyond which each of the judge's profiles refuses a file, whatever else it is; UINT64_MAX: none. */
uint64_t iw_judge_byte_limit(const struct iw_judge *judge);

/* The tightest of all limits of a judge's profiles that hold for an image sent inline (as_base64) or as a file, and
 * what the profiles' [target] sections ask for. UINT32_MAX and UINT64_MAX: no limit. */
struct iw_bounds {
    uint64_t max_bytes; /* of the file: base64 limits are converted */
    uint32_t max_width_px, max_height_px, max_side_px;
    uint64_t max_pixels, max_patches;
    const char *refuses_jpeg;             /* the profile that takes no JPEG, or NULL */
    uint32_t box_width_px, box_height_px; /* of the smallest [target] fit; 0: none */
    unsigned quality;                     /* 0: none stated */
    bool has_background;
    uint32_t background_rgb;
};
void iw_bounds_of(const struct iw_judge *judge, struct iw_bounds *out);
/* ---- variants that image services make (url/url.h) ---- */

/* What a variant of an offender is to be asked for, so that it may pass. False: it is none, or no other picture would
 * help. */
bool iw_variant_of(const struct iw_judge *judge, const struct iw_facts *facts, const struct iw_findings *findings,
                   struct iw_variant_wish *out);
/* Whether the variant passes, notes left aside, and is the original scaled, not cropped. scratch is overwritten. */
bool iw_variant_passes(const struct iw_judge *judge, const struct iw_facts *original, const struct iw_facts *variant,
                       struct iw_arena *arena, struct iw_findings *scratch);

/* True when making the image anew (fewer pixels, fewer bytes, another format, one frame) may end the finding. */
bool iw_rule_is_mendable(enum iw_rule_id rule);

#endif
