// Asks @cloud-copilot/iam-simulate, which is installed in the directory of the first argument: a question a line of JSON on
// standard input, an answer a line on standard output.
const { createRequire } = require('node:module');
const path = require('node:path');
const readline = require('node:readline');
const { runSimulation } = createRequire(path.resolve(process.argv[2], 'package.json'))('@cloud-copilot/iam-simulate');

const policies = (documents, name) => documents.map((policy, i) => ({ name: `${name}${i}`, policy }));

async function answer(q) {
  const keys = Object.fromEntries(Object.entries(q.keys).map(([key, values]) => [key, values.length === 1 ? values[0] : values]));
  const out = await runSimulation({
    request: { principal: q.principal, action: q.action, resource: { resource: q.resource, accountId: q.account }, contextVariables: keys },
    identityPolicies: policies(q.identity, 'identity'),
    permissionBoundaryPolicies: q.boundary && policies([q.boundary], 'boundary'),
    sessionPolicy: q.session,
    resourcePolicy: q.own,
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  }, {});
  if (out.resultType !== 'single') {
    return { error: JSON.stringify(out.errors ?? out.resultType) };
  }
  return { result: out.overallResult, ignored: out.result.ignoredContextKeys };
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const reply = await answer(JSON.parse(line)).catch((error) => ({ error: String(error) }));
    process.stdout.write(JSON.stringify(reply) + '\n');
  }
})();
