/** An error that the operator can fix. Its message says how to fix it. The program prints the message without a stack. */
export class Refusal extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Refusal'
  }
}
