import t from 'tap';
import { Frames, frame, type ToGuest } from '../../src/guest/messages.js';

t.test('messages arrive whole, however their bytes are cut', async (t) => {
  const messages = ['a', 'bé'.repeat(40_000), ''].map(
    (text, number) =>
      ({
        ...{ type: 'scenario', number, attempt: 1, capture: 'agent', output: null },
        scenario: { title: text, message: /File exists/i },
      }) as unknown as ToGuest,
  );
  const bytes = Buffer.concat(messages.map(frame));
  for (const size of [1, 3, 4096, bytes.length]) {
    if (size === 1 && bytes.length > 1e6) continue;
    const frames = new Frames<ToGuest>();
    const got: ToGuest[] = [];
    for (let begin = 0; begin < bytes.length; begin += size) {
      got.push(...frames.add(bytes.subarray(begin, begin + size)));
    }
    t.strictSame(got, messages, `${size} bytes at a time`);
  }
});
