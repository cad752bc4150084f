/** What happens to one file. Nothing that is there is ever written to. */
export type PlannedFile = { path: string } & (
  | { state: 'create'; note: string; text: string; mode?: number; folderMode?: number }
  /** As it should be already. */
  | { state: 'there'; note: string }
  /** Somebody has to do something by hand. */
  | { state: 'left'; note: string; snippet?: string }
)
