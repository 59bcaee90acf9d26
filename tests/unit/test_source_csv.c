/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* CSV in its dialects: which cells are URLs, where they stand, which columns are chosen, what is complained of. */
#include "base/iw.h"
#include "source_feed.h"

static const struct reading_case dialects[] = {
    {"empty", DOC(""), "", IW_OK, NULL, 0, 0},
    {"header alone", DOC("id,image_link"), "", IW_OK, NULL, 0, 0},
    {"comma", DOC("id,image_link\n1,http://a/1\n2,http://a/2\n"),
     "IMAGE 2:3 image_link http://a/1\nIMAGE 3:3 image_link http://a/2\n", IW_OK, NULL, 0, 0},
    {"semicolon, CRLF, no end", DOC("id;image_link\r\n1,5;http://a/1,2\r\n\r\n2;http://a/2"),
     "IMAGE 2:5 image_link http://a/1,2\nIMAGE 4:3 image_link http://a/2\n", IW_OK, NULL, 0, 0},
    {"tab, CR", DOC("id\timage link\r1\thttp://a/1\r2\thttp://a/2\r"),
     "IMAGE 2:3 image link http://a/1\nIMAGE 3:3 image link http://a/2\n", IW_OK, NULL, 0, 0},
    {"pipe", DOC("g:image_link|id\nhttp://a/1|1\n"), "IMAGE 2:1 g:image_link http://a/1\n", IW_OK, NULL, 0, 0},
    {"stated", DOC("sep=^\nid^image\n1^http://a/1\n"), "IMAGE 3:3 image http://a/1\n", IW_OK, NULL, 0, 0},
    {"UTF-8 mark", DOC("\xEF\xBB\xBFimage,id\nhttp://a/1,1\n"), "IMAGE 2:1 image http://a/1\n", IW_OK, NULL, 0, 0},
    {"UTF-16LE", DOC("\xFF\xFEi\0m\0g\0;\0\xE9\0\n\0h\0:\0;\0\x31\0\n\0"), "IMAGE 2:1 img h:\n", IW_OK, NULL, 0, 0},
    {"UTF-16BE", DOC("\xFE\xFF\0i\0m\0g\0\n\0h"), "IMAGE 2:1 img h\n", IW_OK, NULL, 0, 0},
    {"quotes", DOC("\"id\",\"image\"\n\"1\",\"http://a/1\"\n\"a\n\"\"b\"\", c\",\"http://a/\"\"2\"\"\"\n3, \"h\" \n"),
     "IMAGE 2:6 image http://a/1\nIMAGE 4:12 image http://a/\"2\"\nIMAGE 5:5 image h\n", IW_OK, NULL, 0, 0},
    {"a quote within is text", DOC("id,image\n5\" wide,http://a/\"1\n6\",http://a/2\n"),
     "IMAGE 2:9 image http://a/\"1\nIMAGE 3:4 image http://a/2\n", IW_OK, NULL, 0, 0},
    {"backslashes", DOC("id,image\n\"a \\\"b\\\", c\",http://a/1\n\"d\\\\\",\"http://a/\\\"2\\\\\"\n\"\\\",\",h\n"),
     "IMAGE 2:14 image http://a/1\nIMAGE 3:8 image http://a/\"2\\\nIMAGE 4:7 image h\n", IW_OK, NULL, 0, 0},
    {"a backslash at the end is text", DOC("id,image\n\"C:\\\",http://a/1\n\"\\\"\"\",\"http://a/\\2\"\n"),
     "IMAGE 2:7 image http://a/1\nIMAGE 3:8 image http://a/\\2\n", IW_OK, NULL, 0, 0},
    {"line ends in quotes", DOC("image,text,img\nhttp://a/1,\"a\r\nb\rc\nd\r\n\",\"\r\nhttp://a/2\r\n\"\nh,,\n"),
     "IMAGE 2:1 image http://a/1\nIMAGE 7:1 img http://a/2\nIMAGE 9:1 image h\n", IW_OK, NULL, 0, 0},
};

