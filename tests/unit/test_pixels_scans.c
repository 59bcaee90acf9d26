/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Scans that a shrunk picture does without: the plan on files of markers alone, and what libjpeg makes of real ones. */
#include "pixels_encode.h"

#include "pixels/jpeg_scans.h"

#include <math.h>

/* ---- what scaling lets through ---- */

static double lanczos(double x)
{
    const double pi = 3.14159265358979323846;
    if (fabs(x) < 1e-9)
        return 1;
    return fabs(x) >= 3 ? 0 : sin(pi * x) / (pi * x) * sin(pi * x / 3) / (pi * x / 3);
}

/* The gain by trying: blocks of one cosine and of random signs, averaged, scaled by Lanczos. */
static double tried_gain(unsigned k, unsigned shrunk_by, double ratio)
{
    enum { BLOCKS = 4000, SAMPLES = BLOCKS * 8 };
    const double pi = 3.14159265358979323846;
    static double line[SAMPLES];
    uint32_t seed = 77 + k;
    double sign = 1;
    for (unsigned i = 0; i < SAMPLES; i++) {
        if (i % 8 == 0)
            sign = random_next(&seed) & 1024 ? 1 : -1;
        line[i] = sign * cos((2 * (i % 8) + 1) * k * pi / 16) * (k ? 0.5 : sqrt(0.125));
    }
    unsigned count = SAMPLES / shrunk_by;
    for (unsigned i = 0; i < count; i++) {
        double sum = 0;
        for (unsigned j = 0; j < shrunk_by; j++)
            sum += line[i * shrunk_by + j];
        line[i] = sum / shrunk_by;
    }
    double step = ratio / shrunk_by, squares = 0;
    unsigned made = 0;
    for (double at = 10 * step; at < count - 10 * step; at += step, made++) {
        double sum = 0, weights = 0;
        for (int i = (int)(at - 3 * step); i <= (int)(at + 3 * step) + 1; i++) {
            sum += line[i] * lanczos((i - at) / step);
            weights += lanczos((i - at) / step);
        }
        squares += sum / weights * (sum / weights);
    }
    return squares / made;
}

static void test_gains_are_hardly_below_those_of_lanczos(void **state)
{
    (void)state;
    static const struct {
        unsigned shrunk_by;
        double ratio;
    } rows[] = {{1, 1.3}, {1, 1.7}, {1, 2.3}, {2, 3.1}, {2, 4.69}, {4, 6.25}, {4, 9.7}, {8, 13.3}};
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        double gain[8];
        iw_scan_gain(gain, rows[i].shrunk_by, rows[i].ratio);
        for (unsigned k = 0; k < 8; k++) {
            double tried = tried_gain(k, rows[i].shrunk_by, rows[i].ratio);
            /* of 0.125, what a coefficient gives at full size: the edge of Lanczos' band is softer, hardly wider */
            if (tried > gain[k] + 0.005 || tried < gain[k] - 0.045)
                fail_msg("1/%u, %g: cosine %u: %f, tried: %f", rows[i].shrunk_by, rows[i].ratio, k, gain[k], tried);
            bool is_cancelled = k * rows[i].shrunk_by % 8 == 0 && k > 0 && rows[i].shrunk_by > 1;
            assert_int_equal(gain[k] == 0, is_cancelled);
        }
    }
}

/* ---- plans ---- */

/* A file of scans that hold five bytes each; script: "component first-last high>low" for each scan, "*" for all three
 * components, "-" for no bit before. */
struct script {
    const char *scans, *left_out; /* the numbers of those that are, from 1 on */
    unsigned shrunk_by;
    double ratio, most_error;
};

