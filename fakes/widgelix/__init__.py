"""A fake Widgelix: state, protocol, server; API.md says what it offers."""
