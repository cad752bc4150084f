import { readFileSync, statSync } from 'node:fs'
import { Option } from 'commander'
import { Refusal } from '../refusal.ts'

/** The maximum size of the file in bytes. */
const maxBytes = 4_096

/** The option of `users export` and `users import` for the key of the authenticator apps. */
export function factorsKeyOption(use: string): Option {
  return new Option('--factors-key <file>', `a file with a key, ${use}`)
}

/**
 * Returns the key in a file, without the line break at the end. Returns undefined if no file is given. The server checks the key.
 *
 * @throws Refusal if there is no such file.
 */
export function readFactorsKey(file: string | undefined): string | undefined {
  if (file === undefined) return undefined
  const found = statSync(file, { throwIfNoEntry: false })
  if (!found?.isFile()) throw new Refusal(`There is no file ${file}.`)
  if (found.size > maxBytes) throw new Refusal(`${file} is longer than ${maxBytes} bytes.`)
  return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
}