static void put_scan(struct file *file, const char *components, unsigned first, unsigned last, unsigned high,
                     unsigned low)
{
    unsigned count = components[0] == '*' ? 3 : (unsigned)strlen(components);
    const char *ids = components[0] == '*' ? "123" : components;
    file_be(file, 0xFFDA, 2);
    file_be(file, 6 + 2 * count, 2);
    file_be(file, count, 1);
    for (unsigned i = 0; i < count; i++)
        file_be(file, (uint64_t)(ids[i] - '0') << 8, 2);
    file_be(file, first, 1);
    file_be(file, last, 1);
    file_be(file, high << 4 | low, 1);
    file_put(file, "\x12\xFF\x00\xFF\xD0", 5);
}

/* SOI, a DQT, the scans, each with a table of codes before it, and EOI. */
static struct file file_of(const char *scans)
{
    struct file file = {0};
    file_put(&file, "\xFF\xD8\xFF\xDB\x00\x04\xFF\xDA", 8);
    while (*scans) {
        char components[8];
        unsigned first, last, high, low;
        int len = 0;
        file_put(&file, "\xFF\xC4\x00\x03\x07", 5);
        if (sscanf(scans, "%7s %u-%u %u>%u%n", components, &first, &last, &high, &low, &len) != 5)
            fail_msg("a script: %s", scans);
        put_scan(&file, components, first, last, high, low);
        scans += len;
        scans += *scans == ',';
    }
    file_put(&file, "\xFF\xD9", 2);
    return file;
}

static void describe(struct iw_scan_part parts[3], const struct script *script)
{
    for (unsigned i = 0; i < 3; i++) {
        parts[i] = (struct iw_scan_part){.id = (uint8_t)(i + 1), .most_error = script->most_error};
        for (unsigned k = 0; k < 64; k++)
            parts[i].steps[k] = 2;
        iw_scan_gain(parts[i].gain_across, script->shrunk_by, script->ratio);
        iw_scan_gain(parts[i].gain_down, script->shrunk_by, script->ratio);
    }
}

static void check_pieces(const struct iw_scan_plan *plan, const struct file *file)
{
    size_t at = 0;
    assert_in_range(plan->count, 1, IW_SCANS_MAX + 1);
    assert_int_equal(plan->pieces[0].from, 0);
    for (unsigned i = 0; i < plan->count; i++) {
        assert_true(plan->pieces[i].from >= at && plan->pieces[i].to > plan->pieces[i].from);
        at = plan->pieces[i].to;
    }
    assert_true(at <= file->len);
    assert_memory_equal(file->ptr + at - 2, "\xFF\xD9", 2);
}

/* The numbers of the scans that are in no piece, as "3 5". */
static void name_left_out(const struct iw_scan_plan *plan, const struct file *file, char *names, size_t room)
{
    unsigned number = 0;
    size_t len = 0;
    names[0] = '\0';
    for (size_t at = 0; at + 1 < file->len; at++) {
        bool is_in = false;
        if (file->ptr[at] != 0xFF || file->ptr[at + 1] != 0xDA || at < 8)
            continue;
        number++;
        for (unsigned i = 0; i < plan->count; i++)
            is_in = is_in || (plan->pieces[i].from <= at && at < plan->pieces[i].to);
        if (!is_in)
            len += (size_t)snprintf(names + len, room - len, "%s%u", len ? " " : "", number);
    }
}

#define STANDARD                                                                                                       \
    "* 0-0 0>1,1 1-5 0>2,3 1-63 0>1,2 1-63 0>1,1 6-63 0>2,1 1-63 2>1,* 0-0 1>0,3 1-63 1>0,2 1-63 1>0,1 1-63 1>0"

