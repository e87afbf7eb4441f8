// The entry grpc-breaker/recording: calls written down, and judged again by another policy.

export { type BacktestOptions, backtest } from './backtest.ts';
export type {
  BacktestBreaker,
  BacktestCounts,
  BacktestLane,
  BacktestResult,
  BacktestSeries,
  BacktestSpan,
  BacktestTotal,
  BacktestTrip,
  RecordingProblem,
  RecordingSummary,
} from './backtest-result.ts';
export { formatReport, type ReportOptions, type ReportStyle } from './format-report.ts';
export { loadRecording, type Recording, type RecordingFile } from './load-recording.ts';
export { type CallRecording, type RecordCallsOptions, recordCalls } from './record-calls.ts';
export { RecordingError } from './recording-error.ts';
export { renderTimeline } from './render-timeline.ts';
