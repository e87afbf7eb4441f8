/**
 * Layer directions of src, as docs/architecture.md draws them: core <- policy <- the outer rooms <- entries.
 * test/workshop/layers.test.ts proves that each rule fails on a violation.
 */

const OUTER_ROOMS = '(fallback|grpc|telemetry|signals|fleet|admin|recording)';
const ROOMS = '(core|policy|fallback|grpc|telemetry|signals|fleet|admin|recording|cli|testing)';
const ENTRIES = '^src/(index|register|prometheus)\\.ts$|^src/(testing|admin|recording)/index\\.ts$|^src/cli/main\\.ts$';

/** Entries in rooms: they wire as those in src do. The command is one of many files. */
const WIRING = '^src/admin/index\\.ts$|^src/cli/';

/** The npm package `name`, wherever it is installed. */
const npm = (...names) => names.map((name) => `(^|/)node_modules/${name}/`).join('|');

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'core-imports-only-core',
      comment: 'Core is pure: no other room, no node:, no npm package, not even for a type.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { pathNot: '^src/core/' },
    },
    {
      name: 'policy-imports-only-core',
      comment: 'Policy stands on core; the rooms above meet through its ports.',
      severity: 'error',
      from: { path: '^src/policy/' },
      to: { path: '^src/', pathNot: '^src/(core|policy)/' },
    },
    {
      name: 'outer-rooms-do-not-meet',
      comment: 'fallback, grpc, telemetry, signals, fleet and admin import core and policy, never each other.',
      severity: 'error',
      from: { path: `^src/${OUTER_ROOMS}/`, pathNot: WIRING },
      to: { path: '^src/', pathNot: '^src/(core|policy|$1)/' },
    },
    {
      name: 'testing-imports-only-core-and-policy',
      severity: 'error',
      from: { path: '^src/testing/' },
      to: { path: '^src/', pathNot: '^src/(core|policy|testing)/' },
    },
    {
      name: 'rooms-do-not-import-entries',
      comment: 'Only entries import what lies directly in src, system-clock.ts included: rooms are given a clock.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: WIRING },
      to: { path: '^src/[^/]+\\.ts$' },
    },
    {
      name: 'nothing-imports-an-entry',
      comment: 'An entry is for users.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: ENTRIES },
    },
    {
      name: 'grpc-js-stays-in-its-rooms',
      comment: 'grpc, admin, the one fallback source that makes calls, and what reads .proto files.',
      severity: 'error',
      from: {
        path: '^src/[^/]+/',
        pathNot: '^src/(grpc|admin|cli)/|^src/fallback/(call-source|made-call|fallback-parts|proto-files|document-clients)\\.ts$',
      },
      to: { path: npm('@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs') },
    },
    {
      name: 'opentelemetry-stays-in-telemetry',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: '^src/telemetry/' },
      to: { path: npm('@opentelemetry/[^/]+') },
    },
    {
      name: 'document-libraries-stay-in-policy',
      comment: 'What reads and checks policy documents.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/policy/' },
      to: { path: npm('zod', 'yaml', 'leven') },
    },
    {
      name: 'policy-uses-only-its-packages',
      severity: 'error',
      from: { path: '^src/policy/' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'npm-optional'],
        pathNot: npm('zod', 'yaml', 'leven', '@bufbuild/protobuf'),
      },
    },
    {
      name: 'recording-uses-only-its-packages',
      severity: 'error',
      from: { path: '^src/recording/' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'npm-optional'],
        pathNot: npm('rotating-file-stream', 'cli-table3', 'uplot'),
      },
    },
    {
      name: 'the-command-stands-alone',
      comment: 'Nothing imports the command, and its packages are its own.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: `^src/cli/|${npm('yargs', 'log-update')}` },
    },
    {
      name: 'no-undeclared-packages',
      comment: 'The package installs its dependencies and its peers, nothing else.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer'] },
    },
    {
      name: 'rooms-are-known',
      comment: 'A new room needs its rules here before it may import anything.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/${ROOMS}/` },
      to: {},
    },
    {
      name: 'src-stays-in-src',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|examples|scripts)/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    // The swc parser: with TypeScript 7 alone the tool sees no module at all.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
