# kill -9 at 200 random moments of runs that record a history: the database is whole, nothing that was reported is missing, and --resume
# comes to the end without asking again what is known.
start_origin --host 0.0.0.0
python3 "$TOP/tests/cli/history_kill.py" "${IW_KILLS:-200}" "$IMGWEIGH" "$ORIGIN" "$LOG" || fail "see above"
