import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../../server/src/testing/temporary-folder.ts'
import { parseProviders, parseSecondFactor, parseWays } from './commands/init/ways-in-options.ts'
import { adviceFor } from './scaffold/advice.ts'
import { chooseAddresses, type LocalAddresses } from './scaffold/local-addresses.ts'
import { findNextApp } from './scaffold/next-app.ts'
import { minNextVersion } from './scaffold/next-version.ts'
import { planFiles } from './scaffold/plan.ts'
import type { PlannedFile } from './scaffold/planned-file.ts'
import { type WaysIn, waysInBefore } from './scaffold/ways-in.ts'
import { requireWritable, writeFiles } from './scaffold/write-files.ts'
import { serveInProcess } from './testing/in-process.ts'
import { appOf, freshApp } from './testing/next-app.ts'
import { type Environment, start } from './testing/sallyport-command.ts'
import { onTerminal } from './testing/terminal.ts'

// Some tests start several processes, which takes long on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

/** An environment without settings, as for a new front end. */
const env: Environment = { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }

/** Runs the real command. */
const init = (folder: string, ...options: string[]) => start(['init', ...options], env, { cwd: folder }).ended

/** The addresses on a machine whose usual ports are free. */
const usual: LocalAddresses = {
  app: 'http://localhost:3000',
  auth: 'http://localhost:4000',
  authPort: 4000,
  api: 'http://localhost:4100',
  devPort: null,
  taken: [],
}

/** Does the work of `sallyport init --yes` in this process. Returns the planned files by their paths. */
function initHere(
  folder: string,
  addresses: LocalAddresses = usual,
  waysIn: WaysIn = {},
): Record<string, PlannedFile> {
  const app = findNextApp(folder)
  const files = planFiles(app, addresses, waysIn)
  const created = files.filter((file) => file.state === 'create')
  requireWritable(folder, created)
  writeFiles(folder, created)
  return Object.fromEntries(files.map((file) => [file.path, file]))
}

const code = (files: string[]) => files.filter((file) => !file.startsWith('.'))
/** The files that are written without options. */
const written = [
  '.env.example',
  '.env.local',
  '.env.sallyport.local',
  '.sallyport/.gitignore',
  'app/api/[...path]/route.ts',
  'app/confirm/actions.ts',
  'app/confirm/own-proofs.ts',
  'app/confirm/page.tsx',
  'app/dashboard/actions.ts',
  'app/dashboard/add-app/actions.ts',
  'app/dashboard/add-app/page.tsx',
  'app/dashboard/authenticator-apps.tsx',
  'app/dashboard/dashboard.css',
  'app/dashboard/page.tsx',
  'app/login/actions.ts',
  'app/login/login.css',
  'app/login/page.tsx',
  'app/login/second-factor/actions.ts',
  'app/login/second-factor/code-field.tsx',
  'app/login/second-factor/code-form.tsx',
  'app/login/second-factor/page.tsx',
  'app/login/second-factor/set-up-app.tsx',
  'app/login/sign-in-form.tsx',
  'auth.ts',
  'proxy.ts',
]

const forPasskeys = [
  'app/confirm/passkey-confirm.tsx',
  'app/dashboard/passkeys.tsx',
  'app/login/passkey-button.tsx',
  'app/login/passkey-sign-in.tsx',
]
const forMail = [
  'app/login/code/actions.ts',
  'app/login/code/page.tsx',
  'app/login/link/actions.ts',
  'app/login/link/page.tsx',
  'app/login/link/sign-in-link.tsx',
]
/** The files that are written for the default answers on a terminal: password, passkey, and an optional second factor. */
const writtenForAnswers = [...written, ...forPasskeys, 'app/login/second-factor/passkey-proof.tsx'].sort()
/** All ways to sign in. */
const everyWay: WaysIn = {
  ways: ['password', 'passkey', 'mail'],
  providers: ['google', 'github'],
  secondFactor: { policy: 'required' },
}

/** Returns all files and folders below a folder. For each file, it returns a hash of the text. */
function digest(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    paths.map((path) => {
      const entry = lstatSync(join(folder, path))
      if (entry.isDirectory()) return [path, 'folder']
      if (entry.isSymbolicLink()) return [path, readlinkSync(join(folder, path))]
      return [
        path,
        createHash('sha256')
          .update(readFileSync(join(folder, path)))
          .digest('hex'),
      ]
    }),
  )
}

/** Returns the names of the files that were created. */
function filesMade(folder: string, before: Record<string, string>): string[] {
  const after = digest(folder)
  return Object.keys(after).filter((path) => before[path] === undefined && after[path] !== 'folder')
}

const literal = (text: string) => text.replace(/[.[\]]/g, '\\$&')
const read = (folder: string, path: string) => readFileSync(join(folder, path), 'utf8')

/** Answers the three questions about the ways to sign in with the Enter key. */
async function chooseUsualWays(terminal: ReturnType<typeof onTerminal>): Promise<void> {
  for (const question of ['[password,passkey] ', '[none] ', '[optional] ']) {
    await terminal.shows(question)
    terminal.type('\r')
  }
}

