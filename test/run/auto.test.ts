import t from 'tap';
import { GuestError, type Kernel } from '../../src/guest/kernel.js';
import type { Environment, Reason } from '../../src/model/result.js';
import type { Scenario } from '../../src/model/scenario.js';
import { auto } from '../../src/run/auto.js';
import type { Here } from '../../src/run/here.js';
import { missingReason } from '../../src/run/missing.js';
import type { CarryOutOptions, Place } from '../../src/run/place.js';
import { reasonOf } from '../../src/run/reason.js';
import { resultOf } from '../../src/run/scenario.js';
import type { Lack } from '../../src/system/machine.js';

const VLAN: Lack = { need: 'vlan', complaint: 'Unknown device type.', isProgram: false };
const ROOT: Lack = { need: 'root', complaint: 'this is an ordinary user', isProgram: false };
const WG: Lack = { need: { tool: 'wg', oldest: null }, complaint: 'wg is not installed', isProgram: true };
const NFT: Lack = { need: 'nftables', complaint: 'nft is not installed', isProgram: true };
const KERNEL = { release: '6.12.9-amd64' } as Kernel;
const MISSING = 'this machine lacks what the scenario needs: ';

/** A place in which a scenario ends so, if the machine lacks nothing of what its name says. */
function placeOf(name: string, reasonFor: (scenario: Scenario) => Reason | null) {
  const carriedOut: string[] = [];
  const course = { kernel: '6.12', startedAt: name, durationMs: 1, artifacts: null, steps: [] };
  const place: Place & { closed: number } = {
    closed: 0,
    environment: (machine) => machine,
    missingTools: [],
    parallel: 3,
    carryOut: async (scenario) => {
      carriedOut.push(scenario.name);
      return resultOf(scenario, { ...course, reason: reasonFor(scenario) });
    },
    close: async () => {
      place.closed++;
    },
  };
  return { place, carriedOut };
}

/** `auto` with a machine that lacks, by scenario, this; and guests in which scenarios end so. */
function autoWith({
  lacks,
  inGuest = () => null,
  findKernel = async () => KERNEL,
}: {
  lacks: Record<string, readonly Lack[]>;
  inGuest?: (scenario: Scenario) => Reason | null;
  findKernel?: (signal: AbortSignal) => Promise<Kernel>;
}) {
  const lacksOf = ({ name }: Scenario) => lacks[name] ?? [];
  const machine = placeOf('here', (scenario) => missingReason(lacksOf(scenario)));
  const guests = placeOf('guest', inGuest);
  const here: Here = { ...machine.place, lacks: async (of) => lacksOf(of), features: async () => [] };
  let sought = 0;
  const place = auto(
    here,
    (signal) => {
      sought++;
      return findKernel(signal);
    },
    () => guests.place,
  );
  const run = (name: string, signal = new AbortController().signal) =>
    place.carryOut({ name } as Scenario, { attempt: 1, signal } as CarryOutOptions);
  return { place, run, machine, guests, sought: () => sought };
}

t.test('where everything runs here, no kernel is looked for', async (t) => {
  const { place, run, guests, sought } = autoWith({ lacks: {} });
  t.match(await run('a'), { status: 'passed', startedAt: 'here' });
  t.equal(place.parallel, 3);
  t.strictSame(place.environment({ kernel: 'x' } as Environment), { kernel: 'x' });
  await place.close();
  t.equal(sought(), 0);
  t.strictSame([guests.carriedOut, guests.place.closed], [[], 0]);
});

t.test('what this machine lacks is carried out in guests, and only that', async (t) => {
  const { place, run, guests, sought } = autoWith({ lacks: { vlan: [VLAN], root: [ROOT] } });
  const results = await Promise.all(['a', 'vlan', 'root', 'b'].map((name) => run(name)));
  t.strictSame(
    results.map(({ name, status, startedAt }) => [name, status, startedAt]),
    [
      ['a', 'passed', 'here'],
      ['vlan', 'passed', 'guest'],
      ['root', 'passed', 'guest'],
      ['b', 'passed', 'here'],
    ],
  );
  t.equal(sought(), 1, 'one kernel for all of them');
  t.strictSame(guests.carriedOut, ['vlan', 'root']);
  await place.close();
  t.equal(guests.place.closed, 1);
});

t.test('what fails here is not tried elsewhere', async (t) => {
  const failing = placeOf('here', () => reasonOf('recipe-failed', 'x'));
  const here: Here = { ...failing.place, lacks: async () => [], features: async () => [] };
  const place = auto(
    here,
    () => {
      throw new Error('no kernel is needed');
    },
    () => {
      throw new Error('nor guests');
    },
  );
  t.match(await place.carryOut({ name: 'a' } as Scenario, {} as CarryOutOptions), { status: 'errored' });
});

t.test('a guest has the programs of this machine: it is no help where one is missing', async (t) => {
  const { run, sought } = autoWith({ lacks: { tool: [VLAN, WG], feature: [NFT] } });
  t.match(await run('tool'), {
    status: 'skipped',
    reason: { text: `${MISSING}vlan (Unknown device type.), wg is not installed` },
  });
  t.match(await run('feature'), {
    status: 'skipped',
    reason: { text: `${MISSING}nftables (nft is not installed)` },
  });
  t.equal(sought(), 0);
});

t.test('no guest can be had: skipped, with the reason for here and why', async (t) => {
  const { run, sought } = autoWith({
    lacks: { a: [VLAN], b: [VLAN] },
    findKernel: async () => {
      throw new GuestError('no virtual machine can be made: qemu is not installed', 'Install it.');
    },
  });
  const text = `${MISSING}vlan (Unknown device type.); no virtual machine can be made: qemu is not installed. Install it.`;
  const reason = { code: 'feature-missing', text };
  t.match(await run('a'), { status: 'skipped', reason });
  t.match(await run('b'), { status: 'skipped', reason });
  t.equal(sought(), 1, 'it is not tried again');
});

t.test('the guest lacks it too: skipped, with both reasons', async (t) => {
  const inGuest = () => missingReason([{ ...VLAN, complaint: 'Not there either.' }]);
  const { run } = autoWith({ lacks: { a: [VLAN] }, inGuest });
  const text = `${MISSING}vlan (Unknown device type.); in a virtual machine with 6.12.9-amd64: vlan (Not there either.)`;
  t.match(await run('a'), { status: 'skipped', reason: { code: 'feature-missing', text } });
});

t.test('the result of a guest is the result', async (t) => {
  const { run } = autoWith({ lacks: { a: [VLAN] }, inGuest: () => reasonOf('lab-not-built', 'a panic') });
  t.match(await run('a'), { status: 'errored', reason: { code: 'lab-not-built' } });
});

t.test('interrupted while a kernel is fetched: nobody waits for that', async (t) => {
  const interrupt = new AbortController();
  let heard: AbortSignal | undefined;
  const { place, run } = autoWith({
    lacks: { a: [VLAN] },
    findKernel: (signal) => {
      heard = signal;
      return new Promise(() => {});
    },
  });
  const result = run('a', interrupt.signal);
  setTimeout(() => interrupt.abort(), 20);
  t.match(await result, { status: 'errored', reason: { code: 'interrupted' } });
  t.equal(heard?.aborted, true, 'and it is told');
  await place.close();
});
