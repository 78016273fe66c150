import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { findLeftovers } from '../../src/system/leftovers.js';
import { startSandbox } from '../../src/system/sandbox.js';

// Sandboxes that do not begin, and those that are stopped (SIGSTOP): the command must not wait for ever.

const PATIENCE_MS = 2_000;

function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.split(' ').filter(Boolean).map(Number);
}

/** The one child of a child that this process has: the keeper; docs/architecture.md shows the tree. */
function keeper(): number {
  const [outside = 0] = childrenOf(process.pid);
  return childrenOf(outside)[0] ?? 0;
}

t.test('a machine that permits no namespaces: its reason is told, and where to look', async (t) => {
  const enter = process.getuid?.() === 0 ? [] : (['unshare', '--user', '--map-root-user'] as const);
  const drop = ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] as const;
  const sandbox = new URL('../../src/system/sandbox.js', import.meta.url).href;
  const script = `
    import { startSandbox } from ${JSON.stringify(sandbox)};
    await startSandbox().catch(({ name, message }) => console.log(name, message));
  `;
  const node = [process.execPath, '--input-type=module', '-e', script] as const;
  const { stdout } = await execa('env', [...enter, ...drop, ...node]);
  t.equal(
    stdout,
    'SandboxError cannot make private namespaces: Operation not permitted; replypath doctor says what this machine permits',
  );
});

async function nothingIsLeft(t: Test): Promise<void> {
  t.same(await findLeftovers(), []);
  t.same(childrenOf(process.pid), []);
}

t.test('a sandbox that does not begin', async (t) => {
  await t.rejects(startSandbox(1), { name: 'SandboxError', message: 'waited 1 ms for the sandbox to begin' });
  await nothingIsLeft(t);
});

t.test('a keeper that makes no lab', async (t) => {
  const sandbox = await startSandbox(PATIENCE_MS);
  process.kill(keeper(), 'SIGSTOP');
  await t.rejects(sandbox.openLab([{ name: 'left', ownFiles: false }]), {
    name: 'SandboxError',
    message: `waited ${PATIENCE_MS} ms for the sandbox to make a lab`,
  });
  await sandbox.close();
  await nothingIsLeft(t);
});

t.test('a lab whose nodes do not begin', async (t) => {
  const sandbox = await startSandbox(PATIENCE_MS);
  const first = keeper();
  // So many that they take longer than it takes to stop what forks them.
  const requests = Array.from({ length: 100 }, (_, i) => ({ name: `n${i}`, ownFiles: true }));
  const opening = sandbox.openLab(requests);
  opening.catch(() => {});
  let lab: number | undefined;
  for (const end = performance.now() + PATIENCE_MS / 2; performance.now() < end && lab === undefined; ) {
    await new Promise(setImmediate);
    [lab] = childrenOf(first);
  }
  process.kill(lab ?? 0, 'SIGSTOP');
  await t.rejects(opening, {
    name: 'SandboxError',
    message: new RegExp(`^waited ${PATIENCE_MS} ms for the first process of a lab, .*node n99 to begin$`),
  });
  await t.resolves(sandbox.openLab([{ name: 'left', ownFiles: false }]), 'the sandbox goes on');
  await sandbox.close();
  await nothingIsLeft(t);
});

t.test('a keeper that does not end a lab is ended', async (t) => {
  const sandbox = await startSandbox(PATIENCE_MS);
  const lab = await sandbox.openLab([{ name: 'left', ownFiles: false }]);
  process.kill(keeper(), 'SIGSTOP');
  await lab.close();
  await t.rejects(lab.first.sendSentinel('x'), { name: 'AgentEnded' });
  await sandbox.close();
  await nothingIsLeft(t);
});
