/** The instrumentation scope of everything that the package reports. */
export const SCOPE_NAME = 'grpc-breaker';

/** The package's version, as in package.json. */
export const SCOPE_VERSION = '0.1.0';
