#!/bin/sh
# Takes the note of a connection away.
rm -f "$NOTES/$(sed -n 's/.*"id": *"\([A-Za-z0-9]*\)".*/\1/p')"