static void test_plans(void **state)
{
    (void)state;
    static const struct script rows[] = {
        /* Step 2 everywhere: the last bit costs 0.064 at a ratio of 4.69, the last two 0.45. */
        {STANDARD, "8 9 10", 2, 4.69, 0.08},
        {STANDARD, "", 2, 4.69, 0.05},
        {STANDARD, "6 8 9 10", 2, 4.69, 0.5},
        {STANDARD, "6 8 9 10", 2, 4.69, 1e9}, /* a coefficient whose size is not known is never left out */
        {STANDARD, "", 1, 1.5, 0.2},
        {STANDARD, "", 2, 4.69, 0},
        {STANDARD, "2 3 4 5 6 8 9 10", 8, 12, 0}, /* means alone are used */
        /* grey */
        {"1 0-0 0>0,1 1-5 0>2,1 6-63 0>2,1 1-63 2>1,1 1-63 1>0", "5", 2, 4.69, 0.08},
        /* spectral selection alone: 1/8 needs none of it; 1/2 none of the scan of coefficient 10 (4 across, 0 down) */
        {"1 0-0 0>0,1 1-5 0>0,1 6-63 0>0", "2 3", 8, 12, 0},
        {"1 0-0 0>0,1 1-5 0>0,1 6-63 0>0", "", 2, 4.69, 1e9},
        {"1 0-0 0>0,1 1-9 0>0,1 10-10 0>0,1 11-63 0>0", "3", 2, 4.69, 0},
        /* what stays needs what it builds on */
        {"1 0-0 0>0,1 1-63 0>2,1 1-63 2>1,1 1-2 1>0,1 3-63 1>0", "5", 2, 4.69, 0.05},
        {"1 0-0 0>0,1 1-63 0>2,1 20-63 2>1,1 1-19 2>1,1 20-63 1>0,1 1-19 1>0", "3 5", 2, 4.69, 0.05},
        {"1 0-0 0>0,1 1-63 0>1,1 1-63 1>0", "3", 2, 4.69, 0.2},
        /* the first scan stays, whatever it is */
        {"1 1-63 0>0,1 0-0 0>0", "", 8, 12, 1e9},
        /* means in scans of their own, and not interleaved */
        {"1 0-0 0>0,2 0-0 0>0,3 0-0 0>0,1 1-63 0>0,2 1-63 0>0,3 1-63 0>0", "4 5 6", 8, 12, 0},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct file file = file_of(rows[i].scans);
        struct iw_scan_part parts[3];
        struct iw_scan_plan plan;
        char names[64] = "";
        describe(parts, &rows[i]);
        unsigned count = strpbrk(rows[i].scans, "*23") == NULL || rows[i].scans[0] == '1' ? 1 : 3;
        if (strstr(rows[i].scans, ",2 0"))
            count = 3;
        bool is_planned = iw_scans_plan(file.ptr, file.len, parts, count, &plan);
        if (is_planned) {
            check_pieces(&plan, &file);
            name_left_out(&plan, &file, names, sizeof names);
        }
        if (strcmp(names, rows[i].left_out) != 0 || is_planned != (names[0] != '\0'))
            fail_msg("row %zu: left out: \"%s\"", i, names);
        file_free(&file);
    }
}

static bool is_planned(const struct file *file)
{
    static const struct script easy = {.shrunk_by = 8, .ratio = 12};
    struct iw_scan_part parts[3];
    struct iw_scan_plan plan;
    describe(parts, &easy);
    if (!iw_scans_plan(file->ptr, file->len, parts, 3, &plan))
        return false;
    check_pieces(&plan, file);
    return true;
}

