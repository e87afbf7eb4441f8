// The call comes before the package, which is a part of the same graph, has been evaluated.

import { registered } from '../../../src/index.ts';
import { ended } from './first-call.mjs';

console.log(JSON.stringify({ code: await ended, seen: registered()?.list().length }));