describe('the ways to sign in', () => {
  const chosen = (text: string) =>
    Object.fromEntries(
      Object.entries(parseEnv(text)).filter(([name]) =>
        /PASSKEYS|MAILED|INBOX|SECOND_FACTOR|CLIENT/.test(name),
      ),
    )

  test('come from options: the settings are written, and a server starts with them', async () => {
    const folder = appOf()
    const { code, stdout } = await init(
      folder,
      ...['--yes', '--ways', 'password,passkey,mail'],
      ...['--providers', 'google,microsoft,github,oidc', '--second-factor', 'roles:finance,owner'],
    )
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /mails are not sent\. See them at http:\/\/localhost:\d+\/api\/development\/inbox\n/,
    )
    expect(stdout).toMatch(
      /show the buttons of google, microsoft, github, oidc, fill in their settings in \.env\.sallyport\.local\.\n/,
    )
    const text = read(folder, '.env.sallyport.local')
    expect(chosen(text)).toEqual({
      SALLYPORT_PASSKEYS: '1',
      SALLYPORT_MAILED_SIGN_IN: 'on',
      SALLYPORT_DEVELOPMENT_INBOX: '1',
      SALLYPORT_SECOND_FACTOR: 'optional',
      SALLYPORT_SECOND_FACTOR_ROLES: 'finance,owner',
    })
    expect(text).toContain(
      '# google: register your app there with the redirect address http://localhost:3000/api/auth/providers/google/callback, then fill this in\n# SALLYPORT_GOOGLE_CLIENT_ID=\n# google: as above\n# SALLYPORT_GOOGLE_CLIENT_SECRET=\n',
    )
    // A second run plans the same files from the settings, also without the options.
    const second = await init(folder)
    expect(second.stdout).toMatch(/Nothing to do: all files exist, and nothing was changed\.\n$/)
    expect(second.stdout).not.toMatch(/yours|by hand/)
    const settings = { ...parseEnv(text), DATA_DIR: temporaryFolder(), AUTH_PORT: '0' }
    await serveInProcess(settings)
    // The placeholders are filled in.
    const filled = parseEnv(
      text.replaceAll(/^# (SALLYPORT_(?:GOOGLE|MICROSOFT|GITHUB|OIDC)_\w+=)$/gm, (_, name) =>
        name.includes('ISSUER')
          ? `${name}https://id.example.com`
          : name.includes('TENANT')
            ? `${name}organizations`
            : `${name}filled-in`,
      ),
    )
    expect(filled.SALLYPORT_OIDC_CLIENT_SECRET).toBe('filled-in')
    await serveInProcess({ ...filled, DATA_DIR: temporaryFolder(), AUTH_PORT: '0' })
  })

  test.each([
    ['--ways', 'password', { SALLYPORT_PASSKEYS: '0', SALLYPORT_MAILED_SIGN_IN: 'off' }],
    ['--second-factor', 'off', { SALLYPORT_SECOND_FACTOR: 'off' }],
    ['--second-factor', 'required', { SALLYPORT_SECOND_FACTOR: 'required' }],
    ['--providers', 'none', {}],
  ])('%s %s writes only its own settings, and a server starts with them', async (option, value, expected) => {
    const folder = appOf()
    initHere(folder, usual, {
      ...(option === '--ways' && { ways: parseWays(value) }),
      ...(option === '--second-factor' && { secondFactor: parseSecondFactor(value) }),
      ...(option === '--providers' && { providers: parseProviders(value) }),
    })
    const text = read(folder, '.env.sallyport.local')
    expect(chosen(text)).toEqual(expected)
    await serveInProcess({ ...parseEnv(text), DATA_DIR: temporaryFolder(), AUTH_PORT: '0' })
  })

  test.each([
    [parseWays, 'passkey', 'The password cannot be switched off'],
    [parseWays, 'password,sms', 'There is no "sms". There are: password, passkey, mail.'],
    [parseWays, '', 'There is no empty name.'],
    [parseProviders, 'google,gogle', 'There is no "gogle". There are: google, microsoft, github, oidc.'],
    [parseSecondFactor, 'sometimes', 'Give off, optional, required, or roles: with names'],
    [parseSecondFactor, 'roles:', 'A role is 1 to 64 printable characters'],
  ])('%o refuses %j', (parse, value, message) => {
    expect(() => parse(value)).toThrow(message)
  })

  test('a wrong option writes nothing and ends with exit code 2', async () => {
    const folder = appOf()
    const before = digest(folder)
    const { code, stderr } = await init(folder, '--yes', '--ways', 'password,sms')
    expect([code, stderr]).toEqual([2, expect.stringContaining('There is no "sms". There are: password')])
    expect(digest(folder)).toEqual(before)
  })

  test('on a terminal, a wrong answer is explained and asked again', async () => {
    const folder = appOf()
    const terminal = onTerminal('init', { ...env, NO_COLOR: '1' }, '', folder)
    await terminal.shows('[password,passkey] ')
    terminal.type('sms\r')
    await terminal.shows('There is no "sms".')
    terminal.type('password\r')
    await terminal.shows('[none] ')
    terminal.type('github\r')
    await terminal.shows('[optional] ')
    terminal.type('off\r')
    await terminal.shows('[y/N] ')
    terminal.type('y\r')
    await terminal.shows('now? [y/N] ')
    terminal.type('n\r')
    expect((await terminal.ended).code).toBe(0)
    const text = read(folder, '.env.sallyport.local')
    expect(chosen(text)).toEqual({
      SALLYPORT_PASSKEYS: '0',
      SALLYPORT_MAILED_SIGN_IN: 'off',
      SALLYPORT_SECOND_FACTOR: 'off',
    })
    expect(text).toContain('# SALLYPORT_GITHUB_CLIENT_ID=\n')
  })
})

