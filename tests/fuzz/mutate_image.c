/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* How libFuzzer changes the inputs of fuzz_image, in the libFuzzer build alone: two times in three by what the file is
 * made of, where that is boxes or the directories of TIFF; else, and for other formats, by libFuzzer's own means. */
#include "mutate.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    static const char tops[][5] = {"ftyp", "JXL ", "jP  "};
    if (size < 2)
        return LLVMFuzzerMutate(data, size, most);
    /* the first byte says how the file is cut */
    struct mutant mutant = {.bytes = data + 1, .size = size - 1, .most = most - 1, .chance = (uint64_t)seed << 1 | 1};
    size_t choice = mutant_pick(&mutant, 24);
    bool is_boxes = false;
    for (size_t i = 0; i < IW_ARRAY_LEN(tops); i++)
        is_boxes = is_boxes || (mutant.size >= 8 && memcmp(mutant.bytes + 4, tops[i], 4) == 0);
    if (choice < 8 || !(is_boxes ? mutate_boxes(&mutant) : mutate_tiff(&mutant)))
        return LLVMFuzzerMutate(data, mutant.size + 1, most);
    if (choice == 8)
        data[0] = (uint8_t)mutant_pick(&mutant, 256);
    return mutant.size + 1;
}
