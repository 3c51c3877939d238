"""The opt-out for privacy notices: a page that websites frame, and a script that they load."""
