/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Token formulas (imgweigh-profile(5)): read once, then integers alone, so that each machine counts the same. Where a
 * vendor's rule has a square root or a quotient of sides, its floor is taken of whole numbers: floor(sqrt(a / b)) is
 * the integer root of floor(a / b). */
#include "base/iw.h"
#include "rules/inside.h"

#include "base/parse.h"

#include <stddef.h>

enum { NUMBER_MAX = 1000000, THOUSAND = 1000 };

/* ---- arithmetic ---- */

static uint64_t ceil_div(uint64_t value, uint64_t by)
{
    return value / by + (value % by != 0);
}

/* The largest number whose square is not above value: a bit of it at a time. */
static uint64_t root(uint64_t value)
{
    uint64_t result = 0;
    for (uint64_t bit = (uint64_t)1 << 62; bit; bit >>= 2) {
        uint64_t with = result + bit;
        result >>= 1;
        if (value < with)
            continue;
        value -= with;
        result += bit;
    }
    return result;
}

/* count * weight + base, or the largest number. */
static uint64_t weighted(uint64_t count, uint64_t weight, uint64_t base)
{
    return weight && count > (UINT64_MAX - base) / weight ? UINT64_MAX : count * weight + base;
}

/* side * to / from, never 0: rounded down, or to the nearest, a half to the even one. */
static uint32_t scaled_down(uint32_t side, uint64_t to, uint64_t from)
{
    uint64_t px = side * to / from;
    return px ? (uint32_t)px : 1;
}

static uint32_t scaled_near(uint32_t side, uint64_t to, uint64_t from)
{
    uint64_t px = side * to / from, rest = side * to % from;
    px += rest > from - rest || (rest == from - rest && px % 2);
    return px ? (uint32_t)px : 1;
}

static uint64_t squares(const struct iw_tokens *tokens, uint32_t width, uint32_t height)
{
    return ceil_div(width, tokens->size_px) * ceil_div(height, tokens->size_px);
}

/* ---- what the consumer makes of the sides ---- */

/* One scale for both steps, "into fit, then the shorter side to short": nothing is rounded in between. */
static void scale_tiles(const struct iw_tokens *tokens, uint32_t *width, uint32_t *height)
{
    uint64_t longer = IW_MAX(*width, *height), shorter = IW_MIN(*width, *height), to = 1, from = 1;
    if (tokens->fit_px && longer > tokens->fit_px) {
        to = tokens->fit_px;
        from = longer;
    }
    if (tokens->short_px && shorter * to > tokens->short_px * from) {
        to = tokens->short_px;
        from = shorter;
    }
    *width = scaled_down(*width, to, from);
    *height = scaled_down(*height, to, from);
}

static void scale_patches(const struct iw_tokens *tokens, uint32_t *width, uint32_t *height)
{
    uint32_t longer = IW_MAX(*width, *height);
    if (tokens->fit_px && longer > tokens->fit_px) {
        *width = scaled_down(*width, tokens->fit_px, longer);
        *height = scaled_down(*height, tokens->fit_px, longer);
    }
    if (!tokens->budget || squares(tokens, *width, *height) <= tokens->budget)
        return;
    /* s = sqrt(size^2 * budget / (w * h)) makes w * s / size = sqrt(budget * w / h) patches across; the scale is s made
     * smaller until one side is whole patches: that of which the floor took away the larger part. */
    uint64_t w = *width, h = *height, size = tokens->size_px;
    uint64_t across = root(tokens->budget * w / h), down = root(tokens->budget * h / w);
    if (across == 0 || down == 0) { /* so narrow that the ratio cannot be kept: a single row */
        *width = (uint32_t)IW_MIN(w, across ? size * tokens->budget : size);
        *height = (uint32_t)IW_MIN(h, down ? size * tokens->budget : size);
    } else if (across * h <= down * w) {
        *width = (uint32_t)(size * across);
        *height = scaled_down(*height, size * across, w);
    } else {
        *width = scaled_down(*width, size * down, h);
        *height = (uint32_t)(size * down);
    }
}

