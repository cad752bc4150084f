import { publishedFolders, sourceManifest } from '../packing/manifest.ts'

/**
 * Returns the packages that must be installed for the given words, such as `next`, `@sallyport/next`, `cli` or `sallyport`. Includes those
 * of our packages on which they depend.
 */
export function packagesFor(words: readonly string[]): { wanted: string[]; unknown: string[] } {
  const manifests = publishedFolders.map((folder) => ({ folder, manifest: sourceManifest(folder) }))
  const wanted = new Set<string>()
  const add = (name: string) => {
    const found = manifests.find(({ manifest }) => manifest.name === name)
    if (found === undefined || wanted.has(name)) return
    wanted.add(name)
    for (const dependency of Object.keys((found.manifest.dependencies ?? {}) as object)) add(dependency)
  }
  const unknown: string[] = []
  for (const word of words) {
    const found = manifests.find(({ folder, manifest }) => folder === word || manifest.name === word)
    if (found) add(found.manifest.name)
    else unknown.push(word)
  }
  return { wanted: [...wanted].sort(), unknown }
}
