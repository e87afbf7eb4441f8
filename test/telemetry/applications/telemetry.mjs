import { instrumentations } from './instrument.mjs';

// As in docs/telemetry.md: what imports grpc-js is loaded after it was required.
const { startTelemetry } = await import('./start-telemetry.mjs');
globalThis.telemetry = startTelemetry(instrumentations);
