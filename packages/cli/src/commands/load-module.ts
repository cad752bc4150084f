import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'

let isRegistered = false

/**
 * Imports a module of the user's project. A relative import in it may leave out the ending `.ts`, as in a Next app, in which TypeScript
 * refuses the ending. Node needs it.
 */
export async function loadModule(path: string): Promise<unknown> {
  if (!isRegistered) allowMissingEndings()
  isRegistered = true
  return import(pathToFileURL(path).href)
}

/** Node before 22.15 has no such hooks. There, imports need the ending. */
function allowMissingEndings(): void {
  registerHooks?.({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context)
      } catch (error) {
        if (!/^\.\.?\//.test(specifier) || context.parentURL?.includes('/node_modules/')) throw error
        return withEnding(() => next(`${specifier}.ts`, context), error)
      }
    },
  })
}

/** The first error names what the user wrote. */
function withEnding<Found>(find: () => Found, error: unknown): Found {
  try {
    return find()
  } catch {
    throw error
  }
}
