// A client that google-gax makes from Google's own package.
import { CloudTasksClient } from '@google-cloud/tasks';
import { credentials } from '@grpc/grpc-js';
import { outage } from './outage.mjs';

const [host, port] = process.env.TARGET.split(':');
const client = new CloudTasksClient({
  apiEndpoint: host,
  port: Number(port),
  sslCreds: credentials.createInsecure(),
  projectId: 'test',
});
await outage(async (isGood) => {
  const parent = client.queuePath('test', 'here', isGood ? 'good' : 'broken');
  const [task] = await client.createTask({ parent, task: { httpRequest: { url: 'http://127.0.0.1/' } } });
  return task.name;
});
await client.close();
