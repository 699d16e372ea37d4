#!/bin/sh
# Posts an uplink to each connection by curl, three times at most, before it says that it has it.
document=$(mktemp)
cat > "$document"
names=$(echo "$UPLAB_RESOLVE" | tr ',' '\n' | sed 's/^\(.*\)=\(.*\)$/--connect-to \1:\2/')
for note in "$NOTES"/*; do
  # shellcheck disable=SC2086
  [ -f "$note" ] && curl --silent --output /dev/null --max-time 3 --retry "${CURL_RETRIES:-2}" --retry-delay 1 \
    --retry-all-errors --cacert "$UPLAB_CA" $names --header 'Content-Type: application/json' \
    --data-binary "@$document" "$(cat "$note")"
done
rm -f "$document"
exit 0
