import { InterceptingCall, type Interceptor, type Listener, type Requester } from '@grpc/grpc-js';

/** The operations of a call that an interceptor may delay. */
export const OPERATIONS = ['start', 'message', 'halfClose', 'metadata', 'answer', 'status'] as const;
export type Operation = (typeof OPERATIONS)[number];

/**
 * An interceptor that writes down what goes through it.
 * @param log - where
 * @param name - its name in the log
 * @param slow - the operations that it hands on later, each after some turns of the event loop
 */
export function recorder(log: string[], name: string, slow: readonly Operation[] = []): Interceptor {
  const say = (what: string) => log.push(`${name} ${what}`);
  const handOn = (operation: Operation, next: () => void) => {
    if (slow.includes(operation)) setTimeout(next, 1);
    else next();
  };
  const listener: Listener = {
    onReceiveMetadata: (metadata, next) => {
      say('metadata');
      handOn('metadata', () => next(metadata));
    },
    onReceiveMessage: (message: { text?: string } | null, next) => {
      say(`answer ${message === null ? 'none' : message.text}`);
      handOn('answer', () => next(message));
    },
    onReceiveStatus: (status, next) => {
      say(`status ${status.code}`);
      handOn('status', () => next(status));
    },
  };
  const requester: Requester = {
    start: (metadata, _listener, next) => {
      say('start');
      handOn('start', () => next(metadata, listener));
    },
    sendMessage: (message: { model_name?: string }, next) => {
      say(`message ${message.model_name ?? ''}`);
      handOn('message', () => next(message));
    },
    halfClose: (next) => {
      say('halfClose');
      handOn('halfClose', next);
    },
    cancel: (next) => {
      say('cancel');
      next();
    },
  };
  return (options, nextCall) => new InterceptingCall(nextCall(options), requester);
}

/** Marks what it is given: the caller's metadata, its messages, and the answers. */
export const marking: Interceptor = (options, nextCall) =>
  new InterceptingCall(nextCall(options), {
    start: (metadata, _listener, next) => {
      metadata.set('x-marked', 'yes');
      next(metadata, {
        onReceiveMetadata: (received, handOn) => {
          received.set('x-marked', 'yes');
          handOn(received);
        },
        onReceiveMessage: (message: object | null, handOn) => handOn(message === null ? null : { ...message, text: 'marked' }),
        onReceiveStatus: (status, handOn) => handOn({ ...status, details: `marked ${status.details}` }),
      });
    },
    sendMessage: (message: object, next) => next({ ...message, model_name: 'marked' }),
  });

/** Hears nothing and changes nothing. */
export const silent: Interceptor = (options, nextCall) => new InterceptingCall(nextCall(options));

/** Listens only to the status, as most metrics interceptors do. */
export function statusListener(log: string[]): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start: (metadata, _listener, next) =>
        next(metadata, {
          onReceiveStatus: (status, handOn) => {
            log.push(`status ${status.code}`);
            handOn(status);
          },
        }),
    });
}

/** Sets a deadline, as some clients do in an interceptor. */
export function deadlineSetter(ms: number): Interceptor {
  return (options, nextCall) => new InterceptingCall(nextCall({ ...options, deadline: Date.now() + ms }));
}

/**
 * Repeats a unary call that failed with UNAVAILABLE, as in gRPC's proposal for interceptors (L5), which is what many have copied.
 * @param log - the codes of the attempts
 */
export function retrying(log: string[], attempts: number): Interceptor {
  return (options, nextCall) => {
    let sent: unknown;
    let received: unknown;
    return new InterceptingCall(nextCall(options), {
      start(metadata, _listener, next) {
        let left = attempts - 1;
        const listener: Listener = {
          onReceiveMessage: (message, _handOn) => {
            received = message;
          },
          onReceiveStatus: (status, handOn) => {
            log.push(`attempt ${status.code}`);
            if (status.code !== 14 || left-- === 0) {
              // A null message stands for none, and must not be handed on without one: it is what tells the two apart.
              passOn(received);
              handOn(status);
              return;
            }
            const again = nextCall(options);
            again.start(metadata, {
              onReceiveMessage: (message: unknown) => {
                received = message;
              },
              onReceiveStatus: (next) => listener.onReceiveStatus?.(next, handOn),
              onReceiveMetadata: () => {},
            });
            again.sendMessage(sent);
            again.halfClose();
          },
        };
        const passOn = (message: unknown) => _listener.onReceiveMessage(message);
        next(metadata, listener);
      },
      sendMessage(message, next) {
        sent = message;
        next(message);
      },
    });
  };
}
