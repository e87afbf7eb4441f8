/** How the process ends. Scripts rely on these numbers: docs/cli.md lists them. */
export const EXIT = {
  /** Done; nothing was found. */
  OK: 0,
  /** Something was found or refused: a policy with problems, a breaker that does not exist, a change that the server would not make. */
  FAILED: 1,
  /** Called in a way that makes no sense: an unknown option, a missing reason. */
  USAGE: 2,
  /** The admin service cannot be reached, or gave no answer in time. */
  UNREACHABLE: 3,
  /** The admin service wants a token, or one that may do this. */
  NOT_PERMITTED: 4,
  /** Ended by Ctrl-C, as shells count it. */
  INTERRUPTED: 130,
  /** Its terminal went away, as shells count it. */
  HUNG_UP: 129,
  /** Told to end, as shells count it. */
  TERMINATED: 143,
} as const;

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
