import { readFileSync } from 'node:fs'
import type { NextApp } from './next-app.ts'

/** What belongs together. */
export type Part = {
  note: string
  /** Below templates/typescript; the others serve the first. */
  files: readonly [string, ...string[]]
  /** Where Next serves the first file. */
  address?: string
  /** A file that Next takes in the place of the first one, and not beside it. */
  instead?: string
  /** What a file of somebody's own has in it once the part is merged into it. */
  merged: RegExp
  /** Which file shows what to merge. */
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
    note: 'renews sessions, and sends strangers to /login',
    files: ['proxy.ts'],
    instead: 'middleware',
    merged: /\bauthProxy\(/,
    shown: 'proxy.ts',
  },
  {
    note: 'your API and the session, for scripts of the browser',
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
    note: 'a page for people who are signed in, /dashboard',
    files: ['app/dashboard/page.tsx', 'app/dashboard/actions.ts', 'app/dashboard/dashboard.css'],
    address: 'dashboard',
    merged: /\bauth(?:\.require)?\(/,
    shown: 'app/dashboard/page.tsx',
  },
]

/** Where a template goes in an app. */
export function placeOf(file: string, { source, language }: NextApp): string {
  return source + (language === 'TypeScript' ? file : file.replace(/\.tsx?$/, '.js'))
}

/** What it says there. */
export function textOf(file: string, { language, config, basePath }: NextApp): string {
  const template = readTemplate(file, language)
  // With basePath the pattern is no match for the home page (docs/paths.md).
  const text = basePath === '' ? template : template.replace("matcher: ['/((", "matcher: ['/', '/((")
  // Next refuses this where cache components are off, and half-sent pages where they are on.
  return /\bcacheComponents:\s*true\b/.test(config?.text ?? '')
    ? text
    : text.replace(/^\/\/ .*\nexport const instant = false\n\n/m, '')
}

/** A page in JavaScript is a file of its own where TypeScript says more than JavaScript can. */
function readTemplate(file: string, language: NextApp['language']): string {
  const typed = new URL(`../../templates/typescript/${file}`, import.meta.url)
  if (language === 'TypeScript') return readFileSync(typed, 'utf8')
  const plain = new URL(`../../templates/javascript/${file.replace(/\.tsx?$/, '.js')}`, import.meta.url)
  return readFileSync(isSaidPlainly.has(file) ? plain : typed, 'utf8')
}

const isSaidPlainly = new Set(['app/login/page.tsx', 'app/login/sign-in-form.tsx', 'app/login/actions.ts'])
