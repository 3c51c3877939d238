// The trackers that `_paq` talks to; the first one is that of the page's own snippet.

export const trackers = [];
