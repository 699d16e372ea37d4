"""The pages for people: what the documents tell a user to click, clicked in a real browser."""
