/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The headers that shops and catalogues write, whole: every column of images is found by its name, and no other, though
 * each cell of the row below holds a URL. */
#include "base/iw.h"
#include "source_feed.h"

static const struct {
    const char *what, *header;
    char separator;
    const char *images; /* the columns, a space behind each "|" */
} exports[] = {
    {"Shopify, products",
     "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Option1 Linked "
     "To,"
     "Option2 Name,Option2 Value,Option2 Linked To,Option3 Name,Option3 Value,Option3 Linked To,Variant SKU,Variant "
     "Grams,"
     "Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Fulfillment Service,Variant "
     "Price,"
     "Variant Compare At Price,Variant Requires Shipping,Variant Taxable,Unit Price Total Measure,Variant Barcode,"
     "Image Src,Image Position,Image Alt Text,Gift Card,SEO Title,SEO Description,"
     "Google Shopping / Google Product Category,Google Shopping / Gender,Google Shopping / Age Group,"
     "Google Shopping / MPN,Google Shopping / Condition,Google Shopping / Custom Product,"
     "Google Shopping / Custom Label 0,Variant Image,Variant Weight Unit,Variant Tax Code,Cost per item,Status",
     ',', "Image Src|Variant Image|"},
    {"Shopify, products, the later template",
     "Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,Status,SKU,Barcode,"
     "Option1 name,Option1 value,Price,Compare-at price,Cost per item,Inventory tracker,Inventory quantity,"
     "Weight value (grams),Requires shipping,Fulfillment service,Product image URL,Image position,Image alt text,"
     "Variant image URL,Gift card,SEO title,SEO description",
     ',', "Product image URL|Variant image URL|"},
    {"Google Merchant, tabs",
     "id\ttitle\tdescription\tlink\tmobile link\timage link\tadditional image link\tlifestyle image "
     "link\tavailability\t"
     "price\tbrand\tgtin\tcondition\tvirtual model link\tads redirect\tshipping label",
     '\t', "image link|additional image link|lifestyle image link|"},
    {"Google Merchant, by attributes",
     "g:id,g:title,g:link,g:image_link,g:additional_image_link,g:additional_image_link,g:price,g:availability", ',',
     "g:image_link|g:additional_image_link|g:additional_image_link|"},
    {"Meta, products",
     "id,title,description,availability,condition,price,link,image_link,brand,google_product_category,"
     "fb_product_category,quantity_to_sell_on_facebook,sale_price,item_group_id,color,gender,size,age_group,material,"
     "pattern,shipping,shipping_weight,video[0].url,video[0].tag[0],gtin,additional_image_link,product_tags[0],style["
     "0]",
     ',', "image_link|additional_image_link|"},
    {"Meta, hotels",
     "hotel_id,name,description,brand,url,address.addr1,address.city,address.country,latitude,longitude,"
     "image[0].url,image[0].tag[0],image[1].url,image[1].tag[0],star_rating",
     ',', "image[0].url|image[1].url|"},
    {"WooCommerce",
     "ID,Type,SKU,\"GTIN, UPC, EAN, or ISBN\",Name,Published,Is featured?,Visibility in catalog,Short description,"
     "Description,Date sale price starts,Date sale price ends,Tax status,Tax class,In stock?,Stock,Low stock amount,"
     "Backorders allowed?,Sold individually?,Weight (kg),Length (cm),Width (cm),Height (cm),Allow customer reviews?,"
     "Purchase note,Sale price,Regular price,Categories,Tags,Shipping class,Images,Download limit,Download expiry days,"
     "Parent,Grouped products,Upsells,Cross-sells,External URL,Button text,Position,Brands,Attribute 1 name,"
     "Attribute 1 value(s),Attribute 1 visible,Attribute 1 global,Meta: _wpcom_is_markdown,Download 1 name,"
     "Download 1 URL",
     ',', "Images|"},
    {"Magento",
     "sku,store_view_code,attribute_set_code,product_type,categories,name,description,price,url_key,meta_title,"
     "base_image,base_image_label,small_image,small_image_label,thumbnail_image,thumbnail_image_label,swatch_image,"
     "swatch_image_label,additional_images,additional_image_labels,hide_from_product_page",
     ',', "base_image|small_image|thumbnail_image|swatch_image|additional_images|"},
    {"PrestaShop",
     "ID;Active (0/1);Name*;Categories (x,y,z...);Price tax excl.;Reference #;Supplier;URL rewritten;"
     "Image URLs (x,y,z...);Image alt texts (x,y,z...);Delete existing images (0 = No, 1 = Yes);Condition",
     ';', "Image URLs (x,y,z...)|"},
    {"Amazon",
     "item_sku,item_name,external_product_id,main_image_url,other_image_url1,other_image_url2,swatch_image_url,"
     "parent_child,update_delete,fulfillment_center_id",
     ',', "main_image_url|other_image_url1|other_image_url2|swatch_image_url|"},
    {"Wix", "handleId,fieldType,name,description,productImageUrl,collection,sku,ribbon,price", ',', "productImageUrl|"},
    {"Squarespace",
     "Product ID,Variant ID,Product Type,Product Page,Product URL,Title,Description,SKU,Price,Hosted Image URLs", ',',
     "Hosted Image URLs|"},
    {"eBay", "Action,Custom label (SKU),Category ID,Title,P:UPC,Price,Quantity,Item photo URL,Condition ID,Format", ',',
     "Item photo URL|"},
    {"Etsy", "TITLE,DESCRIPTION,PRICE,QUANTITY,TAGS,MATERIALS,IMAGE1,IMAGE2,IMAGE10,SKU", ',',
     "IMAGE1|IMAGE2|IMAGE10|"},
};

