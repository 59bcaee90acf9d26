# The command line itself.
status 2 imgweigh --max-side 2>err.txt
contains err.txt "--max-side needs a value"
status 2 imgweigh --max-concurency 5 x 2>err.txt
contains err.txt "did you mean --max-concurrency?"
status 2 imgweigh -Z x 2>err.txt
contains err.txt "unknown option -Z"
status 2 imgweigh -j 0 x 2>err.txt
contains err.txt "expected a number of 1 to 4096"
status 2 imgweigh -p opnai x 2>err.txt
contains err.txt 'did you mean "openai"?'
status 2 imgweigh --limit max_byte=5 x 2>err.txt
contains err.txt 'did you mean "max_bytes"?'
status 2 imgweigh --max-bytes 5parsec x 2>err.txt
status 2 imgweigh --include '(' x 2>err.txt
contains err.txt "--include"
status 2 imgweigh -f xml x 2>err.txt
contains err.txt "no output format"
status 2 imgweigh --from nothing x 2>err.txt
status 0 imgweigh --help >help.txt
same "Usage: imgweigh [COMMAND] [OPTION...] INPUT..." "$(head -n 1 help.txt)"
contains help.txt "Examples"
status 0 imgweigh help explain >help.txt
contains help.txt "imgweigh explain"
status 0 imgweigh --version >version.txt
contains version.txt libcurl
status 0 imgweigh profiles >profiles.txt
contains profiles.txt "google-merchant"
status 0 imgweigh profiles openai anthropic >profiles.txt
contains profiles.txt "theneuralbase.com"
contains profiles.txt "confidence"
status 2 imgweigh profiles nothing 2>err.txt
printf '' | imgweigh -q || fail "an empty list is fine"
