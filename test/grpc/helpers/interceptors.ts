import {
  InterceptingCall,
  type Interceptor,
  type Listener,
  type Requester,
  status as Status,
  type StatusObject,
} from '@grpc/grpc-js';

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

/** Hands requests on later. */
export function slowMessage(ms: number): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), { sendMessage: (message, next) => void setTimeout(() => next(message), ms) });
}

/** Sets a deadline, as some clients do in an interceptor. */
export function deadlineSetter(ms: number): Interceptor {
  return (options, nextCall) => new InterceptingCall(nextCall({ ...options, deadline: Date.now() + ms }));
}

/**
 * Repeats a unary call that failed, in the shape of gRPC's proposal for interceptors (its L5), which many have copied: it keeps the
 * way to hand a message on, and uses it when the attempts are over; its further attempts listen to messages and status only.
 * @param log - the codes of the attempts
 * @param attempts - at most so many
 */
export function retrying(log: number[], attempts: number): Interceptor {
  return (options, nextCall) => {
    let request: unknown;
    return new InterceptingCall(nextCall(options), {
      start(metadata, _listener, next) {
        let message: unknown;
        let handMessageOn: ((message: unknown) => void) | undefined;
        const judge = (status: StatusObject, handStatusOn: (status: StatusObject) => void): void => {
          log.push(status.code);
          if (status.code === Status.OK || log.length === attempts) {
            if (handMessageOn === undefined) throw new Error('a status without a message or null before it');
            handMessageOn(message);
            handStatusOn(status);
            return;
          }
          const again = nextCall(options);
          again.start(metadata, {
            onReceiveMessage: (received: unknown) => {
              message = received;
            },
            onReceiveStatus: (later) => judge(later, handStatusOn),
          });
          again.sendMessage(request);
          again.halfClose();
        };
        next(metadata, {
          onReceiveMessage: (received, handOn) => {
            message = received;
            handMessageOn = handOn;
          },
          onReceiveStatus: judge,
        });
      },
      sendMessage(message, next) {
        request = message;
        next(message);
      },
    });
  };
}
