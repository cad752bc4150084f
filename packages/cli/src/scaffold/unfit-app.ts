/** Why nothing can be laid out here. The message is for people, and says how to mend it. */
export class UnfitApp extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UnfitApp'
  }
}
