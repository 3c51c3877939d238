"""Reports as programs get them: a question about sites and periods becomes tables of rows.

`asked` reads the question, the modules named after Matomo's plugins answer it for one site in one period, `filters`
and `metrics` finish what they answered, and `dashboard.api_formats` writes it.
"""
