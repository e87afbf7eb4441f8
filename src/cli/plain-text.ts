/**
 * A text from elsewhere (names of breakers, reasons, messages of servers) that may go to a terminal: control characters, with which it could move the
 * cursor or set the clipboard, and marks that turn the direction of writing are shown as `\u001b`.
 */
export function plainText(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
}

// Control and format characters, lone surrogates, and the two line separators.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
