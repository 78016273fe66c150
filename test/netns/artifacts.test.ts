import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { FlowResult, Hop } from '../../src/model/flow-result.js';
import { CAPTURE_FILE, labFolder, type ScenarioResult, TRANSCRIPT_FILE } from '../../src/model/result.js';
import { packetFields, wireshark } from '../capture/wireshark.js';
import { execute, FOLDER, ROOT, readRun, runCommand } from './command.js';
import { scenariosOf, stateByRun, stateByScript } from './planned.js';

t.setTimeout(300_000);

/** Of every verdict that has a path, a second lab, a connection, NAT, a tunnel, and devices that come and go. */
const SCENARIOS = [
  ...['reply-lost', 'request-lost', 'refused', 'no-reply', 'translation'].map((name) =>
    join(FOLDER, 'verdicts', `${name}.yaml`),
  ),
  join(ROOT, 'scenarios/recipes/a1-rt2.yaml'),
  join(ROOT, 'scenarios/reports/b14-interface-restart.yaml'),
  join(ROOT, 'scenarios/vpn/wireguard.yaml'),
  join(FOLDER, 'during/failing.yaml'),
  join(FOLDER, 'recipes/as-pasted.yaml'),
  join(FOLDER, 'recipes/unexpected.yaml'),
];

const output = t.testdir();
const { report } = readRun(await execute(runCommand(output, SCENARIOS, [])));

t.test('one file for each lab, in which Wireshark finds every flow of the report, hop by hop', async (t) => {
  let flows = 0;
  for (const scenario of report.scenarios) {
    for (const [lab, numbered] of flowsByLab(scenario)) {
      const file = join(scenario.artifacts ?? '', labFolder(lab), CAPTURE_FILE);
      t.ok(existsSync(file), `${scenario.name}: lab ${lab}`);
      t.match(wireshark('capinfos', [file]), /^Strict time order: +True$/m, scenario.name);
      const comments = commentsOf(file);
      for (const { flow, number } of numbered) {
        if (flow.packets.length > 0 || flow.spread !== null || flow.stream !== null) continue;
        flows++;
        const name = `${scenario.name}, flow ${number}: ${flow.from} → ${flow.to} ${flow.probe}`;
        t.strictSame(
          hopsOf(comments, `flow ${number} ${flow.from} → ${flow.to} ${flow.probe}: request 1`),
          flow.request.path.map(textOf),
          name,
        );
        if (flow.by === null)
          t.strictSame(
            hopsOf(comments, `flow ${number} ${flow.from} → ${flow.to} ${flow.probe}: reply 1`),
            flow.reply.path.map(textOf),
            `${name}, back`,
          );
      }
    }
  }
  t.ok(flows > 60, `${flows} flows`);
});

/** A second lab, and failures that are expected. */
const AGAIN = [
  ['scenarios/recipes/a1-rt2.yaml', /isp=bcp38 family=4/],
  ['test/netns/recipes/as-pasted.yaml', /./],
] as const;

for (const [file, name] of AGAIN) {
  t.test(`the transcript makes the same lab again: ${file}`, async (t) => {
    const scenario = (await scenariosOf(join(ROOT, file))).find((each) => name.test(each.name));
    if (!scenario) throw new Error(`no scenario of ${file} matches ${name}`);
    const kept = report.scenarios.find((each) => each.name === scenario.name)?.artifacts ?? '';
    const script = await readFile(join(kept, TRANSCRIPT_FILE), 'utf8');
    const { code, state } = await stateByScript(scenario, script);
    t.equal(code, 0);
    for (const [node, text] of await stateByRun(scenario))
      t.strictSame(state.get(node)?.split('\n'), text.split('\n'), node);
  });
}

