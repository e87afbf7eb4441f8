// The same, and the graph waits for the answer.

import { registered } from '../../../src/index.ts';
import { code } from './first-call-awaited.mjs';

console.log(JSON.stringify({ code, seen: registered()?.list().length }));
