import type { Command } from 'commander'
import { adviceFor, configFile, lacksAuthInterrupts } from '../../scaffold/advice.ts'
import { chooseAddresses, type LocalAddresses } from '../../scaffold/local-addresses.ts'
import { findNextApp, type NextApp } from '../../scaffold/next-app.ts'
import { planFiles } from '../../scaffold/plan.ts'
import { readSettings, readSettingsText, serverFile } from '../../scaffold/settings-files.ts'
import { UnfitApp } from '../../scaffold/unfit-app.ts'
import { type WaysIn, waysInBefore } from '../../scaffold/ways-in.ts'
import { type NewFile, requireWritable, writeFiles } from '../../scaffold/write-files.ts'
import { ask } from '../../terminal/ask.ts'
import { print, say } from '../../terminal/print.ts'
import { command } from '../command.ts'
import { Refusal } from '../refusal.ts'
import { addPackages } from './add-packages.ts'
import { askWaysIn } from './ask-ways-in.ts'
import { printPlan } from './print-plan.ts'
import { parseProviders, parseSecondFactor, parseWays } from './ways-in-options.ts'

type Options = WaysIn & { yes?: boolean; dryRun?: boolean; install?: boolean }

/** `sallyport init`: adds the files that a Next app needs, and changes no existing file. */
export function initCommand() {
  return command('init', 'Add Sallyport to the Next.js app in this folder. Shows the plan, then asks.', {
    examples: [
      'sallyport init',
      'sallyport init --dry-run',
      'sallyport init --yes --ways password,passkey,mail --providers google,github --second-factor optional',
    ],
    more: 'Files that exist are never changed. Needs no settings and no database.',
  })
    .option('-y, --yes', 'do not ask before the files are written')
    .option('--dry-run', 'only show what would be done')
    .option('--install', 'install the packages too, with the package manager of the lock file')
    .option('--ways <list>', 'how users sign in, beside the password: password,passkey,mail', parseWays)
    .option('--providers <list>', 'outside providers: google,microsoft,github,oidc', parseProviders)
    .option(
      '--second-factor <policy>',
      'off, optional, required, or roles:finance,owner for some roles',
      parseSecondFactor,
    )
    .action(async ({ yes = false, dryRun = false, install = false, ...given }: Options, self: Command) => {
      const app = orRefusal(() => findNextApp(process.cwd()))
      const mayAsk = process.stdin.isTTY && !yes && !dryRun
      const waysIn =
        mayAsk && isNew(app) && Object.keys(given).length === 0 ? await askWaysIn() : withEarlier(app, given)
      const addresses = await chooseAddresses(app)
      const files = orRefusal(() => planFiles(app, addresses, waysIn))
      await printPlan(app, files, adviceFor(app, addresses))
      const created = files.filter((file) => file.state === 'create')
      const toInstall = install ? app.packages : []
      orRefusal(() => requireWritable(app.folder, created))
      if (created.length === 0) await say(nothingToWrite(files.some(({ state }) => state === 'left')))
      if (dryRun) return say('This was a dry run: nothing was changed.')
      if (created.length > 0 && !yes) await requireConsent(created, self)
      orRefusal(() => writeFiles(app.folder, created))
      if (created.length > 0)
        await say(
          `Wrote ${created.length} ${created.length === 1 ? 'file' : 'files'}. Existing files were not changed.`,
        )
      const asked = created.length > 0 && !yes && !install && (await isWanted(app))
      if (asked || toInstall.length > 0) await addPackages(app)
      if (created.length > 0) await printNextSteps(app, addresses, asked || toInstall.length > 0)
      if (created.length > 0) await printWaysIn(waysIn, addresses)
    })
}

/** Returns whether the app has no settings of an auth server yet. */
function isNew({ folder }: NextApp): boolean {
  return readSettings(folder, serverFile) === null
}

/** Returns the ways in of the options. For options that are not given, those of an earlier run apply, so that the same files are planned again. */
function withEarlier({ folder }: NextApp, given: WaysIn): WaysIn {
  const text = readSettingsText(folder, serverFile)
  return text === null ? given : { ...waysInBefore(readSettings(folder, serverFile) ?? {}, text), ...given }
}

function nothingToWrite(hasLeft: boolean): string {
  return hasLeft
    ? 'Nothing was written. Merge the files above by hand.'
    : 'Nothing to do: all files exist, and nothing was changed.'
}

async function requireConsent(created: readonly NewFile[], self: Command): Promise<void> {
  if (!process.stdin.isTTY)
    self.error(
      'error: there is no terminal for a question, and nothing was changed: pass --yes to write these files',
    )
  const answer = await ask(
    `Write ${created.length === 1 ? 'this file' : `these ${created.length} files`}? [y/N] `,
  )
  if (!isYes(answer)) throw new Refusal('Nothing was changed.')
}

async function isWanted({ packageManager, packages }: NextApp): Promise<boolean> {
  if (packages.length === 0) return false
  return isYes(await ask(`Run ${[...packageManager.add, ...packages].join(' ')} now? [y/N] `))
}

function isYes(answer: string | null): boolean {
  return /^y(?:es)?$/i.test(answer ?? '')
}

async function printNextSteps(nextApp: NextApp, { app, devPort }: LocalAddresses, isInstalled: boolean) {
  const { add, run, dev, devOptions } = nextApp.packageManager
  const { packages, basePath } = nextApp
  const settings = `--settings ${serverFile}`
  await print('\nThen:')
  if (!isInstalled && packages.length > 0) await print(`  ${[...add, ...packages].join(' ')}`)
  await print(`  ${run} sallyport serve ${settings}     # the auth server, in a separate terminal`)
  await print(`  ${run} sallyport users create you@example.com --name You ${settings}`)
  if (lacksAuthInterrupts(nextApp))
    await print(`  # add to ${configFile(nextApp)}, see above: experimental: { authInterrupts: true },`)
  const onPort = devPort === null ? '' : `${devOptions} --port ${devPort}`
  const origin = URL.parse(app)?.origin ?? app
  await print(`  ${dev}${onPort}     # and open ${origin}${basePath}/dashboard`)
}

/** Prints what the user must still do or know, so that all chosen ways to sign in work. */
async function printWaysIn({ ways = [], providers = [] }: WaysIn, { auth }: LocalAddresses): Promise<void> {
  if (ways.includes('mail'))
    await print(`\nIn development, mails are not sent. See them at ${auth}/api/development/inbox`)
  if (providers.length > 0)
    await print(
      `\nBefore the sign-in page can show the buttons of ${providers.join(', ')}, fill in their settings in ${serverFile}.`,
    )
}

function orRefusal<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof UnfitApp ? new Refusal(error.message) : error
  }
}
