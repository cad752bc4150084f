/** An error that the operator can fix. Its message says how; no stack is printed. */
export class Refusal extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Refusal'
  }
}
