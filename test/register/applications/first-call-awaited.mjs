import { ended } from './first-call.mjs';

export const code = await ended;
