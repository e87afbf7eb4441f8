// The messages of protos/grpc_breaker/admin/v1/admin.proto as proto-loader gives them: absent messages are null, lists and maps are always there.

/** `google.protobuf.Duration`. */
export interface WireDuration {
  readonly seconds: number;
  readonly nanos: number;
}

/** Why a breaker changed its state. */
export interface WireVerdict {
  readonly reason: string;
  readonly text: string;
  readonly numbers: Readonly<Record<string, number>>;
  readonly signal: string;
  readonly message: string;
  readonly evidence: {
    readonly span: WireDuration | null;
    readonly bad: number;
    readonly codes: Readonly<Record<string, number>>;
    readonly calls: readonly { readonly duration: WireDuration | null; readonly failed: boolean; readonly code: string }[];
  } | null;
}

/** One breaker. */
export interface WireBreaker {
  readonly name: string;
  readonly target: string;
  readonly method: string;
  readonly policy: string;
  readonly state: string;
  readonly inState: WireDuration | null;
  readonly mode: string;
  readonly modeOverride: { readonly mode: string; readonly reason: string; readonly endsIn: WireDuration | null } | null;
  readonly override: { readonly kind: string; readonly reason: string; readonly endsIn: WireDuration | null } | null;
  readonly verdict: WireVerdict | null;
  readonly trialDue: boolean;
  readonly nextTrialIn: WireDuration | null;
  readonly admittedShare: number;
  readonly inFlight: number;
  readonly calls: {
    readonly success: number;
    readonly failure: number;
    readonly ignored: number;
    readonly rejected: Readonly<Record<string, number>>;
    readonly wouldReject: Readonly<Record<string, number>>;
  } | null;
  readonly conditions: readonly {
    readonly name: string;
    readonly value: number;
    readonly threshold: number;
    readonly unit: string;
    readonly calls: number;
    readonly slowerThan: WireDuration | null;
  }[];
  readonly latency: Readonly<Record<'p50' | 'p99' | 'limited' | 'limit', WireDuration | null>> | null;
  readonly baseline: {
    readonly calls: number;
    readonly errorRate: number;
    readonly slowRate: number;
    readonly latency: WireDuration | null;
  } | null;
  readonly fallbacks: Readonly<Record<string, number>>;
  readonly ignored: Readonly<Record<string, number>>;
  readonly traceId: string;
}

/** A page of breakers. */
export interface WireList {
  readonly breakers: readonly WireBreaker[];
  readonly nextPageToken: string;
  readonly totalSize: number;
}

/** Something that happened. Only what the live view tells of it. */
export interface WireEvent {
  readonly time: WireDuration | null;
  readonly breaker: string;
  readonly transition?: { readonly from: string; readonly to: string; readonly verdict: WireVerdict | null } | null;
  readonly override?: { readonly kind: string; readonly reason: string } | null;
  readonly mode?: { readonly mode: string; readonly reason: string } | null;
  readonly signal?: { readonly signal: string; readonly standing: string; readonly error: string } | null;
  readonly policy?: { readonly applied: boolean; readonly source: string; readonly changes: readonly unknown[] } | null;
}

/** Some of what is watched. */
export interface WireWatch {
  readonly resumeToken: string;
  readonly snapshot: boolean;
  readonly snapshotComplete: boolean;
  readonly breakers: readonly WireBreaker[];
  readonly removed: readonly string[];
  readonly events: readonly WireEvent[];
}

/** The policy that holds. */
export interface WirePolicy {
  readonly document: string;
  readonly etag: string;
  readonly hasCode: boolean;
}

/** What a new policy changed. */
export interface WireReload {
  readonly policy: WirePolicy | null;
  readonly changes: readonly { readonly path: string; readonly from: string; readonly to: string }[];
  readonly kept: number;
  readonly ended: number;
}
