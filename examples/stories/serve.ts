import { once } from 'node:events';
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/**
 * Loads a .proto file as the stories do: fields are called as in the file.
 * @param file - the file
 * @returns the constructor of its clients, which has the service
 */
// biome-ignore lint/suspicious/noExplicitAny: what is in it is said by a file that the compiler does not see.
export function load(file: URL): any {
  return loadPackageDefinition(loadSync(file.pathname, { keepCase: true, longs: Number, defaults: true }));
}

/**
 * Runs a service in this process, on a free port of the loopback address, and tells the parent process where. It ends with its parent.
 * @param service - its definition
 * @param methods - its methods
 */
export async function serve(service: ServiceDefinition, methods: UntypedServiceImplementation): Promise<void> {
  const server = new Server();
  server.addService(service, methods);
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    process.send?.(`127.0.0.1:${port}`);
  });
  await once(process, 'disconnect');
  server.forceShutdown();
}
