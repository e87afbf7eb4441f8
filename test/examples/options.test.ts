import { describe, expect, test } from 'vitest';
import { HELP, readOptions, UsageError } from '../../examples/demo/options.ts';

describe('the command line of the demo', () => {
  test('without flags', () => {
    expect(readOptions([])).toEqual({
      seconds: 15,
      seed: 1,
      rate: 500,
      server: undefined,
      model: 'imbalance',
      otlp: undefined,
      record: undefined,
      dashboard: false,
      json: false,
      bareOnly: false,
    });
  });

  test('with all of them', () => {
    const flags =
      '--seconds 20 --seed 7 --rate 100 --server 127.0.0.1:8081 --model iris --otlp http://127.0.0.1:4318 --record calls.jsonl --dashboard --json --no-breaker';
    expect(readOptions(flags.split(' '))).toEqual({
      seconds: 20,
      seed: 7,
      rate: 100,
      server: '127.0.0.1:8081',
      model: 'iris',
      otlp: 'http://127.0.0.1:4318',
      record: 'calls.jsonl',
      dashboard: true,
      json: true,
      bareOnly: true,
    });
  });

  test.each([['--help'], ['-h']])('%s asks for help, which names every flag', (flag) => {
    expect(readOptions([flag])).toBe('help');
    for (const name of ['seconds', 'seed', 'rate', 'server', 'model', 'otlp', 'record', 'json', 'no-breaker', 'help'])
      expect(HELP).toContain(`--${name} `);
  });

  test.each([
    [['--secnds', '5'], /--secnds/],
    [['extra'], /extra/],
    [['--seconds'], /seconds/],
    [['--seconds', '4'], /--seconds expects a whole number from 5 to 3600, not "4"/],
    [['--seconds', '1e2'], /not "1e2"/],
    [['--seconds', '7.5'], /not "7.5"/],
    [['--seconds=-9'], /not "-9"/],
    [['--seed', 'x'], /--seed expects a whole number/],
    [['--rate', '5000'], /--rate expects a whole number from 10 to 1000/],
    [['--server', 'localhost'], /--server expects an address such as 127.0.0.1:8081/],
    [['--server', 'http://localhost:8081'], /--server expects an address/],
    [['--model', 'iris'], /--model is for another server/],
    [['--otlp', 'localhost:4318'], /--otlp expects a URL such as http:/],
    [['--json', 'yes'], /yes/],
  ])('refuses %j and says why', (args, message) => {
    expect(() => readOptions(args)).toThrow(UsageError);
    expect(() => readOptions(args)).toThrow(message);
  });
});
