import { callAll } from './raw.mjs';

console.log(JSON.stringify(await callAll()));
