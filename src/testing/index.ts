// The entry `grpc-breaker/testing`: what tests of protected code need.
export type { Clock } from '../core/clock.ts';
export { ManualClock } from './manual-clock.ts';
