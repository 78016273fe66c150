import { instance } from '@viz-js/viz';

const INK = '#1f2933';
const SOFT = '#5b6b7b';
const LINE = '#8a99a8';

/** Points for each character of the widest font that a reader may have instead of Helvetica. */
const WIDEST = 7;

/**
 * A topology as SVG: a table for each node with its interfaces and addresses, a line for each link, an oval for each
 * segment. The node under test has a bold frame.
 *
 * @param {import('../dist/model/topology.js').Topology} topology
 * @returns {Promise<string>}
 */
export async function picture(topology) {
  const viz = await instance();
  const svg = viz.renderString(dot(topology), { format: 'svg' });
  // Who made it and when is no part of it: a picture changes with its topology alone.
  const plain = svg.replace(/<\?xml[^>]*>\s*|<!DOCTYPE[^>]*>\s*|<!--[\s\S]*?-->\s*/g, '');
  return plain.replace(/<svg[^>]*>/, (begin) => `${begin}\n<title>${escaped(topology.name)}</title>`);
}

function dot({ nodes, links, segments, nodeUnderTest }) {
  const lines = [
    'graph {',
    'graph [rankdir=LR nodesep=0.35 ranksep=0.7 bgcolor=white fontname="Helvetica,Arial,sans-serif" pad=0.2]',
    `node [shape=plain fontname="Helvetica,Arial,sans-serif" fontsize=11 fontcolor="${INK}"]`,
    `edge [color="${LINE}" penwidth=1.5 fontname="Helvetica,Arial,sans-serif" fontsize=9 fontcolor="${SOFT}"]`,
    ...nodes.map((node) => `${quoted(node.name)} [label=<${table(node, node.name === nodeUnderTest)}>]`),
    ...links.map(
      ({ a, b, kind }) => `${port(a)} -- ${port(b)}${kind === 'ppp' ? ' [label=ppp style=dashed]' : ''}`,
    ),
    ...segments.flatMap(({ name, ports, vlans }) => [
      `${quoted(`segment ${name}`)} [label=${quoted(name)} shape=ellipse style=filled fillcolor="#e8eef4" color="${LINE}"]`,
      ...ports.map((endpoint, i) => {
        const label = vlansText(vlans?.[i]);
        return `${quoted(`segment ${name}`)} -- ${port(endpoint)}${label === '' ? '' : ` [label=${quoted(label)}]`}`;
      }),
    ]),
    '}',
  ];
  return lines.join('\n');
}

function table({ name, interfaces }, isUnderTest) {
  const texts = interfaces.flatMap((each) => [
    `${each.name} ${madeOf(each)}`,
    ...each.addresses.map(addressText),
  ]);
  const width = Math.ceil(WIDEST * Math.max(name.length + 2, ...texts.map(({ length }) => length)));
  const head = `<tr><td width="${width}" bgcolor="${isUnderTest ? '#cfe3f7' : '#eef1f4'}"><b>${escaped(name)}</b></td></tr>`;
  const rows = interfaces.map((each) => {
    const addresses = each.addresses.map(
      (address) => `<font color="${SOFT}">${escaped(addressText(address))}</font><br align="left"/>`,
    );
    const made = madeOf(each);
    const lines =
      made === ''
        ? addresses
        : [`<font color="${SOFT}">${escaped(made)}</font><br align="left"/>`, ...addresses];
    const text = `${escaped(each.name)}<br align="left"/>${lines.join('')}`;
    return `<tr><td align="left" balign="left" port=${quoted(each.name)}>${text}</td></tr>`;
  });
  const border = isUnderTest ? 2 : 1;
  return `<table border="${border}" cellborder="0" cellspacing="0" cellpadding="4" color="${INK}">${head}${rows.join('')}</table>`;
}

/** What an interface is, where it is more than an end of a cable. */
function madeOf({ kind, on, ports, id }) {
  if (kind === 'vlan') return `VLAN ${id} on ${on}`;
  if (kind === 'ethernet' || kind === 'ppp') return '';
  const below = on ?? ports?.join(', ') ?? '';
  return below === '' ? kind : `${kind}: ${below}`;
}

/** The VLANs of a port of a switch, those without tag last. */
function vlansText(vlans) {
  if (vlans === undefined) return '';
  const tagged = vlans.tagged.length === 0 ? [] : [`tagged ${vlans.tagged.join(', ')}`];
  return [...tagged, ...(vlans.untagged === null ? [] : [`VLAN ${vlans.untagged}`])].join('; ');
}

function addressText({ address, prefixLength }) {
  return `${address}/${prefixLength}`;
}

function port({ node, interface: name }) {
  return `${quoted(node)}:${quoted(name)}`;
}

function quoted(text) {
  return JSON.stringify(text);
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
