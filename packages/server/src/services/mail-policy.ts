/** Seconds for which a worker reserves a mail. This is longer than all time-outs of one delivery together. */
export const heldSeconds = 120

/**
 * Minutes until the next try, after one try, two tries and so on. All these waits together are about a day and a half. This is longer than
 * most outages, and longer than mail servers delay the mails of unknown senders (greylisting).
 */
export const waitMinutes = [1, 2, 5, 15, 60, 180, 360, 720, 720] as const

/** Hours after which a mail is no longer sent. The link in the mail has then expired. */
export const staleHours = 48
