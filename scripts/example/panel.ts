import { relative } from 'node:path'
import { styleText } from 'node:util'
import { root } from '../install.mjs'
import { demoAccounts, demoPassword, type Settings } from './settings.ts'

/** The short panel that is shown once everything runs. */
export function panel({ ports, production, dataDir }: Settings, seconds: number): string {
  const bold = (text: string) => styleText('bold', text)
  const dim = (text: string) => styleText('dim', text)
  const row = (label: string, value: string, note = '') =>
    `  ${label.padEnd(20)} ${value}${note ? `  ${dim(note)}` : ''}`
  const lines = [
    '',
    `  ${bold('Sallyport is running')} ${dim(`ready in ${seconds.toFixed(1)} s`)}`,
    '',
    row('Billing dashboard', bold(`http://localhost:${ports.web}`)),
    row('Auth server', `http://localhost:${ports.auth}`),
    row('Billing API', `http://localhost:${ports.api}`),
    row('Data', relative(root, dataDir) || dataDir, 'npm run reset empties it'),
  ]
  if (!production) {
    lines.push('', `  ${bold('Demo accounts')} ${dim('password:')} ${demoPassword}`)
    for (const { email, may } of demoAccounts) lines.push(row(email, dim(may)))
  }
  lines.push('', dim('  Ctrl-C stops all three.'), '')
  return lines.join('\n')
}
