/** The part of the JSON report that the observer compares with or reads its captures from. */
export interface Report {
  readonly scenarios: readonly ReportedScenario[];
}

export interface ReportedScenario {
  readonly name: string;
  readonly file: string;
  readonly variant: Readonly<Record<string, unknown>>;
  readonly status: string;
  readonly reason: { readonly code: string; readonly text: string } | null;
  readonly steps: readonly ReportedStep[];
}

export interface ReportedStep {
  readonly title: string;
  readonly commands: readonly {
    readonly node: string;
    readonly text: string;
    readonly exit: number;
    readonly message: string;
  }[];
  readonly flows: readonly ReportedFlow[];
}

export interface ReportedFlow {
  readonly from: string;
  readonly to: string;
  readonly at: string;
  readonly role: 'responder' | 'initiator' | 'forwarder';
  readonly probe: string;
  readonly family: 4 | 6;
  readonly expected: { readonly verdict?: string };
  readonly verdict: string;
  readonly by: string | null;
  readonly packets: readonly {
    readonly sequence: number;
    readonly verdict: string;
    readonly request: Way;
    readonly reply: Way;
  }[];
  readonly sent: number;
  readonly received: number;
  readonly request: Way;
  readonly reply: Way & { readonly source: string | null };
  readonly cause: { readonly text: string } | null;
}

export interface Way {
  readonly in: string | null;
  readonly out: string | null;
}
