/** What a story promises, and whether it held. The process exits with 1 where one did not. */
export function promise(what: string, held: boolean): void {
  console.log(`${held ? 'held  ' : 'BROKEN'}  ${what}`);
  if (!held) process.exitCode = 1;
}
