import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';

/** A story as a user runs it. */
async function tell(
  story: string,
): Promise<{ readonly code: number; readonly lines: readonly string[]; readonly stderr: string }> {
  const child = spawn(process.execPath, [`examples/stories/${story}/main.ts`], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => (stdout += String(text)));
  child.stderr.on('data', (text) => (stderr += String(text)));
  const [code] = (await once(child, 'close')) as [number];
  return { code, lines: stdout.split('\n'), stderr };
}

/** What a story says of each of its promises. */
const promises = (lines: readonly string[]) => lines.filter((line) => /^(held|BROKEN) /.test(line));

describe('the stories', { timeout: 60_000 }, () => {
  it('trading: no late prediction is ever delivered, "hold" comes at once', async () => {
    const { code, lines, stderr } = await tell('trading');
    expect(promises(lines).filter((line) => !line.startsWith('held'))).toEqual([]);
    expect(promises(lines)).toHaveLength(7);
    const late = lines.filter((line) => /^(all|this|the|it) /.test(line)).map((line) => line.slice(45, 58).trim());
    expect(late).toEqual(['0', '0', '0', '0', '0', '0']);
    expect(lines).toContainEqual(
      expect.stringMatching(/^fallbackOf\(error\): hold, .* rejected, by 127\.0\.0\.1:\d+\/trading\.Predictions\/Predict$/),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('pricing: the last price for 2 s, then "price unavailable"', async () => {
    const { code, lines, stderr } = await tell('pricing');
    expect(promises(lines).filter((line) => !line.startsWith('held'))).toEqual([]);
    expect(promises(lines)).toHaveLength(6);
    expect(lines).toContainEqual(
      expect.stringMatching(/fallbackOf\(price\): cached, because the call was failed; \d+\.\d ms old$/),
    );
    expect(lines).toContainEqual(expect.stringMatching(/metadata: grpc-breaker-fallback: cached, grpc-breaker-age-ms: \d+$/));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('artwork: always a picture', async () => {
    const { code, lines, stderr } = await tell('artwork');
    expect(promises(lines).filter((line) => !line.startsWith('held'))).toEqual([]);
    expect(promises(lines)).toHaveLength(5);
    expect(lines).toContain('metadata: {"grpc-breaker-fallback":"default-picture"}');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
