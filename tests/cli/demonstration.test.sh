# The demonstration catalogue, from its sitemap: what its pages alone name is found there, with page, line and element.
mkdir www
start_nginx "$PWD/www"
make_images www "$NGINX"
chmod -R a+rX www
status 1 imgweigh check -q -f jsonl "$NGINX/sitemap.xml" >out.jsonl
field url source.path source.kind source.line source.column source.element <out.jsonl | sed "s|$NGINX||g" |
    grep '^/page/' | LC_ALL=C sort >found.txt
cat >expected.txt <<'END'
/page/banner.png /shop.css css 3 24 url()
/page/hero.png /about.html html 6 19 source@srcset
/page/icon.png /index.html html 4 24 link icon
/page/lazy.jpg /index.html html 8 16 img@data-src
/page/poster.bmp /about.html html 9 16 video@poster
/page/share.png /index.html html 5 36 meta og:image
/page/team-480.jpg /about.html html 5 19 source@srcset
/page/team-480.jpg /about.html html 7 13 img@src
/page/team-960.jpg /about.html html 5 38 source@srcset
END
diff expected.txt found.txt || fail "what pages name differs"
# no sitemap names them, and there are no others
same 0 "$(zcat www/sitemap-products.xml.gz | cat - www/*.xml | grep -c /page/)" "sitemaps that name them"
same "$(cd www && find page -type f | LC_ALL=C sort | tr '\n' ' ')" \
    "$(cut -d' ' -f1 found.txt | sed 's|^/||' | uniq | tr '\n' ' ')" "images of pages"
# each place is where the reference stands
while read -r url page _ line column _; do
    text=$(sed -n "${line}p" "www$page" | cut -c"$column"-)
    [[ $text == "${url##*/}"* || $text == "${url#/}"* || $text == "$url"* ]] || fail "$url is not at $page:$line:$column"
done <found.txt
# the text report says where, too
imgweigh "$NGINX/sitemap.xml" >out.txt
contains out.txt "in $NGINX/about.html:6:19 (source@srcset)"
contains out.txt "read as: html, "
