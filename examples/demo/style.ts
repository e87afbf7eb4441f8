import { styleText } from 'node:util';

/** Colours that the demo uses. */
export type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Colours a text. */
export type Style = (colour: Colour, text: string) => string;

/** Colours for a stream: none where it is not a terminal, or NO_COLOR is set. */
export function styleFor(stream: NodeJS.WriteStream): Style {
  return (colour, text) => styleText(colour, text, { stream });
}
