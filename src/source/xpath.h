/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The part of XPath 1.0 that can be decided at a start tag: paths of child and descendant steps by local name, with
 * tests of attributes, to an attribute or to text. */
#ifndef IW_SOURCE_XPATH_H
#define IW_SOURCE_XPATH_H

#include "source/xml_stream.h"

enum { IW_XPATH_PATHS = 8, IW_XPATH_STEPS = 24, IW_XPATH_TESTS = 3 };

struct iw_xpath_step {
    struct iw_str name; /* local; "*": any */
    bool is_deep;       /* behind "//" */
    struct iw_xpath_test {
        struct iw_str attribute, value; /* NONE: it is there */
    } tests[IW_XPATH_TESTS];
    unsigned test_count;
};
struct iw_xpath_path {
    struct iw_xpath_step steps[IW_XPATH_STEPS];
    unsigned count;
    char attribute[64]; /* "": the element's text */
};
/* Slices of the text it was parsed from. */
struct iw_xpath {
    struct iw_xpath_path paths[IW_XPATH_PATHS];
    unsigned count;
};

/* IW_ERR_SYNTAX, IW_ERR_RANGE; diag's column says where. */
enum iw_err iw_xpath_parse(struct iw_str text, struct iw_xpath *out, struct iw_diag *diag) IW_MUST_USE;

/* How far a path has come, as bits: bit n is set where its first n steps lead to an element, or to one above it where
 * the next step is deep. IW_XPATH_ROOT above the first element. */
typedef uint32_t iw_xpath_reach;
#define IW_XPATH_ROOT 1u
iw_xpath_reach iw_xpath_enter(const struct iw_xpath_path *path, iw_xpath_reach above,
                              const struct iw_xml_element *element);
static inline bool iw_xpath_is_there(const struct iw_xpath_path *path, iw_xpath_reach reach)
{
    return reach >> path->count & 1;
}

#endif
