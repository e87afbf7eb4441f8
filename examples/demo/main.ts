import { runDemo } from './demo.ts';
import { type DemoOptions, HELP, readOptions, UsageError } from './options.ts';

const NOT_PROTECTED = 1;
const COULD_NOT_RUN = 2;
/** As shells report a program that a signal ended: 128 and the signal's number. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

async function main(): Promise<number> {
  let options: DemoOptions | 'help';
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n(npm run demo -- --help shows the flags)\n`);
    return COULD_NOT_RUN;
  }
  if (options === 'help') {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const interrupted = new AbortController();
  let code: number | undefined;
  for (const [signal, signalCode] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      code = signalCode;
      interrupted.abort();
    });
  }
  try {
    const isProtected = await runDemo(options, interrupted.signal);
    return code ?? (isProtected ? 0 : NOT_PROTECTED);
  } catch (error) {
    if (code !== undefined) return code;
    process.stderr.write(`The demo could not run: ${(error as Error).message}\n`);
    return COULD_NOT_RUN;
  }
}

process.exitCode = await main();
