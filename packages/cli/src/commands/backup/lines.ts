import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream, existsSync, linkSync, renameSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { Refusal } from '../refusal.ts'

/**
 * Writes compressed lines to a new file that only its owner can read. The file gets its final name only after it is complete and on disk.
 * An existing file is never changed.
 *
 * @throws Refusal if a file of this name exists, or if the file cannot be written.
 */
export async function writeLines<T>(
  file: string,
  work: (write: (line: string) => Promise<void>) => Promise<T>,
): Promise<T> {
  const taken = () => new Refusal(`There is a file ${file} already. Choose another name.`)
  if (existsSync(file)) throw taken()
  const part = `${file}.${randomUUID().slice(0, 8)}.part`
  const gzip = createGzip()
  const output = createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true })
  gzip.pipe(output)
  const written = finished(output)
  written.catch(() => gzip.destroy())
  try {
    const result = await work(async (line) => {
      if (!gzip.write(`${line}\n`)) await Promise.race([once(gzip, 'drain'), written])
    })
    gzip.end()
    await written
    name(part, file, taken)
    return result
  } catch (error) {
    output.destroy()
    throw refusalOf(error, file)
  } finally {
    rmSync(part, { force: true })
  }
}

/**
 * Gives the complete file its final name. It uses a hard link, which fails if a file of this name has been created meanwhile. If the file
 * system has no hard links, it renames the file.
 */
function name(part: string, file: string, taken: () => Refusal): void {
  try {
    linkSync(part, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' || existsSync(file)) throw taken()
    renameSync(part, file)
  }
}

/** Reads the lines of a file that was written by {@link writeLines}. */
export async function* readLines(file: string): AsyncGenerator<string> {
  const source = createReadStream(file)
  const gunzip = createGunzip()
  source.on('error', (error) => gunzip.destroy(error))
  try {
    yield* createInterface({ input: source.pipe(gunzip), crlfDelay: Number.POSITIVE_INFINITY })
  } catch (error) {
    throw refusalOf(error, file)
  } finally {
    source.destroy()
  }
}

function refusalOf(error: unknown, file: string): unknown {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return new Refusal(`There is no file ${file}, or no folder for it.`)
  if (/^Z_/.test(code))
    return new Refusal(`${file} is not a backup of Sallyport, or is damaged. Nothing was restored.`)
  return /^E[A-Z]+$/.test(code) ? new Refusal(`${file} cannot be used (${message}).`) : error
}
