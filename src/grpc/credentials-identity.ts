import { type CallCredentials, ChannelCredentials, type InterceptorOptions } from '@grpc/grpc-js';

/** The call option under which the attachment hands on what tells a channel's credentials from others. */
export const CHANNEL_IDENTITY: unique symbol = Symbol('grpc-breaker.channel-identity');

/** The call option under which the attachment hands on the name that a channel calls its server by. */
export const CHANNEL_AUTHORITY: unique symbol = Symbol('grpc-breaker.channel-authority');

type Comparable = { _equals(other: unknown): boolean };

/** All without credentials are equal: held, so that clients which come and go between two garbage collections keep their number. */
const INSECURE = ChannelCredentials.createInsecure();
const known: { readonly credentials: Pick<WeakRef<ChannelCredentials>, 'deref'>; readonly id: number }[] = [
  { credentials: { deref: () => INSECURE }, id: 0 },
];
const ids = new WeakMap<object, number>();
let nextId = 1;

/**
 * A number for a channel's credentials: equal ones (as grpc-js compares them, so that clients which recreate their channels keep theirs) have the
 * same, and channels whose credentials cannot be seen have one each. Of a user's credentials may depend what a server answers.
 */
export function channelIdentity(channel: object): string {
  const credentials = credentialsIn(channel);
  const subject = credentials ?? channel;
  let id = ids.get(subject);
  if (id === undefined) {
    id = credentials === undefined ? nextId++ : idOfEqual(credentials);
    ids.set(subject, id);
  }
  return String(id);
}

/** The name that a channel calls its server by, such as `grpc.default_authority`; undefined where it cannot be seen. */
export function channelAuthority(channel: object): string | undefined {
  const { internalChannel } = channel as { internalChannel?: { defaultAuthority?: unknown } };
  const authority = internalChannel?.defaultAuthority;
  return typeof authority === 'string' ? authority : undefined;
}

/**
 * What tells apart who asks, besides the metadata: the channel's credentials and the call's own. Empty where the channel's cannot be known, because
 * the client has the interceptor alone.
 */
export function credentialsOf(options: InterceptorOptions): string {
  const { credentials } = options as { credentials?: CallCredentials };
  const channel = (options as { [CHANNEL_IDENTITY]?: string })[CHANNEL_IDENTITY];
  if (channel === undefined) return '';
  return credentials === undefined ? channel : `${channel}/${idOf(credentials)}`;
}

function idOf(value: object): number {
  const id = ids.get(value) ?? nextId++;
  ids.set(value, id);
  return id;
}

function idOfEqual(credentials: ChannelCredentials): number {
  for (let at = known.length - 1; at >= 0; at--) {
    const other = known[at]?.credentials.deref();
    if (other === undefined) known.splice(at, 1);
    else if (areEqual(credentials, other)) return known[at]?.id as number;
  }
  const id = nextId++;
  known.push({ credentials: new WeakRef(credentials), id });
  return id;
}

/** Asked both ways: composed ones say that they equal those which have theirs and more. */
function areEqual(one: unknown, other: unknown): boolean {
  try {
    return (one as Comparable)._equals(other) && (other as Comparable)._equals(one);
  } catch {
    return false; // Somebody's own kind.
  }
}

/** grpc-js keeps them where only it looks; where a later version has moved them, each channel stands for itself. */
function credentialsIn(channel: object): ChannelCredentials | undefined {
  const { internalChannel } = channel as { internalChannel?: { credentials?: unknown } };
  const credentials = internalChannel?.credentials;
  const isComparable = typeof (credentials as Partial<Comparable> | undefined)?._equals === 'function';
  return isComparable ? (credentials as ChannelCredentials) : undefined;
}
