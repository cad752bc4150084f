import { checkPrimeSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { bytesOf, nextPrime } from './testing/weak-moduli.ts'
import { isWeakModulus } from './weak-modulus.ts'

const isWeak = (modulus: bigint) => isWeakModulus(bytesOf(modulus))

/** The odd primes up to 167, which the fingerprint uses. */
const smallPrimes = Array.from({ length: 168 }, (_, n) => BigInt(n)).filter(
  (n) => n > 2n && checkPrimeSync(n),
)
const product = smallPrimes.reduce((one, other) => one * other)

/** The product of two primes of 512 bits that are far apart. */
const honest = nextPrime((5n << 509n) + 12_345n) * nextPrime((7n << 509n) + 54_321n)

/** Returns the smallest odd number from 2 ** 1023 on that has these residues. It uses the Chinese remainder theorem. */
function withResidues(residueOf: (prime: bigint) => bigint): bigint {
  const rest = smallPrimes.reduce((sum, prime) => {
    const others = product / prime
    return sum + residueOf(prime) * others * inverse(others % prime, prime)
  }, 0n)
  const modulus = (rest % product) + product * ((1n << 1023n) / product)
  return modulus % 2n === 0n ? modulus + product : modulus
}

function inverse(value: bigint, prime: bigint): bigint {
  for (let candidate = 1n; candidate < prime; candidate += 1n)
    if ((value * candidate) % prime === 1n) return candidate
  throw new Error('There is no inverse.')
}

test('refuses an empty modulus, and accepts the product of two large primes', () => {
  expect(isWeakModulus(undefined)).toBe(true)
  expect(isWeak(honest)).toBe(false)
})

describe('refuses a small factor', () => {
  test.each([2n, ...smallPrimes])('%i', (prime) => {
    expect(isWeak(honest * prime)).toBe(true)
  })

  test.each([173n, 179n, 181n])('but does not search for %i', (prime) => {
    expect(isWeak(honest * prime)).toBe(false)
  })
})

describe('the fingerprint of ROCA', () => {
  const power = (exponent: bigint) => (prime: bigint) => {
    let result = 1n
    for (let times = 0n; times < exponent; times += 1n) result = (result * 65_537n) % prime
    return result
  }

  test.each([0n, 1n, 2n, 3n, 12_345n])('all residues are 65537 ** %i', (exponent) => {
    expect(isWeak(withResidues(power(exponent)))).toBe(true)
  })

  test.each([5n, 7n, 13n, 163n, 167n])(
    '65537 ** 2 modulo %i, and 65537 modulo the others: not the same exponent',
    (odd) => {
      expect(isWeak(withResidues((prime) => power(prime === odd ? 2n : 1n)(prime)))).toBe(false)
    },
  )

  test('modulo one prime, the residue is not a power of 65537', () => {
    for (const odd of smallPrimes) {
      const powers = new Set(Array.from({ length: Number(odd) }, (_, at) => power(BigInt(at))(odd)))
      const other = Array.from({ length: Number(odd) - 1 }, (_, at) => BigInt(at + 1)).find(
        (it) => !powers.has(it),
      )
      if (other !== undefined)
        expect(isWeak(withResidues((prime) => (prime === odd ? other : power(1n)(prime)))), `${odd}`).toBe(
          false,
        )
    }
  })
})

describe('factors that are close together', () => {
  /** Returns a product of two numbers without small factors. Fermat's method finds its factors at this step; the first step is 0. */
  function foundAt(step: bigint, from: bigint): bigint {
    // The method begins with a square root. The mean of the two factors is larger than this root by the number of steps.
    const apart = step === 0n ? 0n : squareRoot(2n * from * step) + 1n
    for (let middle = from; ; middle += 1n) {
      const [one, other] = [middle - apart, middle + apart]
      if (one % 2n === 1n && [one, other].every((n) => smallPrimes.every((prime) => n % prime !== 0n)))
        return one * other
    }
  }

  function squareRoot(value: bigint): bigint {
    let [low, high] = [0n, value]
    while (low < high) {
      const middle = (low + high + 1n) / 2n
      if (middle * middle <= value) low = middle
      else high = middle - 1n
    }
    return low
  }

  // The search for the square root begins at a value that depends on the first digits.
  test.each([
    ['2 ** 511', 1n << 511n],
    ['2 ** 512', 1n << 512n],
    ['11 * 2 ** 508', 11n << 508n],
    ['15 * 2 ** 508', 15n << 508n],
  ])('around %s: found within a hundred steps, and not in one more', (_, from) => {
    for (const step of [0n, 1n, 2n, 50n, 99n]) expect(isWeak(foundAt(step, from)), `step ${step}`).toBe(true)
    expect(isWeak(foundAt(100n, from))).toBe(false)
  })
})
