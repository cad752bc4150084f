import { join } from 'node:path'
import { root } from '../../install.mjs'

export const folder = join(root, 'node_modules/.cache/one-file')

/** The paths of the programs that tests start many times. make.ts bundles each of them into one file. */
export const sources = { sallyport: 'packages/cli/src/main.ts', billingApi: 'apps/billing-api/src/main.ts' }

/** The paths with which a test starts `sallyport` and the example's API. */
export const programs = {
  sallyport: join(folder, 'sallyport.mjs'),
  billingApi: join(folder, 'billingApi.mjs'),
}
