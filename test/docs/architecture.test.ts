import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { packageFolder } from '../../src/system/package-folder.js';

/** Everybody may import them, so the picture has no arrows to them. */
const SHARED = ['model', 'net'];

t.test('the picture of the architecture shows every folder of src and what each imports', async (t) => {
  const picture = await readFile(join(packageFolder(), 'docs/architecture.svg'), 'utf8');
  const drawn = new Map<string, Set<string>>();
  for (const [, room = '', , used = ''] of picture.matchAll(/data-room="(\w+)"( data-uses="([\w ]+)")?/g)) {
    drawn.set(room, new Set(used.split(' ').filter((word) => word !== '')));
  }
  for (const [, from = '', to = ''] of picture.matchAll(/data-from="(\w+)" data-to="(\w+)"/g)) {
    drawn.get(from)?.add(to);
  }
  t.same(sorted(drawn), sorted(await imported(join(packageFolder(), 'src'))));
});

async function imported(folder: string): Promise<Map<string, Set<string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const rooms = entries.filter((entry) => entry.isDirectory() && entry.parentPath === folder);
  const found = new Map(rooms.map(({ name }) => [name, new Set<string>()]));
  for (const entry of entries) {
    if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.parentPath === folder) continue;
    const [room = '', ...below] = entry.parentPath.slice(folder.length + 1).split('/');
    const text = await readFile(join(entry.parentPath, entry.name), 'utf8');
    const up = `${'../'.repeat(below.length + 1)}`.replaceAll('.', '\\.');
    for (const [, other = ''] of text.matchAll(new RegExp(`(?:from |import\\()'${up}(\\w+)/`, 'g'))) {
      if (!SHARED.includes(other)) found.get(room)?.add(other);
    }
  }
  return found;
}

function sorted(imports: ReadonlyMap<string, ReadonlySet<string>>): Record<string, readonly string[]> {
  return Object.fromEntries([...imports].sort().map(([room, others]) => [room, [...others].sort()]));
}
