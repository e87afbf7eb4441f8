import type { FallbackClient } from '../policy/fallback-call-options.ts';

/** What it needs of a client. */
interface Closable {
  close(): void;
}

/** Clients that no policy names any more stay for so long, in milliseconds: calls that began before may still need them. */
const STAY_MS = 30_000;

/** The clients of fallback calls: one for each registered one, made when it is first needed. */
export class FallbackClients<Client extends Closable> {
  readonly #make: (registered: FallbackClient) => Client;
  readonly #clients = new Map<FallbackClient, Client>();
  /** Those that are to go. */
  readonly #leaving = new Map<Client, NodeJS.Timeout>();
  #isClosed = false;

  /** @param make - makes a protected client */
  constructor(make: (registered: FallbackClient) => Client) {
    this.#make = make;
  }

  /** The client of a registration. @throws after {@link FallbackClients.close}, and what grpc-js throws for a bad target or bad credentials */
  get(registered: FallbackClient): Client {
    if (this.#isClosed) throw new Error('the breakers are disposed of, and the clients of their fallbacks closed');
    const client = this.#clients.get(registered) ?? this.#make(registered);
    this.#clients.set(registered, client);
    return client;
  }

  /** Only these are needed from now on. The others end when the calls that may need them are over. */
  retain(needed: ReadonlySet<FallbackClient>): void {
    for (const [registered, client] of this.#clients) {
      if (needed.has(registered)) continue;
      this.#clients.delete(registered);
      const end = (): void => {
        this.#leaving.delete(client);
        client.close();
      };
      this.#leaving.set(client, setTimeout(end, STAY_MS).unref());
    }
  }

  /** Ends their connections. */
  close(): void {
    this.#isClosed = true;
    for (const [client, timer] of this.#leaving) {
      clearTimeout(timer);
      client.close();
    }
    this.#leaving.clear();
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }
}
