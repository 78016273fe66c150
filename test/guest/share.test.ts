import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { kernelOf } from '../../src/guest/cache.js';
import { bootGuest } from '../../src/guest/guest.js';
import { GuestError } from '../../src/guest/kernel.js';
import { share } from '../../src/guest/share.js';

/** One of each kind. */
const KERNELS = { '9p': '6.12', virtiofs: '6.12-cloud' } as const;

for (const [kind, name] of Object.entries(KERNELS)) {
  const lack = kind === 'virtiofs' ? share('virtiofs').lack() : null;
  const skip = lack !== null && `${lack.complaint}. ${lack.hint}`;
  t.test(
    `by ${kind} a guest's root reads all, and writes to one folder`,
    { skip, timeout: 300_000 },
    async (t) => {
      const kernel = await kernelOf(name);
      t.equal(kernel.share, kind);
      const folder = t.testdir({ machine: { kept: 'as it was' }, 'out, put': { here: 'from outside' } });
      const [machine, output] = [join(folder, 'machine'), join(folder, 'out, put')];
      const script = `
      machine=$0 output=$1
      cat "$output/here" "$machine/kept" >"$output/read"
      echo changed >"$machine/kept" && cat "$machine/kept" >"$output/over"
      mkdir "$output/sub" && touch "$output/sub/file"
      # The share itself, without what is laid over it: its root, and the folder beside what may be written.
      mkdir /run/again
      mount -t ${kind} -o rw root /run/again && echo mounted >"$output/mounted"
      for root in /run/again "$output/.." "$output/../machine"; do
        for command in 'touch new' 'mkdir folder' 'rm kept' 'chmod 777 kept' 'mv kept moved' 'mknod pipe p' 'cp /etc/hostname kept' 'ln -s kept link'; do
          where="$root"; [ "$root" != /run/again ] || where="/run/again$machine"
          (cd "$where" && [ "$(stat -f -c %T .)" != overlayfs ] && $command && echo "$command in $where") >>"$output/escaped" 2>/dev/null
        done
      done
      true`;
      const boot = bootGuest(
        {
          ...{
            kernel,
            command: ['/bin/sh', '-c', script, machine, output],
            cwd: '/',
            environment: {},
            output,
          },
          ...{ acceleration: 'tcg', console: join(t.testdirName, 'console'), onMessage: () => {} },
        },
        new AbortController().signal,
      );
      await t.rejects(boot, GuestError);
      const written = (file: string) => readFileSync(join(output, file), 'utf8');
      t.equal(written('read'), 'from outsideas it was', readFileSync(join(t.testdirName, 'console'), 'utf8'));
      t.equal(written('over'), 'changed\n');
      t.ok(existsSync(join(output, 'sub/file')));
      t.equal(existsSync(join(output, 'mounted')), kind === 'virtiofs', '9p has one user at a time');
      t.equal(written('escaped'), '');
      t.equal(readFileSync(join(machine, 'kept'), 'utf8'), 'as it was');
      for (const file of ['new', 'folder', 'moved', 'pipe', 'link'])
        t.notOk(existsSync(join(machine, file)), file);
    },
  );
}
