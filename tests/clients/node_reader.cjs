// Somebody's report, read with `piwik` or `piwik-client`.
// Its argument: {client, url, token, site, calls: [[method, parameters], ...]}. Prints the answers as JSON.
const { client, url, token, site, calls } = JSON.parse(process.argv[2]);
const index = `${url}/index.php`;
const readers = {
  piwik: () => require("piwik").setup(index, token),
  "piwik-client": () => {
    const reader = new (require("piwik-client"))(index, token);
    reader.settings.apiport = new URL(url).port; // By itself it only knows the usual one.
    return reader;
  },
};

async function main() {
  const reader = readers[client]();
  const answers = [];
  for (const [method, parameters] of calls) answers.push(await asked(reader, { method, idSite: site, ...parameters }));
  process.stdout.write(JSON.stringify(answers), () => process.exit());
}

function asked(reader, parameters) {
  return new Promise((resolve, reject) =>
    reader.api(parameters, (error, answer) => (error ? reject(error) : resolve(answer))),
  );
}

main();
