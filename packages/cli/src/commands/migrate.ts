import { createSallyport, optionsFromEnvironment } from '@sallyport/server'

/** `sallyport migrate`: opening the store migrates it. */
export const migrateCommand = {
  summary: 'Bring the database to the newest form, and stop.',
  async run(): Promise<void> {
    const sallyport = await createSallyport(optionsFromEnvironment(process.env))
    await sallyport.close()
    console.log('The database is up to date.')
  },
}
