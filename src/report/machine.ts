import type { KernelCheck, LackingNeed, MachineCheck, MachineReport, SuiteCheck } from '../model/machine.js';
import { painter } from './paint.js';
import { fill, type Line, line, padded, span, type Tone, words } from './text/line.js';

const TONES: Readonly<Record<MachineCheck['status'], Tone>> = {
  ok: 'good',
  limited: 'doubt',
  missing: 'bad',
};

/** Columns for a status. */
const STATUS = 9;

const SUITE = 'suite';
const WORKING = 'kernel features';
const LACKING = 'not here';
const GUEST = 'guest kernel';

/** Columns for a name, and of a line. */
interface Layout {
  readonly names: number;
  readonly columns: number;
}

interface Terminal {
  readonly colours: boolean;
  readonly columns: number;
}

/**
 * For people: a line for each check, and below it what to do where something is to be done; what of the suite
 * can run; and in the last line what to do first. Unless `verbose`, what every lab can do without and what works
 * of the kernel is a line each.
 */
export function machineText(report: MachineReport, terminal: Terminal, verbose: boolean): string {
  const paint = painter(terminal.colours);
  const { suite, kernels } = report;
  const isOfGuests = ({ group }: MachineCheck) => group === 'guests';
  const checks = report.checks.filter((check) => !isOfGuests(check));
  const guests = report.checks.filter(isOfGuests);
  const isShown = ({ group, status }: MachineCheck) => verbose || group !== 'kernel' || status === 'missing';
  const shown = checks.filter(isShown);
  const working = checks.filter((check) => !isShown(check) && check.status === 'ok');
  const lacking = checks.filter((check) => !isShown(check) && check.status === 'limited');
  const names = [...[...shown, ...guests].map(({ name }) => name), SUITE, WORKING];
  const layout: Layout = { names: Math.max(...names.map((name) => name.length)), columns: terminal.columns };
  const lines = [
    ...shown.flatMap((check) => checkLines(check, layout)),
    ...namesLines('ok', WORKING, working, layout),
    ...namesLines('limited', LACKING, lacking, layout),
    ...(lacking.length === 0 ? [] : point('→ ', '--verbose says why, and what to do', layout)),
    ...suiteLines(suite, layout, verbose),
    ...guests.flatMap((check) => checkLines(check, layout)),
    ...kernels.flatMap((kernel) => kernelLines(kernel, suite.scenarios, layout, verbose)),
    [],
    ...lastLines(report, terminal.columns),
  ];
  return lines.map((each) => `${paint(each)}\n`).join('');
}

function namesLines(
  status: MachineCheck['status'],
  name: string,
  checks: readonly MachineCheck[],
  layout: Layout,
): readonly Line[] {
  return checks.length === 0
    ? []
    : fill(lead(status, name, layout), listed(checks.map((each) => each.name)), layout.columns);
}

/** Names with commas between, as pieces for `fill`. */
function listed(names: readonly string[]): readonly Line[] {
  return names.map((name, index) => line(index < names.length - 1 ? `${name},` : name));
}

function checkLines(
  { name, group, required, status, detail, remedy }: MachineCheck,
  layout: Layout,
): readonly Line[] {
  const kind = group === 'tools' ? `, ${required ? 'required' : 'optional'}` : '';
  return [
    ...fill(lead(status, name, layout), words(`${detail}${kind}`), layout.columns),
    ...(remedy === null ? [] : point('→ ', remedy, layout)),
  ];
}

function suiteLines(
  { paths, scenarios, runnable, faults, lacking }: SuiteCheck,
  layout: Layout,
  verbose: boolean,
): readonly Line[] {
  const where = paths.join(' ');
  const status = runnable === scenarios && faults === 0 ? 'ok' : 'limited';
  const count = `${runnable} of ${scenarios} scenario${scenarios === 1 ? '' : 's'} can run here (${where})`;
  return [
    ...fill(lead(status, SUITE, layout), words(count), layout.columns),
    ...lackingLines(lacking, layout, verbose),
    ...(faults === 0
      ? []
      : point('· ', `${faults} fault${faults === 1 ? '' : 's'} in files: replypath validate`, layout)),
  ];
}

function lackingLines(lacking: readonly LackingNeed[], layout: Layout, verbose: boolean): readonly Line[] {
  return lacking.flatMap(({ feature, complaint, scenarios }) => {
    const need = `${scenarios.length} need${scenarios.length === 1 ? 's' : ''} ${feature}: ${complaint}`;
    const names = verbose ? scenarios.map((name) => indented(`  ${name}`, layout)) : [];
    return [...point('· ', need, layout), ...names];
  });
}

/** What a kernel of the cache can run; what it can do in a line, or each thing in one. */
function kernelLines(
  { release, complaint, features, runnable, lacking }: KernelCheck,
  scenarios: number,
  layout: Layout,
  verbose: boolean,
): readonly Line[] {
  const status = complaint === null && runnable === scenarios ? 'ok' : 'limited';
  const count = `${runnable} of ${scenarios} scenario${scenarios === 1 ? '' : 's'} can run there`;
  const named = (works: boolean) =>
    features.filter((each) => (each.complaint === null) === works).map(({ name }) => name);
  const list = (lead: string, names: readonly string[]) =>
    names.length === 0 ? [] : fill(indented(`· ${lead} `, layout), listed(names), layout.columns);
  const lacks = named(false);
  const inShort = lacks.length === 0 ? ['every feature'] : named(true);
  return [
    ...fill(lead(status, GUEST, layout), words(`${release}: ${complaint ?? count}`), layout.columns),
    ...lackingLines(complaint === null ? lacking : [], layout, verbose),
    ...(verbose
      ? features.flatMap((each) => point('· ', `${each.name}: ${each.complaint ?? 'works'}`, layout))
      : [...list('has', complaint === null ? inShort : []), ...list('lacks', lacks)]),
  ];
}

function lastLines({ ready, next }: MachineReport, columns: number): readonly Line[] {
  const verdict = ready ? span('Ready.', 'good') : span('Not ready.', 'bad');
  return fill([verdict, span(' ')], words(`${ready ? 'Next' : 'First'}: ${next}`), columns);
}

function lead(status: MachineCheck['status'], name: string, { names }: Layout): Line {
  return [...padded(line(status, TONES[status]), STATUS), ...padded(line(name, 'strong'), names + 2)];
}

function indented(text: string, { names }: Layout): Line {
  return [...padded(line(''), STATUS + names + 2), span(text)];
}

/** Something to say below a line, after a mark. */
function point(mark: string, text: string, layout: Layout): readonly Line[] {
  return fill(indented(mark, layout), words(text), layout.columns);
}
