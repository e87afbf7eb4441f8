import { status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { DEFAULT_FAILURE_CODES, STATUS_CODES, statusName } from '../../src/policy/status-codes.ts';

it('are those of gRPC', () => {
  const theirs = Object.entries(status).filter(([, code]) => typeof code === 'number');
  expect(Object.entries(STATUS_CODES)).toEqual(theirs);
});

it.each([
  [0, 'OK'],
  [14, 'UNAVAILABLE'],
  [16, 'UNAUTHENTICATED'],
  [17, 'CODE_17'],
  [-1, 'CODE_-1'],
])('%d is %s', (code, name) => {
  expect(statusName(code)).toBe(name);
});

it('that count as failures by default are those of the design', () => {
  expect(DEFAULT_FAILURE_CODES).toEqual([
    'DEADLINE_EXCEEDED',
    'UNAVAILABLE',
    'INTERNAL',
    'UNKNOWN',
    'RESOURCE_EXHAUSTED',
    'DATA_LOSS',
  ]);
});
