/** Something that the operator can mend: its message is one sentence that says how, and nobody needs the stack. */
export class Refusal extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Refusal'
  }
}
