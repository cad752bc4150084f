/** The parts of a package-lock.json (version 3) that are read here. */
export type Lock = { packages: Record<string, { optionalDependencies?: Record<string, string> }> }

/**
 * Finds optional packages that a package of the lock file depends on and that are missing in the lock file. It searches in the same folders
 * as Node.
 *
 * @param allowed The names of packages that may be missing.
 * @returns The packages that are missing and not allowed to be, and the allowed names that are not missing.
 */
export function missingFromLock(
  { packages }: Lock,
  allowed: readonly string[],
): { missing: { name: string; of: string }[]; unused: string[] } {
  const absent = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !placesOf(path, name).some((place) => place in packages))
      .map((name) => ({ name, of: path })),
  )
  return {
    missing: absent.filter(({ name }) => !allowed.includes(name)),
    unused: allowed.filter((name) => !absent.some((one) => one.name === name)),
  }
}

/** Returns all paths at which Node looks for a package that the package at `path` imports. */
function placesOf(path: string, name: string): string[] {
  const places: string[] = []
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    places.push(`${folder}${folder === '' ? '' : '/'}node_modules/${name}`)
    if (!folder.includes('/node_modules/')) break
  }
  return [...places, `node_modules/${name}`]
}
