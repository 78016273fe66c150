import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment without the wishes of whoever runs the tests. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(REPLYPATH_|NO_COLOR$|FORCE_COLOR$)/.test(name)),
  );
}

/** The real command in a folder; `env` adds to a plain environment. */
export function replypathIn(cwd: string, env: NodeJS.ProcessEnv = {}) {
  const options = { cwd, encoding: 'utf8', env: { ...plainEnvironment(), ...env } } as const;
  return (...args: readonly string[]): Ended => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], options);
    return { code: status, stdout, stderr };
  };
}

/** Valid, with a cell for each family. `fails` makes the flow of its second step wrong. */
export function scenarioText({
  tags = '[]',
  fails = false,
}: {
  tags?: string;
  fails?: boolean;
} = {}): string {
  return `title: The reply to a ping on eth1 leaves by eth0
topology: dual-isp
tags: ${tags}
matrix: { family: [4, 6] }
steps:
  - title: as found
    flows:
      - { from: client, to: server:eth1, probe: ping, expect: asymmetric }
  - title: by the other
    flows:
      - { from: client, to: server:eth0, probe: ping, expect: ${fails ? 'asymmetric' : 'symmetric'} }
  - title: anew
    fresh: true
    flows:
      - { from: client, to: server:eth1, probe: ping, expect: asymmetric }
  - title: for IPv6 only
    when: { family: 6 }
    flows:
      - { from: client, to: server:eth0, probe: ping, expect: symmetric }
`;
}
