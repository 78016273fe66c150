import type { LabNode } from '../build/lab.js';
import type { SenderReport } from '../model/observation.js';
import type { FlowPlan } from '../model/plan.js';

/** Between echo requests that are no stream: short, because nothing is learnt by waiting. */
const INTERVAL_MS = 10;

/** What ping(8) may take beyond the wait for the last answer, on a machine that is busy with other things. */
const GRACE_MS = 10_000;

/** Echo requests by the system's own ping. The token fills the payload behind ping's time stamp. */
export async function ping(node: LabNode, { flow, token }: FlowPlan): Promise<SenderReport> {
  const { probe, family, address } = flow;
  const intervalMs = probe.stream?.intervalMs ?? INTERVAL_MS;
  const argv = ['ping', `-${family}`, '-n', '-c', String(probe.count), '-i', String(intervalMs / 1000)] as [
    string,
    ...string[],
  ];
  argv.push('-W', String(probe.timeoutMs / 1000), '-s', String(probe.size), '-p', token);
  if (probe.bindAddress !== null) argv.push('-I', probe.bindAddress);
  if (probe.bindDevice !== null) argv.push('-I', probe.bindDevice);
  const timeoutMs = probe.count * intervalMs + probe.timeoutMs + GRACE_MS;
  const { stdout, stderr } = await node.agent.run([...argv, address], { timeoutMs });
  const sent = /(\d+) packets transmitted/.exec(stdout)?.[1];
  const received = /(\d+) received/.exec(stdout)?.[1];
  const errno = errnoOf(stderr);
  return {
    errno,
    refused: errno === null ? [] : refusedOf(stderr, probe.count),
    sent: Number(sent ?? 0),
    answers: received === undefined ? null : Number(received),
    text: `${stdout}${stderr}`.trim(),
  };
}

/** ping says the system's messages, not its error numbers: strerror(3) in the C locale, and its own words for one of connect(2). */
const ERRNOS: readonly (readonly [message: string, errno: string])[] = [
  ['Network is unreachable', 'ENETUNREACH'],
  ['No route to host', 'EHOSTUNREACH'],
  ['Permission denied', 'EACCES'],
  ['Do you want to ping broadcast?', 'EACCES'],
  ['Operation not permitted', 'EPERM'],
  ['Invalid argument', 'EINVAL'],
  ['Cannot assign requested address', 'EADDRNOTAVAIL'],
  ['No such device', 'ENODEV'],
  ['Network is down', 'ENETDOWN'],
  ['Message too long', 'EMSGSIZE'],
  ['No buffer space available', 'ENOBUFS'],
];

function errnoOf(stderr: string): string | null {
  return ERRNOS.find(([message]) => stderr.includes(message))?.[1] ?? null;
}

/** ping ends where connect(2) fails, and says of each failed sendmsg(2) that it failed, but not which request it was. */
function refusedOf(stderr: string, count: number): readonly number[] | null {
  const failures = stderr.match(/ping: sendmsg: /g)?.length ?? count;
  return failures < count ? null : Array.from({ length: count }, (_, i) => i + 1);
}
