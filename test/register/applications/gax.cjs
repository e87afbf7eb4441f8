// The same in CommonJS.
const { CloudTasksClient } = require('@google-cloud/tasks');
const { credentials } = require('@grpc/grpc-js');
const { outage } = require('./outage.mjs');

const [host, port] = process.env.TARGET.split(':');
const client = new CloudTasksClient({
  apiEndpoint: host,
  port: Number(port),
  sslCreds: credentials.createInsecure(),
  projectId: 'test',
});
const ended = outage(async (isGood) => {
  const parent = client.queuePath('test', 'here', isGood ? 'good' : 'broken');
  const [task] = await client.createTask({ parent, task: { httpRequest: { url: 'http://127.0.0.1/' } } });
  return task.name;
});
void ended.then(() => client.close());
