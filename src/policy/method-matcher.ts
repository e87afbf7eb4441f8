import type { MethodPolicy, ParsedPolicy } from './policy.ts';

/** Finds the policy of a method: by its full name, else by its service, else the one for every method. */
export class MethodMatcher {
  readonly #byName = new Map<string, MethodPolicy>();

  constructor(policy: ParsedPolicy) {
    for (const method of policy.methods) {
      for (const name of method.names) this.#byName.set(`${name.service ?? ''}/${name.method ?? ''}`, method);
    }
  }

  /**
   * @param method - `pkg.Service/Method`
   * @returns its policy, or undefined when none names it
   */
  find(method: string): MethodPolicy | undefined {
    const service = method.slice(0, method.lastIndexOf('/'));
    return this.#byName.get(method) ?? this.#byName.get(`${service}/`) ?? this.#byName.get('/');
  }
}
