import { instrumentations } from './instrument.mjs';
import { startTelemetry } from './start-telemetry.mjs';

globalThis.telemetry = startTelemetry(instrumentations);
