# snapshot: the story of one image
start_origin
echo "== a HEAD that lies"
imgweigh explain "$ORIGIN/head-wrong-length/640x480.5000.png"
echo "== too large"
imgweigh explain "$ORIGIN/ok/3000x2000.5000.jpg"
echo "== a redirect"
imgweigh explain "$ORIGIN/redirect/1/10x10.1000.gif"
echo "== not there"
imgweigh explain "$ORIGIN/status/404/a.png" || true
