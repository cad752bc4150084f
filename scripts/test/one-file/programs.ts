import { join } from 'node:path'
import { root } from '../../install.mjs'

export const folder = join(root, 'node_modules/.cache/one-file')

/** Where the programs are that tests start again and again; make.ts makes each of them one file of its sources. */
export const sources = { sallyport: 'packages/cli/src/main.ts', billingApi: 'apps/billing-api/src/main.ts' }

/** `sallyport` and the example's API, as a test starts them. */
export const programs = {
  sallyport: join(folder, 'sallyport.mjs'),
  billingApi: join(folder, 'billingApi.mjs'),
}
