/** Thrown when the files cannot be added. The message says why, and how to fix it. */
export class UnfitApp extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UnfitApp'
  }
}
