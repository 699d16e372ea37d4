"""Fleets over days: who sends when, what becomes of it, and a ledger of all of it."""
