import '@grpc/grpc-js';
import '../../../src/register.ts';

export { ended } from './first-call.mjs';
