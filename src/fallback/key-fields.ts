import type { MethodDefinition } from '../policy/method-definitions.ts';

/** Values of every kind of field that are not its default. */
const PROBES: readonly unknown[] = [1, 'x', 'eA==', true, [1], ['x'], [true], [{}], {}, { x: 1 }, { x: 'x' }, { x: {} }];

/**
 * Whether requests of a method have no such field, in either spelling: with it misspelt, all requests would be the same question. False where that cannot be
 * known, because its stubs take no plain objects.
 */
export function lacksField({ requestSerialize }: Pick<MethodDefinition, 'requestSerialize'>, field: string): boolean {
  const without = bytesOf(requestSerialize, {});
  if (without === undefined) return false;
  const camel = field.replace(/_+(\w)/g, (_, letter: string) => letter.toUpperCase());
  return [field, camel].every((name) =>
    PROBES.every((probe) => bytesOf(requestSerialize, { [name]: probe })?.equals(without) === true),
  );
}

/** Undefined where the serialiser throws: a field that it refuses the value of is one that it knows. */
function bytesOf(serialize: MethodDefinition['requestSerialize'], request: object): Buffer | undefined {
  try {
    return serialize(request);
  } catch {
    return undefined;
  }
}
