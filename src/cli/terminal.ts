/** How a stream wants to be written to. */
export interface Terminal {
  readonly colours: boolean;
  /** Infinity where the stream is no terminal: a pipe or a file breaks no lines. */
  readonly columns: number;
}

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/**
 * NO_COLOR (no-color.org) wins over FORCE_COLOR (force-color.org), which wins over what the stream
 * is: files, pipes and TERM=dumb get no colours.
 */
export function terminalOf(stream: Stream, env: NodeJS.ProcessEnv): Terminal {
  const isTerminal = stream.isTTY === true;
  return {
    colours: wantsColours(isTerminal, env),
    columns: isTerminal && stream.columns ? stream.columns : Number.POSITIVE_INFINITY,
  };
}

function wantsColours(isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return isTerminal && env.TERM !== 'dumb';
}
