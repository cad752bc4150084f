#!/usr/bin/env node
// Do not use static imports in this file. On an old Node, the native database module would end the process with a segmentation fault before
// this check runs.
const oldestNode = 22

if (Number(process.versions.node.split('.', 1)[0]) < oldestNode) {
  process.stderr.write(
    `sallyport needs Node ${oldestNode} or newer; this is Node ${process.versions.node}. Install a newer one from https://nodejs.org.\n`,
  )
  process.exitCode = 1
} else {
  await import('./run.ts')
}

export {}
