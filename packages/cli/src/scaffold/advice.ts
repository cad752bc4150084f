import { isGitIgnored } from './git-ignore.ts'
import type { LocalAddresses } from './local-addresses.ts'
import type { NextApp } from './next-app.ts'
import { isOlder, minNextVersion } from './next-version.ts'
import { pagesFile } from './settings-files.ts'

/** A change in other files that the user must make by hand. */
export type Advice = { about: string; sentence: string; snippet?: string }

/** Returns the advice that the plan shows. `init` never makes these changes itself. */
export function adviceFor(app: NextApp, { taken }: LocalAddresses): Advice[] {
  return [
    ...aboutNext(app),
    ...taken.map(({ expected, chosen, who }) => ({
      about: pagesFile,
      sentence: `Another process uses port ${expected}, so ${who} get${who === 'your pages' ? '' : 's'} port ${chosen} in all settings`,
    })),
    ...aboutConfig(app),
    ...aboutFinalSlash(app),
    ...aboutExample(app),
  ]
}

function aboutNext({ next, packageManager }: NextApp): Advice[] {
  if (!isOlder(next, minNextVersion)) return []
  return [
    {
      about: 'package.json',
      sentence: `This app has Next.js ${next}, and Sallyport needs ${minNextVersion} or newer: ${[...packageManager.add, 'next@latest'].join(' ')}`,
    },
  ]
}

/** Returns the name of Next's configuration file, or the usual name if the file does not exist. */
export function configFile({ config, language }: NextApp): string {
  return config?.file ?? (language === 'TypeScript' ? 'next.config.ts' : 'next.config.mjs')
}

/** Returns whether `auth.require({ role })` would answer 500 for a user without the role. */
export function lacksAuthInterrupts({ config }: NextApp): boolean {
  return !/\bauthInterrupts:\s*true\b/.test(config?.text ?? '')
}

function aboutConfig(app: NextApp): Advice[] {
  if (!lacksAuthInterrupts(app)) return []
  const { config } = app
  const line = 'experimental: { authInterrupts: true },'
  if (config !== null)
    return [
      {
        about: config.file,
        sentence:
          'sallyport init does not change this file. Without this line, auth.require({ role }) answers 500 for a user without the role. Add it',
        snippet: `${line}\n`,
      },
    ]
  return [
    {
      about: configFile(app),
      sentence:
        'This file does not exist. Without it, auth.require({ role }) answers 500 for a user without the role. Create it',
      snippet: `export default {\n  ${line}\n}\n`,
    },
  ]
}

function aboutFinalSlash(app: NextApp): Advice[] {
  if (/\bskipTrailingSlashRedirect:\s*true\b/.test(app.config?.text ?? '')) return []
  return [
    {
      about: configFile(app),
      sentence:
        'Only if paths of your API end with a slash, as in Django REST framework. Without this line, Next removes the slash. Add it',
      snippet: 'skipTrailingSlashRedirect: true,\n',
    },
  ]
}

function aboutExample({ folder }: NextApp): Advice[] {
  return isGitIgnored(folder, '.env.example')
    ? [
        {
          about: '.gitignore',
          sentence: 'Git ignores .env.example. To commit it, add',
          snippet: '!.env.example\n',
        },
      ]
    : []
}
