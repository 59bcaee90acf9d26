# Pages on disk: they name files of their own folder, and nothing else of the disk; what came by a pipe names none.
images() { field url verdict source.path source.line source.column source.element rules <out.jsonl | sort; }
mkdir -p site/img site/css site/sub "site/a b" outside
make_images www
cp www/img/photo-01.jpg site/img/a.jpg
cp www/img/photo-01.jpg "site/a b/é.jpg"
cp www/img/photo-01.jpg site/img/bg.jpg
cp www/img/photo-01.jpg outside/secret.jpg
ln -s ../outside/secret.jpg site/link.jpg
ln -s img/a.jpg site/inner.jpg
cat >site/index.html <<'END'
<link rel=stylesheet href="css/s.css?v=1"><link rel=stylesheet href=../outside/x.css>
<img src="img/a.jpg" width=20>
<img src="./img/../img/a.jpg?v=3#x"><img src="a%20b/%C3%A9.jpg">
<img src=gone.jpg>
<img src=../outside/secret.jpg><img src="sub/%2e%2e/..\outside/secret.jpg">
<img src=/img/a.jpg><img src=//cdn.test/a.jpg>
<img src=link.jpg><img src=inner.jpg>
<img src="a%00.jpg"><img src=img>
<img src=file:///etc/passwd><img src="">
<a href=sub/b.html>b</a><a href=index.html>again</a><a href=../outside/c.html>out</a><a href=img/a.jpg>a</a>
END
printf 'a { b: url("../img/bg.jpg") } @import "../sub/t.css"; @import "s.css"' >site/css/s.css
printf '@import "../css/s.css"; a { b: url(../../outside/secret.jpg) }' >site/sub/t.css
printf '<base href="../img/"><img src=a.jpg><a href=../index.html>' >site/sub/b.html
echo '<img src=../outside/secret.jpg>' >outside/c.html
echo 'a { b: url(secret.jpg) }' >outside/x.css
status 1 imgweigh -f jsonl --progress never site/index.html >out.jsonl 2>err.txt
images >found.txt
cat >expected.txt <<'END'
../outside/secret.jpg broken site/index.html 5 10 img@src url-invalid
//cdn.test/a.jpg broken site/index.html 6 30 img@src url-invalid
/img/a.jpg broken site/index.html 6 10 img@src url-invalid
a%00.jpg broken site/index.html 8 11 img@src url-invalid
file:///etc/passwd broken site/index.html 9 10 img@src scheme-refused
link.jpg broken site/index.html 7 10 img@src url-invalid
site/a b/é.jpg ok site/index.html 3 47 img@src -
site/gone.jpg broken site/index.html 4 10 img@src not-an-image
site/img broken site/index.html 8 30 img@src not-an-image
site/img/a.jpg ok site/index.html 3 11 img@src -
site/img/a.jpg warn site/index.html 2 11 img@src larger-than-needed
site/img/bg.jpg ok site/css/s.css 1 13 url() -
site/inner.jpg ok site/index.html 7 28 img@src -
sub/%2e%2e/..\outside/secret.jpg broken site/index.html 5 42 img@src url-invalid
END
diff expected.txt found.txt || fail "records differ"
contains out.jsonl "it leads out of the folder of the page that was named"
contains out.jsonl "it begins at the root of a site, and which that is a page in a file does not say"
contains out.jsonl "a symbolic link leads out of the folder of the page that was named"
contains out.jsonl "it holds a NUL byte"
contains out.jsonl "there is no such file"
contains err.txt "site/index.html:1:69: ../outside/x.css: it leads out of the folder"
grep -q secret err.txt && fail "outside/x.css was read"
# imports stand first in a style sheet, or mean nothing
printf '@import "../sub/t.css"; @import "s.css"; a { b: url("../img/bg.jpg") }' >site/css/s.css
status 1 imgweigh -q -f jsonl site/index.html >out.jsonl 2>err.txt
images | grep css >found.txt
cat >expected.txt <<'END'
../../outside/secret.jpg broken site/sub/t.css 1 36 url() url-invalid
site/img/bg.jpg ok site/css/s.css 1 54 url() -
END
diff expected.txt found.txt || fail "records of style sheets differ"
# links, in the folder alone
status 1 imgweigh -q -f jsonl --depth 2 site/index.html >out.jsonl 2>err.txt
same "site/img/a.jpg ok site/sub/b.html 1 31 img@src -" "$(images | grep b.html)" "of a page that is linked to"
same 0 "$(images | grep -c outside/c.html)" "of a page outside"
# from within the folder, and for the root of all
(cd site && status 1 imgweigh -q -f jsonl index.html) >out.jsonl 2>err.txt
same 2 "$(images | grep -c '^img/a.jpg .* index.html')" "a page of the working directory"
# choice
status 0 imgweigh -q -f jsonl --include 'img/a' site/index.html 2>err.txt | field url | sort -u >found.txt
same "site/img/a.jpg" "$(grep ^site/ found.txt | tr '\n' ' ' | sed 's/ $//')" "what is included"
# through a pipe, and from the network: no files
status 1 imgweigh -q -f jsonl --from html - <site/index.html >out.jsonl 2>err.txt
same 0 "$(images | grep -c '^site/\|^img/a.jpg ok')" "files that a page from a pipe names"
status 1 imgweigh -q -f jsonl --from html <(cat site/index.html) >out.jsonl 2>err.txt
same 0 "$(field bytes_from <out.jsonl | grep -c file)" "files that a page from a pipe names"
echo "<base href=\"file://$PWD/\"><img src=/ok/10x10.1000.png><img src=\"file://$PWD/outside/secret.jpg\">" >site/net.html
start_origin --files site
status 1 imgweigh -q -f jsonl "$ORIGIN/file/net.html" >out.jsonl 2>err.txt
same "content-range - null scheme-refused" "$(field bytes_from rules <out.jsonl | sort | tr '\n' ' ' | sed 's/ $//')" \
    "what a page of the network names"
# other documents name URLs alone
printf 'img/a.jpg\n' >site/list.txt
status 1 imgweigh -q -f jsonl --from list site/list.txt >out.jsonl
same "url-invalid" "$(field rules <out.jsonl)" "of a list"
