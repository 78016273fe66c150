import type { AwaitItem, FileToWrite, ProcessItem, ReadyCondition } from '../model/policy.js';
import { bash, command, quote, writeText } from './shell.js';

/** How processes that go on are started and ended: as `run` does, with what they print in a file. */
export const PROCESSES = bash`
# put NODE FILE MODE: writes standard input to a file of the node.
put() {
  on "$1" mkdir -p "\${2%/*}"
  on "$1" tee "$2" >/dev/null
  on "$1" chmod "$3" "$2"
}

# process NODE NAME SIGNAL SECONDS COMMAND [CONDITION]…: remembers a process, and starts it.
process() {
  mkdir -p "/run/lab/$1"
  printf '%q ' "\${@:3}" >"/run/lab/$1/$2.process"
  start "$1" "$2"
}

# start NODE NAME: the conditions are looked at until all hold or the time is over. A configuration tool likewise.
start() {
  if declare -F "start-$1-$2" >/dev/null; then "start-$1-$2"; return; fi
  local node=$1 file=/run/lab/$1/$2
  local -a what
  eval "what=($(<"$file.process"))"
  # A process group of its own, whose number is that of the job.
  (exec nsenter --target "\${pid[$node]}" --net --mount --uts -- \
    setsid bash -c "exec 2>&1; \${what[2]}" >>"$file.log" </dev/null 5<&-) &
  : >>"$file.log"
  echo $! >"$file.pid"
  hold "$node" "\${what[1]}" "\${what[@]:3}" <"$file.log" || tail -n 8 "$file.log"
}

# hold NODE SECONDS CONDITION…: waits until each holds. What a process printed is the file on standard input.
hold() {
  local end=$((SECONDS + $2 + 1)) condition
  for condition in "\${@:3}"; do
    until on "$1" sh -c "$condition" </proc/self/fd/0 >/dev/null 2>&1; do
      ((SECONDS < end)) || { echo "   not in time in $1: $condition"; return 1; }
      sleep 0.05
    done
  done
}

# stop NODE NAME: by its signal, or by KILL after two seconds; a configuration tool by a function of its own.
stop() {
  if declare -F "stop-$1-$2" >/dev/null; then "stop-$1-$2"; return; fi
  local file=/run/lab/$1/$2 id i
  local -a what
  eval "what=($(<"$file.process"))"
  id=$(<"$file.pid")
  kill -s "\${what[0]}" -- "-$id" 2>/dev/null
  for ((i = 0; i < 40; i++)); do
    kill -0 "$id" 2>/dev/null || break
    sleep 0.05
  done
  kill -s KILL -- "-$id" 2>/dev/null
  : >"$file.log"  # what it printed before says nothing of the next
}
`;

export function processCommands(node: string, item: ProcessItem): string[] {
  const { name, command: text, ready, timeoutMs, stopSignal } = item;
  const seconds = String(Math.ceil(timeoutMs / 1000));
  return [command('process', node, name, stopSignal, seconds, text, ...ready.map(conditionCommand))];
}

export function writeFiles(node: string, files: readonly FileToWrite[]): string[] {
  return files.map(({ path, mode, text }) => writeText(command('put', node, path, mode), text, 'FILE'));
}

export function awaitCommand(node: string, { conditions, timeoutMs }: AwaitItem): string {
  return command('hold', node, String(Math.ceil(timeoutMs / 1000)), ...conditions.map(conditionCommand));
}

/** A command for `sh -c` in the node that succeeds once the condition holds; what the process printed is its input. */
function conditionCommand(condition: ReadyCondition): string {
  switch (condition.kind) {
    case 'output': {
      const { pattern } = condition;
      if (typeof pattern === 'string') return `grep -qF -e ${quote(pattern)}`;
      return `grep -qP${pattern.ignoreCase ? 'i' : ''} -e ${quote(pattern.source)}`;
    }
    case 'file':
      return command('test', '-e', condition.path);
    case 'unix':
      return command('test', '-S', condition.path);
    case 'port': {
      const { protocol, port } = condition;
      const state = protocol === 'tcp' ? '0A' : '07';
      const hex = port.toString(16).toUpperCase().padStart(4, '0');
      return `grep -qE '^ *[0-9]+: [0-9A-F]+:${hex} [0-9A-F:]+ ${state} ' /proc/net/${protocol} /proc/net/${protocol}6`;
    }
    case 'reaches':
      return command('ping', '-n', '-q', '-c', '1', '-W', '0.3', condition.address);
    case 'shell':
      return condition.command;
  }
}