describe('the pages for the ways to sign in', () => {
  const all = [true, false]
  const choices = all.flatMap((passkey) =>
    all.flatMap((mail) =>
      all.flatMap((hasProviders) =>
        all.map((secondFactor) => ({ passkey, mail, hasProviders, secondFactor })),
      ),
    ),
  )

  test.each(choices)(
    '%o: has files and code only for these',
    ({ passkey, mail, hasProviders, secondFactor }) => {
      const folder = appOf()
      const before = digest(folder)
      const waysIn: WaysIn = {
        ways: ['password', ...(passkey ? (['passkey'] as const) : []), ...(mail ? (['mail'] as const) : [])],
        providers: hasProviders ? ['google'] : [],
        secondFactor: { policy: secondFactor ? 'optional' : 'off' },
      }
      initHere(folder, usual, waysIn)
      const made = filesMade(folder, before)
      expect([...made].sort()).toEqual(
        [
          ...written.filter((path) => secondFactor || !/second-factor|add-app|authenticator/.test(path)),
          ...(passkey ? forPasskeys : []),
          ...(passkey && secondFactor ? ['app/login/second-factor/passkey-proof.tsx'] : []),
          ...(mail ? forMail : []),
        ].sort(),
      )
      const text = code(made)
        .map((path) => read(folder, path))
        .join('')
      expect(/passkey|webauthn/i.test(text)).toBe(passkey)
      expect(/mail(?:ed|\/)|\/login\/(?:code|link)/i.test(text)).toBe(mail)
      expect(/provider/i.test(text)).toBe(hasProviders)
      expect(/second-factor|setUp|qr|recovery|authenticator app/i.test(text)).toBe(secondFactor)
      // All pages that need no session are public.
      for (const path of made.filter((file) => /app\/login.*page\.tsx$/.test(file)))
        expect(read(folder, 'proxy.ts')).toContain(`'/${path.replace('app/', '').replace('/page.tsx', '')}'`)

      const again = initHere(folder, usual, waysIn)
      for (const file of Object.values(again)) expect(file).toMatchObject({ note: 'already there' })
    },
  )

  test('JavaScript, without cacheComponents, below src, with a basePath', () => {
    const folder = appOf({
      'tsconfig.json': null,
      'app/layout.tsx': null,
      'app/page.tsx': null,
      'src/app/layout.js': '',
      'next.config.ts': null,
      'next.config.mjs': "export default { basePath: '/shop' }\n",
    })
    const before = digest(folder)
    initHere(folder, usual, everyWay)
    const made = code(filesMade(folder, before))
    expect(made.sort()).toEqual(
      code([...writtenForAnswers, ...forMail])
        .map((path) => `src/${path.replace(/\.tsx?$/, '.js')}`)
        .sort(),
    )
    for (const file of made) {
      expect(read(folder, file), file).not.toMatch(/\btype\b .*=|: (?:string|FormData)\b|import type/)
      expect(read(folder, file), file).not.toContain('instant')
    }
    // Next does not add the basePath to the address of a form.
    expect(read(folder, 'src/app/login/page.js')).toContain('action={`/shop/api/auth/providers/${name}`}')
    expect(read(folder, 'src/app/confirm/page.js')).toContain(
      'action={`/shop/api/auth/providers/${provider}`}',
    )
  })

  test('cacheComponents: every page that reads the session waits for it', () => {
    const folder = appOf()
    const before = digest(folder)
    initHere(folder, usual, everyWay)
    const pages = filesMade(folder, before).filter((path) => path.endsWith('/page.tsx'))
    const waiting = pages.filter((path) => read(folder, path).includes('export const instant = false\n'))
    expect(pages.filter((path) => !waiting.includes(path))).toEqual(['app/login/link/page.tsx'])
  })

  test('other ways in a second run: changes nothing, and says what to do; then it writes all files', () => {
    const folder = appOf()
    initHere(folder)
    const before = digest(folder)
    const plan = initHere(folder, usual, everyWay)
    expect(digest(folder)).toEqual(before)
    expect(plan['auth.ts']).toMatchObject({
      state: 'left',
      snippet: expect.stringMatching(/^ {2}passkeys,\n {2}mailedSignIn,\n {2}providers,$/m),
    })
    expect(plan['proxy.ts']).toMatchObject({
      state: 'left',
      snippet: expect.stringContaining("'/login/link'"),
    })
    for (const part of ['login', 'confirm', 'dashboard'])
      expect(plan[`app/${part}/page.tsx`]).toEqual({
        path: `app/${part}/page.tsx`,
        state: 'left',
        note: `yours, and is not changed. It does not have all the ways to sign in that you have chosen. Move the folder app/${part} out of app, run this again, then merge your changes`,
      })
    for (const path of ['auth.ts', 'proxy.ts', 'app/login', 'app/confirm', 'app/dashboard'])
      renameSync(join(folder, path), join(folder, `earlier-${path.replace('/', '-')}`))
    initHere(folder, usual, everyWay)
    expect(read(folder, 'app/login/page.tsx')).toContain('<PasskeySignIn')
    for (const path of [...forPasskeys, ...forMail]) expect(existsSync(join(folder, path)), path).toBe(true)
  })

  test('the settings of an earlier run are read again', () => {
    for (const waysIn of [
      {},
      { ways: ['password'] },
      { ways: ['password', 'mail'], secondFactor: { policy: 'off' } },
      { ...everyWay, secondFactor: { policy: 'roles', roles: ['finance', 'owner'] } },
      everyWay,
    ] satisfies WaysIn[]) {
      const folder = appOf()
      initHere(folder, usual, waysIn)
      const text = read(folder, '.env.sallyport.local')
      expect(waysInBefore(parseEnv(text), text)).toEqual(waysIn)
    }
  })
})

