import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { planFlows } from '../../src/plan/flows.js';
import { planLab } from '../../src/plan/lab.js';
import { labScript } from '../../src/script/script.js';
import { AS_USER, execute } from './command.js';
import { machineState } from './machine.js';
import { scenariosOf, stateByRun, stateByScript } from './planned.js';

t.setTimeout(300_000);

/** Scenarios of different kinds, each by one cell of its matrix. */
const COMPARED: readonly (readonly [kind: string, file: string, name: RegExp])[] = [
  ['a single node, with what is not a script', 'test/netns/recipes/typed.yaml', /./],
  ['a recipe with tables, in a second lab', 'scenarios/recipes/a1-rt2.yaml', /isp=bcp38 family=4/],
  ['a shared subnet', 'scenarios/reports/b03-arp-filter.yaml', /gateways=two/],
  ['NAT by nft', 'scenarios/reports/b24-masquerade.yaml', /./],
  ['files of its own', 'test/netns/recipes/files.yaml', /./],
  ['a recipe with failures that are expected', 'test/netns/recipes/as-pasted.yaml', /./],
  ['a process that is stopped and started anew', 'test/netns/processes/again.yaml', /./],
  ['links that go down and come up', 'scenarios/reports/b14-interface-restart.yaml', /family=6/],
];

const before = await machineState();

for (const [kind, file, name] of COMPARED) {
  t.test(`the script leaves the lab as run does: ${kind}`, async (t) => {
    const scenario = (await scenariosOf(file)).find((each) => name.test(each.name));
    if (!scenario) throw new Error(`no scenario of ${file} matches ${name}`);
    const byRun = await stateByRun(scenario);
    const { code, state } = await stateByScript(scenario);
    t.equal(code, 0);
    t.strictSame([...state.keys()], [...byRun.keys()]);
    for (const [node, text] of byRun) {
      t.match(text, /\n\$ ip -d addr\n1: lo: /, `${node} can be asked`);
      t.strictSame(state.get(node)?.split('\n'), text.split('\n'), node);
    }
  });
}

/** What a script must not make commands of, and where a here-document must not end. */
const HOSTILE_RECIPE = `cat <<'RECIPE'
$(echo harm >&2) \`echo harm >&2\` "$HOME" it's # no comment !! \\
LAB
SANDBOX
END
RECIPE
`;

t.test('whatever the values are, the script says and does what the scenario does', async (t) => {
  const title = 'it\'s "quoted" $(echo harm >&2) `echo harm >&2` # and\nLAB\nRECIPE\nexit 7\n\u001b[2J';
  const [scenario] = await hostileScenarios(t.testdir({}), title);
  if (!scenario) throw new Error('no scenario');
  const { code, stdout, state, stderr } = await stateByScript(scenario);
  t.equal(code, 0);
  t.match(stdout, `== it's "quoted" $(echo harm >&2) \`echo harm >&2\` # and LAB RECIPE exit 7 \\u001b[2J\n`);
  t.match(stdout, HOSTILE_RECIPE.split('\n').slice(1, -2).join('\n'));
  t.notMatch(stderr, /^harm/m);
  t.strictSame(state, await stateByRun(scenario));
});

async function hostileScenarios(folder: string, title: string) {
  const scenario = {
    title,
    topology: {
      nodes: { host: { interfaces: { eth0: {} } }, other: { interfaces: { eth0: {} } } },
      links: [['host:eth0', 'other:eth0']],
    },
    steps: [
      {
        title,
        apply: [
          { node: 'host', shell: HOSTILE_RECIPE },
          {
            node: 'host',
            shell: 'ip link add dummy0 type veth peer name dummy1; printf "a\u0007b" >/etc/bell\u0007',
          },
          {
            node: 'other',
            nft: `table inet t { comment "it's $(echo harm >&2) \`echo harm\`"; }\n# NFT\nNFT_NOT\n`.replace(
              'NFT_NOT\n',
              '',
            ),
          },
        ],
      },
    ],
  };
  const file = join(folder, 'hostile.yaml');
  // JSON is YAML.
  await writeFile(file, JSON.stringify(scenario));
  return scenariosOf(file);
}

async function scriptOf(file: string, name: RegExp): Promise<string> {
  const scenario = (await scenariosOf(file)).find((each) => name.test(each.name));
  if (!scenario) throw new Error(`no scenario of ${file} matches ${name}`);
  return labScript(planLab(scenario), planFlows(scenario), { version: '0', command: ['test'] });
}

const TWO_LABS = ['scenarios/recipes/a1-rt2.yaml', /isp=open family=6/] as const;

/** What is shown of the way of a ping by eth1, once the last step's table is there. */
const BY_ETH1 = / {3}server +request in eth1 +reply out eth1 +errors -\n/;

t.test('pasted into an interactive shell, it leaves that shell as it was', async (t) => {
  const folder = t.testdir({});
  const paste = join(folder, 'paste');
  const state =
    'set +o; declare -p | grep -vE " (_|BASH_[A-Z]*|EPOCH[A-Z]*|LINENO|PIPESTATUS|RANDOM|SECONDS|SRANDOM)="; declare -F';
  await writeFile(
    paste,
    [
      `{ ${state}; } >${folder}/before`,
      await scriptOf(...TWO_LABS),
      `{ ${state}; } >${folder}/after; cmp ${folder}/before ${folder}/after && echo same-"shell"`,
      'exit 5',
      '',
    ].join('\n'),
  );
  const { code, stdout } = await execute([
    'bash',
    '-c',
    `script -qec 'bash --norc -i' /dev/null <'${paste}'`,
  ]);
  t.equal(code, 5);
  t.match(stdout.replaceAll('\r', ''), /same-shell$/m);
  t.match(stdout.replaceAll('\r', ''), BY_ETH1);
});

t.test('an ordinary user may run it too', async (t) => {
  const file = join(t.testdir({ 'lab.sh': await scriptOf(...TWO_LABS) }), 'lab.sh');
  const { code, stdout } = await execute(['bash', '-c', `exec "$1" bash <"$2"`, 'bash', AS_USER, file]);
  t.equal(code, 0);
  t.match(stdout, BY_ETH1);
});

t.test('nothing outside is touched', async (t) => {
  t.strictSame((await machineState()).split('\n'), before.split('\n'));
});
