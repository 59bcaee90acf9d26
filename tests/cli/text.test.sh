# snapshot: the report for people
start_origin
printf '%s\n' "$ORIGIN/ok/10x10.1000.png" "$ORIGIN/ok/3000x2000.5000.jpg" "$ORIGIN/ok/5000x2000.5000.jpg" "$ORIGIN/ok/9x9.30000000.png" \
    "$ORIGIN/status/404/a.png" "$ORIGIN/html/b.jpg" "$ORIGIN/status/500/c.png" "$ORIGIN/wrong-type/10x10.1000.png" >list.txt
imgweigh --max-retries 0 -j 1 --host-concurrency 1 list.txt | sed -E 's/[0-9.]+ k?B read/N read/; s/[0-9]+ requests/N requests/'
echo "== everything fits"
imgweigh "$ORIGIN/ok/10x10.1000.png" | sed -E 's/[0-9.]+ k?B read/N read/'
imgweigh -q "$ORIGIN/ok/10x10.1000.png"
echo "== what headers say, with -v"
# the first byte of a seed is none of the file
for name in gif-two-frames heic-clap-irot-imir jpeg-exif-le png-plain tiff-alpha webp-exif-last; do
    tail -c +2 "$TOP/tests/fuzz/image.in/$name" >"${name%%-*}-image"
done
imgweigh -v -p none --max-bytes 10 ./*-image | sed -n '/^  [^W]/p'