t.test('a transcript tells what came of each part, and is what a shell takes', async (t) => {
  const [failing, stopped] = [await transcriptOf('during/failing'), await transcriptOf('recipes/unexpected')];
  t.match(
    failing,
    /^# What replypath \S+ did on Linux .*: errored: .*ip route del 203\.0\.113\.0\/24: exit 2/m,
  );
  t.match(
    failing,
    /\nshow IPv4 5000 20000\n# -> passed: symmetric; request in eth0 at server; reply out eth0 at server; 20 sent, 20 answered\n/,
  );
  t.match(
    failing,
    /\nwait "\$meanwhile"\n# -> \d+ ms into the flows: router, line 1: ip route del .* not expected: /,
  );
  t.match(stopped, /\n# -> {3}host, line 4: ip route add .*: exit \d+, not expected: /);
  for (const script of [failing, stopped, await transcriptOf('reply-lost')]) {
    const { stdout, status } = spawnSync('shellcheck', ['-'], { input: script, encoding: 'utf8' });
    t.equal(stdout, '');
    t.equal(status, 0);
  }
});

t.test('how nodes were configured is kept of labs in which something went wrong, or of all', async (t) => {
  const folder = t.testdir({
    'wrong.yaml': JSON.stringify({
      title: 'a rule in a lab where all is well, and one where it is not',
      topology: 'dual-isp',
      steps: [pingAfter('ip rule add from 192.0.2.10 lookup 101', 'symmetric', false)].concat(
        pingAfter('ip rule add from 192.0.2.10 lookup 102', 'asymmetric', true),
      ),
    }),
  });
  const keptBy = async (states: string) => {
    const ran = readRun(
      await execute(runCommand(join(folder, states), [join(folder, 'wrong.yaml'), '--state', states])),
    );
    const kept = ran.report.scenarios[0]?.artifacts ?? '';
    const diffOf = (lab: string) => readFile(join(kept, lab, 'state.diff'), 'utf8').catch(() => null);
    return { kept, first: await diffOf('.'), second: await diffOf('lab-2') };
  };
  const failed = await keptBy('failed');
  t.equal(failed.first, null);
  t.match(
    failed.second,
    /^--- server\.before\n\+\+\+ server\.after\n@@ [\s\S]*^\+32765:\tfrom 192\.0\.2\.10 lookup 102\s*$/m,
  );
  t.notMatch(
    failed.second,
    /isp1|^[-+][^-+].*(?:link\/|inet|fe80|net\.)/m,
    'a lab made anew is like the one that was',
  );
  t.strictSame(await readdir(join(failed.kept, 'lab-2/state')), ['server.after', 'server.before']);
  const all = await keptBy('all');
  t.match(all.first, /^\+32765:\tfrom 192\.0\.2\.10 lookup 101\s*$/m);
  t.equal(all.second?.replace(/^\+.*lladdr.*\n/gm, ''), failed.second?.replace(/^\+.*lladdr.*\n/gm, ''));
  const none = await keptBy('none');
  t.strictSame([none.first, none.second], [null, null]);
});

/** A script on the server, then a ping to its eth0, in a lab of its own. */
function pingAfter(shell: string, verdict: string, fresh: boolean) {
  const flow = { from: 'client', to: 'server:eth0', family: 4, probe: 'ping', expect: { verdict } };
  return { title: shell, fresh, apply: { node: 'server', shell }, flows: [flow] };
}

function transcriptOf(name: string): Promise<string> {
  const kept = report.scenarios.find((each) => each.name.endsWith(name))?.artifacts ?? '';
  return readFile(join(kept, TRANSCRIPT_FILE), 'utf8');
}

interface NumberedFlow {
  readonly flow: FlowResult;
  /** In the scenario, from 1. */
  readonly number: number;
}

function flowsByLab({ steps }: ScenarioResult): ReadonlyMap<number, readonly NumberedFlow[]> {
  const labs = new Map<number, NumberedFlow[]>();
  const flows = steps.flatMap(({ lab, flows }) => flows.map((flow) => ({ lab, flow })));
  for (const [index, { lab, flow }] of flows.entries())
    labs.set(lab, [...(labs.get(lab) ?? []), { flow, number: index + 1 }]);
  return labs;
}

interface Comment {
  readonly text: string;
  readonly at: string;
}

function commentsOf(file: string): readonly Comment[] {
  return packetFields(file, ['frame.interface_name', 'frame.comment']).flatMap((packet) =>
    (packet['frame.comment'] ?? []).map((text) => ({ text, at: packet['frame.interface_name']?.[0] ?? '' })),
  );
}

/** In the order in which they are counted, each on the interface that it names. */
function hopsOf(comments: readonly Comment[], what: string): readonly string[] {
  const hops: string[] = [];
  for (const { text, at } of comments) {
    if (!text.startsWith(`${what},`)) continue;
    const [, where, name, hop] = /, (into|out of) (\S+) \(hop (\d+) of \d+\)$/.exec(text) ?? [];
    hops[Number(hop) - 1] = name === at ? `${where} ${name}` : `${text}, on ${at}`;
  }
  return hops;
}

function textOf({ node, interface: name, direction }: Hop): string {
  return `${direction === 'in' ? 'into' : 'out of'} ${node}:${name}`;
}
