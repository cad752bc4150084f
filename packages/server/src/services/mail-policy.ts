/** Seconds for which a worker reserves a mail; longer than all time-outs of one delivery together. */
export const heldSeconds = 120

/** Minutes before the next try, by the number of tries: a day and a half in all, longer than greylisting and most outages. */
export const waitMinutes = [1, 2, 5, 15, 60, 180, 360, 720, 720] as const

/** Hours after which a mail is no longer sent, because the link in it has expired. */
export const staleHours = 48
