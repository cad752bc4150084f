import { randomBytes } from 'node:crypto'
import { isGitIgnored } from './git-ignore.ts'
import type { LocalAddresses } from './local-addresses.ts'
import type { NextApp } from './next-app.ts'
import type { PlannedFile } from './planned-file.ts'
import { inheritedFile, pagesFile, readSettings, readSettingsText, serverFile } from './settings-files.ts'
import { UnfitApp } from './unfit-app.ts'
import { type ChosenSetting, settingsOf, type WaysIn } from './ways-in.ts'

const exampleFile = '.env.example'

type Setting = readonly [name: string, value: string, meaning: string, isComment?: boolean]
type Secrets = { secret: string; frontend: string; verifier: string }

const pagesSettings = ({ frontend, verifier }: Secrets, { auth, app, api }: LocalAddresses): Setting[] => [
  ['SALLYPORT_URL', auth, 'the address of the auth server'],
  ['SALLYPORT_AUDIENCE', 'my-web', 'the audience of these pages'],
  ['SALLYPORT_FRONTEND_SECRET', frontend, 'proves to the auth server that this is your Next server'],
  ['SALLYPORT_VERIFIER_SECRET', verifier, 'gives access to the revocation feed'],
  ['APP_URL', app, 'the public origin of your pages'],
  ['API_URL', api, 'the address of your API'],
]

const serverSettings = (
  { secret, frontend, verifier }: Secrets,
  { auth, authPort, app }: LocalAddresses,
  basePath: string,
  chosen: readonly ChosenSetting[],
): Setting[] => [
  ['SALLYPORT_SECRET', secret, 'for signing and encryption; only the auth server needs it'],
  ['SALLYPORT_FRONTEND_SECRET', frontend, `the same as in ${pagesFile}`],
  ['SALLYPORT_VERIFIER_SECRET', verifier, `the same as in ${pagesFile}`],
  ['SALLYPORT_ISSUER', auth, 'the public address of the auth server'],
  ['AUTH_PORT', String(authPort), 'the port that it listens on'],
  ['SALLYPORT_AUDIENCE', 'my-api,my-web', 'the audiences of tokens'],
  ['SALLYPORT_ORIGINS', URL.parse(app)?.origin ?? app, 'the origins of your pages'],
  ...(basePath === ''
    ? []
    : [['SALLYPORT_APP_URL', `${app}${basePath}`, 'the base of the links in mails'] as const]),
  ['DATA_DIR', '.sallyport', 'the folder of the database of the auth server'],
  ...chosen.map(({ name, value, meaning, isComment = false }) => [name, value, meaning, isComment] as const),
]

/** This setting is commented out in the file, because there is no proxy before a server on a development machine. */
const proxyNote = `# in production: the number of reverse proxies before Next; without it, all visitors share one rate limit
# SALLYPORT_TRUSTED_PROXY_HOPS=1
`

const blank: Secrets = { secret: '', frontend: '', verifier: '' }

/**
 * Plans the settings files of the pages and the auth server. If one of the files already has a secret, it is used for the other files too.
 * Missing secrets are created.
 *
 * @throws UnfitApp if a secret cannot be copied into another file.
 */
export function planEnvironment(
  { folder, basePath }: NextApp,
  addresses: LocalAddresses,
  waysIn: WaysIn = {},
): PlannedFile[] {
  const chosen = settingsOf(waysIn, addresses.app + basePath)
  const inherited = readSettings(folder, inheritedFile) ?? {}
  const pages = readSettings(folder, pagesFile)
  const server = readSettings(folder, serverFile)
  const known = (name: string) => {
    const found = pages?.[name] || server?.[name] || inherited[name]
    // A secret with characters outside of this set needs quotes, and the program that reads the second file may treat quotes differently.
    if (found && !/^[\w+/=.-]+$/.test(found) && (pages === null || server === null))
      throw new UnfitApp(
        `${name} has characters that cannot be copied into another settings file. Use only letters, digits and + / = . _ - as in openssl rand -base64 32, and run this again. Nothing was changed.`,
      )
    return found || randomBytes(32).toString('base64')
  }
  const secrets = {
    secret: known('SALLYPORT_SECRET'),
    frontend: known('SALLYPORT_FRONTEND_SECRET'),
    verifier: known('SALLYPORT_VERIFIER_SECRET'),
  }
  const [kept, added] = [true, false].map((isThere) =>
    pagesSettings(secrets, addresses).filter(([name]) => Boolean(inherited[name]) === isThere),
  ) as [Setting[], Setting[]]
  const example = `# Copy to ${pagesFile}; secrets come from: openssl rand -base64 32\n${lines(pagesSettings(blank, addresses))}${proxyNote}`
  return [
    planned(
      folder,
      exampleFile,
      'the settings of your pages, without secrets',
      example,
      pagesSettings(blank, addresses),
    ),
    ...[
      planned(
        folder,
        pagesFile,
        `the settings of your pages, with new secrets${kept.length === 0 ? '' : `; ${inheritedFile} keeps ${kept.map(([name]) => name).join(', ')}`}`,
        lines(added) + proxyNote,
        pagesSettings(blank, addresses).filter(([name]) => !inherited[name]),
      ),
      planned(
        folder,
        serverFile,
        'the settings of the auth server, with new secrets',
        lines(serverSettings(secrets, addresses, basePath, chosen)),
        serverSettings(blank, addresses, basePath, chosen),
      ),
    ].map((file) => unlessCommitted(folder, file)),
    privately(
      planned(folder, '.sallyport/.gitignore', 'keeps the database of the auth server out of git', '*\n', []),
    ),
  ]
}

function planned(
  folder: string,
  path: string,
  note: string,
  text: string,
  settings: readonly Setting[],
): PlannedFile {
  const found = readSettings(folder, path)
  if (found === null) return { path, state: 'create', note, text }
  const comments = readSettingsText(folder, path) ?? ''
  const missing = settings.filter(
    ([name, , , isComment]) => found[name] === undefined && !(isComment && comments.includes(`# ${name}=`)),
  )
  if (missing.length === 0) return { path, state: 'there', note: 'already there' }
  return { path, state: 'left', note: 'exists, but these settings are missing', snippet: lines(missing) }
}

/** Plans a file with secrets: only its owner can read it. If git would add it to the repository, it is not created. */
function unlessCommitted(folder: string, file: PlannedFile): PlannedFile {
  if (file.state === 'left' && file.snippet !== undefined)
    return {
      ...file,
      note: `${file.note}; use the same secrets in ${pagesFile} and ${serverFile}`,
    }
  if (file.state !== 'create') return file
  if (isGitIgnored(folder, file.path)) return { ...file, note: `${file.note}; git ignores it`, mode: 0o600 }
  return {
    path: file.path,
    state: 'left',
    note: 'not created, because git would add its secrets. Add this line to .gitignore and run this again',
    snippet: '.env*.local\n',
  }
}

/** Plans a file in the folder of a database: only the owner can access the folder. */
function privately(file: PlannedFile): PlannedFile {
  return file.state === 'create' ? { ...file, folderMode: 0o700 } : file
}

function lines(settings: readonly Setting[]): string {
  return settings
    .map(([name, value, meaning, isComment]) => `# ${meaning}\n${isComment ? '# ' : ''}${name}=${value}\n`)
    .join('')
}
