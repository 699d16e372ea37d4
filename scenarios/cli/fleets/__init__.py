"""Commands about many devices at once."""
