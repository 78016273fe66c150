import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { packageFolder } from '../../src/system/package-folder.js';

export const ROOT = packageFolder();
const MODULES = join(ROOT, 'node_modules');
export const TSC = join(MODULES, 'typescript/bin/tsc');

/**
 * Makes a folder somebody's project that has the package installed as it would be published, from dist/, which
 * scripts/test has built. Its dependencies, and the other packages named, are those of this checkout.
 */
export async function installPacked(project: string, ...others: readonly string[]): Promise<string> {
  const installed = join(project, 'node_modules/replypath');
  mkdirSync(installed, { recursive: true });
  const pack = ['pack', '--json', '--pack-destination', project, '--loglevel=error', '--ignore-scripts'];
  const { stdout } = await execa('npm', pack, { cwd: ROOT });
  const [{ filename }]: [{ filename: string }] = JSON.parse(stdout);
  await execa('tar', ['-xzf', filename, '--strip-components=1', '-C', installed], { cwd: project });
  const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(installed, 'package.json'), 'utf8'),
  );
  for (const name of [...Object.keys(dependencies), ...others]) {
    const link = join(project, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    if (!existsSync(link)) symlinkSync(join(MODULES, name), link);
  }
  return installed;
}
