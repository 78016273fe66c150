import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { RunReport } from '../../src/model/result.js';
import { findingsPage } from './findings.js';

// scripts/findings says how this is used.
const { values } = parseArgs({
  options: {
    root: { type: 'string', default: process.cwd() },
    from: { type: 'string', default: '' },
    check: { type: 'boolean', default: false },
  },
});
const MAIN = join(import.meta.dirname, '../../src/cli/main.js');
const FOLDERS = ['scenarios/recipes', 'scenarios/reports'];

const report: RunReport = JSON.parse(values.from === '' ? runNow() : readFileSync(values.from, 'utf8'));
const isOfCatalogue = ({ file }: { file: string }) => FOLDERS.some((folder) => file.startsWith(`${folder}/`));
const { page, faults } = findingsPage({ ...report, scenarios: report.scenarios.filter(isOfCatalogue) });
const path = join(values.root, 'docs/findings.md');
for (const fault of faults) console.error(`not what the run showed: ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
if (values.check) {
  if (documented(page) !== documented(readFileSync(path, 'utf8'))) {
    console.error('docs/findings.md says something else than the scenarios: run scripts/findings');
    process.exitCode = 1;
  }
} else if (faults.length === 0) writeFileSync(path, page);

/** What does not hang on the kernel, and on what came first in a race. */
function documented(text: string): string {
  return text.replaceAll(/<details>.*?<\/details>/gs, '').replace(/ on Linux .*\.$/m, '');
}

function runNow(): string {
  const output = mkdtempSync(join(tmpdir(), 'findings-'));
  try {
    const options = ['--kernel', 'auto', '--reporter', 'json', '--output', output];
    const { stdout, error } = spawnSync(process.execPath, [MAIN, 'run', ...FOLDERS, ...options], {
      cwd: values.root,
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (error !== undefined) throw error;
    return stdout;
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}
