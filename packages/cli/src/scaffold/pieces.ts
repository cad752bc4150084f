import type { WaysIn } from './ways-in.ts'

/** A part of the written pages that depends on how users sign in. */
export type Piece = 'passkey' | 'mail' | 'providers' | 'secondFactor'

/** Returns the pieces that the app needs for these ways to sign in. If the second factor was not chosen, the default of the server is `optional`. */
export function piecesOf({ ways = [], providers = [], secondFactor }: WaysIn): Set<Piece> {
  const pieces = new Set<Piece>()
  if (ways.includes('passkey')) pieces.add('passkey')
  if (ways.includes('mail')) pieces.add('mail')
  if (providers.length > 0) pieces.add('providers')
  if (secondFactor?.policy !== 'off') pieces.add('secondFactor')
  return pieces
}
