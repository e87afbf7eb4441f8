// CommonJS: all in one turn.
const { ended } = require('./first-call.mjs');
const { registered } = require('../../../src/index.ts');

void ended.then((code) => console.log(JSON.stringify({ code, seen: registered()?.list().length })));
