import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { NextApp } from './next-app.ts'

/** Maps URL paths to files. If there are two files for one path, even in different folders, `next build` fails. */
export function addressesOf({ folder, source }: NextApp): Map<string, string> {
  const found = new Map<string, string>()
  for (const file of filesBelow(folder, `${source}app`)) {
    const [, path] = /^(?:src\/)?app\/(?:(.*)\/)?(?:page|route)\.[jt]sx?$/.exec(file) ?? []
    if (path !== undefined) found.set(addressOf(path), file)
  }
  for (const file of filesBelow(folder, `${source}pages`)) {
    const [, path] = /^(?:src\/)?pages\/(.*?)(?:\/index)?\.[jt]sx?$/.exec(file) ?? []
    if (path !== undefined) found.set(addressOf(path), file)
  }
  return found
}

/** Returns the URL path of a route. It consists of the route's folders, without groups, slots and the names of parameters. */
export function addressOf(path: string): string {
  return path
    .split('/')
    .filter((part) => !/^\(.*\)$|^@/.test(part))
    .map((part) => part.replace(/^\[\[?\.\.\..*\]$/, '[...]').replace(/^\[[^.]*\]$/, '[]'))
    .join('/')
}

function filesBelow(folder: string, below: string): string[] {
  if (!existsSync(join(folder, below))) return []
  return readdirSync(join(folder, below), { recursive: true, encoding: 'utf8' })
    .map((path) => `${below}/${path.replaceAll('\\', '/')}`)
    .sort()
}
