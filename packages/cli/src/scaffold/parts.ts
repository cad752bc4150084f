import { readFileSync } from 'node:fs'
import type { NextApp } from './next-app.ts'

/** A group of files that are created together. */
export type Part = {
  note: string
  /** The paths of the files below templates/typescript. The first one is the main file, which uses the others. */
  files: readonly [string, ...string[]]
  /** The URL path of the main file. */
  address?: string
  /** Another name of the main file. Next accepts either of the two names, but not both files. */
  instead?: string
  /** If this matches the user's own file, the user has already merged the part into it. */
  merged: RegExp
  /** The file that is printed if the user must merge the part by hand. */
  shown: string
}

export const parts: readonly [Part, ...Part[]] = [
  {
    note: 'what your pages and actions import',
    files: ['auth.ts'],
    merged: /\bcreateAuth\(/,
    shown: 'auth.ts',
  },
  {
    note: 'renews sessions, and redirects visitors without a session to /login',
    files: ['proxy.ts'],
    instead: 'middleware',
    merged: /\bauthProxy\(/,
    shown: 'proxy.ts',
  },
  {
    note: 'routes for scripts in the browser: your API and the session',
    files: ['app/api/[...path]/route.ts'],
    address: 'api/[...]',
    merged: /\bhandlers\b/,
    shown: 'app/api/[...path]/route.ts',
  },
  {
    note: 'the sign-in page, /login, and the page for a second factor',
    files: [
      'app/login/page.tsx',
      'app/login/sign-in-form.tsx',
      'app/login/actions.ts',
      'app/login/login.css',
      'app/login/second-factor/page.tsx',
      'app/login/second-factor/actions.ts',
    ],
    address: 'login',
    merged: /\bsafeReturnTo\b|\bsignIn\b/,
    shown: 'app/login/actions.ts',
  },
  {
    note: 'a page for signed-in users, /dashboard',
    files: ['app/dashboard/page.tsx', 'app/dashboard/actions.ts', 'app/dashboard/dashboard.css'],
    address: 'dashboard',
    merged: /\bauth(?:\.require)?\(/,
    shown: 'app/dashboard/page.tsx',
  },
]

/** Returns the path that a template gets in an app. */
export function placeOf(file: string, { source, language }: NextApp): string {
  return source + (language === 'TypeScript' ? file : file.replace(/\.tsx?$/, '.js'))
}

/** Returns the text of a template for an app. */
export function textOf(file: string, { language, config, basePath }: NextApp): string {
  const template = readTemplate(file, language)
  // If the app has a basePath, the pattern does not match the home page, so add it (docs/paths.md).
  const text = basePath === '' ? template : template.replace("matcher: ['/((", "matcher: ['/', '/((")
  // If cacheComponents is on, `instant` is needed. Otherwise it is an error.
  return /\bcacheComponents:\s*true\b/.test(config?.text ?? '')
    ? text
    : text.replace(/^\/\/ .*\nexport const instant = false\n\n/m, '')
}

/** Reads a template. If it has type annotations, there is a separate file for JavaScript. */
function readTemplate(file: string, language: NextApp['language']): string {
  const typed = new URL(`../../templates/typescript/${file}`, import.meta.url)
  if (language === 'TypeScript') return readFileSync(typed, 'utf8')
  const plain = new URL(`../../templates/javascript/${file.replace(/\.tsx?$/, '.js')}`, import.meta.url)
  return readFileSync(isSaidPlainly.has(file) ? plain : typed, 'utf8')
}

const isSaidPlainly = new Set([
  'app/login/page.tsx',
  'app/login/sign-in-form.tsx',
  'app/login/actions.ts',
  'app/login/second-factor/page.tsx',
  'app/login/second-factor/actions.ts',
])
