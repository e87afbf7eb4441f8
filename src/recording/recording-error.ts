/** A recording that cannot be used at all, or a policy that it cannot be replayed under. The message says why, for people. */
export class RecordingError extends Error {
  /** Always `RecordingError`. */
  override readonly name: string = 'RecordingError';
}
