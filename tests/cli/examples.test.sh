# The examples of doc/examples are run where that is possible, else their syntax is checked.
examples=$TOP/doc/examples
export XDG_STATE_HOME=$PWD/state
make_images www
mkdir bin && ln -s "$IMGWEIGH" bin/imgweigh && export PATH=$PWD/bin:$PATH

# the hook, in a repository
command -v git >/dev/null || skip "git is not installed"
git init -q --bare origin.git
git init -q work
cd work || exit 1
git config user.email a@b.example && git config user.name A
mkdir public && cp ../www/img/photo-0[1-3].jpg public
cp "$examples/pre-push" .git/hooks/pre-push
git add . && git commit -qm first
git push -q ../origin.git HEAD:main >push.txt 2>&1 || fail "a push of images that fit: $(cat push.txt)"
cp ../www/img/wide.png public/
git add . && git commit -qm second
git push -q ../origin.git HEAD:main >push.txt 2>&1 && fail "a push of an image that does not fit"
contains push.txt "pre-push: the images above do not fit"
contains push.txt "public/wide.png"
echo 'public/wide.png side-over never a banner' >waivers.txt
git push -q ../origin.git HEAD:main >push.txt 2>&1 || fail "a push of an image that is waived: $(cat push.txt)"
cd ..

# each command line of imgweigh in the examples, with inputs and paths of its own
mkdir site && cp www/img/photo-01.jpg www/img/wide.png site
commands() { sed -n "$2" "$examples/$1" | sed -e 's|https://shop.example/sitemap.xml|site|; s|/var/lib/imgweigh/history.db|h.db|; s|public/|site|' -e 's|/etc/imgweigh/waivers.txt|waivers.txt|; s|/usr/bin/||; s|flock \(-n \)*[^ ]*||'; }
: >waivers.txt
run_line() {
    # shellcheck disable=SC2086
    set -- $1
    "$@"
}
nightly=$(commands imgweigh.cron 's/^17 4.*www-data *//p')
found=0
run_line "$nightly" >mail.txt 2>&1 || found=$?
same 1 "$found" "status of the first night"
contains mail.txt "site/wide.png"
status 0 run_line "$nightly" >mail.txt 2>&1
same "" "$(cat mail.txt)" "the mail of a night with nothing new"
status 0 run_line "$(commands imgweigh.cron 's/^47 4.*www-data *\(.*\) >.*/\1/p')" >/dev/null
status 1 run_line "$(commands imgweigh.service 's/^ExecStart=//p')" >unit.txt 2>&1
contains unit.txt "site/wide.png"
status 1 run_line "$(commands github-workflow.yml 's/^ *run: //p')" >github.txt
contains github.txt "::error"
[ -s images.sarif ] || fail "no SARIF file"
rm -f .imgweigh-history.db
status 1 run_line "$(commands gitlab-ci.yml 's/^ *- \(imgweigh\)/\1/p')" >/dev/null
[ -s gl-code-quality.json ] && [ -s images.xml ] || fail "no reports for GitLab"
status 2 run_line "$(commands nagios.cfg 's/^ *command_line *//p' | sed 's/\$ARG1\$/36h/; s/\$ARG2\$/0/')" >nagios.txt
contains nagios.txt "IMGWEIGH CRITICAL - 1 of 2 images do not fit, 0 new;"
mkdir metrics
IMGWEIGH_HISTORY=$PWD/h.db TEXTFILE_DIRECTORY=$PWD/metrics status 0 sh "$examples/textfile-collector.sh" >/dev/null
grep -q '^imgweigh_' metrics/imgweigh.prom || fail "no metrics"
! command -v promtool >/dev/null || promtool check metrics <metrics/imgweigh.prom || fail "promtool"

# syntax
for script in pre-push textfile-collector.sh; do sh -n "$examples/$script" || fail "$script"; done
if python_with yaml; then
    python3 -c '
import sys, yaml
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        assert yaml.safe_load(file), path' "$examples"/*.yml || fail "YAML"
fi
if command -v systemd-analyze >/dev/null; then
    sed "s|/usr/bin/imgweigh|$PWD/bin/imgweigh|" "$examples/imgweigh.service" >imgweigh.service
    cp "$examples/imgweigh.timer" .
    systemd-analyze verify "$PWD/imgweigh.service" "$PWD/imgweigh.timer" 2>verify.txt
    ! grep -v "Command 'man" verify.txt | grep -E 'imgweigh\.(service|timer)' || fail "systemd-analyze verify"
fi
