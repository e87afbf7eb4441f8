import { readdirSync, readFileSync } from 'node:fs';

/** A code block of a document. */
export interface CodeBlock {
  /** Where it stands, such as `docs/policy.md:12`. */
  readonly where: string;
  readonly language: string;
  readonly code: string;
}

/** README and everything under docs/. */
export function documents(): string[] {
  return [
    'README.md',
    ...readdirSync('docs')
      .filter((file) => file.endsWith('.md'))
      .map((file) => `docs/${file}`),
  ];
}

/** The fenced code blocks of a document. */
export function codeBlocks(file: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { where: string; language: string; lines: string[] } | undefined;
  readFileSync(file, 'utf8')
    .split('\n')
    .forEach((line, index) => {
      const fence = /^```(\w*)/.exec(line);
      if (fence === null) open?.lines.push(line);
      else if (open === undefined) open = { where: `${file}:${index + 1}`, language: fence[1] ?? '', lines: [] };
      else {
        blocks.push({ where: open.where, language: open.language, code: open.lines.join('\n') });
        open = undefined;
      }
    });
  return blocks;
}

/** What a block says that it prints: the texts behind `// -> `. */
export function promisedOutput(code: string): string[] {
  return Array.from(code.matchAll(/\/\/ -> ?(.*)$/gm), (match) => match[1] as string);
}