static const struct reading_case cells[] = {
    {"several URLs",
     DOC("Images,ID\n\"http://a/1, https://a/2,http://a/3\",1\nhttp://a/1|http://a/2;http://a/3,2\n"
         "\"http://a/x y,z http://a/?u=http://b,\nHTTP://a/5\",3\n"),
     "IMAGE 2:2 Images http://a/1\nIMAGE 2:14 Images https://a/2\nIMAGE 2:26 Images http://a/3\n"
     "IMAGE 3:1 Images http://a/1\nIMAGE 3:12 Images http://a/2\nIMAGE 3:23 Images http://a/3\n"
     "IMAGE 4:2 Images http://a/x y,z\nIMAGE 4:17 Images http://a/?u=http://b\nIMAGE 5:1 Images HTTP://a/5\n",
     IW_OK, NULL, 0, 0},
    {"empty cells", DOC("id,image\n1,\n2,\"\"\n3,  \n4,\", \"\n5,\xC2\xA0h\n"), "IMAGE 6:5 image h\n", IW_OK, NULL, 0,
     0},
    {"two columns", DOC("Handle,Image Src,Image Position,Variant Image\na,http://a/1,1,http://a/2\nb,http://a/3,2,\n"),
     "IMAGE 2:3 Image Src http://a/1\nIMAGE 2:16 Variant Image http://a/2\nIMAGE 3:3 Image Src http://a/3\n", IW_OK,
     NULL, 0, 0},
    {"images before links", DOC("link,image_link,url\nx,http://a/1,y\n"), "IMAGE 2:3 image_link http://a/1\n", IW_OK,
     NULL, 0, 0},
    {"links where there is nothing else", DOC("title,url\nx,http://a/1\n"), "IMAGE 2:3 url http://a/1\n", IW_OK, NULL,
     0, 0},
    {"numbered names", DOC("image[0].url,image[0].tag[0],Image 2\nhttp://a/1,x,http://a/2\n"),
     "IMAGE 2:1 image[0].url http://a/1\nIMAGE 2:14 Image 2 http://a/2\n", IW_OK, NULL, 0, 0},
    {"rows of other lengths", DOC("id,image\n1\n2,h,3\n4,i,\n5,j\n"),
     "! 2:1 the row has 1 cell, the header 2\nIMAGE 3:3 image h\n! 3:1 the row has 3 cells, the header 2\n"
     "IMAGE 4:3 image i\nIMAGE 5:3 image j\n",
     IW_OK, NULL, 0, 0},
    {"bad cells", DOC("id,image\n1,http://\x01\n2,\"a\"b\n3,\"a\nb\"\n4,h\n"),
     "! 2:10 the URL holds a control character and was passed over\n"
     "! 3:3 text follows the closing quote; the cell was passed over\n"
     "! 4:5 the URL holds a control character and was passed over\nIMAGE 6:3 image h\n",
     IW_OK, NULL, 0, 0},
    {"no column", DOC("sku,title,\"the, price\"\n1,2,3\n"), "", IW_ERR_SYNTAX,
     "which column holds images? --column says it: sku, title, the, price", 1, 1},
    {"a quote that is never closed", DOC("id,image\n1,http://a/1\n2,\"http://a/2\n3,http://a/3\n"),
     "IMAGE 2:3 image http://a/1\n", IW_ERR_SYNTAX, "the quotes of this cell never end", 3, 3},
};

static void csv_dialects(void **state)
{
    (void)state;
    check_cases("csv", dialects, IW_ARRAY_LEN(dialects));
}

static void csv_cells(void **state)
{
    (void)state;
    check_cases("csv", cells, IW_ARRAY_LEN(cells));
}

static void chosen_columns(void **state)
{
    (void)state;
    static const struct {
        const char *column;
        struct iw_str document;
        const char *said, *why;
    } rows[] = {
        {"FOTO", DOC("id,foto,image\n1,http://a/1,http://a/2\n"), "IMAGE 2:3 foto http://a/1\n", ""},
        {"2", DOC("id,foto,image\n1,http://a/1,http://a/2\n"), "IMAGE 2:3 foto http://a/1\n", ""},
        {"2", DOC("1,http://a/1\n2,http://a/2\n"), "IMAGE 1:3 column 2 http://a/1\nIMAGE 2:3 column 2 http://a/2\n",
         ""},
        {"1", DOC("http://a/1\nhttp://a/2"), "IMAGE 1:1 column 1 http://a/1\nIMAGE 2:1 column 1 http://a/2\n", ""},
        {"4", DOC("id,foto\n1,h\n"), "", "there is no column 4: the first row has 2"},
        {"0", DOC("id,foto\n1,h\n"), "", "no column is called 0; there are: id, foto"},
        {"x", DOC("id,foto\n1,h\n"), "", "no column is called x; there are: id, foto"},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_reader_limits limits = source_limits;
        limits.column = rows[i].column;
        for (size_t piece = 0; piece < 4; piece++) {
            struct reading r = read_as("csv", "", rows[i].document, piece, &limits, 0);
            assert_string_equal(r.said.ptr, rows[i].said);
            assert_string_equal(r.diag.text, rows[i].why);
            reading_release(&r);
        }
    }
}

