/** The oldest major version of Node that better-sqlite3 supports. On an older one it ends the process with a segmentation fault. */
const oldestNode = 22

/** @throws TypeError on a Node that is too old. */
export function requireSupportedNode(version = process.versions.node): void {
  if (Number(version.split('.', 1)[0]) >= oldestNode) return
  throw new TypeError(
    `Sallyport needs Node ${oldestNode} or newer; this is Node ${version}. Install a newer one from https://nodejs.org.`,
  )
}
