/** What would make more than one line of a log entry, or write over a terminal: control, bidirectional and unpaired characters. */
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]/gu;

/** A text of a caller's as one line for logs and people, cut to a length. */
export function plainText(text: string, longest: number): string {
  return text
    .slice(0, longest * 2)
    .replaceAll(UNPRINTABLE, ' ')
    .trim()
    .slice(0, longest);
}

/** Texts of code in responses are cut here: responses have bounds. */
const LONGEST_TOLD = 1_000;

/** A text of any length, as responses carry it. */
export function told(text: string): string {
  return text.length > LONGEST_TOLD ? `${text.slice(0, LONGEST_TOLD)}...` : text;
}
