// The same in CommonJS.
require('reflect-metadata');
const { Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { ClientsModule, Transport } = require('@nestjs/microservices');
const { Metadata } = require('@grpc/grpc-js');
const { firstValueFrom } = require('rxjs');
const { outage } = require('./outage.mjs');

const options = { url: process.env.TARGET, package: 'scripted.v1', protoPath: process.env.PROTO };

class Application {
  name = 'application';
}
Module({ imports: [ClientsModule.register([{ name: 'SCRIPTED', transport: Transport.GRPC, options }])] })(Application);

async function main() {
  const application = await NestFactory.createApplicationContext(Application, { logger: false });
  const service = application.get('SCRIPTED').getService('Scripted');
  await outage((isGood) => {
    const metadata = new Metadata();
    if (!isGood) metadata.set('test-script-bin', Buffer.from(JSON.stringify({ code: 13, details: 'broken' })));
    return firstValueFrom(service.unary({ modelName: 'iris' }, metadata));
  });
  await application.close();
}

void main();
