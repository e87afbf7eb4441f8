// The entry grpc-breaker/admin.

export { startAdmin } from '../start-admin.ts';
export type { Admin, AdminOptions, AdminTokens, Tokens } from './admin-options.ts';
export type { AdminAction, AuditRecord, Caller } from './audit.ts';
