"""Lists of the world outside: search engines, social networks, AI assistants, spammers, countries and languages.

The TOML files are our own, written from general facts; `Lists` can read the community's files in their place.
"""
