import { EXIT, type ExitCode } from './exit-codes.ts';

/** Something that ends a command, told in plain words. */
export class CliError extends Error {
  override readonly name: string = 'CliError';
  /** How the process ends. */
  readonly exitCode: ExitCode;
  /** What to do next; undefined where the message says it all. */
  readonly next: string | undefined;

  /**
   * @param message - what went wrong, as a sentence without its full stop
   * @param next - what to do next
   * @param exitCode - how the process ends. @default 1
   */
  constructor(message: string, next?: string, exitCode: ExitCode = EXIT.FAILED, options?: ErrorOptions) {
    super(message, options);
    this.next = next;
    this.exitCode = exitCode;
  }
}

/** A command line that makes no sense. */
export function usageError(message: string, next?: string): CliError {
  return new CliError(message, next ?? 'grpc-breaker --help lists the commands and their options', EXIT.USAGE);
}
