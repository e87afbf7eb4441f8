import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serviceAvailable, serviceDirectory } from './availability.ts';

/** What files are checked with; `test/services/install/<name>.sh` installs it. */
export type ToolName = 'promtool' | 'dashcheck';

/** Whether it is installed; where it must be and is not, this throws, as with services. */
export function toolAvailable(name: ToolName): boolean {
  return serviceAvailable(name);
}

/** A file of a tool. */
export function toolFile(name: ToolName, path: string): string {
  return join(serviceDirectory(name), path);
}

/** A module that came with a tool. */
export async function toolModule<T>(name: ToolName, path: string): Promise<T> {
  return (await import(pathToFileURL(toolFile(name, join('node_modules', path))).href)) as T;
}
