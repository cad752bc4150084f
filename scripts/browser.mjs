// Finds a Chromium. If there is none, installs one. For root on Debian and similar systems, it installs the package of the system.
// Otherwise it installs Playwright's build.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fail, projectNode, root, step } from './install.mjs'

const places = [
  // This build never opens a window. Windows take half of Chromium's CPU time.
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** Returns the path of a Chromium that can be started. If there is none, installs one. */
export async function ensureBrowser() {
  const found = await findBrowser()
  if (found) return found
  console.log('  No Chromium found; installing one for the browser tests.')
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    await step('Fetching the list of system packages', 'apt-get', ['update', '-qq'])
    const chromium = systemHas('chromium-headless-shell') ? 'chromium-headless-shell' : 'chromium'
    await step('Installing Chromium', 'apt-get', [
      'install',
      '-y',
      '-qq',
      '--no-install-recommends',
      ...[chromium, 'fonts-dejavu-core'],
    ])
  } else {
    const cli = join(root, 'node_modules/playwright-core/cli.js')
    await step('Downloading Chromium', projectNode(), [cli, 'install', 'chromium-headless-shell'])
  }
  return (
    (await findBrowser()) ??
    fail(
      'The browser tests need Chromium. Install it, or set CHROMIUM_PATH to the path of an installed Chromium.',
    )
  )
}

async function findBrowser() {
  const { chromium } = await import('playwright-core')
  return [
    process.env.CHROMIUM_PATH,
    chromium.executablePath(),
    headlessShell(chromium.executablePath()),
    ...places,
  ].find((path) => path && existsSync(path) && starts(path))
}

/** @param {string} path */
function headlessShell(path) {
  return path.replace(
    /chromium-(\d+)([\\/])chrome-linux(?:64)?[\\/]chrome$/,
    'chromium_headless_shell-$1$2chrome-headless-shell-linux64$2chrome-headless-shell',
  )
}

/** @param {string} name */
function systemHas(name) {
  return /^Package: /m.test(spawnSync('apt-cache', ['show', name], { encoding: 'utf8' }).stdout)
}

/** @param {string} path */
function starts(path) {
  return spawnSync(path, ['--version'], { timeout: 20_000 }).status === 0
}
