# Catalogues: columns found and named, places, and what each input was read as.
start_origin
cat >shop.csv <<END
Handle,Title,"Image Src",Image Position,Variant Image
a,"A ""b"",
c",$ORIGIN/ok/10x10.1000.png,1,$ORIGIN/ok/20x20.2000.png
b
d,,$ORIGIN/status/404/a.png,,
END
status 1 imgweigh -f jsonl shop.csv >out.jsonl 2>err.txt
field url verdict source.kind source.element source.line source.column <out.jsonl | sed 's|http://127.0.0.1:[0-9]*||' | sort >found.txt
column=$((${#ORIGIN} + 26))
cat >expected.txt <<END
/ok/10x10.1000.png ok csv Image Src 3 4
/ok/20x20.2000.png ok csv Variant Image 3 $((column - 1))
/status/404/a.png broken csv Image Src 5 4
END
diff expected.txt found.txt || fail "records differ"
contains err.txt "shop.csv:4:1: the row has 1 cell, the header 5"
# a column of another name, by name and by number; gzip; without a header
printf 'sku;foto\n1;%s/ok/10x10.1000.png\n' "$ORIGIN" | gzip >foto.csv.gz
same "foto" "$(imgweigh -f jsonl --column Foto foto.csv.gz | field source.element)"
printf '1;%s/ok/10x10.1000.png\n' "$ORIGIN" | imgweigh --from csv --column 2 - >out.txt
contains out.txt "read as: csv, column 2, 1 URL"
# inputs of every kind in one run, each known by its bytes, and gzip of each
mkdir kinds
printf 'id,image_link\n1,%s/ok/10x10.1001.png\n' "$ORIGIN" >kinds/a.csv
printf '<rss><channel><item><image>%s/ok/10x10.1002.png</image></item></channel></rss>' "$ORIGIN" >kinds/b.xml
printf '<urlset><url><loc>%s/ok/10x10.1003.png</loc></url></urlset>' "$ORIGIN" >kinds/c.xml
printf '%s/ok/10x10.1004.png\n' "$ORIGIN" >kinds/d.txt
printf 'User-agent: *\nSitemap: %s/doc/sitemap.xml\n' "$ORIGIN" >kinds/e.txt
printf '<!doctype html><img src=%s/ok/10x10.1005.png>' "$ORIGIN" >kinds/f
printf 'a { b: url(%s/ok/10x10.1006.png) }' "$ORIGIN" >kinds/g.css
gzip -k kinds/*
kinds() { field source.kind <out.jsonl | sort | uniq -c | awk '{printf "%s ", $2 " " $1}'; }
status 0 imgweigh -q -f jsonl --no-dedupe kinds/a.csv kinds/b.xml kinds/c.xml kinds/d.txt kinds/e.txt kinds/f kinds/g.css >out.jsonl
same "css 1 csv 1 feed 1 html 1 list 1 sitemap 4 " "$(kinds)" "kinds"
status 0 imgweigh -q -f jsonl --no-dedupe kinds/*.gz >out.jsonl
same "css 1 csv 1 feed 1 html 1 list 1 sitemap 4 " "$(kinds)" "kinds, gzip"
# several inputs, each for itself; no column is no guess
printf '%s/ok/10x10.1000.png\n' "$ORIGIN" >list.txt
status 1 imgweigh shop.csv list.txt list.txt >out.txt 2>err.txt
contains out.txt "read as: csv, columns Image Src, Variant Image, 3 URLs"
contains out.txt "read as: list, 2 documents, 2 URLs"
# where standard output is for programs, standard error tells it; with -q nobody does
status 1 imgweigh -f jsonl shop.csv list.txt >out.jsonl 2>err.txt
contains err.txt "read as: csv, columns Image Src, Variant Image, 3 URLs"
contains err.txt "read as: list, 1 URL"
status 1 imgweigh -f csv -o text shop.csv >out.txt 2>err.txt
contains out.txt "read as: csv"
same 0 "$(grep -c 'read as' err.txt)" "told twice"
status 1 imgweigh -q -f jsonl shop.csv list.txt >out.jsonl 2>err.txt
same 0 "$(grep -c 'read as' err.txt)" "told with -q"
printf 'sku,title\n1,2\n' >none.csv
status 3 imgweigh --from csv none.csv 2>err.txt
contains err.txt "none.csv:1:1: which column holds images? --column says it: sku, title"
status 3 imgweigh --from csv --column x none.csv 2>err.txt
contains err.txt "none.csv:1:1: no column is called x; there are: sku, title"
# feeds: by names, and by a path; what is wrong with a path
cat >feed.xml <<END
<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>
<item><g:image_link>$ORIGIN/ok/10x10.1000.png</g:image_link>
  <enclosure type="image/png" url="$ORIGIN/ok/20x20.2000.png"/><photo kind="big"><file>$ORIGIN/ok/30x30.3000.png</file></photo></item>
</channel></rss>
END
imgweigh -f jsonl feed.xml | field url source.kind source.element source.line source.column | sed 's|http://127.0.0.1:[0-9]*||' | sort >found.txt
cat >expected.txt <<'END'
/ok/10x10.1000.png feed g:image_link 3 21
/ok/20x20.2000.png feed enclosure@url 4 36
END
diff expected.txt found.txt || fail "records of a feed differ"
imgweigh --xpath "//photo[@kind='big']/file" feed.xml >out.txt
contains out.txt "read as: feed, //photo[@kind='big']/file, 1 URL"
status 2 imgweigh --xpath '//photo[1]' feed.xml 2>err.txt
contains err.txt "--xpath: at character 9: expected an attribute, as in [@name='value'], found \"1]\""
