import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../packages/server/src/testing/temporary-folder.ts'
import { sourceManifest } from '../packing/manifest.ts'
import { oldPeers } from './old-peers.ts'

const peers = sourceManifest('next').peerDependencies as Record<string, string>
const least = peers.next?.replace('>=', '') ?? ''

function app(wanted: string, installed?: string): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies: { next: wanted } }))
  if (installed !== undefined) {
    mkdirSync(join(folder, 'node_modules/next'), { recursive: true })
    writeFileSync(join(folder, 'node_modules/next/package.json'), JSON.stringify({ version: installed }))
  }
  return folder
}

it('names a Next from create-next-app that is too old for @sallyport/next', () => {
  const old = { name: 'next', least, of: '@sallyport/next' }
  expect(oldPeers(app('16.4.3', '16.4.3'), ['@sallyport/next'])).toEqual([{ ...old, found: '16.4.3' }])
  expect(oldPeers(app('^15.0.0'), ['@sallyport/next'])).toEqual([{ ...old, found: '^15.0.0' }])
})

it('names nothing if it is new enough, or if the package is not requested', () => {
  expect(oldPeers(app('^16.0.0', least), ['@sallyport/next'])).toEqual([])
  expect(oldPeers(app('latest'), ['@sallyport/next'])).toEqual([])
  expect(oldPeers(app('16.4.3', '16.4.3'), ['@sallyport/verify', 'sallyport'])).toEqual([])
})
