import { fileURLToPath } from 'node:url'

/** @type {import('next').NextConfig} */
export default {
  // The SDK and Next itself stand in the project's own node_modules, above this folder.
  turbopack: { root: fileURLToPath(new URL('../..', import.meta.url)) },
  experimental: { authInterrupts: true },
}
