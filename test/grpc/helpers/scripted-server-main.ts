import { startScriptedServer } from './scripted-server.ts';

// The program of `forkScriptedServer`: says where it listens, and ends with its parent.

process.once('disconnect', () => process.exit());
const { target } = await startScriptedServer(Number(process.argv[2] ?? 0));
process.send?.(target);
