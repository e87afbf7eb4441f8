import type { Stage } from './event-order.ts';
import type { NoteLine } from './format.ts';
import type { LiveDraws } from './live-draws.ts';
import type { LiveLane } from './live-lane.ts';
import type { ReplayCall } from './replay-call.ts';
import type { ReplayLane } from './replay-lane.ts';

/** One run of a recording, told to all lanes in the order of time. */
export class Replay implements Stage {
  readonly #live: LiveLane;
  readonly #lanes: readonly ReplayLane[];
  readonly #draws: LiveDraws;

  constructor(live: LiveLane, lanes: readonly ReplayLane[], draws: LiveDraws) {
    this.#live = live;
    this.#lanes = lanes;
    this.#draws = draws;
  }

  advance(nowUs: number): void {
    for (const lane of this.#lanes) lane.advance(nowUs);
  }

  start(call: ReplayCall, nowUs: number): void {
    this.#live.start(call, nowUs);
    for (const lane of this.#lanes) lane.start(call, nowUs);
  }

  answer(call: ReplayCall, nowUs: number): void {
    for (const lane of this.#lanes) lane.answer(call, nowUs);
  }

  end(call: ReplayCall, nowUs: number): void {
    this.#live.end(call, nowUs);
    for (const lane of this.#lanes) lane.end(call, nowUs);
  }

  note(note: NoteLine, nowUs: number): void {
    this.#live.note(note, nowUs);
    for (const lane of this.#lanes) lane.note(note, nowUs);
    if (note.stall !== undefined || note.tick !== undefined) this.#draws.stallOver();
  }
}
