import { stripTypeScriptTypes } from 'node:module';

/** A TypeScript program as plain ESM: without its types. */
export function asPlainModule(code: string): string {
  return stripTypeScriptTypes(code);
}

/** A TypeScript program in CommonJS: each `import` a `require`, nothing else changed. */
export function asCommonJs(code: string): string {
  return asPlainModule(code)
    .replaceAll(/^import (\{[^}]*\}) from ('[^']+');/gm, (_, names: string, module: string) => {
      return `const ${names.replaceAll(' as ', ': ')} = require(${module});`;
    })
    .replaceAll(/^import \* as (\w+) from ('[^']+');/gm, 'const $1 = require($2);');
}
