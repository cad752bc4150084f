import type { Operator } from '../open-sallyport.ts'

type WaysIn = Awaited<ReturnType<Operator['users']['waysIn']>>

/** Formats what a user can sign in with: `password, google, 2 passkeys; second factor: 1 app`. */
export function waysInLine({
  password,
  mail,
  providers,
  unknownProviders,
  passkeys,
  secondFactors,
}: WaysIn): string {
  const ways = [
    ...(password ? ['password'] : []),
    ...(mail ? ['mail'] : []),
    ...providers,
    ...unknownProviders.map((name) => `${name} (not in the settings)`),
    ...(passkeys > 0 ? [counted(passkeys, 'passkey')] : []),
  ]
  const second = secondFactors > 0 ? `; second factor: ${counted(secondFactors, 'app')}` : ''
  return `${ways.join(', ') || 'none'}${second}`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