static bool fits(const struct iw_tokens *tokens, uint32_t longer, uint32_t shorter)
{
    uint64_t padded = ceil_div(longer, tokens->size_px) * tokens->size_px;
    return (!tokens->edge_px || padded <= tokens->edge_px) &&
           (!tokens->budget || squares(tokens, longer, shorter) <= tokens->budget);
}

/* The largest size of the same ratio that fits: the longer side is searched, the shorter one follows. */
static void scale_padded(const struct iw_tokens *tokens, uint32_t *width, uint32_t *height)
{
    uint32_t longer = IW_MAX(*width, *height), shorter = IW_MIN(*width, *height);
    if (fits(tokens, longer, shorter))
        return;
    uint32_t low = 1, high = longer; /* low fits, high does not */
    while (low + 1 < high) {
        uint32_t middle = low + (high - low) / 2;
        if (fits(tokens, middle, scaled_near(shorter, middle, longer)))
            low = middle;
        else
            high = middle;
    }
    *width = scaled_near(*width, low, longer);
    *height = scaled_near(*height, low, longer);
}

static void scale_area(const struct iw_tokens *tokens, uint32_t *width, uint32_t *height)
{
    uint32_t longer = IW_MAX(*width, *height);
    if (!tokens->fit_px || longer <= tokens->fit_px)
        return;
    *width = scaled_near(*width, tokens->fit_px, longer);
    *height = scaled_near(*height, tokens->fit_px, longer);
}

/* ---- what the sides cost ---- */

static uint64_t count_flat(const struct iw_tokens *tokens, uint32_t width, uint32_t height)
{
    (void)width;
    (void)height;
    return tokens->count;
}

static uint64_t count_tiles(const struct iw_tokens *tokens, uint32_t width, uint32_t height)
{
    return weighted(squares(tokens, width, height), tokens->tile, tokens->base);
}

static uint64_t count_patches(const struct iw_tokens *tokens, uint32_t width, uint32_t height)
{
    uint64_t patches = squares(tokens, width, height), multiplier = tokens->multiplier_thousandths;
    return weighted(patches / THOUSAND, multiplier, ceil_div(patches % THOUSAND * multiplier, THOUSAND));
}

static uint64_t count_area(const struct iw_tokens *tokens, uint32_t width, uint32_t height)
{
    return ceil_div((uint64_t)width * height, tokens->divisor);
}

/* ---- the table of formulas ---- */

enum { KEY_COUNT, KEY_BASE, KEY_TILE, KEY_SIZE, KEY_FIT, KEY_SHORT, KEY_EDGE, KEY_BUDGET, KEY_DIVISOR, KEY_MULTIPLIER };

static const struct {
    const char *name; /* "" for a number by itself */
    size_t at;        /* in struct iw_tokens */
    enum iw_unit unit;
} keys[] = {
    [KEY_COUNT] = {"", offsetof(struct iw_tokens, count), IW_UNIT_COUNT_},
    [KEY_BASE] = {"base", offsetof(struct iw_tokens, base), IW_UNIT_COUNT_},
    [KEY_TILE] = {"tile", offsetof(struct iw_tokens, tile), IW_UNIT_COUNT_},
    [KEY_SIZE] = {"size", offsetof(struct iw_tokens, size_px), IW_UNIT_PX},
    [KEY_FIT] = {"fit", offsetof(struct iw_tokens, fit_px), IW_UNIT_PX},
    [KEY_SHORT] = {"short", offsetof(struct iw_tokens, short_px), IW_UNIT_PX},
    [KEY_EDGE] = {"edge", offsetof(struct iw_tokens, edge_px), IW_UNIT_PX},
    [KEY_BUDGET] = {"budget", offsetof(struct iw_tokens, budget), IW_UNIT_COUNT_},
    [KEY_DIVISOR] = {"divisor", offsetof(struct iw_tokens, divisor), IW_UNIT_PX},
    [KEY_MULTIPLIER] = {"multiplier", offsetof(struct iw_tokens, multiplier_thousandths), IW_UNIT_RATIO},
};

