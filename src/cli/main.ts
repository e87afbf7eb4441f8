#!/usr/bin/env node
// The program grpc-breaker. Only what every command needs is loaded here.

import { runCli } from './run-cli.ts';

// Deprecations of Node are for those who can change the code.
process.noDeprecation = (process.env['DEBUG'] ?? '') === '';

await runCli(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
});
