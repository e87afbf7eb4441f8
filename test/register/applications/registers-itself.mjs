// It asks for it by itself, and grpc-js is loaded already.

import { registered } from '../../../src/index.ts';
import { ended } from './registers-after-grpc-js.mjs';

console.log(JSON.stringify({ code: await ended, seen: registered()?.list().length }));
