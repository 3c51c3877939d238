"""Request in, row out: what Pegel promises, tried on a real engine, real processes and a real browser."""