describe('the plan comes first', () => {
  test('without a terminal and --yes: prints the plan and a message, writes nothing, exit code 2', async () => {
    const folder = appOf()
    const before = digest(folder)
    const { code, stdout, stderr } = await init(folder)
    expect(code).toBe(2)
    expect(stderr).toMatch(/^There is no terminal for a question, and nothing was changed: pass --yes /)
    expect(stdout).toContain('Next.js 16.4.6 in TypeScript, pages in app/.')
    for (const file of written) expect(stdout).toMatch(new RegExp(`^create +${literal(file)} `, 'm'))
    expect(digest(folder)).toEqual(before)
  })

  test('--dry-run: prints only the plan, also with --yes and --install', async () => {
    const folder = appOf()
    const before = digest(folder)
    const { code, stdout, stderr } = await init(folder, '--dry-run', '--yes', '--install')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/This was a dry run: nothing was changed\.\n$/)
    expect(digest(folder)).toEqual(before)
  })

  test('on a terminal: asks, treats every answer except yes as no, and asks before it installs', async () => {
    const folder = appOf()
    const before = digest(folder)
    const no = onTerminal('init', { ...env, NO_COLOR: '1' }, '', folder)
    await chooseUsualWays(no)
    await no.shows(`Write these ${writtenForAnswers.length} files? [y/N] `)
    no.type('\r')
    expect(await no.ended).toMatchObject({ code: 1, screen: expect.stringContaining('Nothing was changed.') })
    expect(digest(folder)).toEqual(before)

    const yes = onTerminal('init', { ...env, NO_COLOR: '1' }, '', folder)
    await chooseUsualWays(yes)
    await yes.shows(`Write these ${writtenForAnswers.length} files? [y/N] `)
    yes.type('y\r')
    await yes.shows('Run npm install @sallyport/next sallyport now? [y/N] ')
    yes.type('n\r')
    const { code, screen } = await yes.ended
    expect(code).toBe(0)
    expect(screen).toMatch(
      /Then:\n {2}npm install @sallyport\/next sallyport\n {2}npx --no sallyport serve --settings /,
    )
    expect(filesMade(folder, before)).toEqual(writtenForAnswers)
  })
})

describe('--yes', () => {
  test('writes the planned files and changes nothing else; a second run changes nothing and reports it', async () => {
    const folder = appOf()
    const before = digest(folder)
    const first = await init(folder, '--yes')
    expect([first.code, first.stderr]).toEqual([0, ''])
    expect(first.stdout).toContain(`Wrote ${written.length} files. Existing files were not changed.`)
    const after = digest(folder)
    expect(after).toMatchObject(before)
    expect(filesMade(folder, before)).toEqual(written)

    // The command asks nothing, so it needs no terminal and no --yes.
    const second = await init(folder)
    expect([second.code, second.stderr]).toEqual([0, ''])
    expect(second.stdout).toMatch(/Nothing to do: all files exist, and nothing was changed\.\n$/)
    expect(second.stdout).not.toContain('create')
    expect(digest(folder)).toEqual(after)
  })

  test('src/app: writes the files below src, and the settings at the top', () => {
    const folder = appOf({ 'app/layout.tsx': null, 'app/page.tsx': null, 'src/app/layout.tsx': '' })
    const before = digest(folder)
    initHere(folder)
    expect(filesMade(folder, before)).toEqual([
      ...written.slice(0, 4),
      ...code(written).map((path) => `src/${path}`),
    ])
  })

  test('writes JavaScript for a JavaScript app', () => {
    const folder = appOf({
      'tsconfig.json': null,
      'app/layout.tsx': null,
      'app/page.tsx': null,
      'app/layout.js': '',
    })
    const before = digest(folder)
    initHere(folder)
    const made = filesMade(folder, before)
    expect(made.sort()).toEqual(written.map((path) => path.replace(/\.tsx?$/, '.js')).sort())
    for (const file of code(made))
      expect(read(folder, file)).not.toMatch(/\btype\b .*=|: (?:string|FormData)\b/)
  })

  test('writes `instant` only with cacheComponents, without which Next refuses it', () => {
    const instant = (folder: string) =>
      ['app/login/page.tsx', 'app/dashboard/page.tsx'].map((path) => read(folder, path).includes('instant'))
    const on = appOf()
    initHere(on)
    expect(instant(on)).toEqual([true, true])
    const off = appOf({ 'next.config.ts': 'export default {}\n' })
    initHere(off)
    expect(instant(off)).toEqual([false, false])
  })
})

