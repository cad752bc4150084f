/** The error if the files cannot be added to the app. The message says why and how to fix it. */
export class UnfitApp extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UnfitApp'
  }
}
