"""How answers are written, one module for each format."""
