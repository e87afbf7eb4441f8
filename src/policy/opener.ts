/** What closes a bracket. */
const CLOSERS: Readonly<Record<string, string>> = { '[': ']', '{': '}' };

/** What was opened in a text and has no end there, such as a bracket, and the line where it stands, from 1 on. Undefined where nothing is open. */
export function lastOpen(text: string): { readonly what: string; readonly line: number } | undefined {
  const open: { what: string; line: number }[] = [];
  let quote: { what: string; line: number } | undefined;
  let line = 1;
  let before = '\n';
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '\n') line++;
    if (quote !== undefined) {
      if (character === '\\' && quote.what === '"') at++;
      else if (character === quote.what) quote = undefined;
    } else if ((character === '"' || character === "'") && /[\s[{,:-]/.test(before)) quote = { what: character, line };
    else if (character === '#' && /\s/.test(before)) at = endOfLine(text, at) - 1;
    else if (character in CLOSERS) open.push({ what: character, line });
    else if (character === CLOSERS[open.at(-1)?.what ?? '']) open.pop();
    before = character;
  }
  return quote ?? open.at(-1);
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}
