"""Our JSON API, `/api/v1/…`: one question for every number, exports, and the document that describes them."""
