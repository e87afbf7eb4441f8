import { createRequire } from 'node:module';
import { GrpcInstrumentation } from '@opentelemetry/instrumentation-grpc';

// To be imported before anything that imports grpc-js, which the SDK and the package do: an import keeps the functions that it finds.
export const instrumentations = process.env.INSTRUMENTED === 'yes' ? [new GrpcInstrumentation()] : [];
createRequire(import.meta.url)('@grpc/grpc-js');
