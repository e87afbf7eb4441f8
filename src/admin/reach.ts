import type { Policy } from '../policy/policy.ts';
import type { Admitted } from './access.ts';
import { AdminError } from './admin-error.ts';

/**
 * Refuses a policy of nobody in particular that would have the process talk to a place, or read a file, that the one before it does not name: calls
 * would go there with their credentials. Whoever reaches loopback without a token may cause an outage, not that.
 * @throws AdminError PERMISSION_DENIED
 */
export function checkReach({ token }: Admitted, before: Policy, after: Policy): void {
  if (token !== 'none') return;
  const known = new Set(reachOf(before).map(({ what }) => what));
  const more = reachOf(after).find(({ what }) => !known.has(what));
  if (more === undefined) return;
  throw new AdminError(
    'PERMISSION_DENIED',
    'REACHES_FURTHER',
    `${more.path} is not in the policy that holds, and without a token no policy may name other clients, files or servers; ` +
      'start the admin service with tokens: { write: ... }, or give the policy in its file',
  );
}

interface Reach {
  readonly path: string;
  readonly what: string;
}

/** What a policy names outside of the process. */
function reachOf({ clients = {}, protos = [], presets = {}, methods = [] }: Policy): Reach[] {
  return [
    ...Object.entries(clients).map(([name, client]) => ({ path: `clients.${name}`, what: JSON.stringify([name, client]) })),
    ...protos.map((file, at) => ({ path: `protos[${at}]`, what: `protos ${file}` })),
    ...Object.entries(presets).flatMap(([name, preset]) => serversOf(preset.trip, `presets.${name}.trip`)),
    ...methods.flatMap((entry, at) => [
      ...serversOf(entry.trip, `methods[${at}].trip`),
      ...serversOf('openInference' in entry ? entry.openInference.trip : undefined, `methods[${at}].openInference.trip`),
    ]),
  ];
}

function serversOf(trip: { readonly prometheus?: { readonly url: string } } | undefined, path: string): Reach[] {
  return trip?.prometheus === undefined ? [] : [{ path: `${path}.prometheus.url`, what: `url ${trip.prometheus.url}` }];
}
