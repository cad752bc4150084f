import { fileURLToPath } from 'node:url'

/** @type {import('next').NextConfig} */
export default {
  // Next itself is in the project's node_modules, above this folder.
  turbopack: { root: fileURLToPath(new URL('../../..', import.meta.url)) },
}
