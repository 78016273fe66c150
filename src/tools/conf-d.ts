/** One entry of a variable of /etc/conf.d/net: `config_eth1="198.51.100.10/24"` has one, a line each. */
export interface Entry {
  /** `config`, `routes`, `rules`, … */
  readonly variable: string;
  /** As in the variable's name, where whatever is no letter or digit is `_`. */
  readonly interface: string;
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

const ASSIGNMENT = /^[ \t]*(config|routes|rules6?|metric)_(\w+)=(\(|"|'|)/;

/** Values in quotes may go on over lines, and arrays are what older files have. What is computed is not known here. */
export function readConf(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  let open: { variable: string; interface: string; end: string } | null = null;
  text.split('\n').forEach((raw, i) => {
    let rest = raw;
    if (open === null) {
      const [whole = '', variable, name = '', quote = ''] = ASSIGNMENT.exec(raw) ?? [];
      if (variable === undefined) return;
      open = { variable, interface: name, end: quote === '(' ? ')' : quote };
      rest = raw.slice(whole.length);
    }
    const { end, ...of } = open;
    const at = end === '' ? rest.length : rest.indexOf(end);
    const part = at < 0 ? rest : rest.slice(0, at);
    const values =
      end === ')' ? [...part.matchAll(/["']([^"']*)["']/g)].map(([, value = '']) => value) : [part];
    for (const value of values.map((each) => each.trim()).filter((each) => each !== ''))
      entries.push({ ...of, text: value, line: i + 1 });
    if (at >= 0) open = null;
  });
  return entries;
}

/** The variables' name of an interface. */
export function variableName(device: string): string {
  return device.replaceAll(/[^A-Za-z0-9]/g, '_');
}
