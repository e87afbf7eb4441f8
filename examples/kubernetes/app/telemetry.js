// The application's own telemetry: what it sends where stands in OpenTelemetry's environment variables.
import { GrpcInstrumentation } from '@opentelemetry/instrumentation-grpc';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK({ instrumentations: [new GrpcInstrumentation()] });
sdk.start();
process.once('beforeExit', () => void sdk.shutdown());
