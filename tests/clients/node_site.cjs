// A server of somebody's own that tracks with `matomo-tracker`. Its argument: {url, site, track: [...], bulk: [...]}.
// Prints {answer, errors} as JSON: what the bulk request was answered, and what the client calls errors.
const { subscribe, unsubscribe } = require("node:diagnostics_channel");
const MatomoTracker = require("matomo-tracker");

const ANSWERED = "http.client.response.finish";
const { url, site, track = [], bulk = [] } = JSON.parse(process.argv[2]);
const errors = [];
const matomo = new MatomoTracker(site, url);
matomo.on("error", (error) => errors.push(error));

// `track` has no callback, and its hits would overtake each other.
function answered(send) {
  return new Promise((resolve) => {
    const done = () => {
      unsubscribe(ANSWERED, done);
      setImmediate(resolve);
    };
    subscribe(ANSWERED, done);
    send();
  });
}

async function main() {
  for (const options of track) await answered(() => matomo.track(options));
  const answer = bulk.length ? await new Promise((resolve) => matomo.trackBulk(bulk, resolve)) : null;
  process.stdout.write(JSON.stringify({ answer, errors }), () => process.exit());
}

main();
