#!/usr/bin/env node
// The program grpc-breaker. Only what every command needs is loaded here.

import { runCli } from './run-cli.ts';

await runCli(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
});
