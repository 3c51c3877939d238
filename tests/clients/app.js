// An app for telephones that tracks with `matomo-tracker-react-native`: its class, without React, in Node.
// Its argument: {url, site, user, calls: [[method, argument], ...]}. Prints the statuses of the answers as JSON.
import MatomoTracker from "matomo-tracker-react-native/src/MatomoTracker.js";

const { url, site, user, calls } = JSON.parse(process.argv[2]);
const tracker = new MatomoTracker({ urlBase: url, siteId: site, userId: user });
const statuses = [];
for (const [method, argument] of calls) statuses.push((await tracker[method](argument))?.status ?? null);
process.stdout.write(JSON.stringify(statuses));
