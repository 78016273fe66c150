import type { Route, RouteNexthop } from '../model/evidence.js';
import type { Family } from '../model/family.js';
import { legibleText, lines, type Row, rows } from './output.js';

/** The same routes of all tables as JSON and as text, in one order. */
export function parseRoutes(family: Family, json: string, text: string): Route[] {
  const texts = lines(text);
  return rows(json).map((row, i) => {
    const source = row.text('from');
    const tos = row.text('tos');
    const preference = row.text('pref');
    return {
      family,
      table: row.text('table') ?? 'main',
      type: row.text('type') ?? 'unicast',
      destination: prefixOf(family, row.text('dst') ?? 'default'),
      ...(source === null ? {} : { source: prefixOf(family, source) }),
      ...(tos === null ? {} : { tos }),
      metric: row.number('metric') ?? 0,
      ...(preference === 'high' || preference === 'low' ? { routerPreference: preference } : {}),
      scope: row.text('scope') ?? 'global',
      protocol: row.text('protocol') ?? '',
      preferredSource: row.text('prefsrc'),
      nexthops: nexthopsOf(row),
      text: legibleText(texts[i] ?? ''),
    };
  });
}

function prefixOf(family: Family, text: string): string {
  if (text === 'default') return family === 4 ? '0.0.0.0/0' : '::/0';
  return text.includes('/') ? text : `${text}/${family === 4 ? 32 : 128}`;
}

function nexthopsOf(row: Row): RouteNexthop[] {
  const several = row.rows('nexthops');
  return (several.length > 0 ? several : [row]).flatMap((each) => {
    const device = each.text('dev');
    if (device === null) return [];
    const gateway = each.text('gateway') ?? each.row('via')?.text('host') ?? null;
    return [{ device, gateway, weight: each.number('weight') ?? 1, flags: each.texts('flags') }];
  });
}
