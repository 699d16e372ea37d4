#!/bin/sh
# A forwarder of shell and curl. Without an argument it is the process under test, which has nothing to do but to wait;
# with "uplink" it takes one document on stdin and delivers it to each destination of UPLAB_CONNECTIONS, in order.
# uplab run --only delivery --forwarder-command "sh docs/examples/forwarder.sh" \
#   --uplink-command "sh docs/examples/forwarder.sh uplink" --forwarder-profile docs/examples/forwarder.toml
set -u

# Each connection on a line of its own. Good enough for a configuration that one has written oneself: no escapes in it.
connections() {
  printf '%s' "$UPLAB_CONNECTIONS" | tr -d '\n' | sed 's/{"connectorId"/\
&/g' | grep destinationURL
}

# The value of a key that is a text.
text_of() {
  printf '%s' "$2" | sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"
}

# The configured headers, as curl reads them from a file: Name: value.
headers_of() {
  printf '%s' "$1" | sed -n 's/.*"headers": *{\([^}]*\)}.*/\1/p' | sed 's/", *"/"\
"/g' | sed 's/^ *"\(.*\)": *"\(.*\)" *$/\1: \2/'
}

deliver() {
  document=$(mktemp)
  headers=$(mktemp)
  cat > "$document"
  connections | while IFS= read -r connection; do
    url=$(text_of destinationURL "$connection")
    headers_of "$connection" > "$headers"
    # What is not taken is dropped, which the profile says: one attempt.
    curl --silent --show-error --noproxy '*' --max-time 2 --output /dev/null \
      --header 'Content-Type: application/json' --header @"$headers" --header 'Expect:' \
      --data-binary @"$document" "$url" || echo "dropped: $url" >&2
  done
  rm -f "$document" "$headers"
}

if [ "${1:-}" = uplink ]; then
  deliver
  exit 0
fi

trap 'exit 0' TERM INT
echo '{}'
while :; do
  sleep 3600 &
  wait $!
done
