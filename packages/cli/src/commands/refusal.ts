/** Something that the operator can fix: its message is one sentence that says how; no stack is printed. */
export class Refusal extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Refusal'
  }
}