static void long_cells(void **state)
{
    (void)state;
    struct iw_reader_limits limits = source_limits;
    limits.max_line_bytes = 12;
    struct iw_str document = IW_STR("a long header indeed,image\nlong long long cell,http://a/123\n,http://a/1234\n"
                                    ",\"http://a/1\"\n,\"http://a/12\"\n");
    for (size_t piece = 0; piece < 30; piece++) {
        struct reading r = read_as("csv", "", document, piece, &limits, 0);
        assert_string_equal(r.said.ptr,
                            "IMAGE 2:21 image http://a/123\n! 3:2 the cell is too long and was passed over\n"
                            "IMAGE 4:3 image http://a/1\n! 5:2 the cell is too long and was passed over\n");
        reading_release(&r);
    }
}

static void many_short_rows(void **state)
{
    (void)state;
    struct iw_buf text;
    iw_buf_init(&text, 1 << 20);
    iw_buf_add_str(&text, IW_STR("id,image\n"));
    for (unsigned i = 0; i < 1000; i++)
        iw_buf_add_str(&text, IW_STR("1\n"));
    struct reading r = read_as("csv", "", iw_buf_str(&text), 0, &source_limits, 0);
    assert_int_equal(r.complaints, 20);
    assert_non_null(strstr(r.said.ptr, "! 21:1 the row has 1 cell, the header 2; further ones are not told\n"));
    reading_release(&r);
    iw_buf_release(&text);
}

static void a_callback_stops(void **state)
{
    (void)state;
    struct iw_str document = IW_STR("image,id\nhttp://a/1,1\nhttp://a/2,2\nhttp://a/3,3\n");
    for (size_t piece = 0; piece < 12; piece++) {
        struct reading r = read_as("csv", "", document, piece, &source_limits, 2);
        assert_int_equal(r.err, IW_ERR_INTERRUPTED);
        assert_int_equal(r.leads, 2);
        reading_release(&r);
    }
}

/* The dialect is decided by the first 4096 bytes; nothing of them is lost, and a longer header is read to its end. */
static void a_long_header(void **state)
{
    (void)state;
    struct iw_buf text;
    iw_buf_init(&text, 1 << 20);
    for (unsigned i = 0; i < 700; i++)
        iw_buf_printf(&text, "attribute %u;", i);
    iw_buf_add_str(&text, IW_STR("image\n"));
    for (unsigned i = 0; i < 700; i++)
        iw_buf_add_str(&text, IW_STR("1,5;"));
    iw_buf_add_str(&text, IW_STR("http://a/1\n"));
    struct reading r = read_every_way("csv", "", iw_buf_str(&text));
    assert_string_equal(r.said.ptr, "IMAGE 2:2801 image http://a/1\n");
    reading_release(&r);
    iw_buf_release(&text);
}

static void what_it_was_read_as(void **state)
{
    (void)state;
    static const struct {
        const char *document, *how;
    } rows[] = {
        {"image,id\nh,1\n", "column image"},
        {"img,image\nh,i\n", "columns img, image"},
        {"img,image,photo,picture,thumbnail,photos\n", "columns img, image, photo, picture and 2 more"},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct reading said = {0};
        iw_buf_init(&said.said, 1 << 20);
        const struct iw_source_events events = {.lead = reading_lead, .complaint = reading_complaint, .user = &said};
        struct iw_reader *reader = NULL;
        struct iw_diag diag;
        struct iw_buf how;
        iw_buf_init(&how, 1000);
        assert_int_equal(iw_reader_new(NULL, IW_STR(""), &source_limits, &events, &reader), IW_OK);
        assert_int_equal(iw_reader_feed(reader, rows[i].document, strlen(rows[i].document), &diag), IW_OK);
        assert_int_equal(iw_reader_finish(reader, &diag), IW_OK);
        assert_string_equal(iw_reader_kind(reader)->name, "csv");
        iw_reader_describe(reader, &how);
        assert_true(iw_str_eq(iw_buf_str(&how), iw_str_from(rows[i].how)));
        iw_reader_free(reader);
        iw_buf_release(&how);
        reading_release(&said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_dialects),        cmocka_unit_test(csv_cells),       cmocka_unit_test(chosen_columns),
        cmocka_unit_test(long_cells),          cmocka_unit_test(many_short_rows), cmocka_unit_test(a_callback_stops),
        cmocka_unit_test(what_it_was_read_as), cmocka_unit_test(a_long_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
