/** Bearer tokens, each under the name that the log calls it by. At least 16 characters each. */
export type Tokens = string | Readonly<Record<string, string>>;

/** Who may do what with the admin service and the dashboard. */
export interface AdminTokens {
  /** May look. @default none */
  read?: Tokens;
  /** May look, and change. @default none */
  write?: Tokens;
}