#define KEY(id) (1u << KEY_##id)
static const struct kind {
    const char *name;
    unsigned required, optional; /* KEY() of each */
    void (*scale)(const struct iw_tokens *tokens, uint32_t *width, uint32_t *height);
    uint64_t (*count)(const struct iw_tokens *tokens, uint32_t width, uint32_t height);
} kinds[] = {
    [IW_TOKENS_FLAT] = {"flat", KEY(COUNT), 0, NULL, count_flat},
    [IW_TOKENS_TILES] = {"tiles", KEY(TILE) | KEY(SIZE), KEY(BASE) | KEY(FIT) | KEY(SHORT), scale_tiles, count_tiles},
    [IW_TOKENS_PATCHES] = {"patches", KEY(SIZE), KEY(MULTIPLIER) | KEY(FIT) | KEY(BUDGET), scale_patches,
                           count_patches},
    [IW_TOKENS_PATCHES28] = {"patches28", KEY(SIZE), KEY(EDGE) | KEY(BUDGET), scale_padded, squares},
    [IW_TOKENS_AREA] = {"area", KEY(DIVISOR), KEY(FIT), scale_area, count_area},
};

void iw_tokens_scale(const struct iw_tokens *tokens, uint32_t *width_px, uint32_t *height_px)
{
    if (kinds[tokens->kind].scale)
        kinds[tokens->kind].scale(tokens, width_px, height_px);
}

/* The formulas for a model: the first set that is for it; where it is not known, those of no model in particular. */
static const struct iw_token_set *set_for(const struct iw_profile *profile, const char *model)
{
    for (size_t i = 0; model && i < profile->model_token_count; i++)
        if (iw_model_matches(iw_str_from(profile->model_tokens[i].models), model))
            return &profile->model_tokens[i];
    return &profile->tokens;
}

bool iw_tokens_of(const struct iw_profile *profile, const char *model, enum iw_detail detail, uint32_t width_px,
                  uint32_t height_px, uint64_t *out_tokens)
{
    const struct iw_token_set *set = set_for(profile, model);
    const struct iw_tokens *tokens = &set->by_detail[detail];
    if (tokens->kind == IW_TOKENS_NONE)
        tokens = &set->by_detail[IW_DETAIL_AUTO];
    if (tokens->kind == IW_TOKENS_NONE || width_px == 0 || height_px == 0)
        return false;
    if (tokens->base && detail == IW_DETAIL_LOW) {
        *out_tokens = tokens->base;
        return true;
    }
    iw_tokens_scale(tokens, &width_px, &height_px);
    *out_tokens = kinds[tokens->kind].count(tokens, width_px, height_px);
    return true;
}

/* ---- reading ---- */

static enum iw_err no_kind(struct iw_str name, unsigned line, struct iw_diag *diag)
{
    struct iw_nearest nearest = {0};
    for (size_t i = IW_TOKENS_FLAT; i < IW_ARRAY_LEN(kinds); i++)
        iw_nearest_offer(&nearest, name, kinds[i].name);
    return iw_fail(diag, IW_ERR_UNKNOWN_NAME, line, 0, "\"%.*s\" is no token formula%s%s%s",
                   IW_STR_ARGS(iw_str_sub(name, 0, 60)), nearest.name ? "; did you mean \"" : "",
                   nearest.name ? nearest.name : ": flat, tiles, patches, patches28 or area",
                   nearest.name ? "\"?" : "");
}

static enum iw_err no_key(const struct kind *kind, struct iw_str name, unsigned line, struct iw_diag *diag)
{
    struct iw_nearest nearest = {0};
    for (size_t i = KEY_COUNT + 1; i < IW_ARRAY_LEN(keys); i++)
        if ((kind->required | kind->optional) & 1u << i)
            iw_nearest_offer(&nearest, name, keys[i].name);
    return iw_fail(diag, IW_ERR_UNKNOWN_NAME, line, 0, "token formula %s has no \"%.*s\"%s%s%s", kind->name,
                   IW_STR_ARGS(iw_str_sub(name, 0, 60)), nearest.name ? "; did you mean \"" : "",
                   nearest.name ? nearest.name : "", nearest.name ? "\"?" : "");
}

