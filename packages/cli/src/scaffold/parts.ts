import { readFileSync } from 'node:fs'
import type { NextApp } from './next-app.ts'

/** Files that belong together. */
export type Part = {
  note: string
  /** Below templates/typescript; the first is the main file, which uses the others. */
  files: readonly [string, ...string[]]
  /** The URL path of the first file. */
  address?: string
  /** A file that Next accepts instead of the first one, but not in addition to it. */
  instead?: string
  /** Matches the user's own file if the part is merged into it. */
  merged: RegExp
  /** The file that is shown for merging. */
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
    note: 'your API and the session, for scripts in the browser',
    files: ['app/api/[...path]/route.ts'],
    address: 'api/[...]',
    merged: /\bhandlers\b/,
    shown: 'app/api/[...path]/route.ts',
  },
  {
    note: 'the sign-in page, /login',
    files: [
      'app/login/page.tsx',
      'app/login/sign-in-form.tsx',
      'app/login/actions.ts',
      'app/login/login.css',
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

/** Returns the path of a template in an app. */
export function placeOf(file: string, { source, language }: NextApp): string {
  return source + (language === 'TypeScript' ? file : file.replace(/\.tsx?$/, '.js'))
}

/** Returns the text of a template for an app. */
export function textOf(file: string, { language, config, basePath }: NextApp): string {
  const template = readTemplate(file, language)
  // With basePath the pattern does not match the home page (docs/paths.md).
  const text = basePath === '' ? template : template.replace("matcher: ['/((", "matcher: ['/', '/((")
  // `instant` is an error without cacheComponents, and needed with it.
  return /\bcacheComponents:\s*true\b/.test(config?.text ?? '')
    ? text
    : text.replace(/^\/\/ .*\nexport const instant = false\n\n/m, '')
}

/** Templates with type annotations have a separate file for JavaScript. */
function readTemplate(file: string, language: NextApp['language']): string {
  const typed = new URL(`../../templates/typescript/${file}`, import.meta.url)
  if (language === 'TypeScript') return readFileSync(typed, 'utf8')
  const plain = new URL(`../../templates/javascript/${file.replace(/\.tsx?$/, '.js')}`, import.meta.url)
  return readFileSync(isSaidPlainly.has(file) ? plain : typed, 'utf8')
}

const isSaidPlainly = new Set(['app/login/page.tsx', 'app/login/sign-in-form.tsx', 'app/login/actions.ts'])
