import { expect, it } from 'vitest';
import { printJson, say, type Terminal } from '../../src/cli/terminal.ts';

function made() {
  const written = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof written) => ({ isTTY: true, write: (text: string) => void (written[name] += text) });
  const terminal = { stdout: stream('stdout'), stderr: stream('stderr'), env: { NO_COLOR: '1' } } as unknown as Terminal;
  return { terminal, written };
}

const HOSTILE = 'a\u009b2Jb\u202ec\u{e0041}d\n\u001b[2K\u007f\u2028';

it('prints JSON that no terminal obeys, and that is the same JSON', () => {
  const { terminal, written } = made();
  printJson(terminal, { name: HOSTILE });
  expect(JSON.parse(written.stdout)).toEqual({ name: HOSTILE });
  expect(written.stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\u2028]/u);
});

it('says nothing that a terminal obeys', () => {
  const { terminal, written } = made();
  say(terminal, `warning: ${HOSTILE}`);
  expect(written.stderr.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\u2028]/u);
});