static void test_unusual_files_are_read_whole(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        "* 0-0 0>1,1 1-63 0>0,2 1-63 0>0,3 1-63 0>0",                       /* means without their last bit */
        "* 0-0 0>0,1 1-63 0>1,2 1-63 0>0,3 1-63 0>0",                       /* others */
        "* 0-0 0>0,1 1-63 0>0,2 1-63 0>0",                                  /* a component without them */
        "* 0-0 0>0,1 1-62 0>0,2 1-63 0>0,3 1-63 0>0",                       /* one coefficient is missing */
        "* 0-0 0>0,1 1-63 0>0,1 5-5 0>0,2 1-63 0>0,3 1-63 0>0",             /* sent twice */
        "* 0-0 0>0,1 1-63 0>0,1 5-5 1>0,2 1-63 0>0,3 1-63 0>0",             /* refined beyond its last bit */
        "* 0-0 0>0,1 1-63 0>3,1 1-63 2>1,1 1-63 1>0,2 1-63 0>0,3 1-63 0>0", /* a bit is left out */
        "* 0-0 0>0,1 1-63 2>1,1 1-63 1>0,2 1-63 0>0,3 1-63 0>0",            /* refined before it is sent */
        "* 0-0 0>0,1 1-63 0>2,1 1-63 2>0,2 1-63 0>0,3 1-63 0>0",            /* two bits at once */
        "* 0-0 0>0,12 1-63 0>0,3 1-63 0>0",                                 /* interleaved */
        "* 0-0 0>0,1 1-64 0>0,2 1-63 0>0,3 1-63 0>0",
        "* 0-0 0>0,1 9-8 0>0,2 1-63 0>0,3 1-63 0>0",
        "* 0-0 0>14,1 1-63 0>0,2 1-63 0>0,3 1-63 0>0",
        "* 0-63 0>0",
        "* 0-0 0>0,4 1-63 0>0,2 1-63 0>0,3 1-63 0>0", /* nobody's */
        "11 0-0 0>0,1 1-63 0>0,2 1-63 0>0,3 1-63 0>0",
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(scripts); i++) {
        struct file file = file_of(scripts[i]);
        if (is_planned(&file))
            fail_msg("row %zu", i);
        file_free(&file);
    }
    static const char between[][9] = {"\xFF\xDB\x00\x02",
                                      "\xFF\xC2\x00\x02",
                                      "\xFF\xDC\x00\x02",
                                      "\xFF\xD8",
                                      "\xFF\xC4\xFF\xFF",
                                      "\xFF\x01",
                                      "\xFF\xFF",
                                      "zz",
                                      "\xFF\xC4\x00\x01",
                                      "\xFF\xDA\x00\x02",
                                      "\xFF\xDA\x00\x03\x01"};
    static const uint8_t lens[] = {4, 4, 4, 2, 4, 2, 2, 2, 4, 4, 5};
    for (size_t i = 0; i < IW_ARRAY_LEN(between); i++) {
        struct file whole = file_of(STANDARD), file = {0};
        assert_true(is_planned(&whole));
        file_put(&file, whole.ptr, whole.len - 2);
        file_put(&file, between[i], lens[i]);
        file_put(&file, whole.ptr + whole.len - 2, 2);
        if (is_planned(&file) && lens[i] > 2) /* what is no marker belongs to the last scan */
            fail_msg("between, row %zu", i);
        file_free(&file);
        file_free(&whole);
    }
    struct file many = {0};
    file_put(&many, "\xFF\xD8", 2);
    put_scan(&many, "*", 0, 0, 0, 0);
    for (unsigned i = 1; i <= 63; i++) /* one too many */
        put_scan(&many, "1", i, i, 0, 0);
    put_scan(&many, "2", 1, 63, 0, 0);
    put_scan(&many, "3", 1, 63, 0, 0);
    file_put(&many, "\xFF\xD9", 2);
    assert_false(is_planned(&many));
    file_free(&many);
}

/* Cut anywhere and with any byte changed: no byte beyond the end is read, and a plan is a plan. */
static void test_any_bytes(void **state)
{
    (void)state;
    struct file file = file_of(STANDARD);
    for (size_t len = 0; len < file.len; len++) {
        struct file cut = {0};
        cut.ptr = malloc(len + !len);
        assert_non_null(cut.ptr);
        memcpy(cut.ptr, file.ptr, len);
        cut.len = len;
        assert_false(is_planned(&cut));
        file_free(&cut);
    }
    for (size_t at = 0; at < file.len; at++)
        for (unsigned value = 0; value < 256; value++) {
            uint8_t kept = file.ptr[at];
            file.ptr[at] = (uint8_t)value;
            (void)is_planned(&file);
            file.ptr[at] = kept;
        }
    file_free(&file);
}

/* ---- what libjpeg makes of it ---- */

