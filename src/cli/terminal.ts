import type { LiveTerminal } from '../report/live-region.js';
import { eraseBeforeWriting } from './streams.js';

/** How a stream wants to be written to. */
export interface Terminal {
  readonly colours: boolean;
  /** Infinity where the stream is no terminal: a pipe or a file breaks no lines. */
  readonly columns: number;
  /** For what is drawn in place; null where that would leave rubbish: pipes, files, CI logs, TERM=dumb. */
  readonly live: LiveTerminal | null;
}

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}

/** Milliseconds between two frames. */
const FRAME_MS = 100;

/** What a terminal has that does not say (0 columns): that of the VT100. */
const USUAL = { columns: 80, rows: 24 } as const;

/**
 * NO_COLOR (no-color.org) wins over FORCE_COLOR (force-color.org), which wins over what the stream
 * is: files, pipes and TERM=dumb get no colours.
 */
export function terminalOf(stream: Stream, env: NodeJS.ProcessEnv): Terminal {
  const isTerminal = stream.isTTY === true;
  return {
    colours: wantsColours(isTerminal, env),
    columns: isTerminal && stream.columns ? stream.columns : Number.POSITIVE_INFINITY,
    live: isTerminal && env.TERM !== 'dumb' && !isSet(env.CI) ? liveTerminal(stream) : null,
  };
}

function wantsColours(isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return isSet(env.FORCE_COLOR);
  return isTerminal && env.TERM !== 'dumb';
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false'].includes(value);
}

function liveTerminal(stream: Stream): LiveTerminal {
  return {
    size: () => ({ columns: stream.columns || USUAL.columns, rows: stream.rows || USUAL.rows }),
    follow: (drawing) => {
      const draw = () => drawing.draw();
      const frames = setInterval(draw, FRAME_MS).unref();
      const listenNoMore = eraseBeforeWriting(() => drawing.erase());
      stream.on?.('resize', draw);
      return () => {
        clearInterval(frames);
        listenNoMore();
        stream.off?.('resize', draw);
      };
    },
  };
}