/* The next cell of a header, quoted or not. */
static struct iw_str next_cell(struct iw_str *rest, char separator)
{
    bool is_quoted = rest->len && rest->ptr[0] == '"';
    size_t end = is_quoted ? 1 + iw_str_find(iw_str_skip(*rest, 1), '"') : iw_str_find(*rest, separator);
    struct iw_str cell = is_quoted ? iw_str_sub(*rest, 1, end - 1) : iw_str_sub(*rest, 0, end);
    *rest = iw_str_skip(*rest, end + is_quoted + 1);
    return cell;
}

/* Header and a row of URLs, each with the number of its column; *out_said: what the columns of images must say. */
static void write(size_t i, struct iw_buf *document, struct iw_buf *out_said)
{
    struct iw_str header = iw_str_from(exports[i].header), rest = header;
    struct iw_str images = iw_str_from(exports[i].images);
    iw_buf_add_str(document, header);
    iw_buf_add_char(document, '\n');
    size_t line = document->len;
    for (unsigned column = 1; rest.len; column++) {
        struct iw_str cell = next_cell(&rest, exports[i].separator);
        size_t len = iw_str_find(images, '|');
        if (len && iw_str_eq(cell, iw_str_sub(images, 0, len))) {
            iw_buf_printf(out_said, "IMAGE 2:%zu %.*s http://a/%u\n", document->len - line + 1, IW_STR_ARGS(cell),
                          column);
            images = iw_str_skip(images, len + 1);
        }
        iw_buf_printf(document, "http://a/%u", column);
        if (rest.len)
            iw_buf_add_char(document, exports[i].separator);
    }
    assert_int_equal(images.len, 0); /* all of them are in the header */
    iw_buf_add_char(document, '\n');
    iw_buf_add_char(out_said, '\0');
}

static void columns_of_exports(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < IW_ARRAY_LEN(exports); i++) {
        struct iw_buf document, said;
        iw_buf_init(&document, 1 << 20);
        iw_buf_init(&said, 1 << 20);
        write(i, &document, &said);
        struct reading r = read_as(NULL, "", iw_buf_str(&document), 0, &source_limits, 0);
        bool is_right = r.err == IW_OK && strcmp(r.said.ptr, said.ptr) == 0 && strcmp(r.kind->name, "csv") == 0;
        if (!is_right)
            print_error("%s: error %d \"%s\"\n%s-- instead of\n%s--\n", exports[i].what, (int)r.err, r.diag.text,
                        r.said.ptr, said.ptr);
        wrong += !is_right;
        reading_release(&r);
        iw_buf_release(&document);
        iw_buf_release(&said);
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_of_exports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
