import { checkPrimeSync, randomBytes } from 'node:crypto'

/**
 * Creates a modulus in the same way as the faulty library of CVE-2017-15361. Both primes have the form k * M + (65537 ** a mod M), where M
 * is a product of small primes.
 */
export function rocaModulus(bits: 2048): Buffer {
  const primorial = productOfPrimes(701)
  const prime = (): bigint => {
    for (;;) {
      const power = modularPower(65_537n, randomBelow(primorial), primorial)
      const base = ((1n << BigInt(bits / 2 - 1)) + (1n << BigInt(bits / 2 - 2))) / primorial
      const candidate = (base + 1n + randomBelow(base / 8n)) * primorial + power
      if (checkPrimeSync(candidate)) return candidate
    }
  }
  return bytesOf(prime() * prime())
}

/** Creates a modulus of two neighbouring primes (CVE-2022-26320). */
export function closePrimesModulus(): Buffer {
  const first = nextPrime((3n << 1022n) + randomBelow(1n << 1000n))
  return bytesOf(first * nextPrime(first + 2n))
}

export function bytesOf(value: bigint): Buffer {
  const digits = value.toString(16)
  return Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
}

export function nextPrime(from: bigint): bigint {
  let candidate = from | 1n
  while (!checkPrimeSync(candidate)) candidate += 2n
  return candidate
}

function productOfPrimes(last: number): bigint {
  let product = 1n
  for (let candidate = 2n; candidate <= last; candidate += 1n)
    if (checkPrimeSync(candidate)) product *= candidate
  return product
}

function randomBelow(limit: bigint): bigint {
  return BigInt(`0x${randomBytes(limit.toString(16).length).toString('hex')}`) % limit
}

function modularPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  let square = base % modulus
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest % 2n === 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}
