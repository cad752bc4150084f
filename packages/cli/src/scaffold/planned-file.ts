/** What the command does with one file. It never changes an existing file. */
export type PlannedFile = { path: string } & (
  | { state: 'create'; note: string; text: string; mode?: number; folderMode?: number }
  /** The file exists and needs no change. */
  | { state: 'there'; note: string }
  /** The file is not created or changed. The user must do something by hand. */
  | { state: 'left'; note: string; snippet?: string }
)