static const struct jpeg_kind kinds[] = {
    {.name = "4:2:0", .h = {2}, .v = {2}, .is_progressive = true, .quality = 92},
    {.name = "4:4:4", .is_progressive = true, .quality = 92},
    {.name = "4:2:2", .h = {2}, .is_progressive = true, .quality = 92, .restart_rows = 1},
};

static struct wish shrunk(const struct picture *picture, unsigned quality, unsigned ratio, unsigned denominator)
{
    return (struct wish){.width = picture->width,
                         .height = picture->height,
                         .least_width = picture->width / denominator,
                         .least_height = picture->height / denominator,
                         .wanted_width = picture->width / ratio,
                         .wanted_height = picture->height / ratio,
                         .quality = quality,
                         .wants_half = true};
}

/* Largest and mean squared difference of a plane's samples. */
static double planes_differ(const struct taken *a, const struct taken *b, unsigned plane, int *largest)
{
    double squares = 0;
    *largest = 0;
    assert_int_equal(a->width[plane], b->width[plane]);
    assert_int_equal(a->height[plane], b->height[plane]);
    for (uint32_t y = 0; y < a->height[plane]; y++)
        for (uint32_t x = 0; x < a->width[plane]; x++) {
            int differ = a->px[plane][y * a->stride[plane] + x] - b->px[plane][y * b->stride[plane] + x];
            squares += differ * differ;
            *largest = IW_MAX(*largest, abs(differ));
        }
    return squares / ((double)a->width[plane] * a->height[plane]);
}

/* Spoils the bytes of every scan from the one that is numbered on, so that it shows where it is decoded. */
static void spoil(struct file *file, unsigned number)
{
    unsigned seen = 0;
    for (size_t at = 0; at + 30 < file->len; at++) {
        seen += file->ptr[at] == 0xFF && file->ptr[at + 1] == 0xDA;
        if (file->ptr[at] == 0xFF && file->ptr[at + 1] == 0xDA && seen >= number)
            memset(file->ptr + at + 10, 0x55, 12); /* behind the header of a scan of one component */
    }
}

/* By how much the planes of a spoilt file differ from those of the sound one. */
static int spoilt_differ(const struct file *file, const struct wish *wish, unsigned number)
{
    struct file bad = {0};
    file_put(&bad, file->ptr, file->len);
    spoil(&bad, number);
    struct taken good = take("jpeg", file, wish), other = take("jpeg", &bad, wish);
    assert_true(good.is_good);
    int most = other.is_good ? 0 : 255;
    for (unsigned i = 0; other.is_good && i < good.reader.count; i++) {
        int largest;
        (void)planes_differ(&good, &other, i, &largest);
        most = IW_MAX(most, largest);
    }
    taken_free(&good);
    taken_free(&other);
    file_free(&bad);
    return most;
}

static void test_scans_that_are_not_needed_are_not_decoded(void **state)
{
    (void)state;
    struct picture picture = picture_photo(512, 384, 3);
    for (size_t i = 0; i < IW_ARRAY_LEN(kinds); i++) {
        struct file file = jpeg_make(&picture, &kinds[i]);
        struct wish quarter = shrunk(&picture, 85, 6, 4), exact = shrunk(&picture, 100, 6, 4),
                    eighth = shrunk(&picture, 100, 12, 8), half = shrunk(&picture, 85, 2, 1);
        assert_int_equal(spoilt_differ(&file, &quarter, 10), 0); /* the last bits of luma */
        assert_true(spoilt_differ(&file, &exact, 10) > 0);       /* a quality that hides nothing */
        assert_true(spoilt_differ(&file, &half, 10) > 0);        /* not shrunk by the decoder */
        quarter.wanted_width = 0;
        assert_true(spoilt_differ(&file, &quarter, 10) > 0); /* not known how far it is scaled */
        if (kinds[i].h[0] < 2)
            assert_int_equal(spoilt_differ(&file, &eighth, 8), 0); /* means alone, to the bit */
        file_free(&file);
    }
    picture_free(&picture);
}