describe('never overwrites', () => {
  test.each(written)('does not change a different %s that exists', (path) => {
    const folder = appOf({ [path]: '// mine\n' })
    const before = digest(folder)
    const plan = initHere(folder)
    expect(plan[path]?.state).not.toBe('create')
    expect(digest(folder)).toMatchObject(before)
  })

  test.each<[string, string, RegExp, RegExp]>([
    ['auth.ts', 'auth.ts', /^yours, .*Merge this by hand$/, /^export const \{\s+auth,\s+account,\s+api/m],
    ['auth.js', 'auth.ts', /^auth\.js exists in its place, .*Merge this/, /createAuth/],
    ['proxy.ts', 'proxy.ts', /^yours, .*Merge this/, /^export const proxy = authProxy/m],
    ['middleware.ts', 'proxy.ts', /^middleware\.ts exists in its place, .*middleware-to-proxy/, /authProxy/],
    [
      'app/api/[[...all]]/route.ts',
      'app/api/[...path]/route.ts',
      /^app\/api\/\[\[\.\.\.all\]\]\/route\.ts exists in its place/,
      /handlers/,
    ],
    [
      'app/(site)/login/page.tsx',
      'app/login/page.tsx',
      /^app\/\(site\)\/login\/page\.tsx exists/,
      /signIn\(/,
    ],
    ['pages/login.tsx', 'app/login/page.tsx', /^pages\/login\.tsx exists in its place/, /signIn\(/],
    [
      'app/dashboard/page.js',
      'app/dashboard/page.tsx',
      /^app\/dashboard\/page\.js exists/,
      /auth\.require\(/,
    ],
    ['.env.example', '.env.example', /^exists, but these settings are missing$/, /^SALLYPORT_URL=http/m],
    [
      '.env.local',
      '.env.local',
      /the same secrets in \.env\.local and \.env\.sallyport\.local$/,
      /^SALLYPORT_FRONTEND_SECRET=$/m,
    ],
  ])('%s exists in place of %s: shows what to merge', (there, path, note, snippet) => {
    const folder = appOf({ [there]: '# mine\n' })
    const plan = initHere(folder)
    expect(plan[path]).toEqual({
      path,
      state: 'left',
      note: expect.stringMatching(note),
      snippet: expect.stringMatching(snippet),
    })
    expect(existsSync(join(folder, path))).toBe(there === path)
    // If the user has their own page, our files for it are not written, except those that the other pages use.
    if (/login/.test(path)) {
      const made = readdirSync(join(folder, 'app/login'), { recursive: true, encoding: 'utf8' })
      expect(made.sort()).toEqual([
        'login.css',
        'second-factor',
        'second-factor/code-field.tsx',
        'second-factor/set-up-app.tsx',
      ])
    }
  })

  test('the printed plan names the file, and shows the snippet below', async () => {
    const { stdout } = await init(appOf({ 'middleware.ts': '// mine\n' }), '--dry-run')
    expect(stdout).toMatch(/^by hand +proxy\.ts +see below$/m)
    expect(stdout).toMatch(
      /^proxy\.ts: middleware\.ts exists in its place, .*:\n {4}import \{ authProxy \} from/m,
    )
  })

  test('does not write pages that import the user’s own auth.ts until it is merged', () => {
    const folder = appOf({ 'auth.ts': 'export const { auth, handlers } = NextAuth({})\n' })
    const before = digest(folder)
    expect(initHere(folder)['app/login/page.tsx']?.note).toMatch(
      /^not created, because it imports auth\.ts: merge that first/,
    )
    expect(code(filesMade(folder, before))).toEqual(['proxy.ts'])
    writeFileSync(
      join(folder, 'auth.ts'),
      "export const { auth, account } = createAuth({ apiPaths: ['/mine'] })\n",
    )
    expect(initHere(folder)['auth.ts']).toMatchObject({ state: 'there', note: 'yours, and already has this' })
    expect(code(filesMade(folder, before))).toEqual(code(written).filter((path) => path !== 'auth.ts'))
  })

  test('treats a link as an existing file, and writes nothing through it', () => {
    const elsewhere = temporaryFolder()
    writeFileSync(join(elsewhere, 'mine.ts'), '// mine\n')
    const folder = appOf()
    symlinkSync(join(elsewhere, 'mine.ts'), join(folder, 'auth.ts'))
    symlinkSync(join(elsewhere, 'nowhere.ts'), join(folder, 'proxy.ts'))
    symlinkSync(join(elsewhere, 'env'), join(folder, '.env.local'))
    const plan = initHere(folder)
    for (const path of ['auth.ts', 'proxy.ts', '.env.local']) expect(plan[path]?.state).toBe('left')
    expect(Object.keys(digest(elsewhere))).toEqual(['mine.ts'])
    expect(read(elsewhere, 'mine.ts')).toBe('// mine\n')
  })
})

describe('ports', () => {
  const script = (dev: string) => JSON.stringify({ dependencies: { next: '16.4.6' }, scripts: { dev } })
  const chosen = (changes: Record<string, string | null>, taken: number[] = []) =>
    chooseAddresses(findNextApp(appOf(changes)), async (port) => !taken.includes(port))
  const port = (number: number) => `http://localhost:${number}`

  test.each<[string, Record<string, string | null>, number[], Partial<LocalAddresses>]>([
    ['all of them free', {}, [], usual],
    [
      '3000 used: the next free port, as an option of `next dev`',
      {},
      [3000, 3001],
      { app: port(3002), devPort: 3002 },
    ],
    [
      '4000 taken: the next, but never the one of the API',
      {},
      [4000, 4001],
      { auth: port(4002), authPort: 4002 },
    ],
    [
      'up to the port of the API',
      {},
      Array.from({ length: 100 }, (_, index) => 4000 + index),
      { auth: port(4101), api: port(4100) },
    ],
    [
      'the dev script names one: it is that, taken or not',
      { 'package.json': script('next dev --turbopack -p 3100') },
      [3100],
      { app: port(3100), devPort: null },
    ],
    ['--port=', { 'package.json': script('next dev --port=3200') }, [], { app: port(3200), devPort: null }],
    ['PORT=', { 'package.json': script('PORT=3300 next dev') }, [], { app: port(3300), devPort: null }],
    [
      'the dev script names the port of the auth server',
      { 'package.json': script('next dev --port 4000') },
      [],
      { app: port(4000), auth: port(4001) },
    ],
    [
      'https in development',
      { 'package.json': script('next dev --experimental-https') },
      [],
      { app: 'https://localhost:3000' },
    ],
    [
      'the dev server of this very app has 3000',
      { '.next/dev/lock': JSON.stringify({ pid: process.pid, port: 3000 }) },
      [3000],
      { app: port(3000), taken: [] },
    ],
    [
      'a dev server that has ended counts for nothing',
      { '.next/dev/lock': JSON.stringify({ pid: 2 ** 30, port: 3007 }) },
      [],
      { app: port(3000) },
    ],
    [
      'settings that are there go first',
      { '.env': 'APP_URL=http://localhost:3005\nAUTH_PORT=4005\n' },
      [3000, 4000],
      { app: port(3005), auth: port(4005), authPort: 4005, devPort: 3005, taken: [] },
    ],
    [
      'an auth server elsewhere',
      { '.env.local': 'SALLYPORT_URL=https://auth.example.com\n' },
      [4000],
      { auth: 'https://auth.example.com', taken: [] },
    ],
  ])('%s', async (_, changes, taken, expected) => {
    expect(await chosen(changes, taken)).toMatchObject(expected)
  })

  test('uses the same free ports in all settings and in the output', async () => {
    // Make sure that another process uses the usual ports.
    const others = await Promise.all([3000, 4000].map(occupy))
    try {
      const folder = appOf()
      const { stdout } = await init(folder, '--yes')
      const pages = parseEnv(read(folder, '.env.local'))
      const server = parseEnv(read(folder, '.env.sallyport.local'))
      expect([pages.APP_URL, pages.SALLYPORT_URL]).not.toContain('http://localhost:3000')
      expect(server.SALLYPORT_ORIGINS).toBe(pages.APP_URL)
      expect(server.SALLYPORT_ISSUER).toBe(pages.SALLYPORT_URL)
      expect(pages.SALLYPORT_URL).toBe(`http://localhost:${server.AUTH_PORT}`)
      expect(server.AUTH_PORT).not.toBe('4000')
      const web = URL.parse(pages.APP_URL ?? '')?.port
      expect(web).not.toBe('3000')
      expect(stdout).toContain(
        `  npm run dev -- --port ${web}     # and open http://localhost:${web}/dashboard`,
      )
      expect(stdout).toContain(
        `Another process uses port 3000, so your pages get port ${web} in all settings.`,
      )
      expect(stdout).toContain(
        `Another process uses port 4000, so the auth server gets port ${server.AUTH_PORT} in all settings.`,
      )
      expect(parseEnv(read(folder, '.env.example'))).toMatchObject({
        APP_URL: pages.APP_URL,
        SALLYPORT_URL: pages.SALLYPORT_URL,
      })
    } finally {
      for (const close of others) close()
    }
  })

  /** Listens on a port, unless another process already listens there. */
  async function occupy(number: number): Promise<() => void> {
    const server = createServer()
    server.listen(number, '127.0.0.1')
    await Promise.race([once(server, 'listening'), once(server, 'error')]).catch(() => null)
    return () => server.close()
  }

  test('uses a basePath in the address to open and in links of mails, and matches the home page', async () => {
    const folder = appOf({ 'next.config.ts': "export default { basePath: '/shop' }\n" })
    const { stdout } = await init(folder, '--yes')
    expect(stdout).toMatch(/# and open http:\/\/localhost:\d+\/shop\/dashboard$/m)
    const { APP_URL } = parseEnv(read(folder, '.env.local'))
    expect(APP_URL).toMatch(/^http:\/\/localhost:\d+$/)
    expect(parseEnv(read(folder, '.env.sallyport.local')).SALLYPORT_APP_URL).toBe(`${APP_URL}/shop`)
    expect(read(folder, 'proxy.ts')).toContain("matcher: ['/', '/((?!api/|")
  })
})

describe('all or nothing', () => {
  const asNobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

  test('reports a folder that is not writable before it writes anything', async () => {
    const folder = appOf()
    chmodSync(folder, 0o755)
    chmodSync(join(folder, 'app'), 0o555)
    const before = digest(folder)
    const { code, stderr } = await start(['init', '--yes'], env, { cwd: folder, ...asNobody }).ended
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^The folder .* is not writable\..*Nothing was changed\.\n$/),
    ])
    expect(digest(folder)).toEqual(before)
    chmodSync(join(folder, 'app'), 0o755)
  })

  test('reports a file at the path of a folder before it writes anything', () => {
    const folder = appOf({ 'app/login': 'a file' })
    const before = digest(folder)
    expect(() => initHere(folder)).toThrow(
      'app/login is not a folder, but app/login/page.tsx must be in it. Nothing was changed.',
    )
    expect(digest(folder)).toEqual(before)
  })

  test('does not overwrite a file that was created after the plan, and removes all files again', async () => {
    const folder = appOf()
    const terminal = onTerminal('init', { ...env, NO_COLOR: '1' }, '', folder)
    await chooseUsualWays(terminal)
    await terminal.shows('[y/N] ')
    mkdirSync(join(folder, 'app/dashboard'))
    writeFileSync(join(folder, 'app/dashboard/page.tsx'), '// mine\n')
    const before = digest(folder)
    terminal.type('y\r')
    const { code, screen } = await terminal.ended
    expect(code).toBe(1)
    expect(screen).toMatch(/page\.tsx was created in the meantime\. Nothing was changed: run this again\./)
    expect(digest(folder)).toEqual(before)
  })
})

describe('secrets', () => {
  test('are new, equal on both sides, readable only by their owner, and never printed', async () => {
    const folders = [appOf(), appOf()]
    const made = []
    for (const folder of folders) {
      const { stdout } = await init(folder, '--yes')
      const pages = parseEnv(read(folder, '.env.local'))
      const server = parseEnv(read(folder, '.env.sallyport.local'))
      expect(pages.SALLYPORT_SECRET).toBeUndefined()
      expect(pages.SALLYPORT_FRONTEND_SECRET).toBe(server.SALLYPORT_FRONTEND_SECRET)
      expect(pages.SALLYPORT_VERIFIER_SECRET).toBe(server.SALLYPORT_VERIFIER_SECRET)
      const secrets = Object.keys(server)
        .filter((name) => name.endsWith('_SECRET'))
        .map((name) => server[name] ?? '')
      for (const secret of secrets) {
        expect(Buffer.from(secret, 'base64')).toHaveLength(32)
        expect(stdout).not.toContain(secret)
        expect(read(folder, '.env.example')).not.toContain(secret)
      }
      made.push(...secrets)
      for (const file of ['.env.local', '.env.sallyport.local'])
        expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
    }
    expect(new Set(made).size).toBe(6)
  })

  test('of an existing file are used in the other one', () => {
    const secret = 'front-7RtYh3NbVc9XzLk5JhGf2DsAqWeRtZ'
    const folder = appOf({ '.env.local': `SALLYPORT_FRONTEND_SECRET=${secret}\n` })
    const plan = initHere(folder)
    expect(parseEnv(read(folder, '.env.sallyport.local')).SALLYPORT_FRONTEND_SECRET).toBe(secret)
    expect(JSON.stringify(plan['.env.local'])).not.toContain(secret)
  })

  test('keeps values of .env, over which the new .env.local would take precedence', () => {
    const secret = 'front-7RtYh3NbVc9XzLk5JhGf2DsAqWeRtZ'
    const folder = appOf({
      '.env': `API_URL=https://api.staging.example\nAPP_URL=\nSALLYPORT_FRONTEND_SECRET=${secret}\n`,
    })
    const plan = initHere(folder)
    const pages = parseEnv(read(folder, '.env.local'))
    expect([pages.API_URL, pages.SALLYPORT_FRONTEND_SECRET]).toEqual([undefined, undefined])
    expect(pages.APP_URL).toBe('http://localhost:3000')
    expect(plan['.env.local']?.state === 'create' && plan['.env.local'].note).toMatch(
      /; \.env keeps SALLYPORT_FRONTEND_SECRET, API_URL; git ignores it$/,
    )
    expect(parseEnv(read(folder, '.env.sallyport.local')).SALLYPORT_FRONTEND_SECRET).toBe(secret)
  })

  test('reports a secret that cannot be copied into another file, and writes nothing', async () => {
    const folder = appOf({ '.env.local': 'SALLYPORT_FRONTEND_SECRET="abc#def"\n' })
    const before = digest(folder)
    const { code, stdout, stderr } = await init(folder, '--yes')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^SALLYPORT_FRONTEND_SECRET has characters .*Nothing was changed\.\n$/)
    expect(stderr).not.toContain('abc')
    expect(digest(folder)).toEqual(before)
  })

  test('creates the folder of the database only for its owner', () => {
    const folder = appOf()
    initHere(folder)
    expect(statSync(join(folder, '.sallyport')).mode & 0o777).toBe(0o700)
  })

  test.each<[string, string, boolean]>([
    ['nothing', '/node_modules\n', false],
    ['another file', '.env\n', false],
    ['all of them', '.env*\n', true],
    ['the local ones', '# local\n.env*.local\n', true],
    ['all of them but these', '.env*\n!.env*.local\n', false],
  ])('are made only where git leaves them out: .gitignore that names %s', (_, rules, isMade) => {
    for (const hasRepository of [false, true]) {
      const folder = appOf({ '.gitignore': rules })
      if (hasRepository) mkdirSync(join(folder, '.git/objects'), { recursive: true })
      if (hasRepository) mkdirSync(join(folder, '.git/refs'))
      if (hasRepository) writeFileSync(join(folder, '.git/HEAD'), 'ref: refs/heads/main\n')
      const plan = initHere(folder)
      for (const file of ['.env.local', '.env.sallyport.local'])
        expect(existsSync(join(folder, file)), `${file}, repository: ${hasRepository}`).toBe(isMade)
      if (!isMade)
        expect(plan['.env.local']).toMatchObject({
          note: expect.stringMatching(/^not created, because git would/),
          snippet: '.env*.local\n',
        })
    }
  })
})

describe('refuses clearly and changes nothing', () => {
  const manifest = (next: string) => JSON.stringify({ dependencies: { next } })
  test.each<[string, Record<string, string | null>, RegExp]>([
    ['no package.json', { 'package.json': null }, /^There is no package\.json here\..*create-next-app/],
    ['a broken one', { 'package.json': '{' }, /^package\.json cannot be read as JSON\./],
    ['no Next', { 'package.json': '{}' }, /^There is no Next\.js app here: .*create-next-app/],
    [
      'Next 15',
      { 'package.json': manifest('^15.5.0') },
      /^This app has Next\.js \^15\.5\.0, and .* needs 16\.4\.5 or newer\. .* renames the middleware\.ts of Next\.js 15/,
    ],
    [
      'Next 15 installed',
      { 'node_modules/next/package.json': '{"version":"15.5.2"}' },
      /^This app has Next\.js 15\.5\.2, /,
    ],
    [
      'only the Pages Router',
      { 'app/layout.tsx': null, 'app/page.tsx': null, 'pages/index.tsx': '' },
      /^This app has only the Pages Router/,
    ],
    [
      'no pages at all',
      { 'app/layout.tsx': null, 'app/page.tsx': null },
      /^There is neither app\/ nor src\/app\//,
    ],
  ])('%s', (_, changes, sentence) => {
    const folder = appOf(changes)
    const before = digest(folder)
    expect(() => initHere(folder)).toThrow(sentence)
    expect(digest(folder)).toEqual(before)
  })

  test('with one line and exit code 1', async () => {
    const { code, stdout, stderr } = await init(temporaryFolder(), '--yes')
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      expect.stringMatching(/^There is no package\.json here\..*\n$/),
    ])
  })
})

