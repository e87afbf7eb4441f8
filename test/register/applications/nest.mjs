// A NestJS application with a gRPC client, which has never heard of breakers.
import 'reflect-metadata';
import { Metadata } from '@grpc/grpc-js';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientsModule, Transport } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { outage } from './outage.mjs';

const options = { url: process.env.TARGET, package: 'scripted.v1', protoPath: process.env.PROTO };

class Application {
  name = 'application';
}
Module({ imports: [ClientsModule.register([{ name: 'SCRIPTED', transport: Transport.GRPC, options }])] })(Application);

const application = await NestFactory.createApplicationContext(Application, { logger: false });
const service = application.get('SCRIPTED').getService('Scripted');
await outage((isGood) => {
  const metadata = new Metadata();
  if (!isGood) metadata.set('test-script-bin', Buffer.from(JSON.stringify({ code: 13, details: 'broken' })));
  return firstValueFrom(service.unary({ modelName: 'iris' }, metadata));
});
await application.close();
