import t from 'tap';
import { junitReporter } from '../../src/report/junit.js';
import { listReporter } from '../../src/report/list.js';
import * as events from './events.js';
import { parseXml } from './xml.js';

function listed(columns: number, detail: 'normal' | 'verbose' = 'normal'): string {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  const reporter = listReporter({ write, colours: false, columns, detail });
  for (const event of events.eventsOf([events.failover])) reporter(event);
  return text.split('\n').slice(2).join('\n');
}

t.test('a stream has its numbers and its ways below it', async (t) => {
  t.match(
    listed(100),
    `  · unplugged
      client → server:eth1  udp/5000  IPv4  in eth1, out eth0 (via isp1:lan)  mixed
        stream    100 sent, 12 lost, blackout of 220 ms from 502 ms on, the longest of 2
        ways      2 ms  in eth1, out eth0 (via isp1:lan)  asymmetric (25 packets)
                  723 ms  in eth1, out eth1 (via isp2:lan)  symmetric (63 packets)
    ✗ client → server:eth1  tcp/22    IPv4  in eth1, out eth0 (via isp1:lan)  mixed
        stream    27 sent, 1 lost, blackout of 1.49 s from 510 ms on to the end, connection stalled
      ✗ stream.connection is stalled, expected kept
`,
  );
});

t.test('nothing is wider than a narrow terminal', async (t) => {
  const text = listed(60);
  t.match(text, 'stream    100 sent, 12 lost, blackout of 220 ms from\n');
  for (const line of text.split('\n')) {
    // What is there to be copied is in one piece.
    if (!/replypath|tcpdump/.test(line)) t.ok(line.length <= 60, line);
  }
});

t.test('what happened meanwhile has its time', async (t) => {
  t.match(listed(100, 'verbose'), '    at 500 ms, server, line 1: unplug server:eth0\n');
  t.notMatch(listed(100), 'unplug server');
});

t.test('JUnit has the numbers as properties, by the names of the test cases', async (t) => {
  let xml = '';
  const reporter = junitReporter((more) => {
    xml += more;
  });
  for (const event of events.eventsOf([events.failover])) reporter(event);
  const [suite] = parseXml(xml).children;
  const properties = suite?.children.find(({ name }) => name === 'properties')?.children ?? [];
  const cases = suite?.children.filter(({ name }) => name === 'testcase') ?? [];
  const streams = properties.filter(({ attributes }) => attributes.name?.startsWith('stream '));
  t.same(
    streams.map(({ attributes }) => attributes.name),
    cases.map(({ attributes }) => `stream ${attributes.name}`),
  );
  t.same(
    streams.map(({ attributes }) => attributes.value),
    [
      'sent 100, lost 12, longest blackout 220.4 ms, ways 2',
      'sent 27, lost 1, longest blackout 1490 ms, ways 0, connection stalled',
    ],
  );
});
