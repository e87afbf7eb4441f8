/** What can be changed, by the names of the service's methods. */
export type AdminAction = 'ForceOpen' | 'ForceClosed' | 'Release' | 'Reset' | 'SetMode' | 'ReloadPolicy';

/** Who asks. */
export interface Caller {
  /** The name of the token: its key in `tokens`, or `read` or `write`; `certificate` with mutual TLS, and `none` without a token. */
  readonly token: string;
  /** The peer's address, such as `127.0.0.1:53412`. */
  readonly peer: string;
  /** What the caller says who it is (`x-grpc-breaker-user`), or the subject of its certificate; empty where neither is known. Not proven. */
  readonly user: string;
}

/** A change that was asked for. */
export interface AuditRecord extends Caller {
  /** When, by the wall clock, in milliseconds since 1970. */
  readonly atMs: number;
  /** What. */
  readonly action: AdminAction;
  /** The breaker; empty for policies. */
  readonly breaker: string;
  /** Why, as its caller says. */
  readonly reason: string;
  /** It ends by itself after so many milliseconds; undefined where it does not. */
  readonly expiryMs: number | undefined;
  /** The mode, for `SetMode`. */
  readonly mode?: string | undefined;
  /** Whether it was done. */
  readonly result: 'done' | 'refused';
  /** Why not; empty where it was done. */
  readonly problem: string;
}