/* One word: "size=32", or a number by itself. */
static enum iw_err read_word(struct iw_tokens *out, struct iw_str word, unsigned *seen, unsigned line,
                             struct iw_diag *diag)
{
    const struct kind *kind = &kinds[out->kind];
    size_t equals = iw_str_find(word, '=');
    bool has_name = equals < word.len, is_number_alone = !has_name && kind->required & KEY(COUNT);
    struct iw_str name = iw_str_sub(word, 0, equals), text = has_name ? iw_str_skip(word, equals + 1) : word;
    size_t key = is_number_alone ? KEY_COUNT : KEY_COUNT + 1;
    while (!is_number_alone && key < IW_ARRAY_LEN(keys) && !iw_str_eq(name, iw_str_from(keys[key].name)))
        key++;
    if (key == IW_ARRAY_LEN(keys) || !((kind->required | kind->optional) & 1u << key))
        return no_key(kind, name, line, diag);
    if (*seen & 1u << key)
        return iw_fail(diag, IW_ERR_SYNTAX, line, 0, "token formula %s: \"%.*s\" stands twice", kind->name,
                       IW_STR_ARGS(iw_str_sub(word, 0, 60)));
    *seen |= 1u << key;
    uint64_t value;
    enum iw_err err = has_name || is_number_alone ? iw_limit_value(keys[key].unit, text, &value) : IW_ERR_SYNTAX;
    if (err == IW_ERR_SYNTAX)
        return iw_fail(diag, err, line, 0, "token formula %s: expected a number%s%s, found \"%.*s\"", kind->name,
                       *keys[key].name ? " for " : "", keys[key].name, IW_STR_ARGS(iw_str_sub(text, 0, 60)));
    if (err != IW_OK || value == 0 || value > NUMBER_MAX)
        return iw_fail(diag, IW_ERR_RANGE, line, 0, "token formula %s: \"%.*s\" is out of range", kind->name,
                       IW_STR_ARGS(iw_str_sub(word, 0, 60)));
    uint32_t number = (uint32_t)value;
    memcpy((char *)out + keys[key].at, &number, sizeof number);
    return IW_OK;
}

static enum iw_err check_whole(const struct iw_tokens *tokens, unsigned seen, unsigned line, struct iw_diag *diag)
{
    const struct kind *kind = &kinds[tokens->kind];
    for (size_t i = 0; i < IW_ARRAY_LEN(keys); i++)
        if (kind->required & ~seen & 1u << i)
            return iw_fail(diag, IW_ERR_SYNTAX, line, 0, "token formula %s needs %s%s", kind->name,
                           *keys[i].name ? keys[i].name : "a number", *keys[i].name ? "=" : "");
    if (tokens->edge_px && tokens->edge_px < tokens->size_px)
        return iw_fail(diag, IW_ERR_RANGE, line, 0, "token formula %s: edge is below size", kind->name);
    return IW_OK;
}

enum iw_err iw_tokens_parse(struct iw_arena *arena, struct iw_str text, unsigned line, struct iw_tokens *out,
                            struct iw_diag *diag)
{
    struct iw_tokens tokens = {.kind = IW_TOKENS_NONE, .multiplier_thousandths = THOUSAND};
    struct iw_str rest = text.ptr ? text : IW_STR(""), word = {0};
    unsigned seen = 0;
    enum iw_err err = IW_OK;
    (void)iw_str_next(&rest, ' ', &word);
    for (size_t i = IW_TOKENS_FLAT; i < IW_ARRAY_LEN(kinds); i++)
        if (iw_str_eq(word, iw_str_from(kinds[i].name)))
            tokens.kind = (enum iw_tokens_kind)i;
    if (tokens.kind == IW_TOKENS_NONE)
        return no_kind(word, line, diag);
    while (err == IW_OK && iw_str_next(&rest, ' ', &word))
        if (word.len)
            err = read_word(&tokens, word, &seen, line, diag);
    if (err == IW_OK)
        err = check_whole(&tokens, seen, line, diag);
    if (err != IW_OK)
        return err;
    tokens.text = iw_arena_str(arena, text).ptr;
    if (!tokens.text)
        return IW_ERR_NOMEM;
    *out = tokens;
    return IW_OK;
}
