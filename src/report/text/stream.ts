import type { FlowResult, StreamResult, StreamWay } from '../../model/flow-result.js';
import { durationText } from './duration.js';
import type { Detail } from './flow.js';
import { type Line, line, span, words } from './line.js';
import { way } from './way.js';

/** What was measured of a stream, and each way that it took; nothing of another flow. */
export function streamDetails(flow: FlowResult): readonly Detail[] {
  const { stream } = flow;
  if (stream === undefined || stream === null) return [];
  return [
    { label: 'stream', pieces: measured(stream) },
    ...stream.ways.map((each, i) => ({ label: i === 0 ? 'ways' : '', pieces: wayPieces(flow, each) })),
  ];
}

function measured(stream: StreamResult): readonly Line[] {
  const { sent, lost, blackouts, connection } = stream;
  const longest = blackouts.find(({ durationMs }) => durationMs === stream.longestBlackoutMs);
  const more = blackouts.length > 1 ? `, the longest of ${blackouts.length}` : '';
  const end = longest === undefined || longest.recovered ? '' : ' to the end';
  return [
    ...words(`${sent} sent,`),
    ...words(`${lost} lost${longest === undefined && connection === null ? '' : ','}`),
    ...(longest === undefined
      ? []
      : words(
          `blackout of ${durationText(longest.durationMs)} from ${durationText(longest.beginMs)} on${end}${more}${connection === null ? '' : ','}`,
        )),
    ...(connection === null ? [] : [...words('connection'), line(connection, 'strong')]),
  ];
}

/** `512 ms in eth1, out eth0 (via isp1:lan)  asymmetric (26 packets)`: when the first of them was sent. */
function wayPieces(
  flow: FlowResult,
  { beginMs, packets, verdict, request, reply }: StreamWay,
): readonly Line[] {
  const passed = way({
    ...flow,
    request: { ...request, unresolved: null },
    reply: { ...reply, unresolved: null },
  });
  return [
    line(`${durationText(beginMs)} `),
    ...(passed.length === 0 ? [] : [[...passed, span(' ')]]),
    line(`${verdict} (${packets} ${packets === 1 ? 'packet' : 'packets'})`),
  ];
}
