/** The prefix of everything that the package reports. */
export const P = 'grpc_breaker.circuit_breaker.';

/** The three states, as telemetry names them. */
export const STATE_NAMES: Readonly<Record<'closed' | 'open' | 'halfOpen', string>> = {
  closed: 'closed',
  open: 'open',
  halfOpen: 'half_open',
};

/** A verdict's reason, as telemetry names it. */
export function reasonName(reason: string): string {
  return reason.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
