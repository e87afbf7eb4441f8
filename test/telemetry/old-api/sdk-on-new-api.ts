import { GlobalSdk } from '../harness/global-sdk.ts';
import { Rig } from '../harness/rig.ts';

// An application whose SDK is on the newest API; prints what reached it.
const rig = new Rig({ telemetry: {} });
const sdk = new GlobalSdk();
rig.trip();
const rejected = rig.call('success');
rig.tryAgain('success');
const transitions = sdk.spans('transition');
const report = {
  warnings: rig.warnings,
  states: transitions.map(({ attributes }) => attributes['grpc_breaker.circuit_breaker.state']),
  links: transitions[0]?.links.length,
  oneTrace: new Set(transitions.map((span) => span.spanContext().traceId)).size === 1,
  annotated: rig.exported(rejected).links.length,
  calls: await sdk.reader.series('calls'),
  logEvents: sdk.logs.getFinishedLogRecords().length,
};
await sdk.stop();
process.stdout.write(JSON.stringify(report));
