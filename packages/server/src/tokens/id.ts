/** A function that returns `size` random bytes. Code gets it as a parameter, so that tests are reproducible. */
export type RandomBytes = (size: number) => Buffer

/** Returns a new UUIDv7 (RFC 9562 section 5.7). The ids are ordered by time, so new rows go to the end of an index. 74 bits are random. */
export function newId(now: number, randomBytes: RandomBytes): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(now, 0, 6)
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  return uuidOf(bytes)
}

/** Returns the smallest id that can be made at this time. All smaller ids were made earlier. */
export function firstIdAt(time: number): string {
  const bytes = Buffer.alloc(16)
  bytes.writeUIntBE(Math.max(0, time), 0, 6)
  return uuidOf(bytes)
}

/** Formats 16 bytes as a UUID. */
export function uuidOf(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
