// The entry grpc-breaker/register: `node --import grpc-breaker/register app.js`.

import { registerProcess } from './register-process.ts';

export { registered } from './registered-breakers.ts';

registerProcess();
