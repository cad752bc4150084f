import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from '../install.mjs'

export type Secrets = { secret: string; frontendSecret: string; verifierSecret: string }

const variables = {
  secret: 'SALLYPORT_SECRET',
  frontendSecret: 'SALLYPORT_FRONTEND_SECRET',
  verifierSecret: 'SALLYPORT_VERIFIER_SECRET',
} as const

/** Reads the secrets from the environment. Except in production, missing secrets are generated once and stored in the data folder. */
export function readSecrets(dataDir: string, production: boolean, env: NodeJS.ProcessEnv): Secrets {
  const missing = Object.values(variables).filter((name) => !env[name])
  if (production && missing.length > 0) {
    fail(`${missing.join(', ')} must be set in production. Make each with: openssl rand -base64 32`)
  }
  const kept = missing.length > 0 ? keptSecrets(join(dataDir, 'secrets.json')) : null
  const pick = (name: keyof Secrets) => {
    const found = env[variables[name]] || kept?.[name]
    if (!found) fail(`secrets.json in ${dataDir} has no ${name}. Run: npm run reset`)
    return found
  }
  return {
    secret: pick('secret'),
    frontendSecret: pick('frontendSecret'),
    verifierSecret: pick('verifierSecret'),
  }
}

function keptSecrets(file: string): Secrets {
  if (existsSync(file)) {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Secrets
    } catch {
      fail(`${file} cannot be read as JSON. Fix it, or run: npm run reset`)
    }
  }
  const fresh = { secret: newSecret(), frontendSecret: newSecret(), verifierSecret: newSecret() }
  writeFileSync(file, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600 })
  return fresh
}

/**
 * Returns 32 random bytes in base64url. Do not use an invented text, or a UUID with a prefix. Such a secret may be refused as guessable.
 */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}
