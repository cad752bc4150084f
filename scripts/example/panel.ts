import { relative } from 'node:path'
import { styleText } from 'node:util'
import { root } from '../install.mjs'
import { authPorts, type Config, demoAccounts, demoPassword } from './config.ts'

/** Returns the short text that is shown when all processes run. */
export function panel(config: Config, seconds: number): string {
  const { ports, production, dataDir, postgresPort } = config
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
    ...(postgresPort
      ? authPorts(config).map((port, index) =>
          row(`  process ${index + 1}`, `http://localhost:${port}`, 'stop one: the other keeps running'),
        )
      : []),
    row('Billing API', `http://localhost:${ports.api}`),
    ...(postgresPort ? [row('PostgreSQL', databaseNote(postgresPort))] : []),
    ...(!production && process.env.SALLYPORT_SMTP_URL === undefined
      ? [row('Mails', `http://localhost:${ports.web}/inbox`, 'shown there, not sent')]
      : []),
    row('Data', relative(root, dataDir) || dataDir, 'npm run reset empties it'),
  ]
  if (!production) {
    lines.push('', `  ${bold('Demo accounts')} ${dim('password:')} ${demoPassword}`)
    for (const { email, may } of demoAccounts) lines.push(row(email, dim(may)))
  }
  lines.push('', dim(postgresPort ? '  Ctrl-C stops everything.' : '  Ctrl-C stops all three.'), '')
  return lines.join('\n')
}

function databaseNote(postgresPort: number): string {
  return process.env.DATABASE_URL ? 'yours, of DATABASE_URL' : `127.0.0.1:${postgresPort}`
}
