// `npm run pack`: writes the packages as tarballs, as they would be published. You can try them in another project. It publishes nothing.
import { statSync } from 'node:fs'
import { packedTarballs } from './tarballs.ts'

for (const [name, path] of Object.entries(await packedTarballs())) {
  const kilobytes = (statSync(path).size / 1000).toFixed(0)
  console.log(`${name.padEnd(20)} ${kilobytes.padStart(4)} kB  ${path}`)
}