static void test_what_is_lost_is_small(void **state)
{
    (void)state;
    struct picture picture = picture_photo(512, 384, 4);
    for (size_t i = 0; i < IW_ARRAY_LEN(kinds); i++) {
        struct file file = jpeg_make(&picture, &kinds[i]);
        for (unsigned denominator = 2; denominator <= 8; denominator *= 2) {
            struct wish some = shrunk(&picture, 85, denominator + denominator / 2, denominator), all = some;
            all.wanted_width = all.wanted_height = 0;
            struct taken got = take("jpeg", &file, &some), want = take("jpeg", &file, &all);
            assert_true(got.is_good && want.is_good);
            for (unsigned p = 0; p < 3; p++) {
                int largest;
                double lost = planes_differ(&got, &want, p, &largest);
                if (lost > (p ? 1.5 : 1.0) || largest > 8) /* before Lanczos, which takes more of it away */
                    fail_msg("%s 1/%u: plane %u: %f, %d at most", kinds[i].name, denominator, p, lost, largest);
            }
            taken_free(&got);
            taken_free(&want);
        }
        file_free(&file);
    }
    picture_free(&picture);
}

/* The whole way: the same coefficients with and without scans make nearly the same picture, at the same size the same.
 */
static void test_progressive_beside_sequential(void **state)
{
    (void)state;
    struct picture picture = picture_photo(800, 600, 5);
    struct jpeg_kind progressive = kinds[0], sequential = kinds[0];
    sequential.is_progressive = false;
    struct file files[2] = {jpeg_make(&picture, &progressive), jpeg_make(&picture, &sequential)};
    static const uint32_t widths[] = {800, 300, 160, 120, 60};
    for (size_t i = 0; i < IW_ARRAY_LEN(widths); i++) {
        struct iw_goal goal;
        struct picture seen[2];
        iw_goal_init(&goal);
        goal.may_reoptimise = false;
        goal.max_width_px = widths[i];
        for (int n = 0; n < 2; n++) {
            struct result result = make(&files[n], &goal);
            assert_int_equal(result.made.error, IW_MADE_OK);
            seen[n] = jpeg_decode(&result.file, &(struct jpeg_read){.denominator = 1});
            file_free(&result.file);
        }
        double differ = picture_mean_differ(&seen[0], &seen[1]);
        if (widths[i] > 267 ? differ > 0 : differ > 0.6) /* 267: three times as large, the decoder begins to shrink */
            fail_msg("%u px: %f", widths[i], differ);
        picture_free(&seen[0]);
        picture_free(&seen[1]);
    }
    file_free(&files[0]);
    file_free(&files[1]);
    picture_free(&picture);
}

/* Cut in a scan that would not be needed, a file is as broken as before. */
static void test_cut_files_are_judged_as_before(void **state)
{
    (void)state;
    struct picture picture = picture_photo(256, 192, 6);
    struct file file = jpeg_make(&picture, &kinds[0]);
    for (size_t len = file.len - 1; len > 700; len -= 331) {
        struct file cut = {.ptr = file.ptr, .len = len};
        struct wish some = shrunk(&picture, 85, 6, 4), all = some;
        all.wanted_width = 0;
        struct taken got = take("jpeg", &cut, &some), want = take("jpeg", &cut, &all);
        assert_int_equal(got.is_good, want.is_good);
        assert_string_equal(got.why, want.why);
        taken_free(&got);
        taken_free(&want);
    }
    file_free(&file);
    picture_free(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gains_are_hardly_below_those_of_lanczos),
        cmocka_unit_test(test_plans),
        cmocka_unit_test(test_unusual_files_are_read_whole),
        cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_scans_that_are_not_needed_are_not_decoded),
        cmocka_unit_test(test_what_is_lost_is_small),
        cmocka_unit_test(test_progressive_beside_sequential),
        cmocka_unit_test(test_cut_files_are_judged_as_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
