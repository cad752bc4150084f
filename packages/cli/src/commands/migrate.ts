import { createSallyport, optionsFromEnvironment } from '@sallyport/server'

/** `sallyport migrate`: opening the store migrates it. */
export async function migrateCommand(): Promise<void> {
  const sallyport = await createSallyport(optionsFromEnvironment(process.env))
  await sallyport.close()
  console.log('The database is up to date.')
}
