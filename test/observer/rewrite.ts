/** A scenario file as YAML gives it: the observer needs no more of the format than this. */
export interface Scenario {
  topology: string | Topology;
  steps: Step[];
  family?: number;
  defaults?: Probe;
  [key: string]: unknown;
}

export interface Topology {
  extends?: string;
  nodes?: Record<string, unknown>;
  [key: string]: unknown;
}

export interface Step {
  title?: string;
  fresh?: boolean;
  when?: When;
  apply?: unknown;
  event?: unknown;
  flows?: Flow[];
}

export type When = Record<string, unknown>;

export interface Probe {
  protocol?: string;
  port?: number;
  count?: number;
  size?: number;
  timeout?: number | string;
}

export interface Flow {
  from: string;
  to: string;
  probe: string | Probe;
  answeredBy?: string;
  when?: When;
  [key: string]: unknown;
}

/** What the steps that the observer adds, and those of the scenario itself, are called in the report. */
export const START = 'observer starts';
export const END = 'observer ends';
export const stepTitle = (index: number): string => `step ${index}`;

const FOLDER = '/tmp/observer';

// Every device of the node that has an address of layer 2 gets a capture of its own. `nohup` and `setsid`
// keep it from what the script's shell does when it ends; it is bounded by itself and by the lab.
const START_SCRIPT = `
mkdir -p ${FOLDER}; cd ${FOLDER}; rm -f *
capture() {
  setsid timeout 300 tcpdump -Z root -n -p -i "$1" -y EN10MB -U --immediate-mode -B 1024 -s 256 --time-stamp-precision=nano \\
    -w "$1.pcap" </dev/null >/dev/null 2>"$1.log" &
  echo "$!" >"$1.pid"
}
live() { for i in {1..1000}; do grep -q 'listening on' "$1.log" && return; sleep 0.01; done; echo "no capture on $1: $(<"$1.log")"; return 1; }
start() {
  for path in /sys/class/net/*; do [ "\${path##*/}" = lo ] || capture "\${path##*/}"; done
  for file in *.pid; do live "\${file%.pid}" || return; done
}
start
ip -j address
`;

// What the kernel has given to tcpdump is written at once (-U, immediate mode): it only has to get its turn.
// tcpdump may notice a signal only after a second, so all get theirs before the first is waited for.
const STOP_SCRIPT = `
cd ${FOLDER}
for file in *.pid; do kill -INT "$(<"$file")"; done
`;

const END_SCRIPT = `
cd ${FOLDER}
end() {
  for i in {1..500}; do [ -e "/proc/$(<"$1.pid")" ] || break; sleep 0.01; done
  printf '%s %s %s\\n' "$1" "$(tr '\\n' ' ' <"$1.log" | base64 -w0)" "$(gzip -c "$1.pcap" | base64 -w0)"
}
all() { for file in *.pid; do end "\${file%.pid}"; done; }
all
ip -j address
`;

const MARK_SCRIPT = 'date +%s.%N';
const PAUSE_SCRIPT = 'sleep 0.2';

/**
 * The scenario with captures of the observer's own around it: on every device of every node, from before
 * the first step until after the last one, and anew for each lab where a step starts from a fresh one. The
 * state of the devices and the time of day are read before the flows of each step. What is configured and
 * sent is not changed.
 */
export function rewrite(scenario: Scenario, nodes: readonly string[]): Scenario {
  const [first = ''] = nodes;
  const everywhere = (script: string) => nodes.map((node) => ({ shell: { node, script, timeout: '60s' } }));
  const start = (): Step => ({ title: START, event: everywhere(START_SCRIPT) });
  const end = (): Step => ({
    title: END,
    event: [
      { shell: { node: first, script: PAUSE_SCRIPT } },
      ...everywhere(STOP_SCRIPT),
      ...everywhere(END_SCRIPT),
    ],
  });
  const steps = scenario.steps.flatMap((step, index): Step[] => {
    const { fresh, ...rest } = step;
    const marked: Step = {
      ...rest,
      title: stepTitle(index),
      event: [
        ...asList(step.event),
        ...everywhere('ip -j address'),
        { shell: { node: first, script: MARK_SCRIPT } },
      ],
    };
    if (fresh !== true || index === 0) return [marked];
    const when = step.when === undefined ? {} : { when: step.when };
    return [{ ...end(), ...when }, { ...start(), ...when, fresh: true }, marked];
  });
  return { ...scenario, steps: [start(), ...steps, end()] };
}

function asList(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}
