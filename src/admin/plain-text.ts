/** What would make more than one line of a log entry, or write over a terminal: control, bidirectional and unpaired characters. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]/gu;

/** A text of a caller's as one line for logs and people, cut to a length. */
export function plainText(text: string, longest: number): string {
  return text
    .slice(0, longest * 2)
    .replaceAll(UNPRINTABLE, ' ')
    .trim()
    .slice(0, longest);
}
