/** Seconds that a worker holds a mail; longer than all time-outs of one delivery together. */
export const heldSeconds = 120

/** Minutes before the next try, by how many there were: a day and a half in all, which outlasts greylisting and a bad night. */
export const waitMinutes = [1, 2, 5, 15, 60, 180, 360, 720, 720] as const

/** Hours after which a mail is not sent any more: the link in it has expired anyway. */
export const staleHours = 48
