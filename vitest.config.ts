import { defineConfig } from 'vitest/config';

/** One project per npm script: `npm test` runs `fast`, the others are asked for by name (`npm run test:services`). */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/services/**', 'test/soak/**', 'test/package/**', 'test/cli/**', 'test/register/**'],
          // Errors outside the type tests are for `npm run check`.
          typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], tsconfig: 'tsconfig.json', ignoreSourceErrors: true },
        },
      },
      {
        // Each test starts programs: the command, applications.
        test: {
          name: 'programs',
          include: ['test/cli/**/*.test.ts', 'test/register/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'services',
          include: ['test/services/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'soak',
          include: ['test/soak/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 1_800_000,
        },
      },
      {
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
