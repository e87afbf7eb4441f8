// The entry grpc-breaker/admin.

export { startAdmin } from '../start-admin.ts';
export { startDashboard } from '../start-dashboard.ts';
export type { Admin, AdminOptions } from './admin-options.ts';
export type { AdminAction, AuditRecord, Caller } from './audit.ts';
export type { Dashboard, DashboardOptions, DashboardPageOptions } from './dashboard/dashboard-options.ts';
export type { ExpiryOptions } from './expiries.ts';
export type { AdminTokens, Tokens } from './token-options.ts';
