/** What this project reads and writes of package-lock.json. */
export interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** A package in the lock. */
export interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Where Node finds a package from within another: the folders from the inside out. */
function placesFor(name: string, from: string): string[] {
  const places: string[] = [];
  for (let folder = from; folder !== ''; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    places.push(`${folder}/node_modules/${name}`);
    if (!folder.includes('/node_modules/')) break;
  }
  return [...places, `node_modules/${name}`];
}

/** The platform that a package of binaries is for, read from its name: `@oxlint/binding-linux-x64-musl`. */
function platformOf(name: string): Pick<LockedPackage, 'os' | 'cpu' | 'libc'> {
  const [, os, cpu, abi = ''] = /(android|darwin|freebsd|linux|openharmony|win32)-([a-z0-9]+)(?:-([a-z]+))?$/.exec(name) ?? [];
  if (os === undefined || cpu === undefined) throw new Error(`${name}: the platform does not show in the name`);
  const musl = abi.startsWith('musl');
  return { os: [os], cpu: [cpu], ...(os === 'linux' && { libc: [musl ? 'musl' : 'glibc'] }) };
}

/**
 * The optional packages that some package of the lock names and that the lock does not hold, as entries for it.
 * @throws when their platform or version cannot be told
 */
export function missingOptionals({ packages }: Lockfile): Record<string, LockedPackage> {
  const missing: Record<string, LockedPackage> = {};
  for (const [path, { optionalDependencies = {}, dev, devOptional }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (placesFor(name, path).some((place) => packages[place] !== undefined)) continue;
      if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`${name}: "${version}" is not one version`);
      missing[`node_modules/${name}`] = {
        version,
        ...platformOf(name),
        ...((dev ?? devOptional) && { dev: true }),
        optional: true,
      };
    }
  }
  return missing;
}
