/**
 * Returns a function that warns the operator, once, that a token is for another API. The warning is useful because the caller only gets
 * `token_invalid` without a reason. Call the function only if the token's signature and issuer are right, but its audience is not.
 */
export function audienceWarning(
  expected: string,
  warn: (message: string) => void,
): (audience: unknown) => void {
  let isTold = false
  return (audience) => {
    if (isTold) return
    isTold = true
    warn(
      `Sallyport: a token for ${listed(audience)} was refused here, because this verifier's audience is ${shown(expected)}. Set it to ` +
        'one of the names in SALLYPORT_AUDIENCE. Or add it there, start the auth server again and sign in again. This warning is shown only once.',
    )
  }
}

const maxShown = 10

function listed(audience: unknown): string {
  const names = (Array.isArray(audience) ? audience : [audience]).filter((name) => typeof name === 'string')
  if (names.length === 0) return 'nobody'
  const rest = names.length > maxShown ? ' and others' : ''
  return names.slice(0, maxShown).map(shown).join(', ') + rest
}

/** Makes a name safe for a log line: keeps at most 64 characters, and replaces all but visible ASCII by `?`. */
function shown(name: string): string {
  return name.slice(0, 64).replaceAll(/[^\x21-\x7e]/g, '?')
}
