import { registerHooks } from 'node:module';

// Loaded with --import: the package's sources get the oldest OpenTelemetry API that it allows; everything else keeps the newest.
registerHooks({
  resolve: (specifier, context, next) => {
    const isOfPackage = context.parentURL?.includes('/src/') === true && !context.parentURL.includes('/node_modules/');
    return next(specifier === '@opentelemetry/api' && isOfPackage ? 'otel-api-19' : specifier, context);
  },
});
