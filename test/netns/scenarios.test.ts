import { join } from 'node:path';
import t from 'tap';
import type { FlowResult } from '../../src/model/flow-result.js';
import type { ScenarioResult } from '../../src/model/result.js';
import { ROOT, run } from './command.js';
import { grepOf, inAllManners, withoutManner } from './manners.js';

/** For the others see links, daemons, failover and spread-and-nat. */
const FOLDERS = ['scenarios/recipes', 'scenarios/reports'];

// Each scenario four times, on a machine that may have other things to do.
t.setTimeout(600_000);

/** What streams for seconds is for failover, what needs VLAN or bonding for test/guest. */
const selection = ['--grep-invert', 'reports/b(01|03-bonding|16|27|08-vlans)'];
const options = ['--workers', '4'];

t.test('scenarios of recipes and reports', async (t) => {
  const scenarios = await inAllManners(t, { paths: FOLDERS, selection, options });

  t.test('a tcpdump beside each agent sees what the agents see', async (t) => {
    const flowsOf = (results: readonly ScenarioResult[]) =>
      results.map(({ steps }) => steps.map(({ flows }) => flows.map(withoutRaces)));
    const paths = FOLDERS.map((folder) => join(ROOT, folder));
    const grep = grepOf(scenarios.map(({ name }) => withoutManner(name)));
    const other = await run([...paths, ...options, '--capture', 'tcpdump', '--grep', grep]);
    t.strictSame(flowsOf(other.report.scenarios), flowsOf(scenarios));
  });
});

/**
 * These are two runs of two copies of a file. Of what is tracked the identifiers of pings differ, and in TCP three things
 * are a matter of time: how often it sent again, whether a server's answer was on its way before the reset that
 * ended its connection came in, and how far a connection's end had come when what is tracked was read. The kernel makes up
 * the layer-2 address of a device that a program makes.
 */
function withoutRaces({ line: _, ...result }: FlowResult) {
  const planned = (mac: string | null) => (mac?.startsWith('02:72:70:') ? mac : null);
  const flow = {
    ...result,
    request: { ...result.request, mac: planned(result.request.mac) },
    reply: { ...result.reply, mac: planned(result.reply.mac) },
  };
  const connections = flow.connections?.map(({ id: _, state: __, ...connection }) => connection);
  if (!flow.probe.startsWith('tcp/')) return { ...flow, connections };
  const received = flow.refusal?.kind === 'tcp-reset' ? null : flow.received;
  return { ...flow, connections, received, duplicates: null };
}