describe('the package', () => {
  function commandOf(folder: string): string {
    const { packageManager, packages } = findNextApp(folder)
    return [...packageManager.add, ...packages].join(' ')
  }

  test.each<[string, string]>([
    ['package-lock.json', 'npm install @sallyport/next sallyport'],
    ['pnpm-lock.yaml', 'pnpm add @sallyport/next sallyport'],
    ['yarn.lock', 'yarn add @sallyport/next sallyport'],
    ['bun.lock', 'bun add @sallyport/next sallyport'],
  ])('%s: %s is the command', (lockFile, command) => {
    expect(commandOf(appOf({ [lockFile]: '' }))).toBe(command)
  })

  test.each<[string, string]>([
    ['package-lock.json', 'npx --no sallyport serve'],
    ['pnpm-lock.yaml', 'pnpm exec sallyport serve'],
    ['yarn.lock', 'yarn sallyport serve'],
    ['bun.lock', 'bun run sallyport serve'],
  ])('%s: what to type next is %s, which fetches no package of that name', async (lockFile, command) => {
    const { stdout } = await init(appOf({ [lockFile]: '' }), '--yes')
    expect(stdout).toContain(`\n  ${command} --settings .env.sallyport.local`)
    expect(stdout).not.toMatch(/npx sallyport|pnpm dlx|bunx/)
  })

  test('finds the lock file of a monorepo in a folder above', () => {
    const app = { 'web/app/layout.tsx': '', 'web/package.json': freshApp['package.json'] ?? '' }
    const repository = appOf({ ...app, 'pnpm-lock.yaml': '', '.git/HEAD': '' })
    expect(commandOf(join(repository, 'web'))).toBe('pnpm add @sallyport/next sallyport')
  })

  test('--install runs the package manager in the folder of the app, after the files are written', async () => {
    const folder = appOf({ 'yarn.lock': '' })
    const tools = temporaryFolder()
    writeFileSync(join(tools, 'yarn'), '#!/bin/sh\necho "$PWD: $0 $*, $(ls auth.ts)"\n', { mode: 0o755 })
    const { code, stdout } = await start(
      ['init', '--yes', '--install'],
      { ...env, PATH: `${tools}:${env.PATH}` },
      { cwd: folder },
    ).ended
    expect(code).toBe(0)
    expect(stdout).toContain(`${folder}: ${tools}/yarn add @sallyport/next sallyport, auth.ts\n`)
    expect(stdout).not.toContain('\n  yarn add')
  })

  test('reports a failed package manager and the command to repeat, with exit code 1', async () => {
    const folder = appOf({ 'yarn.lock': '' })
    const tools = temporaryFolder()
    writeFileSync(join(tools, 'yarn'), '#!/bin/sh\nexit 7\n', { mode: 0o755 })
    const path = { ...env, PATH: `${tools}:${env.PATH}` }
    const { code, stderr } = await start(['init', '--yes', '--install'], path, { cwd: folder }).ended
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/The files are written\. .* run: yarn add @sallyport\/next sallyport\n$/),
    ])
  })

  test('does not install installed packages again', () => {
    const folder = appOf({
      'package.json': JSON.stringify({ dependencies: { next: '16.4.6', '@sallyport/next': '*' } }),
      'node_modules/sallyport/package.json': '{"version":"0.1.0"}',
    })
    expect(findNextApp(folder).packages).toEqual([])
  })

  test('updates an older Next 16 with the same command', () => {
    const folder = appOf({ 'package.json': JSON.stringify({ dependencies: { next: '16.4.3' } }) })
    expect(commandOf(folder)).toBe('npm install @sallyport/next sallyport next@latest')
  })

  test('the plan reports a Next of create-next-app that is too old', async () => {
    const folder = appOf({ 'package.json': JSON.stringify({ dependencies: { next: '16.4.3' } }) })
    const { stdout } = await init(folder, '--dry-run')
    expect(stdout).toMatch(
      /^package\.json: This app has Next\.js 16\.4\.3, and Sallyport needs 16\.4\.5 or newer: npm install next@latest\.$/m,
    )
  })

  test('the lowest Next version is the peer dependency of @sallyport/next', () => {
    const file = fileURLToPath(new URL('../../next/package.json', import.meta.url))
    const { peerDependencies } = JSON.parse(readFileSync(file, 'utf8')) as {
      peerDependencies: { next: string }
    }
    expect(peerDependencies.next).toBe(`>=${minNextVersion}`)
  })
})

