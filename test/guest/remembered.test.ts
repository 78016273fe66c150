import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { rememberedFeatures, rememberFeatures } from '../../src/guest/remembered.js';
import { attemptsDigest } from '../../src/system/kernel-features.js';

const RELEASE = '9.9.1-amd64';

t.test('what a kernel can do is remembered beside it, as long as that counts', async (t) => {
  const folder = t.testdir({ [RELEASE]: {} });
  const digest = attemptsDigest();
  t.equal(digest, attemptsDigest());
  t.equal(await rememberedFeatures(RELEASE, digest, folder), null);
  const attempts = [{ name: 'vlan', complaint: 'Error: Unknown device type.' }] as const;
  await rememberFeatures(RELEASE, { digest, attempts }, folder);
  t.strictSame(await rememberedFeatures(RELEASE, digest, folder), attempts);
  t.equal(await rememberedFeatures(RELEASE, 'another', folder), null, 'tried in another way');
  t.equal(await rememberedFeatures('9.9.2-amd64', digest, folder), null, 'another kernel');
  t.strictSame(readdirSync(join(folder, RELEASE)), ['features.json']);
  writeFileSync(join(folder, RELEASE, 'features.json'), '{');
  t.equal(await rememberedFeatures(RELEASE, digest, folder), null, 'damaged: it is tried again');
  await rememberFeatures('nowhere', { digest, attempts }, folder);
});
