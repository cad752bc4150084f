/** The odd primes up to 167. They divide the M of every key length of the faulty library. */
const smallPrimes = Array.from({ length: 83 }, (_, index) => 2 * index + 3).filter((candidate) => {
  for (let divisor = 3; divisor * divisor <= candidate; divisor += 2)
    if (candidate % divisor === 0) return false
  return true
})

const generator = 65_537

/** For each small prime, the exponent of each power of 65,537, and the number of powers. */
const logarithms = smallPrimes.map((prime) => {
  const exponents = new Map<number, number>()
  for (let power = 1, exponent = 0; !exponents.has(power); exponent += 1) {
    exponents.set(power, exponent)
    power = (power * (generator % prime)) % prime
  }
  return { prime, exponents }
})

/**
 * Whether the factors of an RSA modulus can be found, so that anybody could sign with the key: it is even or divisible by a small prime, its
 * two factors are close together (CVE-2022-26320), or it has the fingerprint of ROCA (CVE-2017-15361).
 *
 * The faulty library made primes k * M + (65537 ** a mod M), with M a product of small primes, so that the modulus is a power of 65537 modulo M.
 * This is the test in Nemec and others, "The Return of Coppersmith's Attack" (2017), section 4: it finds every such key, with about one false
 * positive in 2 ** 154.
 */
export function isWeakModulus(bytes: Uint8Array | undefined): boolean {
  if (bytes === undefined) return true
  const modulus = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  if (modulus % 2n === 0n) return true
  const residues = smallPrimes.map((prime) => Number(modulus % BigInt(prime)))
  return residues.includes(0) || isPowerOfGenerator(residues) || hasCloseFactors(modulus)
}

/** Whether one exponent gives all residues. Exponents modulo two orders must agree modulo their common divisor. */
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

/** A hundred steps of Fermat's factorization, which do not find primes that were chosen at random. */
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

/** Returns the square root, rounded down, by Newton's method. */
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