test('explains a missing authInterrupts and skipTrailingSlashRedirect, and does not change the file', async () => {
  const adviceIn = (folder: string) =>
    adviceFor(findNextApp(folder), usual).filter(({ about }) => /config/.test(about))
  const { stdout } = await init(appOf(), '--yes')
  expect(stdout).toMatch(
    /^next\.config\.ts: sallyport init does not change this file\..*:\n {4}experimental: \{ authInterrupts: true \},$/m,
  )
  // The line is printed again after the plan, because its first place may not be visible any more.
  const repeated =
    /Then:\n(?: .*\n)* {2}# add to next\.config\.ts, .*: experimental: \{ authInterrupts: true \},\n {2}npm run dev/
  expect(stdout).toMatch(repeated)
  expect(adviceIn(appOf({ 'next.config.ts': null }))).toMatchObject([
    { sentence: expect.stringMatching(/^This file does not exist/) },
    { snippet: 'skipTrailingSlashRedirect: true,\n' },
  ])
  const complete =
    'export default { experimental: { authInterrupts: true }, skipTrailingSlashRedirect: true }\n'
  expect(adviceIn(appOf({ 'next.config.ts': complete }))).toEqual([])
  const quiet = await init(appOf({ 'next.config.ts': complete }), '--yes')
  expect(quiet.stdout).toContain('Then:')
  expect(quiet.stdout).not.toContain('authInterrupts')
})

