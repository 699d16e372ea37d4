"""A faithful posthere.io: a URL is a bin, whatever is posted to it is kept, and anybody may look."""
