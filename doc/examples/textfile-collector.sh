#!/bin/sh
# Metrics of the last run for the textfile collector of node_exporter; to be run behind each audit, or by cron. The file is written
# beside and renamed, so that no half of it is read.
history=${IMGWEIGH_HISTORY:-/var/lib/imgweigh/history.db}
folder=${TEXTFILE_DIRECTORY:-/var/lib/prometheus/node-exporter}
exec imgweigh report -q --fail-on never --history="$history" -o "prometheus:$folder/imgweigh.prom" latest
