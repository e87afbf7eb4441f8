import type { FallbackClient } from '../policy/fallback-call-options.ts';

/** What it needs of a client. */
interface Closable {
  close(): void;
}

/** The clients of fallback calls: one for each registered one, made when it is first needed. */
export class FallbackClients<Client extends Closable> {
  readonly #make: (registered: FallbackClient) => Client;
  readonly #clients = new Map<FallbackClient, Client>();
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

  /** Ends their connections. */
  close(): void {
    this.#isClosed = true;
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }
}
