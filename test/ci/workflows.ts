import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageFolder } from '../../src/system/package-folder.js';

/** What this project has for others to copy, as far as tests look at it. */
export interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

export interface Job {
  readonly needs?: string;
  readonly container?: unknown;
  readonly 'timeout-minutes'?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly (string | number)[]>> };
  readonly steps: readonly Step[];
}

export interface Step {
  readonly if?: string;
  readonly id?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
  readonly run?: string;
}

const FOLDER = join(packageFolder(), 'examples/github');

/** Every workflow there is, by where it is: the files, and what pages show beside them. */
export function workflowTexts(): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const name of readdirSync(FOLDER))
    texts.set(`examples/github/${name}`, readFileSync(join(FOLDER, name), 'utf8'));
  const files = new Set(texts.values());
  for (const [place, text] of shownInPages()) if (!files.has(text)) texts.set(place, text);
  return texts;
}

function shownInPages(): readonly (readonly [string, string])[] {
  const docs = join(packageFolder(), 'docs');
  const pages = readdirSync(docs).filter((name) => name.endsWith('.md'));
  return pages.flatMap((page) => {
    const fences = readFileSync(join(docs, page), 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms);
    const texts = [...fences].flatMap(([, text = '']) => (isWorkflow(text) ? [text] : []));
    return texts.map((text, i) => [`docs/${page}, the workflow number ${i + 1}`, text] as const);
  });
}

function isWorkflow(text: string): boolean {
  const value: unknown = parse(text);
  return typeof value === 'object' && value !== null && 'jobs' in value;
}
