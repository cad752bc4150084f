/** The odd primes up to 167. For every key length, they are factors of the number M that the faulty library uses (see `isWeakModulus`). */
const smallPrimes = Array.from({ length: 83 }, (_, index) => 2 * index + 3).filter((candidate) => {
  for (let divisor = 3; divisor * divisor <= candidate; divisor += 2)
    if (candidate % divisor === 0) return false
  return true
})

const generator = 65_537

/** For each small prime, a map of the powers of 65,537 modulo this prime. The key is the power, and the value is its exponent. */
const logarithms = smallPrimes.map((prime) => {
  const exponents = new Map<number, number>()
  for (let power = 1, exponent = 0; !exponents.has(power); exponent += 1) {
    exponents.set(power, exponent)
    power = (power * (generator % prime)) % prime
  }
  return { prime, exponents }
})

/**
 * Returns whether the factors of an RSA modulus can be found. Then anybody could sign with the key. The modulus is weak if it is even or
 * divisible by a small prime, if its two factors are close together (CVE-2022-26320), or if it has the fingerprint of ROCA
 * (CVE-2017-15361).
 *
 * The library with the ROCA fault made primes of the form k * M + (65537 ** a mod M), where M is a product of small primes. So the modulus
 * is a power of 65537 modulo M. The test for this is from Nemec and others, "The Return of Coppersmith's Attack" (2017), section 4. It
 * finds every such key. About one key in 2 ** 154 is a false positive.
 */
export function isWeakModulus(bytes: Uint8Array | undefined): boolean {
  if (bytes === undefined) return true
  const modulus = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  if (modulus % 2n === 0n) return true
  const residues = smallPrimes.map((prime) => Number(modulus % BigInt(prime)))
  return residues.includes(0) || isPowerOfGenerator(residues) || hasCloseFactors(modulus)
}

/**
 * Returns whether there is a power of 65537 that has all these residues modulo the small primes. The order of a prime is the number of
 * different powers of 65537 modulo this prime. For each two primes, the exponents must be equal modulo the greatest common divisor of the
 * two orders.
 */
function isPowerOfGenerator(residues: readonly number[]): boolean {
  const known: { exponent: number; order: number }[] = []
  for (const [index, { exponents }] of logarithms.entries()) {
    const exponent = exponents.get(residues[index] ?? 0)
    if (exponent === undefined) return false
    const order = exponents.size
    if (known.some((other) => (exponent - other.exponent) % greatestCommonDivisor(order, other.order) !== 0))
      return false
    known.push({ exponent, order })
  }
  return true
}

/** Runs a hundred steps of Fermat's factorization. They find factors that are close together, but not primes that were chosen at random. */
function hasCloseFactors(modulus: bigint): boolean {
  let middle = squareRoot(modulus)
  if (middle * middle < modulus) middle += 1n
  for (let step = 0; step < 100; step += 1) {
    const difference = middle * middle - modulus
    const root = squareRoot(difference)
    if (root * root === difference) return true
    middle += 1n
  }
  return false
}

/** Returns the square root, rounded down. It uses Newton's method. */
function squareRoot(value: bigint): bigint {
  if (value < 2n) return value
  let root = 1n << BigInt(Math.ceil(value.toString(16).length * 2) + 1)
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other)
}
