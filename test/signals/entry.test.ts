import { spawn } from 'node:child_process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBreakers } from '../../src/index.ts';
import { prometheus } from '../../src/prometheus.ts';
import { hang, type Reply, startFakePrometheus, values } from './helpers/fake-prometheus.ts';

// The entry grpc-breaker/prometheus with the main one, as users have them.

const policyOf = (url: string, every: string) => ({
  methods: [{ trip: { prometheus: { url, query: 'p99', above: 10, for: 0, every } } }],
});

/** How a program ends that makes breakers, waits until Prometheus is asked, and forgets to dispose of them. */
async function endOfProgram(reply: Reply): Promise<{ code: number | null; ms: number }> {
  let arrived = () => {};
  const asked = new Promise<void>((resolve) => void (arrived = resolve));
  const fake = await startFakePrometheus((response, query) => {
    arrived();
    reply(response, query);
  });
  onTestFinished(() => fake.close());
  const program = `
    const { createBreakers } = await import('./src/index.ts');
    const { prometheus } = await import('./src/prometheus.ts');
    const policy = ${JSON.stringify(policyOf(fake.url, '1s'))};
    createBreakers(policy, { telemetry: false, prometheus: prometheus() });
    process.stdin.resume().once('data', () => process.stdin.destroy());`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'ignore', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await asked;
  const from = performance.now();
  child.stdin.write('end\n');
  return { code: await ended, ms: performance.now() - from };
}

describe('grpc-breaker/prometheus', () => {
  it('trips by what Prometheus says, for as long as it says so, and stops asking when disposed of', async () => {
    const fake = await startFakePrometheus(values(12));
    onTestFinished(() => fake.close());
    const breakers = createBreakers(policyOf(fake.url, '100ms') as never, { telemetry: false, prometheus: prometheus() });
    onTestFinished(() => breakers.dispose());
    await expect.poll(() => breakers.signals()[0]).toMatchObject({ signal: 'prometheus: p99', firing: true, value: 12 });
    fake.reply = values(3);
    await expect.poll(() => breakers.signals()[0]).toMatchObject({ firing: false, value: 3, errors: 0 });
    breakers.dispose();
    const asked = fake.queries.length;
    fake.reply = () => expect.unreachable('asked after dispose');
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect(fake.queries.length).toBe(asked);
  });

  it.each([
    ['answers', values(1)],
    ['hangs', hang],
  ])('does not keep a process that is done, when Prometheus %s', { timeout: 30_000 }, async (_how, reply) => {
    const { code, ms } = await endOfProgram(reply);
    expect(code).toBe(0);
    // At most the query that is under way, 1 s; the rest is the machine's.
    expect(ms).toBeLessThan(5_000);
  });
});
