import type { NextApp } from './next-app.ts'
import type { Piece } from './pieces.ts'

/** A group of files that are created together. */
export type Part = {
  note: string
  /**
   * The paths of the files below templates/typescript. The first one is the main file, which uses the others. A file that several parts use
   * is in each of them, because a part is left out if the user has such a page already.
   */
  files: readonly [string, ...string[]]
  /** The URL path of the main file. */
  address?: string
  /** Another name of the main file. Next accepts either of the two names, but not both files. */
  instead?: string
  /** If all of these match the user's own file, the user has already merged the part into it. */
  merged: readonly RegExp[]
  /** The file that is printed if the user must merge the part by hand. */
  shown: string
}

/** Files that several pages use. */
const styles = 'app/login/login.css'
const passkeyButton = 'app/login/passkey-button.tsx'
const codeField = 'app/login/second-factor/code-field.tsx'
const setUpApp = 'app/login/second-factor/set-up-app.tsx'

/** Returns the parts of an app with these pieces. The first part is the file that the others import. */
export function partsOf(pieces: ReadonlySet<Piece>): readonly [Part, ...Part[]] {
  /** Returns the values if the piece was chosen. */
  const having = <T>(piece: Piece, ...values: T[]): T[] => (pieces.has(piece) ? values : [])
  return [
    {
      note: 'what your pages and actions import',
      files: ['auth.ts'],
      merged: [
        /\bcreateAuth\(/,
        /\baccount\b/,
        ...having('passkey', /\bpasskeys\b/),
        ...having('mail', /\bmailedSignIn\b/),
        ...having('providers', /\bproviders\b/),
      ],
      shown: 'auth.ts',
    },
    {
      note: 'renews sessions, and redirects visitors without a session to /login',
      files: ['proxy.ts'],
      instead: 'middleware',
      merged: [/\bauthProxy\(/, ...having('mail', /\/login\/(?:\*|link\b)/)],
      shown: 'proxy.ts',
    },
    {
      note: 'routes for scripts in the browser: your API and the session',
      files: ['app/api/[...path]/route.ts'],
      address: 'api/[...]',
      merged: [/\bhandlers\b/],
      shown: 'app/api/[...path]/route.ts',
    },
    {
      note: `the sign-in page, /login${pieces.has('secondFactor') ? ', and the page for a second factor' : ''}`,
      files: [
        'app/login/page.tsx',
        'app/login/sign-in-form.tsx',
        'app/login/actions.ts',
        styles,
        ...having('passkey', passkeyButton, 'app/login/passkey-sign-in.tsx'),
        ...having(
          'secondFactor',
          'app/login/second-factor/page.tsx',
          'app/login/second-factor/code-form.tsx',
          codeField,
          setUpApp,
          'app/login/second-factor/actions.ts',
          ...having('passkey', 'app/login/second-factor/passkey-proof.tsx'),
        ),
        ...having(
          'mail',
          'app/login/code/page.tsx',
          'app/login/code/actions.ts',
          'app/login/link/page.tsx',
          'app/login/link/sign-in-link.tsx',
          'app/login/link/actions.ts',
        ),
      ],
      address: 'login',
      merged: [
        /\bsafeReturnTo\b|\bsignIn\b/,
        ...having('passkey', /passkey/i),
        ...having('mail', /\/login\/code\b|\bmailedSignIn\b/),
        ...having('providers', /provider/i),
      ],
      shown: 'app/login/actions.ts',
    },
    {
      note: 'asks users again who they are before important changes, /confirm',
      files: [
        'app/confirm/page.tsx',
        'app/confirm/own-proofs.ts',
        'app/confirm/actions.ts',
        styles,
        ...having('passkey', 'app/confirm/passkey-confirm.tsx', passkeyButton),
        ...having('secondFactor', codeField),
      ],
      address: 'confirm',
      merged: [
        /\bconfirm(?:AndGoOn|Password|Identity)\b/,
        ...having('passkey', /passkey/i),
        ...having('providers', /provider/i),
      ],
      shown: 'app/confirm/actions.ts',
    },
    {
      note: 'a page for signed-in users, /dashboard',
      files: [
        'app/dashboard/page.tsx',
        'app/dashboard/actions.ts',
        'app/dashboard/dashboard.css',
        ...having('passkey', 'app/dashboard/passkeys.tsx'),
        ...having(
          'secondFactor',
          'app/dashboard/authenticator-apps.tsx',
          'app/dashboard/add-app/page.tsx',
          'app/dashboard/add-app/actions.ts',
          styles,
          setUpApp,
          codeField,
        ),
      ],
      address: 'dashboard',
      merged: [/\bauth(?:\.require)?\(/, ...having('passkey', /passkey/i)],
      shown: 'app/dashboard/page.tsx',
    },
  ]
}

/** Returns the path that a template gets in an app. */
export function placeOf(file: string, { source, language }: NextApp): string {
  return source + (language === 'TypeScript' ? file : file.replace(/\.tsx?$/, '.js'))
}
