import { checkMode, type Mode } from '../../core/state.ts';
import type { Admitted } from '../access.ts';
import { invalidField } from '../admin-error.ts';
import type { ChangeRequest, Steering } from '../steering.ts';

/**
 * Makes the change that a page asks for, by the same steering and audit as the gRPC service.
 * @throws AdminError where it is refused
 */
export function makeChange(steering: Steering, caller: Admitted, body: Readonly<Record<string, unknown>>): void {
  const request: ChangeRequest = { name: text(body, 'name'), reason: text(body, 'reason'), expiryMs: expiryOf(body['expiryMs']) };
  const action = body['action'];
  switch (action) {
    case 'forceOpen':
      steering.forceOpen(caller, request);
      return;
    case 'forceClosed':
      steering.forceClosed(caller, request);
      return;
    case 'release':
      steering.release(caller, request);
      return;
    case 'reset':
      steering.reset(caller, request);
      return;
    case 'setMode':
      steering.setMode(caller, request, modeOf(body['mode']));
      return;
    default:
      throw invalidField('action', 'is none; expected forceOpen, forceClosed, release, reset or setMode');
  }
}

function text(body: Readonly<Record<string, unknown>>, field: string): string {
  const value = body[field] ?? '';
  if (typeof value !== 'string') throw invalidField(field, 'is no text');
  return value;
}

function expiryOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number') throw invalidField('expiryMs', 'is no number');
  return value;
}

function modeOf(value: unknown): Mode | undefined {
  try {
    checkMode(value as string | null);
  } catch (error) {
    throw invalidField('mode', (error as Error).message);
  }
  return (value as Mode | null) ?? undefined;
}