test('init loads no part of the server, because it runs in a front end', async () => {
  const folder = appOf()
  const hook = `import { registerHooks } from 'node:module'
    registerHooks({ resolve(name, context, next) {
      if (/^@sallyport|^(better-sqlite3|pg|zod)$/.test(name)) throw new Error('init loads ' + name)
      return next(name, context)
    } })`
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(hook)}`
  const { code, stderr } = await start(['init', '--yes'], { ...env, NODE_OPTIONS }, { cwd: folder }).ended
  expect([code, stderr]).toEqual([0, ''])
})

test('--settings: reads a file, environment variables take precedence, and a missing file is reported', async () => {
  const folder = temporaryFolder()
  writeFileSync(
    join(folder, 'settings'),
    'SALLYPORT_SECRET=server-7RtYh3NbVc9XzLk5JhGf2DsAqW\nSALLYPORT_ISSUER=http://localhost:4000\nSALLYPORT_AUDIENCE=web\nDATA_DIR=of-the-file\n',
  )
  const migrate = (words: string[], more: Environment = {}) =>
    start(['migrate', ...words], { ...env, ...more }, { cwd: folder }).ended
  expect(await migrate(['--settings', 'settings'])).toMatchObject({ code: 0, stderr: '' })
  expect(existsSync(join(folder, 'of-the-file/sallyport.db'))).toBe(true)
  expect((await migrate(['--settings', 'settings'], { DATA_DIR: 'set-already' })).code).toBe(0)
  expect(existsSync(join(folder, 'set-already/sallyport.db'))).toBe(true)
  const { code, stderr } = await migrate(['--settings', 'nowhere'])
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^The file nowhere of --settings cannot be read .*\n$/),
  ])
})
