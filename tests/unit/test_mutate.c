/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The mutations that the fuzzer of image headers makes: they stay inside their room, change something, and leave more
 * files readable than broken. */
#include "../fuzz/mutate.h"
#include "image_case.h"

enum { TRIES = 3000, ROOM = 4096, MOST_IN_A_ROW = 4 };

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most)
{
    if (size == 0 && most == 0)
        return 0;
    data[size / 2] ^= 1;
    return size ? size : 1;
}

static void put_property(struct made *made, const char *type, uint32_t width, uint32_t height)
{
    size_t at = put_full_box(made, type, 0, 0);
    put_be(made, width, 4);
    put_be(made, height, 4);
    end_box(made, at);
}

/* One item with one property. */
static void build_heic(struct made *made)
{
    put_ftyp(made, "heicmif1");
    size_t meta = put_full_box(made, "meta", 0, 0), at = put_full_box(made, "hdlr", 0, 0);
    PUT(made, "\0\0\0\0pict");
    put_fill(made, 0, 13);
    end_box(made, at);
    at = put_full_box(made, "pitm", 0, 0);
    put_be(made, 1, 2);
    end_box(made, at);
    at = put_full_box(made, "iinf", 0, 0);
    put_be(made, 1, 2);
    size_t entry = put_full_box(made, "infe", 2, 0);
    put_be(made, 1, 2);
    put_be(made, 0, 2);
    PUT(made, "hvc1\0");
    end_box(made, entry);
    end_box(made, at);
    at = put_box(made, "iprp");
    size_t ipco = put_box(made, "ipco");
    put_property(made, "ispe", 40, 30);
    end_box(made, ipco);
    size_t ipma = put_full_box(made, "ipma", 0, 0);
    put_be(made, 1, 4);
    put_be(made, 1, 2);
    PUT(made, "\1\1");
    end_box(made, ipma);
    end_box(made, at);
    end_box(made, meta);
}

static void build_tiff(struct made *made)
{
    PUT(made, "MM\0*\0\0\0\x08\0\2");
    for (unsigned tag = 256; tag < 258; tag++) {
        put_be(made, tag, 2);
        PUT(made, "\0\4\0\0\0\1\0\0\0\x28");
    }
    put_be(made, 0, 4);
}

/* How many of TRIES mutants, each of up to MOST_IN_A_ROW changes, have a size. */
static unsigned count_read(void (*build)(struct made *made), bool (*mutate)(struct mutant *mutant))
{
    struct made made;
    made_init(&made);
    build(&made);
    unsigned read = 0, changed = 0;
    for (unsigned i = 0; i < TRIES; i++) {
        /* now and then as little room as there can be */
        size_t most = i % 3 ? ROOM : made.len;
        struct mutant mutant = {.bytes = malloc(most), .size = made.len, .most = most, .chance = 2 * i + 1};
        assert_non_null(mutant.bytes);
        memcpy(mutant.bytes, made.ptr, made.len);
        for (unsigned turn = 0; turn < 1 + i % MOST_IN_A_ROW; turn++) {
            mutate(&mutant);
            assert_true(mutant.size <= most);
        }
        changed += mutant.size != made.len || memcmp(mutant.bytes, made.ptr, made.len) != 0;
        struct feed_result result = feed_whole(mutant.bytes, mutant.size);
        assert_null(result.fault);
        read += result.scan == IW_SCAN_DONE && result.facts.width_px;
        free(mutant.bytes);
    }
    made_release(&made);
    assert_true(changed > TRIES * 3 / 4);
    return read;
}

static void test_boxes(void **state)
{
    (void)state;
    unsigned read = count_read(build_heic, mutate_boxes);
    print_message("%u of %u boxes\n", read, (unsigned)TRIES);
    assert_true(read > TRIES / 3);
}

static void test_tiff(void **state)
{
    (void)state;
    unsigned read = count_read(build_tiff, mutate_tiff);
    print_message("%u of %u tiff\n", read, (unsigned)TRIES);
    assert_true(read > TRIES / 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boxes),
        cmocka_unit_test(test_tiff),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
